package turn_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"govorun/crm"
)

const (
	dana = 7001
	omar = 7002
)

// post is a house with the places Centre (Ivan) and North (vacant), and two more technicians.
func post(t *testing.T) *house {
	t.Helper()
	h := crowd(t)
	for person, name := range map[int]string{dana: "Дана <b>Х</b>", omar: "Омар Ли"} {
		h.exec(`WITH e AS (INSERT INTO employees (name, role, city) VALUES ($1, 'technician', 'Москва') RETURNING id)
			INSERT INTO identities (channel, address, employee_id) SELECT 'telegram', $2, id FROM e`, name, fmt.Sprint(person))
		h.text(int64(person), "/start")
	}
	h.exec(`INSERT INTO slots (name, role, city, crew_id, employee_id) SELECT 'Центр', 'technician', 'Москва', crew_id, id FROM employees WHERE id = $1`, h.who(ivan))
	h.exec(`INSERT INTO slots (name, role, city) VALUES ('Север', 'technician', 'Москва')`)
	return h
}

// work gives Ivan a deal with a task and a timer, and a saved command.
func (h *house) work() {
	h.t.Helper()
	h.text(azamat, h.scan("214"))
	h.press(azamat, "Взял деньги")
	h.press(ivan, "Беру")
	h.exec(`INSERT INTO tasks (deal_id, assignee_id, title) SELECT id, owner_id, 'visit' FROM deals WHERE owner_id IS NOT NULL`)
	h.exec(`INSERT INTO timers (deal_id, kind, due_at, data) SELECT id, 'take', now() + interval '1 day', jsonb_build_object('owner', owner_id, 'within', '1h0m0s') FROM deals WHERE owner_id IS NOT NULL`)
	h.exec(`INSERT INTO filters (employee_id, name, query) VALUES ($1, 'утро', 'stage:new')`, h.who(ivan))
	h.delivered()
}

// holds tells who has the deals, tasks, timers and saved commands of the slot's work.
func (h *house) holds(person int64) bool {
	h.t.Helper()
	id := h.who(person)
	return h.count(`SELECT count(*) FROM deals d JOIN tasks k ON k.deal_id = d.id AND k.assignee_id = d.owner_id
		JOIN timers m ON m.deal_id = d.id AND m.kind = 'take' AND (m.data->>'owner')::bigint = d.owner_id
		JOIN filters f ON f.employee_id = d.owner_id AND f.name = 'утро' WHERE d.owner_id = $1`, id) == 1
}

func TestASlotChangesHandsInOneCommandWithAllItsWork(t *testing.T) {
	h := post(t)
	h.work()
	old := h.card(ivan)
	if !h.holds(ivan) {
		t.Fatal("the story does not begin as it should")
	}
	h.text(aigul, "/slot Центр Дана")
	h.says(aigul, "Место «Центр»: Дана")
	if !h.holds(dana) {
		t.Fatal("not everything went to the new holder")
	}
	if n := h.count(`SELECT count(*) FROM employees o, employees n WHERE o.id = $1 AND o.crew_id IS NULL AND n.id = $2 AND n.crew_id IS NOT NULL`, h.who(ivan), h.who(dana)); n != 1 {
		t.Error("the crew did not go with the place")
	}
	if gone := h.edit(ivan); len(gone.Buttons) != 0 || !strings.Contains(gone.Text, "больше не у вас") {
		t.Errorf("the card of the former holder says %q", gone.Text)
	}
	digest := h.last(dana)
	if !strings.Contains(digest.Text, "Центр") || len(digest.Buttons) == 0 {
		t.Errorf("the new holder hears %q", digest.Text)
	}
	h.says(ivan, "больше не ваше")
	menus := 0
	for _, o := range h.outs(dana) {
		if o.Kind == crm.OutMenu {
			menus++
		}
	}
	if menus < 2 {
		t.Error("the new holder got no menu of the place")
	}
	was := h.count(`SELECT count(*) FROM events WHERE kind = 'deal_moved'`)
	h.pressOn(ivan, old, "Готово")
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'deal_moved'`); n != was {
		t.Error("the former holder still moves the deal")
	}
	h.pressOn(dana, digest, "№")
	h.press(dana, "Готово")
	h.text(aigul, "/slot Центр")
	if got := h.last(aigul).Text; !strings.Contains(got, "Дана &lt;b&gt;Х&lt;/b&gt;") || strings.Count(got, "—") != 1 {
		t.Errorf("the slot is shown as %q", got)
	}
}

func TestWhoHoldsAnotherSlotExchangesAndAVacantOneKeepsItsWorkForTheNext(t *testing.T) {
	h := post(t)
	h.work()
	h.text(aigul, "/slot Север Омар")
	h.text(aigul, "/slot Центр Омар")
	h.says(aigul, "Поменялись")
	if n := h.count(`SELECT count(*) FROM slots WHERE name = 'Север' AND employee_id = $1`, h.who(ivan)); n != 1 || !h.holds(omar) {
		t.Fatal("they did not exchange")
	}
	h.text(aigul, "/slot Центр")
	h.press(aigul, "Освободить")
	if n := h.count(`SELECT count(*) FROM deals d JOIN slot_deals w ON w.deal_id = d.id JOIN slots s ON s.id = w.slot_id
		WHERE s.name = 'Центр' AND s.employee_id IS NULL AND d.owner_id = s.keeper_id`); n != 1 {
		t.Fatal("the work of the vacant place is nobody's or forgotten")
	}
	h.text(aigul, "/slots")
	h.says(aigul, "свободно")
	h.text(aigul, "/invite Центр")
	h.text(newcomer, "/start "+h.link(aigul))
	h.says(newcomer, "Центр")
	if !h.holds(newcomer) {
		t.Error("the next holder did not get the work that waited")
	}
	if n := h.count(`SELECT count(*) FROM slot_deals`); n != 0 {
		t.Error("work still waits for a place that is held")
	}
}

func TestOfTwoAdministratorsAtOnceOneWinsAndTheOtherHears(t *testing.T) {
	h := post(t)
	h.work()
	h.exec(`UPDATE employees SET role = 'manager' WHERE id = $1`, h.who(omar))
	choices := map[int64]crm.Outbound{}
	for _, head := range []int64{aigul, omar} {
		h.text(head, "/slot Центр")
		h.press(head, "Сменить")
		choices[head] = h.edit(head)
	}
	h.exec(`INSERT INTO employees (name, role, city) VALUES ('Пак', 'technician', 'Москва')`)
	var all sync.WaitGroup
	toasts := make(chan string, 2)
	for head, on := range choices {
		data := fmt.Sprintf("p:s:%d:%d:%d", h.count(`SELECT id FROM slots WHERE name = 'Центр'`), h.who(dana), h.who(ivan))
		if head == omar {
			data = fmt.Sprintf("p:s:%d:%d:%d", h.count(`SELECT id FROM slots WHERE name = 'Центр'`), h.count(`SELECT id FROM employees WHERE name = 'Пак'`), h.who(ivan))
		}
		in := h.from(head, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: data, Message: fmt.Sprint(on.ID)}})
		in.Key = "p:" + in.Key
		all.Go(func() {
			r, err := h.runner.Accept(t.Context(), in)
			if err != nil {
				t.Error(err)
			}
			toasts <- r.Toast
		})
	}
	all.Wait()
	h.runner.Wait()
	first, second := <-toasts, <-toasts
	if (first == "") == (second == "") || !strings.Contains(first+second, "Уже сменили") {
		t.Errorf("the two hear %q and %q", first, second)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'slot_held'`); n != 1 {
		t.Errorf("the place changed hands %d times", n)
	}
	if n := h.count(`SELECT count(*) FROM deals d JOIN slots s ON s.employee_id = d.owner_id`); n != 1 {
		t.Error("deal and place have come apart")
	}
}

func TestAFailureBetweenLeavesEverythingWithTheFormerHolder(t *testing.T) {
	h := post(t)
	h.work()
	h.exec(`CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the server dies here'; END $$`)
	h.exec(`CREATE TRIGGER broken BEFORE UPDATE ON slots FOR EACH ROW EXECUTE FUNCTION broken()`)
	slot := h.count(`SELECT id FROM slots WHERE name = 'Центр'`)
	_, err := h.runner.GiveSlot(t.Context(), 1, crm.EmployeeID(h.who(dana)))
	if slot != 1 || err == nil || !h.holds(ivan) {
		t.Fatalf("slot %d, error %v, Ivan holds: %v", slot, err, h.holds(ivan))
	}
	h.exec(`DROP TRIGGER broken ON slots`)
	if n, err := h.runner.GiveSlot(t.Context(), 1, crm.EmployeeID(h.who(dana))); err != nil || n != 1 || !h.holds(dana) {
		t.Fatalf("%d deals, error %v", n, err)
	}
}

func TestWrongWordsAboutSlotsGetTheNearestRightCommand(t *testing.T) {
	h := post(t)
	for typed, want := range map[string]string{"/slot Цетр": "/slot Центр", "/slot Цетр Омар": "/slot Центр Омар", "/slot Цетр Дна": "/slot Центр Дана", "/slot Центр Дна": "/slot Центр Дана", "/dismiss Омр": "/dismiss Омар"} {
		h.text(aigul, typed)
		if b := h.last(aigul).Buttons; len(b) == 0 || !strings.HasPrefix(b[0][0].Text, want) {
			t.Errorf("%s: %q %v", typed, h.last(aigul).Text, b)
		}
	}
	h.text(ivan, "/slot Центр Дана")
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'slot_held'`); n != 0 {
		t.Error("a technician gives places away")
	}
}

func TestSomebodyOfAnotherRoleGetsASlotOnlyByATapThatNamesBothRoles(t *testing.T) {
	h := post(t)
	omarIs := func(role string) bool {
		return h.count(`SELECT count(*) FROM employees WHERE id = $1 AND role = $2`, h.who(omar), role) == 1
	}
	h.exec(`UPDATE employees SET role = 'manager' WHERE id = $1`, h.who(omar))
	h.text(aigul, "/slot Центр Омар")
	question := h.last(aigul)
	if !omarIs("manager") || len(question.Buttons) != 1 || !strings.Contains(question.Buttons[0][0].Text, "→") {
		t.Fatalf("the question is %q %v", question.Text, question.Buttons)
	}
	h.exec(`UPDATE employees SET role = 'sales' WHERE id = $1`, h.who(omar)) // meanwhile
	if r := h.pressOn(aigul, question, "Омар"); !omarIs("sales") || !strings.Contains(r.Toast, "устарела") {
		t.Errorf("a role that nobody was asked about changed, the toast is %q", r.Toast)
	}
	h.exec(`UPDATE employees SET role = 'manager' WHERE id = $1`, h.who(omar))
	if h.pressOn(aigul, question, "Омар"); !omarIs("technician") {
		t.Error("the tap did nothing")
	}
}
