package demo

import (
	"fmt"

	"govorun/crm/postgres"
)

// wayMinutes is how long crews of the demo company drive from one visit to the next.
const wayMinutes = 30

// Phone is a number that nobody has, for the employee with this number: +7 700 000-00-01 for the first.
func Phone(n int) string { return fmt.Sprintf("+7700%07d", n+1) }

// Visiting makes somebody of a crew one who comes to customers: with working hours, a way to the next visit, and what they can do.
func Visiting(row *postgres.StaffRow) {
	minutes := wayMinutes
	row.Travel = &minutes
	row.Hours = map[string]string{"mon-fri": "09:00-20:00", "sat-sun": "10:00-18:00"}
	row.Skills = []string{"line", "repair"}
}
