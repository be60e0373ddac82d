package main

import (
	"strings"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres"
)

func TestX08_ADismissedEmployeesOldCardIsRefusedAtOnceAndTheirMenuGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	technician := w.hired(ivan, "Иван")
	anna := w.person(101, "Анна")
	w.report(anna, "214")
	card := w.sees(technician, "автомат 214")
	w.quiet()
	if view, _ := w.sim.View(ivan); len(view.Commands) == 0 || view.Commands[0].Command != "my" {
		t.Fatalf("the technician's menu is %v", view.Commands)
	}

	out, code := runOnce(t, w.env, "staff", "dismiss", "иван  ПЕТРОВ")
	if code != exitOK || !strings.Contains(out, "Иван Петров") {
		t.Fatalf("exit %d, printed:\n%s", code, out)
	}
	until(t, "the old card is edited away", func() bool {
		m := w.message(ivan, card.ID)
		return strings.Contains(m.Text, "больше не у вас") && m.ReplyMarkup == nil
	})
	if n := one[int](w, `SELECT count(*) FROM deals WHERE owner_id IS NOT NULL`); n != 0 {
		t.Error("a dismissed technician took the deal")
	}
	before := len(w.texts(ivan, "214"))
	w.did(technician.Text("/my"))
	w.quiet()
	if n := len(w.texts(ivan, "214")); n != before {
		t.Errorf("a dismissed technician sees deals:\n%s", w.sim.Transcript(ivan))
	}
	until(t, "the menu of employees is gone", func() bool {
		view, _ := w.sim.View(ivan)
		return len(view.Commands) == 0 || view.Commands[0].Command != "my"
	})

	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"staff"}, exitOK, "Ольга Соколова"},
		{[]string{"staff", "list", "--all"}, exitOK, "dismissed"},
		{[]string{"staff", "dismiss", "Иван Петров"}, exitOK, "was dismissed before"},
		{[]string{"staff", "dismiss", "Пётр"}, exitTrouble, "staff list --all"},
		{[]string{"staff", "rehire", "Иван Петров"}, exitOK, "works here again"},
		{[]string{"staff", "invite"}, exitUsage, "Try: govorun staff invite --help"},
	} {
		if out, code := runOnce(t, w.env, c.args...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%v: exit %d, printed:\n%s", c.args, code, out)
		}
	}
	w.did(technician.Text("/deal 1"))
	if toast := w.toast(technician.PressOn(w.sees(technician, "автомат 214").ID, "✅ Беру")); toast == "" {
		t.Error("after the return nothing can be taken")
	}
}

func TestAnEmployeeIsMeantByNumberOrWholeNameAndNamesakesByNumberOnly(t *testing.T) {
	people := []postgres.EmployeeView{
		{Employee: crm.Employee{ID: 1, Name: "Иван Петров", Role: "technician", City: "Москва"}},
		{Employee: crm.Employee{ID: 2, Name: "Иван  петров", Role: "manager", City: "Казань"}},
		{Employee: crm.Employee{ID: 3, Name: "Ольга Соколова"}},
	}
	for who, want := range map[string]crm.EmployeeID{"2": 2, " ольга   соколова ": 3, "3": 3} {
		if p, err := meant(people, who); err != nil || p.ID != want {
			t.Errorf("%q is %d, %v", who, p.ID, err)
		}
	}
	for who, says := range map[string]string{"Иван Петров": "1 (technician, Москва), 2 (manager, Казань)", "Иван": "nobody", "0": "nobody", "": "nobody", "4": "nobody"} {
		if p, err := meant(people, who); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is %d, %v", who, p.ID, err)
		}
	}
}
