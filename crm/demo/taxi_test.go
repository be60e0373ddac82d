package demo_test

import (
	"reflect"
	"testing"
	"time"

	"govorun/crm/demo"
	"govorun/crm/postgres/pgtest"
)

func TestTheTaxiCompanyHasItsPeopleItsDriversAndItsCosts(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if !reflect.DeepEqual(demo.TaxiContacts("+79120001002", now), demo.TaxiContacts("+79120001002", now)) || !reflect.DeepEqual(demo.TaxiStaff(), demo.TaxiStaff()) {
		t.Error("two calls made two companies")
	}
	db := pgtest.New(t)
	staff, err := demo.LoadTaxi(t.Context(), db, "telegram", demo.TaxiKnownPhone(), now)
	if err != nil || staff.New != len(demo.TaxiStaff()) {
		t.Fatalf("%+v: %v", staff, err)
	}
	var cities, roles, debts, partners, costs int
	err = db.Pool.QueryRow(t.Context(), `SELECT (SELECT count(DISTINCT city) FROM employees WHERE role = 'manager'), (SELECT count(DISTINCT role) FROM employees),
		(SELECT count(*) FROM contacts WHERE (fields->>'balance')::numeric < 0), (SELECT count(*) FROM contacts WHERE fields ? 'partner'),
		(SELECT count(*) FROM source_costs)`).Scan(&cities, &roles, &debts, &partners, &costs)
	if err != nil || cities != 16 || roles != 6 || debts < 20 || partners < 20 || costs != 90 {
		t.Errorf("%d cities, %d roles, %d with debts, %d of other partners, %d costs: %v", cities, roles, debts, partners, costs, err)
	}
	var debt float64
	err = db.Pool.QueryRow(t.Context(), `SELECT (fields->>'balance')::float FROM contacts WHERE phone = '+79120001002'`).Scan(&debt)
	if err != nil || debt != -demo.KnownDebt {
		t.Errorf("the driver of the page owes %v: %v", debt, err)
	}
	if again, err := demo.LoadTaxi(t.Context(), db, "telegram", demo.TaxiKnownPhone(), now); err != nil || again.New != 0 {
		t.Errorf("a second time: %+v, %v", again, err)
	}
}
