package turn

import (
	"errors"
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/locales"
)

// A saved command may come by itself: each working day of its employee's city, at the time they chose, whether they have begun their shift or
// not (it is read before the work begins) and also in quiet hours, since they asked for it. Days off bring nothing.

// farthestDay is how many days ahead a working day is looked for: longer than any holidays.
const farthestDay = 60

// schedule lets a saved command come by itself, or ends that.
func (g *group) schedule(t *postgres.Turn) error {
	all, err := g.tx.SavedOf(g.ctx, t.Employee.ID, maxSaved)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return g.wrong(t, "schedule.nothing", nil, "my", "save "+g.text(g.lang(t), "saved.example", nil))
	}
	name, clock, _ := strings.Cut(strings.TrimLeft(strings.TrimSpace(t.In.Args), "/"), " ")
	s := nearestSaved(all, name)
	switch {
	case name == "":
		return g.wrong(t, "schedule.usage", nil, "schedule "+all[0].Name+" 8:30")
	case plainName(s.Name) != plainName(name) && s.Command != plainName(name):
		return g.wrong(t, "schedule.no_such", map[string]any{"name": html.EscapeString(short(name))}, "schedule "+s.Name+" "+strings.TrimSpace(either(clock, "8:30")), "saved")
	}
	minute, ok := parseClock(clock)
	if !ok {
		return g.wrong(t, "schedule.bad_time", nil, "schedule "+s.Name+" 8:30", "schedule "+s.Name+" "+g.text(g.lang(t), "schedule.off_word", nil))
	}
	s.Minute = minute
	at := nextSchedule(g.now, minute, t.Employee.City, g.Runner)
	if err := g.tx.Schedule(g.ctx, s, at); err != nil {
		return err
	}
	g.event(t, postgres.EventRow{Kind: "filter_scheduled", Data: crm.Fields{"name": s.Name, "minute": minute}})
	args := map[string]any{"name": html.EscapeString(s.Name)}
	if minute < 0 {
		return g.say(t, "schedule.off", args)
	}
	args["time"], args["first"] = clockOf(minute), g.moment(g.lang(t), at, g.Kit.ZoneOf(t.Employee.City))
	return g.say(t, "schedule.done", args)
}

// nearestSaved is the saved command that is spelt most like a name.
func nearestSaved(all []postgres.Saved, name string) postgres.Saved {
	name = plainName(name)
	best, least := all[0], 1<<30
	for _, s := range all {
		if d := min(locales.Slips(name, plainName(s.Name), least), locales.Slips(name, s.Command, least)); d < least {
			best, least = s, d
		}
	}
	return best
}

// parseClock reads a time of day: 8:30, 08.30, 8-30, 0830, 8; or a word that ends a schedule, which is -1.
func parseClock(text string) (minute int, ok bool) {
	text = plainName(text)
	switch text {
	case "off", "выкл", "выключить", "нет", "стоп", "өшіру", "жоқ", "no", "stop":
		return -1, true
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, "в "), "at ")
	var hours, minutes string
	if i := strings.IndexAny(text, ":.-"); i >= 0 {
		hours, minutes = text[:i], text[i+1:]
		if len(minutes) != 2 {
			return 0, false
		}
	} else if len(text) == 4 {
		hours, minutes = text[:2], text[2:]
	} else {
		hours, minutes = text, "0"
	}
	h, err := strconv.ParseUint(hours, 10, 8)
	m, e := strconv.ParseUint(minutes, 10, 8)
	if err != nil || e != nil || h > 23 || m > 59 || len(hours) > 2 {
		return 0, false
	}
	return int(h*60 + m), true
}

// clockOf writes a minute of the day.
func clockOf(minute int) string { return fmt.Sprintf("%d:%02d", minute/60, minute%60) }

// nextSchedule is when a minute of the day next comes in a city, on a day on which people work there.
func nextSchedule(now time.Time, minute int, city string, r *Runner) time.Time {
	local := now.In(r.Kit.ZoneOf(city))
	first := time.Time{}
	for ahead := range farthestDay {
		at := time.Date(local.Year(), local.Month(), local.Day()+ahead, minute/60, minute%60, 0, 0, local.Location())
		if !at.After(now) {
			continue
		}
		if first.IsZero() {
			first = at
		}
		midnight := time.Date(local.Year(), local.Month(), local.Day()+ahead, 0, 0, 0, 0, local.Location())
		if opens := r.Kit.Opens(midnight.Add(-time.Second), city); opens.Format(time.DateOnly) == at.Format(time.DateOnly) {
			return at
		}
	}
	return first // a kit that never works: any day is as good as another
}

// sendSaved sends a saved command to its employee, because its time has come, and lets the timer wait for the next day.
func (g *group) sendSaved(t *postgres.Turn, d postgres.DueTimer, id postgres.SavedID) error {
	end := func(e postgres.TimerEnd) {
		e.ID = d.ID
		g.tx.Changes.Ends = append(g.tx.Changes.Ends, e)
	}
	gone := postgres.TimerEnd{Status: postgres.TimerSkipped, Reason: "gone"}
	s, err := g.tx.Saved(g.ctx, id)
	if errors.Is(err, crm.ErrNotFound) || err == nil && s.Minute < 0 {
		end(gone)
		return nil
	}
	if err != nil {
		return err
	}
	if other, err := g.tx.OtherLoose(g.ctx, d.Rule, d.ID); err != nil || other { // it was set anew this very moment
		end(gone)
		return err
	}
	people, err := g.tx.ReachEmployee(g.ctx, s.Employee)
	if err != nil {
		return err
	}
	city := ""
	if len(people) > 0 {
		city = people[0].City
	}
	end(postgres.TimerEnd{Status: postgres.TimerWaiting, DueAt: nextSchedule(g.now, s.Minute, city, g.Runner)})
	if len(people) == 0 {
		return nil
	}
	p := people[0]
	to := &postgres.Turn{In: t.In, Employee: &p.Employee, Talk: &postgres.Talk{Conversation: crm.Conversation{ID: p.Conversation, Address: p.Address, Lang: g.speaks(p.Lang)}}}
	g.event(t, postgres.EventRow{Kind: "filter_sent", Author: crm.BySystem, Employee: s.Employee, Data: crm.Fields{"name": s.Name}})
	if err := g.say(to, "schedule.comes", map[string]any{"name": html.EscapeString(s.Name)}); err != nil {
		return err
	}
	return g.list(to, s.Base, s.Query)
}
