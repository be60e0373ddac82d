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

// Employees of the provider, and a customer. Their chats have their numbers.
const (
	mia, max, igor, hana = 501, 502, 503, 504 // managers of Moscow and Tver, an installer and a head of Moscow
	olga                 = 601
)

// newProvider is a house over a provider whose deals act by themselves. It is Monday noon.
func newProvider(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t)}
	for i, e := range []struct{ name, role, city string }{{"Mia", "manager", "Moscow"}, {"Max", "manager", "Tver"}, {"Igor", "installer", "Moscow"}, {"Hana", "head", "Moscow"}} {
		h.exec(`INSERT INTO employees (id, name, role, city, lang, on_shift) VALUES ($1, $2, $3, $4, 'en', true)`, i+1, e.name, e.role, e.city)
		h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', $1, $2)`, fmt.Sprint(mia+i), i+1)
	}
	kit, err := dialogs.Load(os.DirFS("testdata/provider"))
	if err != nil {
		t.Fatal(err)
	}
	h.startWith(kit)
	monday := time.Date(2030, 6, 3, 12, 0, 0, 0, kit.Zone)
	h.shift = time.Until(monday)
	return h
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.db.Pool.Exec(context.Background(), sql, args...); err != nil {
		h.t.Fatal(err)
	}
}

// later lets time pass and does what is due then.
func (h *house) later(by time.Duration) {
	h.t.Helper()
	h.shift += by
	if err := h.runner.SweepOnce(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.runner.FireTimers(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	h.runner.Wait()
}

// order opens a deal of a customer, who is the same person when the phone is.
func (h *house) order(person int64, phone, city, address string) {
	h.t.Helper()
	h.text(person, "/order")
	h.text(person, phone)
	h.text(person, city)
	h.text(person, address)
	h.says(person, "Order No.")
}

// card is the newest card of a person, as edited last.
func (h *house) card(person int64) crm.Outbound {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.out) - 1; i >= 0; i-- {
		o := h.out[i]
		if o.Address.Chat != fmt.Sprint(person) || len(o.Buttons) == 0 || !strings.HasPrefix(o.Buttons[0][0].Data, "k:") {
			continue
		}
		if o.Kind == crm.OutEdit {
			o.ID = o.Target
		}
		return o
	}
	h.t.Fatalf("no card was shown to %d", person)
	return crm.Outbound{}
}

// sold brings a customer's deal to the contract, by Mia.
func (h *house) sold() {
	h.t.Helper()
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	h.pressOn(mia, h.card(mia), "Contract")
	h.press(mia, "Flat")
}

func (h *house) stage(pipeline string) (stage string) {
	h.t.Helper()
	if err := h.db.Pool.QueryRow(context.Background(), `SELECT coalesce(max(stage), '') FROM deals WHERE pipeline = $1`, pipeline).Scan(&stage); err != nil {
		h.t.Fatal(err)
	}
	return stage
}

func (h *house) stands(pipeline, stage string) {
	h.t.Helper()
	if got := h.stage(pipeline); got != stage {
		h.t.Fatalf("the deal of %s stands on %q, want %q", pipeline, got, stage)
	}
}

func TestANewDealFindsItsManagerByCityAndLoad(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.says(mia, "The deal is yours now.")
	h.says(mia, "Lenin street 1")
	h.order(olga+1, "+79161234568", "Tver", "Lenin street 2")
	h.says(max, "Lenin street 2")
	h.exec(`UPDATE employees SET city = 'Moscow' WHERE id = 2`)
	h.order(olga+2, "+79161234569", "Moscow", "Lenin street 3")
	h.order(olga+3, "+79161234560", "Moscow", "Lenin street 4")
	if n := h.count(`SELECT count(*) FROM employees WHERE open_deals = 2`); n != 2 {
		t.Errorf("%d of two managers have two deals each", n)
	}
}

func TestWhatAStageDemandsIsAskedOfWhoeverMovesTheDeal(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	h.stands("sales", "talk")
	card := h.card(mia)
	if r := h.pressOn(mia, card, "Contract"); !strings.Contains(r.Toast, "your chat") {
		t.Errorf("the press hears %q", r.Toast)
	}
	h.stands("sales", "talk")
	h.says(mia, "Flat or house?")
	h.press(mia, "House")
	h.stands("sales", "contract")
	if n := h.count(`SELECT count(*) FROM deals WHERE fields->>'kind' = 'house'`); n != 1 {
		t.Error("the answer is not in the deal")
	}
	if n := h.count(`SELECT count(*) FROM contacts`); n != 1 {
		t.Errorf("%d contacts: an employee became one by answering", n)
	}
	h.pressOn(mia, card, "Lost")
	h.says(mia, "Why did they refuse?")
	h.press(mia, "Too dear")
	if n := h.count(`SELECT count(*) FROM deals WHERE pipeline = 'sales' AND status = 'lost' AND lost_reason = 'dear' AND closed_at IS NOT NULL`); n != 1 {
		t.Error("the deal is not lost for its reason")
	}
	if n := h.count(`SELECT count(*) FROM deals WHERE pipeline = 'missed'`); n != 1 {
		t.Error("the lost deal is not among the missed ones")
	}
}

func TestALinkedDealOpensAndItsResultMovesTheParent(t *testing.T) {
	h := newProvider(t)
	h.sold()
	h.says(olga, "Your contract for Lenin street 1 is ready.")
	h.says(igor, "Connection No.")
	h.press(igor, "Connected")
	h.says(igor, "How many metres of cable?")
	h.text(igor, "40")
	h.stands("connection", "done")
	h.stands("sales", "won")
	if n := h.count(`SELECT count(*) FROM deals WHERE pipeline = 'sales' AND fields->>'cable' = '40'`); n != 1 {
		t.Error("the result did not come back to the parent")
	}
	if n := h.count(`SELECT coalesce(sum(points), 0) FROM points WHERE employee_id = 1`); n != 2 {
		t.Errorf("the seller has %d points, want 2", n)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'deal_moved' AND data->'cause' ? 'link:connection' AND author = 'bot'`); n != 1 {
		t.Error("the timeline does not say that the link moved the parent")
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE status = 'waiting'`); n != 0 {
		t.Errorf("%d timers wait for closed deals", n)
	}
}

func TestARuleThatErrsIsAnEventAndTheTurnCommits(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	h.stands("sales", "talk")
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'rule_failed' AND data->>'rule' LIKE '%broken%'`); n != 1 {
		t.Errorf("%d events of the failed rule", n)
	}
	if n := h.count(`SELECT count(*) FROM dead_letters`); n != 0 {
		t.Error("the failed rule made a dead letter")
	}
}

func TestR04_RemindersKeepOutOfTheNightAreBoundedAndEndInACall(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	sent := func() int {
		return h.count(`SELECT count(*) FROM messages WHERE direction = 'out' AND content->>'text' LIKE 'Shall we go on%'`)
	}
	h.shift += 14 * time.Hour // it is two in the morning, and the reminder is for noon: nothing yet
	h.later(0)
	if sent() != 0 {
		t.Fatal("a reminder before its time")
	}
	h.later(21 * time.Hour) // Tuesday, eleven in the evening
	if sent() != 0 {
		t.Fatal("a reminder at night")
	}
	h.later(11 * time.Hour)
	if sent() != 1 {
		t.Fatalf("%d reminders on the next morning, want 1", sent())
	}
	h.later(25 * time.Hour)
	h.later(25 * time.Hour)
	h.later(25 * time.Hour)
	if sent() != 2 {
		t.Fatalf("%d reminders in all, want 2", sent())
	}
	if n := h.count(`SELECT count(*) FROM tasks WHERE title LIKE 'Call about%' AND assignee_id = 1`); n != 1 {
		t.Fatalf("%d call tasks for the owner, want 1", n)
	}
	h.later(5 * time.Hour)
	if n := h.count(`SELECT coalesce(sum(points), 0) FROM points WHERE employee_id = 1`); n != -3 {
		t.Errorf("the overdue call cost %d points, want -3", n)
	}
	h.says(hana, "A task is overdue")
}

func TestR03_AnAnswerEndsReminders(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	h.shift += 24*time.Hour - time.Second
	h.text(olga, "hello")
	h.later(time.Hour)
	if n := h.count(`SELECT count(*) FROM messages WHERE direction = 'out' AND content->>'text' LIKE 'Shall we go on%'`); n != 0 {
		t.Errorf("%d reminders after the answer", n)
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE kind = 'remind' AND status = 'cancelled' AND reason = 'answered'`); n != 1 {
		t.Error("the timer does not say why it is silent")
	}
}

func TestWhoWantsNoRemindersGetsNoneAndAPersonCalls(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	h.later(24 * time.Hour)
	h.says(olga, "Shall we go on")
	if r := h.press(olga, "No reminders"); r.Toast != "No more reminders." {
		t.Errorf("the press hears %q", r.Toast)
	}
	if n := h.count(`SELECT count(*) FROM contacts WHERE fields->'opted_out' = 'true'`); n != 1 {
		t.Fatal("the wish is not kept")
	}
	h.later(25 * time.Hour)
	if n := h.count(`SELECT count(*) FROM messages WHERE direction = 'out' AND content->>'text' LIKE 'Shall we go on%'`); n != 1 {
		t.Errorf("%d reminders in all, want 1", n)
	}
	h.text(olga, "/start")
	if n := h.count(`SELECT count(*) FROM contacts WHERE fields->'opted_out' = 'true'`); n != 0 {
		t.Error("who comes back is still muted")
	}
}

func TestWhoDoesNotTakeADealPassesItOn(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.later(16 * time.Minute)
	h.says(max, "Lenin street 1")
	h.later(16 * time.Minute)
	h.says(hana, "There is nobody to do it")
	if n := h.count(`SELECT owner_id FROM deals`); n != 4 {
		t.Errorf("employee %d owns the deal, want the head", n)
	}
}

func TestASecondRequestJoinsTheFirstAndOneByHandIsRefusedAndCounted(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	first := h.last(olga).Text
	h.order(olga+1, "+79161234567", "Moscow", "Lenin street 1, once more")
	if got := h.last(olga + 1).Text; got != first {
		t.Errorf("the second hears %q, want %q", got, first)
	}
	h.text(mia, "/order")
	h.text(mia, "+79161234567")
	h.text(mia, "Moscow")
	h.text(mia, "Lenin street 1")
	h.says(mia, "exists already")
	if n := h.count(`SELECT count(*) FROM deals`); n != 1 {
		t.Errorf("%d deals of one request", n)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'duplicate_refused' AND employee_id = 1`); n != 1 {
		t.Error("the attempt is not counted for the employee")
	}
}

func TestR02_TwoRunnersFireAThousandTimersOnceEach(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, entered_at) SELECT 'connection', 'new', 'open', 'd' || n, 3, $1 FROM generate_series(1, 1000) n`, time.Now().Add(h.shift))
	h.exec(`INSERT INTO timers (deal_id, kind, rule, stage, since, due_at) SELECT id, 'idle', 'stuck', 'new', entered_at, entered_at + interval '48 hours' FROM deals`)
	h.shift += 49 * time.Hour
	second := &house{t: t, db: h.db, shift: h.shift}
	kit, err := dialogs.Load(os.DirFS("testdata/provider"))
	if err != nil {
		t.Fatal(err)
	}
	second.startWith(kit)
	var both sync.WaitGroup
	fired := make([]int, 2)
	for i, one := range []*house{h, second} {
		both.Go(func() {
			n, err := one.runner.FireTimers(context.Background())
			if err != nil {
				t.Error(err)
			}
			fired[i] = n
		})
	}
	both.Wait()
	if fired[0]+fired[1] != 1000 {
		t.Errorf("%v timers fired, want 1000 in all", fired)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'comment'`); n != 1000 {
		t.Errorf("%d comments of 1000 deals", n)
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE status = 'fired'`); n != 1000 {
		t.Errorf("%d timers bear that they fired", n)
	}
}
