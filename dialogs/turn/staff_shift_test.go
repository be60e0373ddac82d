package turn_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"govorun/crm"
)

// hire adds managers of Moscow from a number on, each with an address.
func (h *house) hire(names ...string) {
	h.t.Helper()
	for i, name := range names {
		id := 10 + i
		h.exec(`INSERT INTO employees (id, name, role, city, lang, on_shift) VALUES ($1, $2, 'manager', 'Moscow', 'en', true)`, id, name)
		h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', $1, $2)`, fmt.Sprint(500+id), id)
	}
}

func TestAShiftThatEndsSharesItsWorkOutWithADigestForEach(t *testing.T) {
	h := newProvider(t)
	h.hire("Nina", "Oleg") // 510 and 511
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, city) SELECT 'sales', 'talk', 'open', 'Deal ' || n, 1, 'Moscow' FROM generate_series(1, 7) n`)
	h.exec(`INSERT INTO tasks (deal_id, assignee_id, role, title) SELECT id, 1, '', 'call' FROM deals`)
	h.exec(`INSERT INTO tasks (assignee_id, role, title) VALUES (1, '', 'sweep the floor')`)
	h.text(olga, "/order")
	h.text(olga, "оператор")
	h.press(mia, "Take")
	if n := h.count(`SELECT count(*) FROM conversations WHERE operator_id = 1`); n != 1 {
		t.Fatal("Mia did not take the talk")
	}
	h.text(mia, "/shift")
	h.says(mia, "on shift since")
	summary := h.told(mia, "/shift end")
	if !strings.Contains(summary, "Nina") || !strings.Contains(summary, "Oleg") {
		t.Errorf("Mia reads %q", summary)
	}
	nina, oleg := h.count(`SELECT count(*) FROM deals WHERE owner_id = 10`), h.count(`SELECT count(*) FROM deals WHERE owner_id = 11`)
	if nina+oleg != 7 || nina < 3 || oleg < 3 {
		t.Errorf("Nina has %d deals, Oleg %d", nina, oleg)
	}
	if n := h.count(`SELECT count(*) FROM tasks k JOIN deals d ON d.id = k.deal_id WHERE k.assignee_id = d.owner_id`); n != 7 {
		t.Errorf("%d tasks went with their deals", n)
	}
	if n := h.count(`SELECT count(*) FROM tasks WHERE assignee_id = 1`); n != 1 {
		t.Error("the task without a deal is gone")
	}
	operator := int64(500 + h.count(`SELECT operator_id FROM conversations WHERE operator_id IS NOT NULL`))
	if operator == mia {
		t.Fatal("Mia has the talk still")
	}
	h.text(olga, "hello?") // the new operator hears it at once
	h.says(operator, "hello?")
	h.text(operator, "I am here")
	h.says(olga, "I am here")
	if got := h.find(operator, "No. "); !strings.Contains(got.Text, "Mia has gone home") || !strings.Contains(got.Text, "Deal ") {
		t.Errorf("the digest is %q", got.Text)
	}
	h.find(operator, "bot") // the talk is shown, with its button
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'deal_owned' AND data->'cause' ? 'shift:end'`); n != 7 {
		t.Errorf("%d events tell of deals", n)
	}
	if n := h.count(`SELECT sum(open_deals) FROM employees`); n != 7 {
		t.Errorf("%d open deals are counted", n)
	}
	h.text(mia, "/shift end")
	h.says(mia, "nothing to hand over")
	h.says(mia, "No shift is open")
	h.text(mia, "/shift begin")
	h.says(mia, "/shift start")
	h.text(mia, "/shift start")
	h.says(mia, "has begun")
}

func TestWhenNobodyIsThereTheHeadGetsTheWorkAndWithoutOneItStays(t *testing.T) {
	h := newProvider(t)
	h.exec(`UPDATE employees SET on_shift = false WHERE name = 'Max'`)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id) VALUES ('sales', 'talk', 'open', 'Deal', 1)`)
	h.told(mia, "/shift end")
	h.says(hana, "Mia has gone home")
	if n := h.count(`SELECT owner_id FROM deals`); n != 4 {
		t.Fatalf("employee %d has the deal", n)
	}
	if got := h.told(hana, "/shift end"); !strings.Contains(got, "Still yours: 1") {
		t.Errorf("the head reads %q", got)
	}
	if n := h.count(`SELECT owner_id FROM deals`); n != 4 {
		t.Error("the deal lost its owner")
	}
}

func TestTwoWhoGoHomeAtOnceLeaveNothingWithEitherOfThem(t *testing.T) {
	h := newProvider(t)
	h.hire("Nina", "Oleg", "Pavel")
	h.exec(`UPDATE employees SET on_shift = false WHERE id IN (1, 2)`)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, city) SELECT 'sales', 'talk', 'open', 'Deal', 10 + n % 2, 'Moscow' FROM generate_series(1, 20) n`)
	var all sync.WaitGroup
	for _, who := range []int64{510, 511} {
		in := h.from(who, crm.Inbound{Kind: crm.InText, Text: "/shift end", Command: "shift", Args: "end"})
		all.Go(func() {
			if _, err := h.runner.Accept(context.Background(), in); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	h.runner.Wait()
	if n := h.count(`SELECT count(*) FROM deals WHERE owner_id = 12`); n != 20 {
		t.Errorf("Pavel, who alone is at work, has %d of 20 deals", n)
	}
}
