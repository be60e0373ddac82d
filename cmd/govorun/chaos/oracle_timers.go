package chaos

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"govorun/crm/postgres"
)

// tooLate is how late a timer may be before it counts as forgotten, when everything has become quiet.
const tooLate = 30 * time.Second

// timersOnce: each timer once, never before its time, reminders never in quiet hours nor after the deal is closed, none forgotten; and
// on the phone exactly the reminders that a story has.
func timersOnce(r Record) Verdict {
	v := Verdict{Promise: "timers: once, late rather than never, not at night, not after completion"}
	closed := map[int64]*time.Time{}
	for _, d := range r.Ledger.Deals {
		closed[d.ID] = d.Closed
	}
	once := map[string]int64{}
	fired, reminders, skipped := 0, 0, 0
	for _, t := range r.Ledger.Timers {
		switch {
		case t.Status == "waiting" && t.Due.Before(r.Ledger.Now.Add(-tooLate)):
			v.breach("timer %d (%s %s) was due at %s and still waits", t.ID, t.Kind, t.Rule, t.Due.Format("15:04:05"))
		case t.Status == "skipped" || t.Status == "cancelled" || t.Status == "merged":
			skipped++
		}
		if t.Status != "fired" || t.Fired == nil {
			continue
		}
		fired++
		if key := name(t); t.Kind != "idle" && t.Kind != "remind" { // others may well be several
		} else if once[key] != 0 {
			v.breach("timers %d and %d are one and both fired: %s", once[key], t.ID, key)
		} else {
			once[key] = t.ID
		}
		if t.Fired.Before(t.Due.Add(-time.Second)) {
			v.breach("timer %d (%s %s) fired %v before its time", t.ID, t.Kind, t.Rule, t.Due.Sub(*t.Fired))
		}
		if t.Kind != "remind" {
			continue
		}
		reminders++
		if r.Quiet.covers(*t.Fired) {
			v.breach("reminder %d fired at %s, in quiet hours", t.ID, t.Fired.In(r.Quiet.Zone).Format("15:04"))
		}
		if end := closed[t.Deal]; end != nil && t.Fired.After(*end) {
			v.breach("reminder %d fired after deal %d was closed", t.ID, t.Deal)
		}
	}
	compared := remindersSeen(r, &v)
	v.Figures = fmt.Sprintf("%d fired, %d of them reminders, %d cancelled or skipped; %d people counted their reminders", fired, reminders, skipped, compared)
	return v
}

// remindersSeen compares how often people read certain words with how often they should.
func remindersSeen(r Record, v *Verdict) (compared int) {
	written := map[string]map[string]int{}
	for _, t := range r.Tales {
		if t.Trouble == "" && len(t.Reads) > 0 {
			written[t.Chat] = maps.Clone(t.Reads)
		}
	}
	for _, m := range r.Ledger.Messages {
		if m.Direction != "out" || m.Status != "sent" {
			continue
		}
		for words := range written[m.Chat] {
			if strings.Contains(m.Text, words) {
				written[m.Chat][words]--
			}
		}
	}
	for _, t := range r.Tales {
		left, is := written[t.Chat]
		if !is || t.Trouble != "" {
			continue
		}
		compared++
		for words, n := range left {
			if n != 0 {
				v.breach("%s was written %q %+d times than wanted", t.Name, words, -n)
			}
		}
	}
	return compared
}

// name is what makes a timer the same as another.
func name(t postgres.LedgerTimer) string {
	since := ""
	if t.Since != nil {
		since = t.Since.Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("deal %d %s %s step %d %s since %s", t.Deal, t.Kind, t.Rule, t.Step, t.Stage, since)
}

// covers says whether a moment is in the quiet hours.
func (q Quiet) covers(at time.Time) bool {
	if q.Zone == nil || q.From == q.To {
		return false
	}
	at = at.In(q.Zone)
	minute := at.Hour()*60 + at.Minute()
	if q.From < q.To {
		return minute >= q.From && minute < q.To
	}
	return minute >= q.From || minute < q.To
}
