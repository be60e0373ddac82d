package main

import (
	"context"
	"time"

	"govorun/crm/demo"
)

// taxiKit is the business of drivers, which has a demo company of its own.
const taxiKit = "taxi"

// taxiCompany tells whether the kit is that of the taxi company.
func (t *trial) taxiCompany() bool { return t.names.kit.Name == taxiKit }

// loadTaxi puts the taxi company into an empty database: people, drivers of earlier lists with their debts, and what advertisements cost.
func (t *trial) loadTaxi(ctx context.Context) error {
	staff, err := t.db.Employees(ctx, false)
	if err != nil || len(staff) > 0 {
		return err
	}
	began := time.Now()
	loaded, err := demo.LoadTaxi(ctx, t.db, "telegram", demo.TaxiKnownPhone(), began)
	if err == nil {
		t.log.Info("demo company loaded", "staff", loaded.New, "took", time.Since(began))
	}
	return err
}

// taxiSteps says what to press first.
const taxiSteps = `    1. Press Start on Азамат's phone: six answers and four photos, and the manager's phone has a card.
    2. Accept it there; accounting, the director and the office have phones under "+ Phone".
    3. Ержан drove here before and owes 12 500 tenge: "Я уже водил у вас" on his phone.
`
