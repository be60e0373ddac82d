// Package demo makes the data of a vending company that does not exist: 35 real cities, 3,000 machines, crews and 138 employees.
//
// It is the same on every machine and every start, so that talks, screenshots and tests can name a machine by its number.
package demo

import (
	"context"
	"fmt"
	"strconv"

	"govorun/crm/postgres"
)

// Sizes of the company.
const (
	MachineCount = 3000
	SeatCount    = 138
)

// Telegram ids of the three people of the simulator page. The customer is no employee and appears when they write.
const (
	CustomerID   = 1001
	TechnicianID = 2001
	ManagerID    = 3001
)

// The machine of the story: it stands in Moscow, and the technician is of its crew.
const MachineCode = "214"

// Roles of the vending kit.
const (
	roleCallCentre   = "call_centre"
	roleOperator     = "operator"
	roleTechnician   = "technician"
	roleCompensation = "compensation"
	roleSales        = "sales"
	roleDirector     = "director"
	rolePreparation  = "preparation"
	roleInstaller    = "installer"
	roleAccountant   = "accountant"
	roleManager      = "manager"
)

// Person is one of the three people of the simulator page. Role is empty for the customer.
type Person struct {
	ID   int64
	Name string
	Role string
}

// People returns the customer, the technician and the manager.
func People() []Person {
	return []Person{
		{ID: CustomerID, Name: "Азамат"},
		{ID: TechnicianID, Name: "Иван Петров", Role: roleTechnician},
		{ID: ManagerID, Name: "Айгуль Серикова", Role: roleManager},
	}
}

// Loaded says what Load changed; a second Load finds everything the same.
type Loaded struct {
	Machines, Staff postgres.ImportCounts
}

// Load stores the company the way an import does. channel is the channel account that the three people use ("telegram").
func Load(ctx context.Context, db *postgres.DB, channel string) (Loaded, error) {
	var n Loaded
	var err error
	if n.Machines, err = db.ImportAssets(ctx, Machines(), postgres.ImportOptions{}); err != nil {
		return n, fmt.Errorf("load demo machines: %w", err)
	}
	if n.Staff, err = db.ImportStaff(ctx, channel, Staff(), postgres.ImportOptions{}); err != nil {
		return n, fmt.Errorf("load demo staff: %w", err)
	}
	if n.Staff.New == 0 {
		return n, nil
	}
	return n, giveAbilities(ctx, db)
}

// crewName names the crews of a city from 1.
func crewName(city string, n int) string { return city + "-" + strconv.Itoa(n) }
