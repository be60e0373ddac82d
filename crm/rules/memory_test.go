package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"govorun/crm"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// memory is a small company in maps. What is done to deals shows at once, as in a transaction; done stores the rest.
type memory struct {
	deals  map[crm.DealID]*View
	links  []crm.DealLinked
	staff  []crm.Employee
	last   crm.DealID
	picked []crm.OwnerWanted
}

func newMemory() *memory {
	return &memory{deals: map[crm.DealID]*View{}, last: 100, staff: []crm.Employee{
		{ID: 1, Name: "Ann", Role: "operator", City: "Almaty"}, {ID: 2, Name: "Tim", Role: "technician", City: "Almaty"},
		{ID: 3, Name: "Tom", Role: "technician", City: "Almaty"}, {ID: 9, Name: "Hedy", Role: "head", City: "Almaty"},
	}}
}

func (m *memory) Deal(id crm.DealID) (*View, error) {
	if v := m.deals[id]; v != nil {
		return v, nil
	}
	return nil, crm.ErrNotFound
}

func (m *memory) Open(d crm.Deal) (*View, error) {
	v := &View{Deal: d, Contact: crm.Contact{ID: d.Contact}, Parent: m.deals[d.Parent]}
	if parent := v.Parent; parent != nil {
		v.Contact, v.Asset = parent.Contact, parent.Asset
	}
	m.deals[d.ID] = v
	return v, nil
}

func (m *memory) Links(id crm.DealID) (rows []crm.DealLinked, err error) {
	for _, row := range m.links {
		if row.Deal == id || row.Other == id {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func (m *memory) Same(key string) (crm.DealID, error) {
	for id, v := range m.deals {
		if v.Deal.UniqueKey == key && v.Deal.Status == crm.DealOpen {
			return id, nil
		}
	}
	return 0, nil
}

func (m *memory) Pick(want crm.OwnerWanted) (crm.EmployeeID, error) {
	m.picked = append(m.picked, want)
	for _, e := range m.staff {
		if e.Role == want.Role && !slices.Contains(want.Tried, e.ID) {
			return e.ID, nil
		}
	}
	return 0, nil
}

func (m *memory) Head(role, _ string) (crm.EmployeeID, error) {
	for _, e := range m.staff {
		if e.Role == role {
			return e.ID, nil
		}
	}
	return 0, nil
}

func (m *memory) Employee(id crm.EmployeeID) (crm.Employee, error) {
	for _, e := range m.staff {
		if e.ID == id {
			return e, nil
		}
	}
	return crm.Employee{}, crm.ErrNotFound
}

// store keeps what the memory didn't see yet.
func (m *memory) store(done []Done) {
	for _, d := range done {
		if link, ok := d.Effect.(crm.DealLinked); ok {
			m.links = append(m.links, link)
		}
	}
}

func (m *memory) next() crm.DealID { m.last++; return m.last }

// has lets a deal stand somewhere, since noon.
func (m *memory) has(id crm.DealID, at Place, change ...func(*crm.Deal)) *View {
	d := crm.Deal{ID: id, Pipeline: at.Pipeline, Stage: at.Stage, Status: crm.DealOpen, Contact: 7, Title: "coffee", Fields: crm.Fields{}, EnteredAt: noon}
	for _, f := range change {
		f(&d)
	}
	v := &View{Deal: d, Contact: crm.Contact{ID: d.Contact, Name: "Bob"}}
	m.deals[id] = v
	return v
}

// company is a book and its memory in one test.
type company struct {
	t    testing.TB
	book *Book
	*memory
	now time.Time
	me  *crm.Employee
}

func newCompany(t testing.TB, book *Book) *company {
	return &company{t: t, book: book, memory: newMemory(), now: noon}
}

func (c *company) cascade() *Cascade {
	return &Cascade{Book: c.book, Memory: c.memory, Now: c.now, Me: c.me, NewDeal: c.next}
}

// run does effects in a transaction of their own.
func (c *company) run(effects ...crm.Effect) []Done {
	c.t.Helper()
	done, err := c.cascade().Run(effects)
	return c.stored(done, err)
}

func (c *company) stored(done []Done, err error) []Done {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	c.store(done)
	return done
}

func (c *company) stage(id crm.DealID) string { return c.deals[id].Deal.Stage }

// play writes what was done as lines: the effect in short, and why.
func play(done []Done) []string {
	var lines []string
	for _, d := range done {
		line := short(d.Effect)
		if len(d.Cause) > 0 {
			line += " < " + strings.Join(d.Cause, " ")
		}
		lines = append(lines, line)
	}
	return lines
}

func short(e crm.Effect) string {
	switch e := e.(type) {
	case crm.DealOpened:
		return fmt.Sprintf("open %d %s.%s", e.Deal.ID, e.Deal.Pipeline, e.Deal.Stage)
	case crm.DealMoved:
		return fmt.Sprintf("move %d %s→%s", e.Deal, e.From, e.Stage)
	case crm.DealChanged:
		return fmt.Sprintf("set %d %v", e.Deal, e.Fields)
	case crm.DealOwned:
		return fmt.Sprintf("own %d %d", e.Deal, e.Owner)
	case crm.Commented:
		return fmt.Sprintf("comment %d %s", e.Deal, e.Text)
	case crm.DealLinked:
		return fmt.Sprintf("link %d %d %s %s", e.Deal, e.Other, e.Kind, e.Name)
	case crm.Notified:
		return fmt.Sprintf("tell %d %s%s %s", e.Deal, e.To, e.Role, e.Key)
	case crm.TimerSet:
		return fmt.Sprintf("timer %d %s %s %d in %s", e.Deal, e.Kind, e.Rule, e.Step, e.DueAt.Sub(noon))
	case crm.TaskAdded:
		return fmt.Sprintf("task %d %s for %d%s", e.Deal, e.Title, e.Assignee, e.Role)
	case crm.Rated:
		return fmt.Sprintf("rate %d %d", e.Employee, e.Points)
	case crm.Recorded:
		return fmt.Sprintf("record %d %s", e.Deal, e.Kind)
	}
	return fmt.Sprintf("%T", e)
}

// expect compares a play with lines.
func expect(t testing.TB, done []Done, want ...string) {
	t.Helper()
	if got := play(done); !slices.Equal(got, want) {
		t.Errorf("done:\n  %s\nwanted:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// recorded finds a record by its kind.
func recorded(done []Done, kind string) (crm.Recorded, bool) {
	for _, d := range done {
		if r, ok := d.Effect.(crm.Recorded); ok && r.Kind == kind {
			return r, true
		}
	}
	return crm.Recorded{}, false
}

// does is a rule's effects that are always the same.
func does(effects ...crm.Effect) func(Scene) ([]crm.Effect, error) {
	return func(Scene) ([]crm.Effect, error) { return effects, nil }
}

// wants is a stage's owner by role.
func wants(want crm.OwnerWanted) *Owner {
	return &Owner{Want: func(Scene) (crm.OwnerWanted, error) { return want, nil }}
}

// sends moves the deal of the scene.
func sends(stage string) func(Scene) ([]crm.Effect, error) {
	return func(s Scene) ([]crm.Effect, error) {
		return []crm.Effect{crm.DealMoved{Deal: s.Deal.ID, Stage: stage}}, nil
	}
}
