package main

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"govorun/bots/simulator"
	"govorun/crm/demo"
	"govorun/crm/postgres"
)

func rolesOf(people []personView) (roles []string) {
	for _, p := range people {
		roles = append(roles, p.Role)
	}
	return roles
}

func TestEmployeesOfTheRolesThatHaveMostToDoHavePhones(t *testing.T) {
	for kit, want := range map[string][]string{
		"vending": {"customer", "technician", "manager", "engineer"},
		"isp":     {"customer", "manager", "foreman", "installer"},
		"lead":    {"customer", "manager"},
	} {
		y := startTryOf(t, kit)
		if got := rolesOf(y.people()); !slices.Equal(got, want) {
			t.Errorf("%s: %v have phones, not %v", kit, got, want)
		}
		for _, p := range y.people()[1:] {
			y.answerTo(p.ID, 0) // the bot knows them
		}
	}
}

func TestAPhoneIsGivenToAnotherRoleAndStaysTheirsAfterARestart(t *testing.T) {
	y := startTry(t)
	var hired personView
	if code := y.call("POST", "/try/people", `{"role":"director","lang":"en"}`, &hired); code != http.StatusOK || hired.Names["en"] != "technical director" {
		t.Fatalf("%d %+v", code, hired)
	}
	y.answerTo(hired.ID, 0)
	if code := y.call("POST", "/try/people", `{"role":"king"}`, nil); code != http.StatusBadRequest {
		t.Errorf("a role that nobody has: %d", code)
	}
	again := &trial{dir: y.dir, names: y.names, db: y.db}
	if err := again.openCast(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rolesOf(again.people()), rolesOf(y.people())) {
		t.Errorf("after a restart %v, before it %v", rolesOf(again.people()), rolesOf(y.people()))
	}
}

func TestADealGoesToWhoHasAPhone(t *testing.T) {
	y := startTry(t)
	var hired personView
	if code := y.call("POST", "/try/people", `{"role":"call_centre","lang":"ru"}`, &hired); code != http.StatusOK {
		t.Fatalf("%d %+v", code, hired)
	}
	y.answerTo(hired.ID, 0)
	first := y.scan()
	if _, err := y.sim.Person(demo.CustomerID).Press(first.ReplyMarkup.Rows[0][0].Text); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	person := y.sim.Person(hired.ID)
	for _, press := range []string{"✅ Беру", "🔧 Техникам"} {
		offers := func(m simulator.Message) bool {
			return m.ReplyMarkup != nil && slices.ContainsFunc(m.ReplyMarkup.Rows, func(row []simulator.InlineButton) bool {
				return slices.ContainsFunc(row, func(b simulator.InlineButton) bool { return b.Text == press })
			})
		}
		if _, err := y.sim.WaitAfter(ctx, person.ID, 0, offers); err != nil {
			t.Fatalf("no button %q: %v", press, err)
		}
		if _, err := person.Press(press); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := y.sim.WaitAfter(ctx, demo.TechnicianID, 0, simulator.Contains("🔧 № 2")); err != nil {
		t.Fatal(err)
	}
}

func TestWhoGetsAPhoneIsAtWorkAndTheirNamesakeElsewhereIsNot(t *testing.T) {
	y := startTry(t)
	next, err := y.candidate(t.Context(), "technician")
	if err != nil {
		t.Fatal(err)
	}
	next.City = "Алматы" // before Moscow in every list
	if _, err := y.db.ImportStaff(t.Context(), "telegram", []postgres.StaffRow{next}, postgres.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	var hired personView
	if code := y.call("POST", "/try/people", `{"role":"technician","lang":"ru"}`, &hired); code != http.StatusOK || hired.Name != next.Name {
		t.Fatalf("%d %+v", code, hired)
	}
	staff, err := y.db.Employees(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	acts, err := y.db.BeginActs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer acts.Rollback(t.Context())
	for _, e := range staff {
		if e.Name != next.Name || e.Role != "technician" {
			continue
		}
		shift, err := acts.Shift(t.Context(), e.ID)
		if mine := y.phoneHolder(e) == hired.ID; err != nil || shift.On != mine || mine != (e.City == "Москва") {
			t.Errorf("%s of %s: phone %v, shift %+v, %v", e.Name, e.City, mine, shift, err)
		}
	}
}

// startTryOf is a try of one kit, with a folder of its own.
func startTryOf(t *testing.T, kit string) *tried {
	t.Helper()
	dir := tryFolder(t)
	own, err := openTrial(context.Background(), filepath.Join(dir, "try"), &settings{Kit: kit, Data: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.close)
	if err := own.worker.start(); err != nil {
		t.Fatal(err)
	}
	return &tried{own, t, ""}
}
