package demo_test

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"govorun/crm/demo"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

func TestTheCompanyIsTheSameEveryTimeAndOfItsSize(t *testing.T) {
	machines, staff := demo.Machines(), demo.Staff()
	if !reflect.DeepEqual(machines, demo.Machines()) || !reflect.DeepEqual(staff, demo.Staff()) {
		t.Error("two calls made two companies")
	}
	cities, codes := map[string]bool{}, map[string]bool{}
	for _, m := range machines {
		cities[*m.City], codes[m.Code] = true, true
		if m.Fields.Text("address_en") == "" || *m.Address == "" || !strings.HasPrefix(*m.Crew, *m.City+"-") {
			t.Errorf("machine %s: %+v", m.Code, m)
		}
	}
	if len(machines) != demo.MachineCount || len(codes) != demo.MachineCount || len(cities) != 35 || len(staff) != demo.SeatCount {
		t.Errorf("%d machines, %d numbers, %d cities, %d seats", len(machines), len(codes), len(cities), len(staff))
	}
	crews := map[string]int{}
	for _, s := range staff {
		if crews[*s.Crew]++; s.Role == "technician" && *s.Crew == "" {
			t.Errorf("%s has no crew", s.Name)
		}
	}
	for _, m := range machines {
		if crews[*m.Crew] == 0 {
			t.Fatalf("nobody looks after machine %s of crew %s", m.Code, *m.Crew)
		}
	}
}

func TestEveryRoleOfTheKitHasItsPeopleAndEveryCityItsHead(t *testing.T) {
	roles, heads, names := map[string]int{}, map[string]int{}, map[[2]string]bool{}
	for _, s := range demo.Staff() {
		roles[s.Role]++
		if s.Role == "manager" {
			heads[s.City]++
		}
		if names[[2]string{s.Name, s.City}] {
			t.Errorf("two are called %s in %s", s.Name, s.City)
		}
		names[[2]string{s.Name, s.City}] = true
	}
	for _, role := range []string{"call_centre", "operator", "technician", "compensation", "sales", "director", "preparation", "installer", "accountant", "manager"} {
		if roles[role] == 0 {
			t.Errorf("nobody is a %s", role)
		}
	}
	if len(roles) != 10 || len(heads) != 35 {
		t.Errorf("%d roles and heads of %d cities: %v", len(roles), len(heads), roles)
	}
}

func TestMachine214IsTheOneOfTheStory(t *testing.T) {
	for _, m := range demo.Machines() {
		if m.Code == demo.MachineCode && (*m.Name != "Кофейный автомат" || *m.City != "Москва" || *m.Address != "БЦ «Москва», 3 этаж") {
			t.Errorf("machine 214 is %s, %s, %s", *m.Name, *m.City, *m.Address)
		}
	}
}

func TestLoadIsQuickAndASecondLoadChangesNothing(t *testing.T) {
	db := pgtest.New(t)
	began := time.Now()
	first, err := demo.Load(t.Context(), db, "telegram")
	took := time.Since(began)
	t.Logf("loaded in %v", took)
	if err != nil || first.Machines.New != demo.MachineCount || first.Staff.New != demo.SeatCount {
		t.Fatalf("first: %+v, %v", first, err)
	}
	if took > 30*time.Second { // a second on an idle machine; a loaded one gets room
		t.Errorf("took %v", took)
	}
	var before, after string
	const state = `SELECT md5(string_agg(t, '')) FROM (SELECT a::text AS t FROM assets a UNION ALL SELECT e::text FROM employees e
		UNION ALL SELECT c::text FROM crews c UNION ALL SELECT i::text FROM identities i ORDER BY 1) x`
	if err := db.Pool.QueryRow(t.Context(), state).Scan(&before); err != nil {
		t.Fatal(err)
	}
	second, err := demo.Load(t.Context(), db, "telegram")
	if err != nil || second != (demo.Loaded{
		Machines: postgres.ImportCounts{Same: demo.MachineCount}, Staff: postgres.ImportCounts{Same: demo.SeatCount},
	}) {
		t.Errorf("second: %+v, %v", second, err)
	}
	if err := db.Pool.QueryRow(t.Context(), state).Scan(&after); err != nil || before != after {
		t.Errorf("the second load changed rows: %v", err)
	}
	var technicians int
	var heads, repair, workshops int
	err = db.Pool.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE head AND role = 'manager'), count(*) FILTER (WHERE 'repair' = ANY(skills)),
		count(*) FILTER (WHERE skills && '{machine,micromarket}') FROM employees`).Scan(&heads, &repair, &workshops)
	if err != nil || heads != 35 || repair != 44 || workshops != 5 {
		t.Errorf("%d heads, %d who repair, %d in workshops: %v", heads, repair, workshops, err)
	}
	err = db.Pool.QueryRow(t.Context(), `SELECT count(*) FROM assets a JOIN employees e ON e.crew_id = a.crew_id JOIN identities i ON i.employee_id = e.id
		WHERE a.code = '214' AND i.address = '2001' AND e.name = 'Иван Петров'`).Scan(&technicians)
	if err != nil || technicians != 1 {
		t.Errorf("Ivan is not of the crew of machine 214: %v", err)
	}
}
