package importer_test

import (
	"context"
	"strings"
	"testing"

	"govorun/crm/importer"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func staff(t *testing.T, db *postgres.DB, file string, o importer.Options) importer.Report {
	t.Helper()
	report, err := importer.Staff(context.Background(), db, strings.NewReader(file), o)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return report
}

const team = "ФИО;Должность;Город;Бригада;Телеграм ID;Дата рождения\n" +
	"Иван Петров;техник;Москва;Москва-1;2001;1.1.1990\n" +
	"Айгуль Серикова;менеджер;Алматы;;3001;\n" +
	"Пётр Сидоров;техник;Москва;Москва-1;;\n"

var roles = importer.Options{Roles: map[string]string{"техник": "technician", "technician": "technician", "менеджер": "manager"}}

func TestAListOfStaffGivesPeopleTheirRolesCrewsAndAddresses(t *testing.T) {
	db := pgtest.New(t)
	report := staff(t, db, team, roles)
	if report.New != 3 || !report.Stored {
		t.Fatalf("report %+v", report)
	}
	if n := count(t, db, `SELECT count(*) FROM employees e JOIN crews c ON c.id = e.crew_id AND c.name = 'Москва-1' AND c.city = 'Москва'
		JOIN identities i ON i.employee_id = e.id AND i.channel = 'telegram' AND i.address = '2001'
		WHERE e.name = 'Иван Петров' AND e.role = 'technician' AND e.city = 'Москва' AND e.active`); n != 1 {
		t.Error("Ivan is not there with his crew and address")
	}
	if n := count(t, db, `SELECT count(*) FROM employees WHERE crew_id IS NULL`); n != 1 {
		t.Errorf("%d people without a crew", n)
	}
	if again := staff(t, db, team, roles); again.Same != 3 {
		t.Errorf("the same list again: %+v", again)
	}
}

func TestAnEmployeeIsKnownByAddressThenByNameAndCity(t *testing.T) {
	db := pgtest.New(t)
	staff(t, db, team, roles)
	report := staff(t, db, "name,role,city,telegram\n"+
		"Иван Иванович Петров,technician,Казань,2001\n"+ // renamed and moved, the same id
		"Пётр Сидоров,technician,Москва,2002\n"+ // gets an id
		"Айгуль Серикова,менеджер,Алматы,3002\n", // a namesake: the known one has another id
		roles)
	if report.Changed != 2 || report.New != 1 || report.Same != 0 {
		t.Errorf("report %+v", report)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM employees`: 4,
		`SELECT count(*) FROM employees e JOIN identities i ON i.employee_id = e.id WHERE i.address = '2001' AND e.city = 'Казань' AND e.crew_id IS NOT NULL`: 1,
		`SELECT count(*) FROM employees e JOIN identities i ON i.employee_id = e.id WHERE i.address = '2002' AND e.name = 'Пётр Сидоров'`:                     1,
		`SELECT count(*) FROM employees WHERE name = 'Айгуль Серикова'`:                                                                                       2,
	} {
		if n := count(t, db, sql); n != want {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}
}

func TestTwoNamesakesWithIdsDoNotBecomeOneKnownPerson(t *testing.T) {
	db := pgtest.New(t)
	staff(t, db, "name,role,city\nИван,technician,Москва\n", importer.Options{})
	if r := staff(t, db, "name,role,city,telegram\nИван,technician,Москва,1\nИван,technician,Москва,2\n", importer.Options{}); r.Changed != 1 || r.New != 1 {
		t.Errorf("report %+v", r)
	}
	if n := count(t, db, `SELECT count(DISTINCT employee_id) FROM identities`); n != 2 {
		t.Errorf("two people stand behind %d employees", n)
	}
}

func TestACustomerWhoIsHiredKeepsTheirHistoryAndADismissedEmployeeStaysOut(t *testing.T) {
	db := pgtest.New(t)
	if _, err := db.Pool.Exec(t.Context(), `WITH c AS (INSERT INTO contacts (name) VALUES ('Иван') RETURNING id)
		INSERT INTO identities (channel, address, contact_id) SELECT 'telegram', '2001', id FROM c`); err != nil {
		t.Fatal(err)
	}
	staff(t, db, team, roles)
	if n := count(t, db, `SELECT count(*) FROM identities WHERE address = '2001' AND contact_id IS NOT NULL AND employee_id IS NOT NULL`); n != 1 {
		t.Error("the contact behind the address is lost")
	}
	if _, err := db.Pool.Exec(t.Context(), `UPDATE employees SET active = false WHERE name = 'Иван Петров'`); err != nil {
		t.Fatal(err)
	}
	staff(t, db, strings.Replace(team, "Москва-1;2001", "Москва-2;2001", 1), roles)
	if n := count(t, db, `SELECT count(*) FROM employees WHERE name = 'Иван Петров' AND NOT active`); n != 1 {
		t.Error("an old list let a dismissed employee in again")
	}
}

func TestWrongPeopleAreNamedAndNobodyIsStored(t *testing.T) {
	db := pgtest.New(t)
	report := staff(t, db, "name,role,city,telegram\n"+
		"Иван,technician,Москва,2001\n"+
		",technician,Москва,1\n"+ // 3
		"Анна,директор,Москва,2\n"+ // 4
		"Олег,technician,Москва,@oleg\n"+ // 5
		"Олег,technician,Москва,+7701\n"+ // 6
		"Пётр,technician,Москва,2001\n"+ // 7: Ivan's id
		"Иван,technician,Москва,\n"+ // 8: which Ivan?
		"Ева,,Москва,7\n", // 9
		roles)
	want := []string{"line 3, column \"name\"", "line 4, column \"role\": the kit has no role", "line 5, column \"telegram\": a user name", "line 6, column \"telegram\"",
		"line 7, column \"telegram\": this id is already in line 2", "line 8, column \"name\": the same name and city are in line 2", "line 9, column \"role\": the role is missing"}
	if report.Wrong != len(want) || len(report.Problems) != len(want) {
		t.Fatalf("report %+v", report)
	}
	for i, w := range want {
		if got := report.Problems[i].String(); !strings.HasPrefix(got, w) {
			t.Errorf("problem %d: %s, want %s…", i, got, w)
		}
	}
	if n := count(t, db, `SELECT count(*) FROM employees`); n != 0 {
		t.Errorf("%d people of a wrong list were stored", n)
	}
}

const visitors = "name;role;city;crew;telegram;phone;skills;hours;travel\n" +
	"Рустам;foreman;Казань;К-1;1;8 916 000 00 01;;пн-пт 9:00–18:00, sat 10:00-15:00;40 мин\n" +
	"Айрат;installer;Казань;К-1;2;+79160000002;Line, fibre;;\n" +
	"Тимур;installer;Казань;;3;;;;\n"

func TestAListSaysHowThoseWhoMakeVisitsWork(t *testing.T) {
	db := pgtest.New(t)
	plain := importer.Options{Phone: func(text string) string {
		return strings.Replace(strings.ReplaceAll(text, " ", ""), "8916", "+7916", 1)
	}}
	if r := staff(t, db, visitors, plain); r.New != 3 || !r.Stored {
		t.Fatalf("report %+v", r)
	}
	if r := staff(t, db, visitors, plain); r.Same != 3 {
		t.Errorf("the same list again: %+v", r)
	}
	if r := staff(t, db, "name,role,city,telegram\nРустам,foreman,Казань,1\n", plain); r.Same != 1 {
		t.Errorf("a list that says nothing of it: %+v", r)
	}
	if r := staff(t, db, "name;role;city;crew;telegram;travel\nАйрат;installer;Казань;К-1;2;25\n", plain); r.Changed != 1 {
		t.Errorf("another way: %+v", r)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM crews WHERE name = 'К-1' AND travel = 25 AND hours = '{"mon-fri": "09:00-18:00", "sat": "10:00-15:00"}'`: 1,
		`SELECT count(*) FROM employees WHERE name = 'Рустам' AND phone = '+79160000001' AND skills = '{}'`:                            1,
		`SELECT count(*) FROM employees WHERE name = 'Айрат' AND phone = '+79160000002' AND skills = '{line,fibre}'`:                   1,
		`SELECT count(*) FROM employees WHERE name = 'Тимур' AND phone IS NULL`:                                                        1,
	} {
		if n := count(t, db, sql); n != want {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}
	if people, err := db.Employees(t.Context(), false); err != nil || people[0].Phone == "" {
		t.Errorf("%+v, %v", people, err)
	}
}

func TestWrongWorkingHoursPhonesAndWaysAreNamed(t *testing.T) {
	db := pgtest.New(t)
	report := staff(t, db, "name;role;city;crew;phone;hours;travel\n"+
		"A;installer;Казань;К-1;12;;\n"+
		"B;installer;Казань;К-1;;every day;\n"+
		"C;installer;Казань;К-1;;mon-fry 09:00-18:00;\n"+
		"D;installer;Казань;К-1;;mon 18:00-09:00;\n"+
		"E;installer;Казань;К-1;;;far\n"+
		"F;installer;Казань;;;;30\n"+
		"G;installer;Казань;К-1;;mon 09:00-18:00;30\n"+
		"H;installer;Казань;К-1;;mon 09:00-17:00;\n"+
		"I;installer;Казань;К-1;;;20\n", importer.Options{})
	want := []string{"line 2, column \"phone\": \"12\" is not a phone", "line 3, column \"hours\": \"every day\" are no working hours", "line 4, column \"hours\": \"mon-fry 09:00-18:00\" names no day",
		"line 5, column \"hours\"", "line 6, column \"travel\": \"far\" is no way", "line 7, column \"travel\": hours and ways belong to a crew",
		"line 9, column \"hours\": the crew К-1 has other hours", "line 10, column \"travel\": the crew К-1 has another way"}
	if report.Wrong != len(want) {
		t.Fatalf("report %+v", report)
	}
	for i, w := range want {
		if got := report.Problems[i].String(); !strings.HasPrefix(got, w) {
			t.Errorf("problem %d: %s, want %s…", i, got, w)
		}
	}
}

func TestCitiesOfStaffAndMachinesAreKeptUnderTheNameThatTheKitKnows(t *testing.T) {
	db := pgtest.New(t)
	o := roles
	o.City = func(text string) (string, string) {
		switch text {
		case "Almaty", "Алматы":
			return "Алматы", ""
		case "Олматы":
			return "", "write Алматы"
		}
		return text, ""
	}
	if r := staff(t, db, "name,role,city\nИван,technician,Almaty\nПётр,technician,Лондон\n", o); r.New != 2 {
		t.Fatalf("report %+v", r)
	}
	if n := count(t, db, `SELECT count(*) FROM employees WHERE (name, city) IN (('Иван', 'Алматы'), ('Пётр', 'Лондон'))`); n != 2 {
		t.Error("a city has another name than in the kit, or one that the kit doesn't have is lost")
	}
	if r := staff(t, db, "name,role,city\nВера,technician,Олматы\n", o); r.Stored || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, "Алматы") {
		t.Errorf("a slip in a city: %+v", r)
	}
	if r, err := importer.Machines(context.Background(), db, strings.NewReader("code,city\n214,Almaty\n"), o); err != nil || r.New != 1 {
		t.Fatalf("machines: %+v, %v", r, err)
	}
	if n := count(t, db, `SELECT count(*) FROM assets WHERE city = 'Алматы'`); n != 1 {
		t.Error("the city of a machine has another name than in the kit")
	}
}
