package turn_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/rules"
)

// apart makes every order of one phone a deal of its own.
var apart = []string{"key: contact.phone", `key: '""'`}

func (h *house) reminders() int {
	h.t.Helper()
	return h.count(`SELECT count(*) FROM messages WHERE direction = 'out' AND content->>'text' LIKE 'Shall we go on%' AND status <> 'cancelled'`)
}

// talking brings a customer's order to the stage on which reminders wait, by Mia.
func (h *house) talking(person int64, address string) {
	h.t.Helper()
	h.order(person, fmt.Sprintf("+7916123%04d", person), "Moscow", address)
	h.press(mia, "I take it")
}

// takes lets Mia take a deal.
func (h *house) takes(deal int) {
	h.t.Helper()
	h.text(mia, fmt.Sprintf("/deal %d", deal))
	h.press(mia, "I take it")
}

func TestR01_RemindersDueDuringASixHourOutageAreOneMessageAndWhatIsClosedIsNotTold(t *testing.T) {
	h := newProvider(t)
	h.startWith(changed(t, apart...))
	for n := range 4 {
		h.order(olga, "+79161234567", "Moscow", fmt.Sprintf("Lenin street %d", n))
	}
	for n := range 4 { // her orders would be answers
		h.takes(h.count(`SELECT id FROM deals WHERE title = $1`, fmt.Sprintf("Lenin street %d", n)))
	}
	h.exec(`UPDATE deals SET status = 'lost', stage = 'lost', closed_at = now() WHERE title = 'Lenin street 0'`)
	h.later(24*time.Hour - time.Minute)
	if n := h.reminders(); n != 0 {
		t.Fatalf("%d reminders before their time", n)
	}
	h.later(6 * time.Hour)
	h.later(time.Minute)
	if n := h.reminders(); n != 1 {
		t.Errorf("%d reminders after the outage, want 1", n)
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE kind = 'remind' AND status = 'merged'`); n != 2 {
		t.Errorf("%d of 2 reminders are merged", n)
	}
	if strings.Contains(h.last(olga).Text, "street 0") {
		t.Error("the closed deal is reminded of")
	}
}

func TestR06_AClockThatIsSetBackAndForthFiresEachTimerOnce(t *testing.T) {
	h := newProvider(t)
	h.sold()
	h.talking(olga+1, "Lenin street 2")
	h.shift -= time.Hour // just after all was set
	h.later(0)
	costs := func() int { return h.count(`SELECT count(*) FROM points WHERE points = -1`) }
	fell := func(at string, reminders, idle int) {
		t.Helper()
		if n := h.reminders(); n != reminders {
			t.Errorf("%s: %d reminders, want %d", at, n, reminders)
		}
		if n := costs(); n != idle {
			t.Errorf("%s: the rule fired %d times, want %d", at, n, idle)
		}
	}
	h.later(25*time.Hour - time.Minute)
	fell("before its time", 0, 0)
	h.later(time.Minute)
	fell("a day later", 1, 0)
	for range 2 { // to and fro over the moment of firing
		h.later(-time.Hour)
		h.later(time.Hour)
	}
	fell("the clock was set back twice", 1, 0)
	h.later(23 * time.Hour)
	h.later(-time.Hour)
	h.later(3 * time.Hour)
	fell("two days later", 2, 1)
	h.later(-time.Hour)
	h.later(time.Hour)
	fell("set back once more", 2, 1)
}

func TestR06_InNightsOnWhichClocksAreSetAReminderComesOnce(t *testing.T) {
	for name, night := range map[string]time.Time{
		"half past two does not exist": time.Date(2031, 3, 30, 0, 0, 0, 0, time.UTC),
		"half past two comes twice":    time.Date(2031, 10, 26, 0, 0, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newProvider(t)
			h.startWith(changed(t, "Europe/Moscow", "Europe/Berlin", "22:00-09:00", "22:00-02:30"))
			h.shift = time.Until(night.Add(-26 * time.Hour)) // the reminder is due in the evening before, in the quiet hours
			h.talking(olga, "Lenin street 1")
			h.later(24 * time.Hour)
			if h.reminders() != 0 {
				t.Fatal("a reminder in the quiet hours")
			}
			first := time.Duration(0)
			for at := time.Duration(0); at < 8*time.Hour; at += 20 * time.Minute {
				h.later(20 * time.Minute)
				if first == 0 && h.reminders() > 0 {
					first = at
				}
			}
			if n := h.reminders(); n != 1 {
				t.Errorf("%d reminders in that night, want 1", n)
			}
			if first < 2*time.Hour || first > 4*time.Hour {
				t.Errorf("it came %v after ten", first)
			}
		})
	}
}

func TestO05_OfTwoManagersWhoTakeADealWithRulesOneWinsAndEverythingFollowsOnce(t *testing.T) {
	h := newProvider(t)
	h.exec(`UPDATE employees SET city = 'Moscow' WHERE id = 2`)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	id := h.dealOf("sales")
	cards := map[int64]crm.Outbound{}
	for _, person := range []int64{mia, max} {
		h.text(person, fmt.Sprintf("/deal %d", id))
		cards[person] = h.last(person)
	}
	toasts := make(chan string, 2)
	var both sync.WaitGroup
	for person, card := range cards {
		in := h.from(person, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: card.Buttons[0][0].Data, Message: fmt.Sprint(card.ID)}})
		both.Go(func() {
			r, err := h.runner.Accept(context.Background(), in)
			if err != nil {
				t.Error(err)
			}
			toasts <- r.Toast
		})
	}
	both.Wait()
	h.runner.Wait()
	a, b := <-toasts, <-toasts
	if strings.Contains(a, "Already taken by") == strings.Contains(b, "Already taken by") {
		t.Errorf("one must win and one must hear who was faster: %q, %q", a, b)
	}
	for what, sql := range map[string]string{
		"moves":            `SELECT count(*) FROM events WHERE kind = 'deal_moved'`,
		"runs of the rule": `SELECT count(*) FROM events WHERE kind = 'rule_failed' AND data->>'rule' LIKE '%broken%'`,
		"reminders set":    `SELECT count(*) FROM timers WHERE kind = 'remind'`,
		"deals":            `SELECT sum(open_deals) FROM employees`,
	} {
		if n := h.count(sql); n != 1 {
			t.Errorf("%d %s, want 1", n, what)
		}
	}
}

// with adds rules to the provider's that no kit can hold.
func (h *house) with(extra ...*rules.Rule) {
	h.t.Helper()
	kit := changed(h.t)
	kit.Book.Rules = append(kit.Book.Rules, extra...)
	h.startWith(kit)
}

func mad(rules.Scene) ([]crm.Effect, error) { panic("mad") }

func TestARuleThatPanicsIsAnEventAndTheTurnCommits(t *testing.T) {
	h := newProvider(t)
	h.with(&rules.Rule{ID: "mad", When: rules.Trigger{Kind: rules.Entered, Pipeline: "sales", Stage: "talk"}, Do: mad},
		&rules.Rule{ID: "slowly_mad", When: rules.Trigger{Kind: rules.Idle, Pipeline: "sales", Stage: "talk", For: time.Hour}, Do: mad})
	h.talking(olga, "Lenin street 1")
	h.stands("sales", "talk")
	h.later(2 * time.Hour)
	for _, rule := range []string{"mad", "slowly_mad"} {
		if n := h.count(`SELECT count(*) FROM events WHERE kind = 'rule_failed' AND data->>'rule' = $1`, rule); n != 1 {
			t.Errorf("%d events of the rule %s, want 1", n, rule)
		}
	}
	if n := h.count(`SELECT count(*) FROM dead_letters`); n != 0 {
		t.Error("the rule made a dead letter")
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE rule LIKE 'quiet_talk%' AND status = 'waiting'`); n != 1 {
		t.Error("the other rule of the same event did not run")
	}
}

func TestRulesThatMoveADealInACircleAreStoppedAndTheTurnCommits(t *testing.T) {
	h := newProvider(t)
	to := func(stage string) func(rules.Scene) ([]crm.Effect, error) {
		return func(s rules.Scene) ([]crm.Effect, error) {
			return []crm.Effect{crm.Commented{Deal: s.Deal.ID, Text: "round"}, crm.DealMoved{Deal: s.Deal.ID, Stage: stage}}, nil
		}
	}
	h.with(&rules.Rule{ID: "there", When: rules.Trigger{Kind: rules.Entered, Pipeline: "sales", Stage: "talk"}, Do: to("new")},
		&rules.Rule{ID: "back", When: rules.Trigger{Kind: rules.Entered, Pipeline: "sales", Stage: "new"}, Do: to("talk")})
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'cascade_stopped'`); n != 1 {
		t.Errorf("%d events of the circle, want 1", n)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'comment'`); n == 0 || n > 40 {
		t.Errorf("the circle was run through %d times", n)
	}
	if n := h.count(`SELECT count(*) FROM deals WHERE status = 'open' AND owner_id IS NOT NULL`); n != 1 {
		t.Error("the deal has nobody")
	}
	if n := h.count(`SELECT count(*) FROM dead_letters`); n != 0 {
		t.Error("the circle made a dead letter")
	}
}
