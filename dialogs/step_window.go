package dialogs

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/visits"
	"govorun/dialogs/slot"
)

// How many days and times one message offers: what a phone shows at once.
const (
	daysAtOnce  = 6
	timesAtOnce = 8
)

var (
	// errNeeds is a step that lacks facts: nothing of it counts, it is taken again with them.
	errNeeds = errors.New("facts are needed")
	// errTaken is a window that somebody else has booked since it was chosen.
	errTaken = errors.New("the window is taken")
)

// visitFacts are the windows and the visit of a kind, for the deal of this dialog. When they are not known yet, the step ends.
func (t *step) visitFacts(kind string) *VisitFacts {
	v := t.kit.Visits[kind]
	if v == nil {
		t.fail(fmt.Errorf("there is no visit %q", kind))
		return &VisitFacts{Zone: t.now.Location()}
	}
	need := Need{Kind: NeedVisits, Visit: kind, City: t.known(v.City), Skill: t.known(v.Skill), Deal: t.s.Deal}
	if facts := t.in.Facts.Visits[need]; facts != nil {
		return facts
	}
	if t.err == nil {
		t.needs = append(t.needs, need)
		t.fail(errNeeds)
	}
	return &VisitFacts{Zone: t.now.Location()}
}

// known is the value of an expression as text; empty when there is none, or when it asks for what is not there.
func (t *step) known(e *Expr) string {
	if e == nil {
		return ""
	}
	value, err := e.Eval(t.variables(e))
	if err != nil {
		return ""
	}
	return textOf(value)
}

// unfinished ends a step that lacks facts, and takes one back whose window was taken by somebody else.
func (t *step) unfinished() bool {
	switch {
	case errors.Is(t.err, errNeeds):
		t.out = Result{Session: t.was, Needs: t.needs}
		return true
	case errors.Is(t.err, errTaken):
		t.chooseAgain()
		if errors.Is(t.err, errNeeds) {
			return t.unfinished()
		}
	}
	return false
}

// windowOf is the kind of visit that a state asks a time for, empty when it asks for something else.
func (t *step) windowOf(st *State) string {
	if st == nil || t.def == nil || t.def.Slots[st.Slot] == nil {
		return ""
	}
	return t.def.Slots[st.Slot].Visit
}

// looking is the day whose times are shown and which page of them; else the zero day and a page of days.
func (t *step) looking(zone *time.Location) (day time.Time, page int) {
	date, rest, dated := strings.Cut(t.s.Look, "/")
	if day, err := time.ParseInLocation(time.DateOnly, date, zone); err == nil {
		page, _ = strconv.Atoi(rest)
		return day, page
	}
	if !dated {
		page, _ = strconv.Atoi(date)
	}
	return time.Time{}, page
}

// on lists the windows of a day.
func (f *VisitFacts) on(day time.Time) []visits.Window {
	var windows []visits.Window
	for _, w := range f.Free {
		if w.Start.In(f.Zone).Format(time.DateOnly) == day.Format(time.DateOnly) {
			windows = append(windows, w)
		}
	}
	return windows
}

// days lists the days with free windows.
func (f *VisitFacts) days() []time.Time {
	var days []time.Time
	for _, w := range f.Free {
		at := w.Start.In(f.Zone)
		if n := len(days); n == 0 || days[n-1].Format(time.DateOnly) != at.Format(time.DateOnly) {
			days = append(days, at)
		}
	}
	return days
}

// windowQuestion is what is asked: for the day, for the time on it, or for a person when nothing is free.
func (t *step) windowQuestion(kind, ask string, args map[string]any) (string, map[string]any) {
	f := t.visitFacts(kind)
	day, _ := t.looking(f.Zone)
	switch {
	case len(f.Free) == 0:
		return "visit.none", nil
	case !day.IsZero() && len(f.on(day)) > 0:
		return "visit.times", map[string]any{"day": slot.ShowWeekday(t.lang, t.now, day)}
	case f.Booked != nil && ask == "visit.ask":
		return "visit.ask_move", map[string]any{"when": t.when(f, f.Booked.Start)}
	}
	return ask, args
}

// when says a time in words, by the clock of the visit.
func (t *step) when(f *VisitFacts, at time.Time) string {
	return slot.ShowWindow(t.lang, t.now, at.In(f.Zone))
}

// windowOptions are the days, or the times of one of them, with buttons that show more.
func (t *step) windowOptions(list []Option, kind string) []Option {
	f := t.visitFacts(kind)
	day, page := t.looking(f.Zone)
	times := f.on(day)
	if day.IsZero() || len(times) == 0 {
		return t.dayOptions(list, f, page)
	}
	part, before, after := paged(times, page, timesAtOnce)
	for _, w := range part {
		list = append(list, Option{ID: windowID(w.Start), Text: w.Start.In(f.Zone).Format("15:04")})
	}
	list = turning(list, before, after)
	return append(list, Option{ID: ":days", Key: "visit.other_day"})
}

func (t *step) dayOptions(list []Option, f *VisitFacts, page int) []Option {
	if len(f.Free) == 0 {
		return append(list, Option{ID: ":human", Key: "grammar.human"})
	}
	part, before, after := paged(f.days(), page, daysAtOnce)
	for _, day := range part {
		list = append(list, Option{ID: "d" + day.Format(time.DateOnly), Text: slot.ShowNearDay(t.lang, t.now, day)})
	}
	return turning(list, before, after)
}

// paged gives one page of a list, and whether there is something before and after it.
func paged[T any](list []T, page, size int) (part []T, before, after bool) {
	page = min(max(page, 0), max(len(list)-1, 0)/size)
	end := min((page+1)*size, len(list))
	return list[page*size : end], page > 0, end < len(list)
}

func turning(list []Option, before, after bool) []Option {
	if before {
		list = append(list, Option{ID: ":earlier", Key: "visit.earlier"})
	}
	if after {
		list = append(list, Option{ID: ":later", Key: "visit.later"})
	}
	return list
}

func windowID(start time.Time) string { return "w" + strconv.FormatInt(start.Unix(), 10) }

// chooseWindow takes a button of the windows; false when it is none of them.
func (t *step) chooseWindow(st *State, id string) bool {
	f := t.visitFacts(t.windowOf(st))
	day, page := t.looking(f.Zone)
	switch {
	case id == ":days":
		t.look(st, "")
	case id == ":later" || id == ":earlier":
		if page++; id == ":earlier" {
			page -= 2
		}
		if day.IsZero() {
			t.look(st, strconv.Itoa(max(page, 0)))
		} else {
			t.look(st, day.Format(time.DateOnly)+"/"+strconv.Itoa(max(page, 0)))
		}
	case strings.HasPrefix(id, "d"):
		t.look(st, id[1:])
	case strings.HasPrefix(id, "w"):
		unix, err := strconv.ParseInt(id[1:], 10, 64)
		if err != nil {
			return false
		}
		t.chooseTime(st, f, time.Unix(unix, 0).In(f.Zone))
	default:
		return false
	}
	return true
}

// look shows other windows, in place of those that were shown.
func (t *step) look(st *State, at string) {
	t.s.Look = at
	t.s.Failures = 0
	t.ask(st)
	t.out.Edit = t.in.Press != nil
}

// chooseTime keeps a time that is still free. One that was taken meanwhile is explained, with what is free on that day.
func (t *step) chooseTime(st *State, f *VisitFacts, at time.Time) {
	if t.err != nil {
		return
	}
	if _, free := visits.At(f.Free, at); !free {
		t.s.Look = at.Format(time.DateOnly)
		t.tell("visit.taken", map[string]any{"when": t.when(f, at)})
		t.ask(st)
		return
	}
	t.set(st.Slot, Value{Time: at})
	t.leave(st, "")
}

// takeWindow reads a typed time, or a day whose times are then shown.
func (t *step) takeWindow(st *State, sl *Slot) (bool, *slot.Wrong) {
	f := t.visitFacts(sl.Visit)
	if t.err != nil {
		return true, nil
	}
	day, _ := t.looking(f.Zone)
	spec := slot.Spec{Type: "window", Lang: t.lang, Now: t.now.In(f.Zone)}
	meant, wrong := slot.ParseWindow(spec, day, t.given())
	if wrong != nil {
		return false, wrong
	}
	at := meant.At.In(f.Zone)
	times := f.on(at)
	if _, free := visits.At(f.Free, at); free && !meant.Whole {
		t.chooseTime(st, f, at)
		return true, nil
	}
	switch {
	case len(f.Free) == 0:
		return false, &slot.Wrong{Key: "visit.none"}
	case len(times) == 0:
		t.s.Look = ""
		return false, &slot.Wrong{Key: "visit.day_full", Args: map[string]any{"day": slot.ShowWeekday(t.lang, t.now, at)}}
	case meant.Whole:
		t.look(st, at.Format(time.DateOnly))
		return true, nil
	}
	nearest := slices.IndexFunc(times, func(w visits.Window) bool { return !w.Start.Before(at) })
	if nearest < 0 {
		nearest = len(times) - 1
	}
	t.s.Look = at.Format(time.DateOnly) + "/" + strconv.Itoa(nearest/timesAtOnce)
	return false, &slot.Wrong{Key: "visit.time_full", Args: map[string]any{"when": t.when(f, at)}}
}

// chooseAgain takes a step back whose window somebody else has booked: it is explained, and what is free is shown.
func (t *step) chooseAgain() {
	lost := t.values[t.lost].Time
	t.s, t.values, t.owned, t.vars, t.err = t.was, t.was.Slots, false, nil, nil
	t.def, t.deal, t.out = t.kit.Dialogs[t.s.Dialog], dealOf(t.was.Deal, t.in.Facts), Result{}
	if t.def == nil {
		t.fail(errTaken)
		return
	}
	names := append(slices.Clone(t.s.Trail), t.s.State)
	for i := len(names) - 1; i >= 0; i-- {
		st := t.def.States[names[i]]
		if st == nil || st.Slot != t.lost {
			continue
		}
		t.s.State, t.s.Trail = names[i], names[:i:i]
		f := t.visitFacts(t.windowOf(st))
		t.s.Look = lost.In(f.Zone).Format(time.DateOnly)
		t.unset(t.lost)
		t.tell("visit.taken", map[string]any{"when": t.when(f, lost)})
		t.ask(st)
		return
	}
	t.fail(errTaken)
}

// startVisit lets who acts choose the time of a visit: an employee in their own chat, else the contact.
func (t *step) startVisit(kind string) {
	if !t.needDeal() {
		return
	}
	t.wanted = &crm.DialogWanted{Deal: t.s.Deal, Dialog: t.kit.VisitDialog(kind)}
	if t.def == nil {
		if t.me != nil {
			t.wanted.Employee = t.me.ID
		}
		t.leaveWanted()
	}
}

// cancelVisit says that a visit does not take place. Which that is the turn knows.
func (t *step) cancelVisit(kind string) {
	if t.needDeal() {
		t.effect(crm.BookingCancelled{Booking: crm.Booking{Deal: t.s.Deal, Kind: kind}, Reason: "asked"})
	}
}

// Undated gives the buttons of an open question as they may be repeated on another day. Those of a question for a time name days as they were seen
// when it was asked: one button stands for them, which asks it anew under the given text.
func Undated(buttons [][]crm.Button, text string) [][]crm.Button {
	for _, row := range buttons {
		for _, b := range row {
			if nonce, id, _ := strings.Cut(b.Data, ":"); namesTime(id) {
				return [][]crm.Button{{{Text: text, Data: nonce + "::days"}}}
			}
		}
	}
	return buttons
}

// namesTime tells whether a button is one of a day or of a window.
func namesTime(id string) bool {
	if day, ok := strings.CutPrefix(id, "d"); ok {
		_, err := time.Parse(time.DateOnly, day)
		return err == nil
	}
	unix, ok := strings.CutPrefix(id, "w")
	_, err := strconv.ParseInt(unix, 10, 64)
	return ok && len(unix) > 8 && err == nil
}
