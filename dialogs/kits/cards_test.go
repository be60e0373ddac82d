package kits_test

import (
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/dialogs"
	"govorun/dialogs/kits"
	"govorun/dialogs/staff"
)

// desk is one deal with an employee before its card.
type desk struct {
	kit  *dialogs.Kit
	view staff.View
	card string
}

func newDesk(t *testing.T, card string, fields crm.Fields) *desk {
	t.Helper()
	folder, err := kits.FS("vending")
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{kit: kit, card: card, view: staff.View{
		Deal:    crm.Deal{ID: 5512, Pipeline: "call_centre", Stage: "unsorted", Status: crm.DealOpen, Title: "⛔ Не работает", Crew: 3, Fields: fields},
		Contact: crm.Contact{ID: 7, Name: "Азамат <b>"},
		Asset:   dialogs.Asset{ID: 214, Code: "214", City: "Москва", Address: "БЦ «Москва», 3 этаж", Crew: 3},
	}}
}

func (d *desk) who(me crm.Employee) staff.Viewer {
	return staff.Viewer{Me: me, Now: time.Date(2026, 5, 12, 10, 0, 0, 0, time.UTC), Lang: "ru"}
}

// see gives the card's text and the labels of its buttons.
func (d *desk) see(t *testing.T, me crm.Employee) (text, buttons string) {
	t.Helper()
	text, rows, err := staff.Render(d.kit, d.card, d.view, d.who(me))
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, row := range rows {
		for _, b := range row {
			labels = append(labels, b.Text)
		}
	}
	return text, strings.Join(labels, " | ")
}

// press does an action and keeps what it changes of the deal.
func (d *desk) press(t *testing.T, me crm.Employee, action string) []crm.Effect {
	t.Helper()
	out, err := staff.Act(d.kit, staff.Press{Deal: d.view.Deal.ID, Card: d.card, Action: action}, d.view, d.who(me))
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Effects) == 0 {
		t.Fatalf("%s does nothing: %s", action, out.Toast)
	}
	for _, e := range out.Effects {
		switch e := e.(type) {
		case crm.DealMoved:
			d.view.Stage, d.view.Status = e.Stage, e.Status
		case crm.DealOwned:
			d.view.Deal.Owner = e.Owner
		case crm.DealChanged:
			for name, value := range e.Fields {
				d.view.Fields[name] = value
			}
		}
	}
	return out.Effects
}

var (
	ivan   = crm.Employee{ID: 11, Name: "Иван Петров", Role: "technician", City: "Москва", Crew: 3, Active: true}
	oleg   = crm.Employee{ID: 12, Name: "Олег Ким", Role: "technician", City: "Москва", Crew: 3, Active: true}
	aigul  = crm.Employee{ID: 21, Name: "Айгуль Серикова", Role: "manager", City: "Москва", Active: true}
	refund = crm.Fields{"refund": 150.0, "currency": "RUB", "refund_text": "150 ₽"}
)

func TestATechnicianTakesAJobAndTheCustomerHearsThatItIsDone(t *testing.T) {
	d := newDesk(t, "job", crm.Fields{"problem": "dead"})
	text, buttons := d.see(t, ivan)
	if !strings.Contains(text, "№ 5512 · автомат 214 · ⛔ Не работает\nМосква, БЦ «Москва», 3 этаж") || buttons != "✅ Беру" {
		t.Errorf("the new job:\n%s\n%s", text, buttons)
	}
	d.press(t, ivan, "take")
	if _, buttons := d.see(t, ivan); buttons != "✔️ Готово | ↩️ Не могу" {
		t.Errorf("Ivan's job: %s", buttons)
	}
	if _, buttons := d.see(t, oleg); buttons != "" {
		t.Errorf("Oleg may press %s on Ivan's job", buttons)
	}
	effects := d.press(t, ivan, "done")
	wanted, ok := effects[len(effects)-1].(crm.DialogWanted)
	if d.view.Status != crm.DealWon || !ok || wanted.Dialog != "outcome" || wanted.Slots["machine"] == nil {
		t.Errorf("done is %+v", effects)
	}
}

func TestATechnicianWhoCannotGivesTheJobBack(t *testing.T) {
	d := newDesk(t, "job", crm.Fields{})
	d.press(t, ivan, "take")
	d.press(t, ivan, "cannot")
	if _, buttons := d.see(t, oleg); d.view.Deal.Owner != 0 || buttons != "✅ Беру" {
		t.Errorf("owner %d, Oleg may press %s", d.view.Deal.Owner, buttons)
	}
}

func TestMoneyIsNeverReturnedInOnePressAndTheCustomerHearsOfIt(t *testing.T) {
	for last, says := range map[string]string{"paid": "refund.paid", "refuse": "refund.refused"} {
		d := newDesk(t, "refund", crm.Fields{})
		for name, value := range refund {
			d.view.Fields[name] = value
		}
		d.view.Deal.Owner = ivan.ID // the repair goes on beside it
		text, buttons := d.see(t, aigul)
		if !strings.Contains(text, "возврат 150 ₽") || !strings.Contains(text, "Азамат &lt;b&gt;") || buttons != "✅ Беру возврат" {
			t.Errorf("the new refund:\n%s\n%s", text, buttons)
		}
		d.press(t, aigul, "take")
		if _, buttons := d.see(t, aigul); buttons != "💸 Выплатить | ✖️ Отказать" {
			t.Errorf("taken: %s", buttons)
		}
		d.press(t, aigul, "pay")
		if _, buttons := d.see(t, aigul); buttons != "💸 Подтвердить выплату | ✖️ Отказать" {
			t.Errorf("before the confirmation: %s", buttons)
		}
		effects := d.press(t, aigul, last)
		told, ok := effects[len(effects)-1].(crm.Notified)
		if !ok || told.To != crm.ToContact || told.Key != says || d.view.Deal.Owner != ivan.ID {
			t.Errorf("%s: %+v", last, effects)
		}
		if _, buttons := d.see(t, aigul); buttons != "" {
			t.Errorf("decided, and still to press: %s", buttons)
		}
	}
}
