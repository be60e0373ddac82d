package crm

// Sees says which deals a role looks at, besides those that an employee owns and those that are free for them.
type Sees string

// What a role sees. SeesNear is for a kit that says nothing: who has a crew sees its deals, who has none those of the city.
const (
	SeesOwn  Sees = "own"
	SeesNear Sees = "near"
	SeesCrew Sees = "crew"
	SeesCity Sees = "city"
	SeesAll  Sees = "all"
)

// RoleScope is what employees of a role see. Pipelines are the only ones they look into; nil means any, an empty list none.
type RoleScope struct {
	Role      string
	Sees      Sees
	Pipelines []string
}

// Right is something that only some roles may do.
type Right string

// Rights of roles.
const (
	MayExport    Right = "export"    // take a list of deals away as a file
	MayAssign    Right = "assign"    // give deals to others
	MayInvite    Right = "invite"    // make employees
	MaySlots     Right = "slots"     // decide who holds a place of work
	MayBind      Right = "bind"      // bind group chats
	MayPlan      Right = "plan"      // see the plans of all crews
	MayBroadcast Right = "broadcast" // write to many people at once
	MayReports   Right = "reports"   // see what came of leads, and what each employee did
	MayMerge     Right = "merge"     // tell which contacts are one person
	MayQuestions Right = "questions" // answer what people asked and nobody had written an answer for
)
