package crm

import "time"

// BookingID is the number of a visit.
type BookingID int64

// ResourceID is who makes visits: the number of a crew, or below zero that of an employee who works alone.
type ResourceID int64

// ResourceOf gives the resource of somebody: their crew, or themselves when they are in none.
func ResourceOf(e Employee) ResourceID {
	if e.Crew != 0 {
		return ResourceID(e.Crew)
	}
	return -ResourceID(e.ID)
}

// Crew gives the crew that the resource is, 0 when it is a single employee.
func (r ResourceID) Crew() CrewID { return CrewID(max(r, 0)) }

// Employee gives the employee that the resource is, 0 when it is a crew.
func (r ResourceID) Employee() EmployeeID { return EmployeeID(max(-r, 0)) }

// VisitStatus says what became of a visit.
type VisitStatus string

// Statuses of visits.
const (
	VisitOpen      VisitStatus = "booked"
	VisitDone      VisitStatus = "done"
	VisitCancelled VisitStatus = "cancelled"
)

// Booking is a visit: Resource goes where the deal is, from Start to End, and is on its way to the next place until Free. Kind is the
// kit's name of such visits. Seq counts its changes. Zone names the time zone by whose clock the time was agreed upon.
type Booking struct {
	ID       BookingID
	Deal     DealID
	Kind     string
	Resource ResourceID
	Status   VisitStatus
	Start    time.Time
	End      time.Time
	Free     time.Time
	Zone     string
	Seq      int
	Code     string // of four digits, which the visitor shows; empty for visits that need none
}

// Booked says that a visit was agreed upon.
type Booked struct{ Booking Booking }

// BookingMoved says that a visit has another time, or that others make it. Was is how it stood before.
type BookingMoved struct {
	Booking Booking
	Was     Booking
}

// BookingCancelled says that a visit does not take place. Reason is a short word: "asked", "closed", "no_crew".
type BookingCancelled struct {
	Booking Booking
	Reason  string
}

// BookingKept says that a visitor came and showed their code.
type BookingKept struct{ Booking Booking }

// BookingMissed says that a visit with a code is over and nobody has shown it.
type BookingMissed struct{ Booking Booking }

func (Booked) effect()           {}
func (BookingMoved) effect()     {}
func (BookingCancelled) effect() {}
func (BookingKept) effect()      {}
func (BookingMissed) effect()    {}
