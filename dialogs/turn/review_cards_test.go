package turn_test

import (
	"fmt"
	"testing"
	"time"

	"govorun/crm"
)

func TestX06_ACardOfOnePipelineMovesNoDealOfAnother(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO deals (id, pipeline, stage, status, title, owner_id) VALUES (901, 'missed', 'new', 'open', 'not a sale', 4)`)
	in := h.from(igor, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: "k:901:work:done", Message: "1"}})
	in.Key = "p:" + in.Key
	r := h.accept(in)
	if n := h.count(`SELECT count(*) FROM events WHERE deal_id = 901`); n != 0 {
		t.Errorf("somebody whose role sees no such deals has acted on one, and hears %q", r.Toast)
	}
}

func TestWhoWantsNoRobotsHearsNoRuleOfATimer(t *testing.T) {
	h := newProvider(t)
	h.startWith(changed(t, `do: [{comment: '"stuck"'},`, `do: [{notify: {to: contact, text: remind.talk}}, {comment: '"stuck"'},`))
	h.sold()
	h.exec(`UPDATE contacts SET fields = fields || '{"opted_out": true}'`)
	h.later(49 * time.Hour)
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'comment'`); n == 0 {
		t.Fatal("the rule did not fire")
	}
	if n := h.count(`SELECT count(*) FROM messages WHERE direction = 'out' AND content->>'text' LIKE 'Shall we go on%'`); n != 0 {
		t.Errorf("%d messages of a robot to who wants none", n)
	}
}

func TestX19_ARuleThatErrsKeepsNoValueOfThePerson(t *testing.T) {
	h := newProvider(t)
	h.startWith(changed(t, `{set_deal: {half: 1 / int(deal.fields.zero ?? 0)}}`, `{set_deal: {half: int(contact.name + deal.fields.address)}}`))
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	var text string
	if err := h.db.Pool.QueryRow(t.Context(), `SELECT coalesce(max(data::text), '') FROM events WHERE kind = 'rule_failed'`).Scan(&text); err != nil {
		t.Fatal(err)
	}
	t.Log(text)
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'rule_failed' AND data::text LIKE '%Lenin%'`); n != 0 {
		t.Error("what a person wrote stands in the error of a rule")
	}
}

func TestATaskOfADealThatWasClosedByMistakeStillEnds(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO deals (id, pipeline, stage, status, title, owner_id) VALUES (901, 'sales', 'talk', 'open', 'Deal', 1)`)
	_ = fmt.Sprint
	h.text(mia, "/deal 901")
	h.exec(`INSERT INTO timers (id, deal_id, kind, due_at, data) VALUES (77, 901, 'task', $1, '{"task": 55}')`, time.Now().Add(h.shift).Add(time.Hour))
	h.exec(`INSERT INTO tasks (id, deal_id, assignee_id, role, title, due_at, points, timer_id) VALUES (55, 901, 1, '', 'call', $1, -3, 77)`, time.Now().Add(h.shift).Add(time.Hour))
	h.pressOn(mia, h.card(mia), "Lost")
	h.press(mia, "Too dear")
	h.stands("sales", "lost")
	if n := h.count(`SELECT count(*) FROM timers WHERE id = 77 AND status = 'cancelled'`); n != 1 {
		t.Fatal("?")
	}
	if n := h.count(`SELECT count(*) FROM tasks WHERE done_at IS NULL`); n != 0 {
		t.Error("a task of a closed deal stands in the list for ever")
	}
}

func TestHandedDealsStillWantToBeTaken(t *testing.T) {
	h := newProvider(t)
	h.exec(`UPDATE employees SET city = 'Moscow'`)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	owner := h.count(`SELECT owner_id FROM deals`)
	h.text(int64(500+owner), "/shift end")
	if now := h.count(`SELECT owner_id FROM deals`); now == owner {
		t.Fatal("not handed")
	}
	h.later(20 * time.Minute)
	h.later(20 * time.Minute)
	if n := h.count(`SELECT owner_id FROM deals`); n != 4 {
		t.Errorf("employee %d has had the deal for 40 minutes without taking it", n)
	}
}
