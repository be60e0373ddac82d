package turn_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestAFailingTimerCostsNoOtherItsTime(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO deals (id, pipeline, stage, status, title, owner_id, entered_at) SELECT n, 'connection', 'new', 'open', 'd' || n, 3, $1 FROM generate_series(901, 902) n`, time.Now().Add(h.shift))
	h.exec(`INSERT INTO timers (deal_id, kind, rule, stage, since, due_at) SELECT id, 'idle', 'stuck', 'new', entered_at, entered_at + interval '48 hours' + (id - 900) * interval '1 second' FROM deals`)
	h.exec(`CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$`)
	h.exec(`CREATE TRIGGER poison BEFORE INSERT ON events FOR EACH ROW WHEN (NEW.deal_id = 902) EXECUTE FUNCTION poison()`)
	tx, err := h.db.Pool.Begin(t.Context()) // somebody works on the first deal just now
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT FROM deals WHERE id = 901 FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	h.later(49 * time.Hour)
	_ = tx.Rollback(context.Background())
	h.later(time.Minute)
	if n := h.count(`SELECT count(*) FROM timers WHERE deal_id = 901 AND status = 'fired'`); n != 1 {
		t.Error("the timer of a deal that was locked for a moment is given up for another one's failure")
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE deal_id = 902 AND status = 'skipped' AND reason = 'failed'`); n != 1 {
		t.Error("the failing timer is not given up")
	}
}

func TestADealWhoseReminderWasMergedIsNotForgotten(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	h.exec(`INSERT INTO deals (id, pipeline, stage, status, title, owner_id, contact_id, conversation_id, fields, entered_at)
		SELECT 902, pipeline, 'new', status, 'second', owner_id, contact_id, conversation_id, '{"address": "Second street"}', entered_at FROM deals`)
	h.text(mia, "/deal 902")
	h.press(mia, "I take it")
	for range 10 {
		h.later(25 * time.Hour)
	}
	if n := h.count(`SELECT count(*) FROM tasks WHERE title LIKE 'Call about%'`); n != 2 {
		t.Errorf("%d call tasks for two silent deals", n)
	}
}

func TestX08_WhoIsDismissedMovesNoDealByAnsweringWhatWasAskedBefore(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	h.pressOn(mia, h.card(mia), "Contract")
	h.says(mia, "Flat or house?")
	if _, err := h.runner.Dismiss(t.Context(), 1, 0); err != nil {
		t.Fatal(err)
	}
	h.press(mia, "House")
	h.stands("sales", "talk")
	if n := h.count(`SELECT count(*) FROM deals WHERE fields->>'kind' = 'house'`); n != 0 {
		t.Error("a dismissed employee filled a field")
	}
}

func TestWhoIsRefusedAfterAllIsNotToldThatItIsDone(t *testing.T) {
	h := newProvider(t)
	h.startWith(changed(t, "talk: {text: stage.talk,", "talk: {text: stage.talk, to: [contract, lost],", "contract: {text: stage.contract,", "contract: {text: stage.contract, by: [manager],"))
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	h.pressOn(mia, h.card(mia), "Contract")
	h.exec(`UPDATE employees SET role = 'head' WHERE id = 1`)
	h.press(mia, "House")
	h.stands("sales", "talk")
	if got := h.last(mia).Text; strings.Contains(got, "Done") || strings.Contains(got, "done") {
		t.Errorf("the mover hears %q", got)
	}
}

func TestABrokenCardLosesNoMessageOfACustomer(t *testing.T) {
	h := newProvider(t)
	h.startWith(changed(t, `{id: talk, text: card.talk, if: deal.stage == "new",`, `{id: talk, text: card.talk, if: deal.stage == "new" and int(deal.fields.address) > 5,`))
	h.text(olga, "/order")
	h.text(olga, "+79161234567")
	h.text(olga, "Moscow")
	h.text(olga, "Lenin street 1")
	if n := h.count(`SELECT count(*) FROM dead_letters`); n != 0 {
		t.Errorf("%d dead letters", n)
	}
	h.says(olga, "Order No.")
}

func TestATaskOfARoleCanBeDone(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id) VALUES ('sales', 'talk', 'open', 'Deal', 1)`)
	h.exec(`INSERT INTO tasks (deal_id, role, title, due_at) SELECT id, 'head', 'scold', now() FROM deals`)
	h.text(hana, "/tasks")
	h.says(hana, "scold")
	h.press(hana, "✅ 1")
	if n := h.count(`SELECT count(*) FROM tasks WHERE done_at IS NULL`); n != 0 {
		t.Error("nobody can do a task that was given to a role")
	}
}

func TestWhatTheOwnerCannotHearTheHeadHears(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	h.exec(`UPDATE employees SET active = false WHERE id = 1`)
	for range 4 {
		h.later(25 * time.Hour)
	}
	h.says(hana, "Call about")
}

func TestWhoHasNoCityGetsDealsOfAnyCity(t *testing.T) {
	h := newProvider(t)
	h.exec(`UPDATE employees SET city = '' WHERE role = 'manager'`)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	if n := h.count(`SELECT owner_id FROM deals`); n == 4 {
		t.Error("the head has the deal, though two managers without a city are at work")
	}
}

func TestAnswersOnTheWayForgetNothingOfTheDeal(t *testing.T) {
	h := newProvider(t)
	h.startWith(changed(t, "owner: mover}", "owner: mover, leave: [cable]}", "contract: {text: stage.contract, enter: [kind],", "contract: {text: stage.contract, enter: [kind],"))
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	h.pressOn(mia, h.card(mia), "Contract")
	h.says(mia, "Flat or house?")
	h.press(mia, "House")
	h.says(mia, "How many metres")
	h.text(mia, "40")
	h.stands("sales", "contract")
}
