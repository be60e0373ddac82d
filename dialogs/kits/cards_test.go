package kits_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/rules"
	"govorun/dialogs"
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
	return &desk{kit: vendingKit(t), card: card, view: staff.View{
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
	if err == nil && out.Confirm != nil {
		out, err = d.confirm(staff.Press{Deal: d.view.Deal.ID, Card: d.card, Action: action}, out.Confirm, d.view, me)
	}
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

// rolesOf lists who has to do with a stage: who becomes responsible there and who may move deals there by hand.
func rolesOf(stage dialogs.Stage) []string {
	roles := slices.Clone(stage.By)
	if stage.Owner != nil && stage.Owner.Assign != nil {
		roles = append(roles, stage.Owner.Assign.Role)
	}
	return roles
}

func TestWhoeverIsResponsibleSomewhereHasACardForIt(t *testing.T) {
	kit := newDesk(t, "job", nil).kit
	for name, pipeline := range kit.Pipelines {
		for _, stage := range pipeline.Stages {
			for _, role := range rolesOf(stage) {
				card := staff.For(kit, role, name)
				if card == "" || !slices.Contains(kit.Cards[card].Pipelines, name) {
					t.Errorf("%s.%s is the work of a %s, who sees it on the card %q", name, stage.Name, role, card)
				}
			}
		}
	}
}

func TestNoButtonLeadsWhereItsEmployeeMayNotMoveTheDeal(t *testing.T) {
	d, pressed := newDesk(t, "job", nil), 0
	for name, card := range d.kit.Cards {
		for _, pipeline := range card.Pipelines {
			for _, stage := range d.kit.Pipelines[pipeline].Stages {
				for _, role := range card.Roles {
					me := crm.Employee{ID: 7, Role: role, City: "Москва", Active: true}
					for _, owner := range []crm.EmployeeID{0, me.ID} {
						deal := crm.Deal{ID: 5512, Pipeline: pipeline, Stage: stage.Name, Status: stage.Status, Owner: owner}
						pressed += d.pressAll(t, name, deal, me)
					}
				}
			}
		}
	}
	if pressed < 100 {
		t.Errorf("only %d buttons were pressed", pressed)
	}
}

// pressAll presses every button that an employee has for a deal, and counts them. What is asked of them in chat is no mistake.
func (d *desk) pressAll(t *testing.T, card string, deal crm.Deal, me crm.Employee) (pressed int) {
	t.Helper()
	for _, fields := range []crm.Fields{{}, {"refund": 150.0, "refund_by": int(me.ID), "crew_by": int(me.ID)}} {
		view := staff.View{Deal: deal, Contact: d.view.Contact, Asset: d.view.Asset}
		view.Fields = fields
		_, rows, err := staff.Render(d.kit, card, view, d.who(me))
		if err != nil {
			t.Fatal(err)
		}
		for _, button := range slices.Concat(rows...) {
			press, ours := staff.ParsePress(button.Data)
			if !ours && strings.HasPrefix(button.URL, "https://") {
				continue // a link leads nowhere within
			}
			out, err := staff.Act(d.kit, press, view, d.who(me))
			if err == nil && out.Confirm != nil {
				out, err = d.confirm(press, out.Confirm, view, me)
			}
			if out.Form != nil {
				continue // it asks or shows something, and moves nothing
			}
			if err != nil || len(out.Effects) == 0 {
				t.Errorf("%s at %s.%s does %+v: %v", button.Text, deal.Pipeline, deal.Stage, out, err)
			}
			pressed++
			for _, e := range out.Effects {
				moved, ok := e.(crm.DealMoved)
				if !ok {
					continue
				}
				refusal := d.kit.Book.Refused(&rules.View{Deal: view.Deal}, moved.Stage, &me, moved.Reason)
				if refusal != nil && refusal.Code != rules.RefusedFields && refusal.Code != rules.RefusedReason {
					t.Errorf("a %s presses “%s” at %s.%s, and may not move it to %s: %s", me.Role, button.Text, deal.Pipeline, deal.Stage, moved.Stage, refusal.Code)
				}
			}
		}
	}
	return pressed
}

// confirm presses the second button of an action some seconds after the first.
func (d *desk) confirm(p staff.Press, a *dialogs.CardAction, v staff.View, me crm.Employee) (staff.Outcome, error) {
	who := d.who(me)
	_, rows := staff.RenderConfirm(d.kit, p.Card, a, v, who)
	second, _ := staff.ParsePress(rows[0][0].Data)
	who.Now = who.Now.Add(3 * time.Second)
	return staff.Act(d.kit, second, v, who)
}

func TestMoneyWaitsForTheInspectionAndIsThenDecidedByWhoseDealItIs(t *testing.T) {
	vera := crm.Employee{ID: 31, Name: "Вера Белова", Role: "compensation", City: "Москва", Active: true}
	d := newDesk(t, "refund", crm.Fields{"refund": 150.0, "refund_text": "150 ₽", "refund_by": 31.0})
	d.view.Stage, d.view.Deal.Owner = "repair", aigul.ID
	if _, buttons := d.see(t, vera); buttons != "" {
		t.Errorf("while somebody inspects: %s", buttons)
	}
	d.view.Stage, d.view.Deal.Owner = "refund", vera.ID
	delete(d.view.Fields, "refund_by")
	if _, buttons := d.see(t, vera); buttons != "💸 Выплатить 150 ₽ | ✖️ Отказать | 🔎 Нужен осмотр" {
		t.Errorf("nobody has looked at it: %s", buttons)
	}
	if _, buttons := d.see(t, aigul); buttons != "✅ Беру возврат | 👥 Передать" {
		t.Errorf("the head: %s", buttons)
	}
	d.view.Fields["cause"], d.view.Fields["cause_mark"] = "bill", "💵"
	text, buttons := d.see(t, vera)
	if !strings.Contains(text, "осмотр: 💵") || buttons != "💸 Выплатить 150 ₽ | ✖️ Отказать" {
		t.Errorf("inspected:\n%s\n%s", text, buttons)
	}
	d.press(t, vera, "pay")
	if _, buttons := d.see(t, aigul); buttons != "👥 Передать" {
		t.Errorf("two may pay: %s", buttons)
	}
}

func TestATechnicianTakesAJobAndTheCustomerHearsThatItIsDone(t *testing.T) {
	d := newDesk(t, "job", crm.Fields{"problem": "dead"})
	text, buttons := d.see(t, ivan)
	if !strings.Contains(text, "№ 5512 · автомат 214 · ⛔ Не работает\nМосква, БЦ «Москва», 3 этаж") || buttons != "✅ Беру | 🗺 Маршрут" {
		t.Errorf("the new job:\n%s\n%s", text, buttons)
	}
	d.press(t, ivan, "take")
	if _, buttons := d.see(t, ivan); buttons != "📍 На месте | ✔️ Готово | 🗺 Маршрут | ⏰ Перенести | ↩️ Не могу | 💬 Заметка" {
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
	if _, buttons := d.see(t, oleg); d.view.Deal.Owner != 0 || buttons != "✅ Беру | 🗺 Маршрут" {
		t.Errorf("owner %d, Oleg may press %s", d.view.Deal.Owner, buttons)
	}
}

func TestMoneyIsNeverReturnedInOnePressAndTheCustomerHearsOfIt(t *testing.T) {
	for last, says := range map[string]string{"pay": "refund.paid", "refuse": "refund.refused"} {
		d := newDesk(t, "refund", crm.Fields{})
		for name, value := range refund {
			d.view.Fields[name] = value
		}
		d.view.Deal.Owner, d.view.Stage = ivan.ID, "in_work" // the repair goes on beside it
		text, buttons := d.see(t, aigul)
		if !strings.Contains(text, "возврат 150 ₽") || !strings.Contains(text, "Азамат &lt;b&gt;") || !strings.HasPrefix(buttons, "✅ Беру возврат") {
			t.Errorf("the new refund:\n%s\n%s", text, buttons)
		}
		d.press(t, aigul, "take")
		if _, buttons := d.see(t, aigul); !strings.HasPrefix(buttons, "💸 Выплатить 150 ₽ | ✖️ Отказать") {
			t.Errorf("taken: %s", buttons)
		}
		effects := d.press(t, aigul, last)
		told, ok := effects[len(effects)-1].(crm.Notified)
		if !ok || told.To != crm.ToContact || told.Key != says || d.view.Deal.Owner != ivan.ID {
			t.Errorf("%s: %+v", last, effects)
		}
		if _, buttons := d.see(t, aigul); strings.Contains(buttons, "Выплатить") || strings.Contains(buttons, "Отказать") {
			t.Errorf("decided, and still to press: %s", buttons)
		}
	}
}

func TestASecondPressConfirmsOnlyWhatWasSeen(t *testing.T) {
	d := newDesk(t, "refund", crm.Fields{"refund": 150.0, "refund_text": "150 ₽", "refund_by": int(aigul.ID)})
	d.view.Stage = "in_work"
	first := staff.Press{Deal: d.view.Deal.ID, Card: "refund", Action: "pay"}
	out, err := staff.Act(d.kit, first, d.view, d.who(aigul))
	if err != nil || out.Confirm == nil || len(out.Effects) != 0 {
		t.Fatalf("the first press does %+v %v", out, err)
	}
	_, rows := staff.RenderConfirm(d.kit, "refund", out.Confirm, d.view, d.who(aigul))
	if yes := rows[0][0]; yes.Text != "✅ Подтвердить 150 ₽" || len(yes.Data) > 64 {
		t.Fatalf("to confirm: %+v", yes)
	}
	second, _ := staff.ParsePress(rows[0][0].Data)
	after := func(wait time.Duration, change func()) staff.Outcome {
		if change != nil {
			change()
		}
		who := d.who(aigul)
		who.Now = who.Now.Add(wait)
		out, err := staff.Act(d.kit, second, d.view, who)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := after(200*time.Millisecond, nil); len(out.Effects) != 0 || out.Toast != "card.confirm_read" {
		t.Errorf("a finger too quick: %+v", out)
	}
	if out := after(time.Hour, nil); len(out.Effects) != 0 || out.Toast != "card.confirm_old" {
		t.Errorf("an hour later: %+v", out)
	}
	if out := after(3*time.Second, func() { d.view.Fields["refund_text"] = "15000 ₽" }); len(out.Effects) != 0 || out.Toast != "card.confirm_changed" {
		t.Errorf("another sum: %+v", out)
	}
	if out := after(3*time.Second, func() { d.view.Fields["refund_text"] = "150 ₽" }); len(out.Effects) == 0 || !out.Sealed {
		t.Errorf("what was seen: %+v", out)
	}
}
