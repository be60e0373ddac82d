package turn_test

import (
	"fmt"
	"sort"
	"time"

	"govorun/crm"
)

// saying is one call to the provider.
type saying struct {
	at        time.Time
	id        crm.MessageID
	person    int
	own       bool // of a robot, by itself
	broadcast bool
	pressed   bool // an employee pressed for it
	text      string
}

// heardBy is what the oracle knows of a person.
type heardBy struct {
	zone     *time.Location
	stranger bool
	out      bool        // wants nothing
	silenced bool        // a message was cancelled for want of an answer since their last word
	words    []time.Time // of theirs
	outs     [][2]time.Time
}

// oracle judges by what was sent and what people did, and by nothing else: its numbers are written down here once more.
type oracle struct {
	start  time.Time
	people map[int]*heardBy
	said   []saying
	known  map[crm.MessageID]bool
	bans   [][2]time.Time
	stops  []time.Time
	count  struct {
		own, broadcasts, answers, staff, resent, words int
		cancelled                                      map[string]int
	}
}

func (o *oracle) wrote(person int, at time.Time) {
	p := o.people[person]
	p.words = append(p.words, at)
	p.silenced = false
	o.count.words++
}

func (o *oracle) left(person int, at time.Time) {
	p := o.people[person]
	if !p.out {
		p.outs = append(p.outs, [2]time.Time{at, {}})
	}
	p.out = true
}

func (o *oracle) came(person int, at time.Time) {
	p := o.people[person]
	p.out, p.outs[len(p.outs)-1][1] = false, at
}

func (o *oracle) banned(from, until time.Time) { o.bans = append(o.bans, [2]time.Time{from, until}) }
func (o *oracle) refused(at time.Time)         { o.stops = append(o.stops, at) }

// cancelled notes what was never said. Nobody is called for the sake of a broadcast.
func (o *oracle) cancelled(m pending, reason string) {
	if o.count.cancelled == nil {
		o.count.cancelled = map[string]int{}
	}
	o.count.cancelled[reason]++
	if reason == "guard_unanswered" && m.person >= 0 && m.out.Priority != crm.Broadcast {
		o.people[m.person].silenced = true
	}
}

// silent are those to whom robots are silent.
func (o *oracle) silent() map[int]bool {
	found := map[int]bool{}
	for i, p := range o.people {
		if p.silenced {
			found[i] = true
		}
	}
	return found
}

func (o *oracle) sent(s saying) {
	if o.known == nil {
		o.known = map[crm.MessageID]bool{}
	}
	if o.known[s.id] { // the same once more: the phone shows it once
		o.count.resent++
		return
	}
	o.known[s.id] = true
	o.said = append(o.said, s)
	switch {
	case s.person < 0:
		o.count.staff++
	case s.broadcast:
		o.count.broadcasts++
	case s.own:
		o.count.own++
	default:
		o.count.answers++
	}
}

// most is what a number may say by itself in an hour and in a day, by the day of its life.
func most(day int) (hour, all int) {
	switch {
	case day >= 30:
		return 40, 200
	case day >= 14:
		return 28, 140
	case day >= 7:
		return 16, 80
	case day >= 3:
		return 8, 40
	}
	return 5, 20
}

// judge gives what was wrong.
func (o *oracle) judge() (wrong []string) {
	complain := func(s saying, format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("%s, message %d to person %d: ", s.at.Format("02.01 15:04:05"), s.id, s.person)+fmt.Sprintf(format, args...))
	}
	var own []saying
	row := map[int]int{}
	next := map[int]int{} // the first word of each person that was not counted yet
	for _, s := range o.said {
		for _, ban := range o.bans {
			if !s.at.Before(ban[0]) && s.at.Before(ban[1]) {
				complain(s, "sent during a ban")
			}
		}
		if !s.own {
			continue
		}
		p := o.people[s.person]
		words := next[s.person]
		for words < len(p.words) && !p.words[words].After(s.at) {
			words++
			row[s.person] = 0
		}
		next[s.person] = words
		if row[s.person]++; row[s.person] > 2 {
			complain(s, "the %d. in a row without a word of theirs", row[s.person])
		}
		if words == 0 && !s.pressed {
			complain(s, "they never wrote")
		}
		if clock := s.at.In(p.zone).Hour(); !s.pressed && (clock >= 21 || clock < 9) {
			complain(s, "at %s of their clock", s.at.In(p.zone).Format("15:04"))
		}
		for _, out := range p.outs {
			if s.at.After(out[0]) && (out[1].IsZero() || s.at.Before(out[1])) {
				complain(s, "they want nothing from robots")
			}
		}
		for _, stop := range o.stops {
			if s.at.After(stop) && s.at.Before(stop.Add(24*time.Hour)) {
				complain(s, "within a day of a refusal")
			}
		}
		own = append(own, s)
		o.budgets(own, complain)
	}
	return wrong
}

// budgets looks at the last of what was said by the number itself.
func (o *oracle) budgets(own []saying, complain func(saying, string, ...any)) {
	last := own[len(own)-1]
	hour, all := most(int(last.at.Sub(o.start).Hours() / 24))
	since := func(d time.Duration) []saying {
		return own[sort.Search(len(own), func(i int) bool { return own[i].at.After(last.at.Add(-d)) }):]
	}
	if n := len(since(time.Hour)); n > hour {
		complain(last, "the %d. of %d in an hour", n, hour)
	}
	if n := len(since(24 * time.Hour)); n > all {
		complain(last, "the %d. of %d in a day", n, all)
	}
	if len(own) > 1 && last.at.Sub(own[len(own)-2].at) < 20*time.Second {
		complain(last, "%v after another", last.at.Sub(own[len(own)-2].at))
	}
	same := map[int]bool{}
	for _, s := range since(time.Hour) {
		if s.text == last.text {
			same[s.person] = true
		}
	}
	if len(same) > 20 {
		complain(last, "%d people got these words within an hour", len(same))
	}
}

// figures are for people.
func (o *oracle) figures(drivers, days, checks int) string {
	return fmt.Sprintf("%d drivers, %d days: %d messages of robots, %d of broadcasts, %d answers and words of employees, %d to employees; %d words of drivers; "+
		"cancelled %v; %d times sent again after a crash; the guard was asked %d times; it is silent to %d people",
		drivers, days, o.count.own, o.count.broadcasts, o.count.answers, o.count.staff, o.count.words, o.count.cancelled, o.count.resent, checks, len(o.silent()))
}
