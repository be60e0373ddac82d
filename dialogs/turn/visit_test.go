package turn_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
)

// People of the company that makes visits: a manager, the crew North of two installers, and one who works alone.
const (
	marta, gleb, oleg, timur = 701, 702, 703, 704
)

// newVisits is a house over a company whose crews make visits. It is Monday, 3 June 2030, 10:00 in Moscow.
func newVisits(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t)}
	h.exec(`INSERT INTO crews (id, name, city) VALUES (1, 'North', 'Moscow')`)
	for i, e := range []struct{ name, role, crew string }{{"Marta", "manager", ""}, {"Gleb", "installer", "1"}, {"Oleg", "installer", "1"}, {"Timur", "installer", ""}} {
		h.exec(`INSERT INTO employees (id, name, role, city, lang, crew_id, phone) VALUES ($1, $2, $3, 'Moscow', 'en', nullif($4, '')::bigint, CASE WHEN $2 = 'Gleb' THEN '+79160000001' END)`, i+1, e.name, e.role, e.crew)
		h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', $1, $2)`, fmt.Sprint(marta+i), i+1)
	}
	h.startVisits()
	h.shift = time.Until(time.Date(2030, 6, 3, 10, 0, 0, 0, h.runner.Kit.Zone))
	return h
}

func (h *house) startVisits() {
	h.t.Helper()
	kit, err := dialogs.Load(os.DirFS("../testdata/visits"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.startWith(kit)
}

// asks brings a customer to the question for the time.
func (h *house) asks(person int64) {
	h.t.Helper()
	h.text(person, "/order")
	h.text(person, "Lenin street 1")
	h.text(person, "Moscow")
	h.says(person, "When shall we come?")
}

// booked brings a customer to a visit tomorrow at 10.
func (h *house) booked(person int64) {
	h.t.Helper()
	h.asks(person)
	h.press(person, "tomorrow, 4 June")
	h.replaced(person, "10:00")
}

// replaced presses a button of what was put in place of the newest message.
func (h *house) replaced(person int64, label string) {
	h.t.Helper()
	on := h.find(person, label)
	h.pressOn(person, on, label)
}

// news are the messages that a person got since a count of them, without edits.
func (h *house) news(person int64, since int) []crm.Outbound {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []crm.Outbound
	for _, o := range h.out[since:] {
		if o.Address.Chat == fmt.Sprint(person) && (o.Kind == crm.OutMessage || o.Kind == crm.OutMedia) {
			all = append(all, o)
		}
	}
	return all
}

func (h *house) sofar() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.out)
}

// one expects exactly one new message to a person, with these words.
func (h *house) one(person int64, since int, parts ...string) crm.Outbound {
	h.t.Helper()
	got := h.news(person, since)
	if len(got) != 1 {
		h.t.Fatalf("person %d got %d messages: %+v", person, len(got), got)
	}
	for _, part := range parts {
		if !strings.Contains(got[0].Text, part) {
			h.t.Errorf("person %d hears %q, want %q", person, got[0].Text, part)
		}
	}
	return got[0]
}

func (h *house) none(person int64, since int) {
	h.t.Helper()
	if got := h.news(person, since); len(got) != 0 {
		h.t.Errorf("person %d hears %q", person, got[0].Text)
	}
}

func TestACustomerBooksAVisitAndBothSidesKnowAllTheyNeed(t *testing.T) {
	h := newVisits(t)
	h.asks(olga)
	h.press(olga, "tomorrow, 4 June")
	since := h.sofar()
	h.replaced(olga, "10:00")
	h.one(olga, since, "Tuesday, 4 June, 10:00", "Gleb (+7 916 000-00-01) comes to Lenin street 1", "Thank you")
	for _, installer := range []int64{gleb, oleg} {
		told := h.one(installer, since, "New visit: Tuesday, 4 June, 10:00–12:00", "Lenin street 1", "Азамат")
		if len(told.Media) != 1 || told.Media[0].MIME != "text/calendar" || !strings.Contains(string(told.Media[0].Bytes), "DTSTART:20300604T070000Z") {
			t.Errorf("the calendar file is %+v", told.Media)
		}
	}
	h.none(timur, since)
	h.stands("connection", "scheduled")
	if n := h.count(`SELECT count(*) FROM bookings b JOIN deals d ON d.id = b.deal_id WHERE b.status = 'booked' AND b.crew_id = 1 AND d.crew_id = 1 AND d.owner_id = 2
		AND d.fields->>'visit' = '2030-06-04T10:00:00+03:00' AND b.zone = 'Europe/Moscow' AND b.local_start = '2030-06-04 10:00'`); n != 1 {
		t.Errorf("%d visits are kept as they are", n)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'comment' AND data->>'text' = 'a visit is booked'`); n != 1 {
		t.Errorf("the rule that waits for a visit fired %d times", n)
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE kind = 'visit' AND status = 'waiting'`); n != 1 { // two hours before is within the quiet hours, and 9:00 it is
		t.Errorf("%d reminders wait", n)
	}
}

// R08: whoever moves a visit, the other hears it once, and the reminders are those of the new time.
func TestR08EitherSideMovesTheVisitAndTheOtherHearsItOnce(t *testing.T) {
	h := newVisits(t)
	h.booked(olga)
	h.pressOn(gleb, h.last(gleb), "Move")
	h.says(gleb, "The visit is on Tuesday, 4 June, 10:00.")
	h.press(gleb, "day after tomorrow, 5 June")
	since := h.sofar()
	h.replaced(gleb, "13:00")
	h.one(olga, since, "The visit is moved: Wednesday, 5 June, 13:00")
	h.one(oleg, since, "Visit moved: Wednesday, 5 June, 13:00–15:00")
	h.one(gleb, since, "Visit moved")

	h.pressOn(olga, h.last(olga), "Move")
	h.press(olga, "Thursday, 6 June")
	since = h.sofar()
	h.replaced(olga, "11:00")
	h.one(olga, since, "moved: Thursday, 6 June, 11:00")
	told := h.one(gleb, since, "Visit moved: Thursday, 6 June, 11:00")
	if !strings.Contains(string(told.Media[0].Bytes), "SEQUENCE:2") {
		t.Errorf("calendars don't know that it was moved: %s", told.Media[0].Bytes)
	}
	if n := h.count(`SELECT count(*) FROM bookings`); n != 1 {
		t.Errorf("%d visits, want the one that was moved", n)
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE kind = 'visit' AND status = 'waiting' AND due_at < '2030-06-05 12:00+03'::timestamptz`); n != 1 { // of 24 h before
		t.Errorf("%d reminders of before Wednesday noon", n)
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE kind = 'visit' AND status = 'waiting'`); n != 2 {
		t.Errorf("%d reminders wait, want two", n)
	}

	since = h.sofar()
	h.later(2*24*time.Hour + 90*time.Minute) // Wednesday, 11:30
	h.one(olga, since, "A reminder of the visit: Thursday, 6 June, 11:00", "Gleb")
	h.later(22 * time.Hour)
	if got := h.news(olga, since); len(got) != 2 {
		t.Errorf("%d reminders were sent", len(got))
	}
	h.later(24 * time.Hour)
	if got := h.news(olga, since); len(got) != 2 {
		t.Errorf("%d reminders were sent, one after the visit", len(got))
	}
}

func TestRemindersOfAVisitKeepTheQuietHoursAndComeBeforeIt(t *testing.T) {
	h := newVisits(t)
	h.asks(olga)
	h.text(olga, "tomorrow at 9")
	since := h.sofar()
	h.later(20 * time.Hour) // 06:00: it is quiet
	if got := h.news(olga, since); len(got) != 0 {
		t.Errorf("told by night: %q", got[0].Text)
	}
}

func TestACancelledVisitIsToldOnceAndTheTimeIsFreeAgain(t *testing.T) {
	h := newVisits(t)
	h.booked(olga)
	message := h.last(olga)
	since := h.sofar()
	if r := h.pressOn(olga, message, "Cancel"); !strings.Contains(r.Toast, "Really") {
		t.Errorf("the press hears %q", r.Toast)
	}
	h.none(gleb, since)
	h.replaced(olga, "Yes, cancel")
	h.one(olga, since, "The visit is cancelled: Tuesday, 4 June, 10:00")
	told := h.one(gleb, since, "Visit cancelled: Tuesday, 4 June, 10:00")
	if !strings.Contains(string(told.Media[0].Bytes), "METHOD:CANCEL") {
		t.Error("it stays in the calendar of the crew")
	}
	if r := h.pressOn(olga, message, "Move"); !strings.Contains(r.Toast, "no more") {
		t.Errorf("an old button says %q", r.Toast)
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE kind = 'visit' AND status = 'waiting'`); n != 0 {
		t.Errorf("%d reminders of nothing", n)
	}
	h.booked(olga + 1)
}

// R07: a second customer, who looked at the windows before, sees what is free now; a second program sees the same.
func TestR07TheSecondToBookAnHourSeesWhatIsFree(t *testing.T) {
	h := newVisits(t)
	h.exec(`UPDATE employees SET active = false WHERE id = 4`) // there is one crew only
	for _, person := range []int64{olga, olga + 1, olga + 2} {
		h.asks(person)
		h.press(person, "tomorrow, 4 June")
	}
	first := h.runner
	h.startVisits()
	var both sync.WaitGroup
	for i, person := range []int64{olga, olga + 1} {
		on := h.find(person, "10:00")
		in := h.from(person, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: dataOf(on, "10:00"), Message: fmt.Sprint(on.ID)}})
		in.Key = "p:" + in.Key
		runner := h.runner
		if i == 0 {
			runner = first
		}
		both.Go(func() {
			if _, err := runner.Accept(context.Background(), in); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	h.runner.Wait()
	first.Wait()
	if n := h.count(`SELECT count(*) FROM bookings WHERE status = 'booked'`); n != 1 {
		t.Fatalf("%d visits at one hour by one crew", n)
	}
	slower := h.newest(olga)
	if strings.Contains(slower.Text, "Gleb") {
		slower = h.newest(olga + 1)
	}
	if !strings.Contains(slower.Text, "was taken a moment ago") || dataOf(slower, "10:00") != "" || dataOf(slower, "13:00") == "" {
		t.Errorf("the slower one sees %q %v", slower.Text, slower.Buttons)
	}
	h.replaced(olga+2, "10:00")
	if got := h.newest(olga + 2); !strings.Contains(got.Text, "was taken") {
		t.Errorf("who comes later sees %q", got.Text)
	}
}

// newest is what a person was shown last, as a new message or in place of one.
func (h *house) newest(person int64) crm.Outbound {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.out) - 1; i >= 0; i-- {
		if o := h.out[i]; o.Address.Chat == fmt.Sprint(person) && o.Text != "" && o.Kind != crm.OutReaction {
			return o
		}
	}
	h.t.Fatalf("nothing was shown to %d", person)
	return crm.Outbound{}
}

func dataOf(o crm.Outbound, label string) string {
	for _, row := range o.Buttons {
		for _, b := range row {
			if b.Text == label {
				return b.Data
			}
		}
	}
	return ""
}

func TestAManagerBooksForACustomerWhereAStageDemandsIt(t *testing.T) {
	h := newVisits(t)
	h.asks(olga)
	h.press(olga, "Skip")
	deal := h.count(`SELECT max(id) FROM deals`)
	h.text(marta, fmt.Sprintf("/deal %d", deal))
	h.pressOn(marta, h.card(marta), "Schedule")
	h.says(marta, "When shall No.")
	since := h.sofar()
	h.text(marta, "tomorrow at 10")
	h.one(olga, since, "The visit is booked: Tuesday, 4 June, 10:00")
	h.one(gleb, since, "New visit")
	h.stands("connection", "scheduled")
}

func TestALostDealCancelsItsVisitAndAWonOneEndsIt(t *testing.T) {
	h := newVisits(t)
	h.booked(olga)
	h.booked(olga + 1) // by Timur, since the crew is taken
	h.text(marta, fmt.Sprintf("/deal %d", h.count(`SELECT min(id) FROM deals`)))
	since := h.sofar()
	h.pressOn(marta, h.card(marta), "Lost")
	h.one(olga, since, "cancelled")
	h.one(gleb, since, "cancelled")
	h.text(marta, fmt.Sprintf("/deal %d", h.count(`SELECT max(id) FROM deals`)))
	since = h.sofar()
	h.pressOn(marta, h.card(marta), "Done")
	h.none(timur, since)
	if n := h.count(`SELECT count(*) FROM bookings WHERE status = 'done'`); n != 1 {
		t.Errorf("%d visits are done", n)
	}
}

func TestAStrangersPressOnAVisitDoesNothing(t *testing.T) {
	h := newVisits(t)
	h.booked(olga)
	message := h.last(olga)
	since := h.sofar()
	if r := h.pressOn(olga+7, message, "Move"); r.Toast == "" {
		t.Error("a stranger hears nothing")
	}
	h.none(olga, since)
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'deal_refused'`); n != 1 {
		t.Errorf("%d refusals are noted", n)
	}
	if n := h.count(`SELECT count(*) FROM bookings WHERE status = 'booked'`); n != 1 {
		t.Error("the visit is gone")
	}
}

func TestThePlanOfADayAndOfAWeekAreTextAndPicture(t *testing.T) {
	h := newVisits(t)
	h.booked(olga)
	h.booked(olga + 1)
	h.text(gleb, "/plan tomorrow")
	mine := h.last(gleb)
	if len(mine.Media) != 1 || mine.Media[0].Kind != crm.Photo || !strings.Contains(mine.Text, "10:00–12:00") || !strings.Contains(mine.Text, "Lenin street 1") || !strings.Contains(mine.Text, "visits: 1") {
		t.Errorf("the plan of the crew is %q with %d pictures", mine.Text, len(mine.Media))
	}
	h.text(marta, "/plan tomorrow")
	h.says(marta, "visits: 2")
	h.text(marta, "/week")
	h.says(marta, "Tuesday, 4 June: 2")
	h.text(gleb, "/plan 31.02")
	h.says(gleb, "Which day?")
	h.text(gleb, "/plan")
	h.says(gleb, "no visits")
	if keep := os.Getenv("KEEP_PICTURES"); keep != "" {
		if err := os.WriteFile(keep+"/mine.png", mine.Media[0].Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAVisitFollowsTheDealToAnotherInstallerOrIsCancelledWhenTheyAreTaken(t *testing.T) {
	h := newVisits(t)
	h.booked(olga)     // North
	h.booked(olga + 1) // Timur
	first, second := h.count(`SELECT min(id) FROM deals`), h.count(`SELECT max(id) FROM deals`)
	since := h.sofar()
	h.owned(second, "Gleb") // Gleb of the crew North, which is taken then
	h.one(olga+1, since, "cancelled")
	since = h.sofar()
	h.owned(first, "Timur")
	if got := h.news(timur, since); len(got) != 2 || !strings.Contains(got[0].Text, "New visit: Tuesday, 4 June, 10:00") || !strings.Contains(got[1].Text, "yours now") {
		t.Errorf("the new owner hears %+v", got)
	}
	h.one(oleg, since, "Visit cancelled")
	if n := h.count(`SELECT count(*) FROM bookings WHERE deal_id = $1 AND employee_id = 4 AND status = 'booked'`, first); n != 1 {
		t.Error("the visit did not follow")
	}
}

// owned lets the manager give a deal to somebody.
func (h *house) owned(deal int, name string) {
	h.t.Helper()
	h.text(marta, fmt.Sprintf("/deal %d", deal))
	h.pressOn(marta, h.card(marta), "Give it to")
	h.pressOn(marta, h.card(marta), name)
}
