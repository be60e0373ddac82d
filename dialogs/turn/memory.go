package turn

import (
	"errors"
	"maps"
	"slices"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
)

// memory shows the deals of this transaction to the rules. A deal is read and locked once; what is done to it then is seen in
// its view, before and without the database.
type memory struct {
	*group
	views    map[crm.DealID]*rules.View
	opened   map[crm.DealID]bool             // in this transaction
	links    map[crm.DealID][]crm.DealLinked // as the database had them; the cascade knows those of this transaction
	contacts map[crm.ContactID]crm.Contact
	picked   map[crm.EmployeeID]crm.Employee
}

// ancestors is how many deals above one are looked at: a root deal, an installation, a preparation.
const ancestors = 4

// Deal implements rules.Memory.
func (m *memory) Deal(id crm.DealID) (*rules.View, error) { return m.deal(id, ancestors) }

func (m *memory) deal(id crm.DealID, above int) (*rules.View, error) {
	if v := m.views[id]; v != nil {
		return v, nil
	}
	d, err := m.tx.Deal(m.ctx, id)
	if err != nil {
		return nil, err
	}
	return m.keep(d.Deal, d.Contact, d.Asset, m.ownerOf(d), above)
}

func (m *memory) ownerOf(d postgres.DealView) crm.Employee {
	e := d.Owner
	e.ID = d.Deal.Owner
	return e
}

// keep makes the view of a deal, with its parent.
func (m *memory) keep(d crm.Deal, c crm.Contact, a crm.Asset, owner crm.Employee, above int) (*rules.View, error) {
	v := &rules.View{Deal: d, Contact: c, Asset: a, Owner: owner}
	v.Deal.Fields = maps.Clone(d.Fields)
	m.views[d.ID] = v
	if d.Parent == 0 || above == 0 {
		return v, nil
	}
	parent, err := m.deal(d.Parent, above-1)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return nil, err
	}
	v.Parent = parent
	return v, nil
}

// Open implements rules.Memory.
func (m *memory) Open(d crm.Deal) (*rules.View, error) {
	var err error
	var c crm.Contact
	var a crm.Asset
	var owner crm.Employee
	if d.Contact != 0 {
		if c, err = m.contactOf(d.Contact); err != nil {
			return nil, err
		}
	}
	if d.Asset != 0 {
		if a, err = m.tx.Asset(m.ctx, d.Asset); err != nil {
			return nil, err
		}
	}
	if d.Owner != 0 {
		if owner, err = m.Employee(d.Owner); err != nil {
			return nil, err
		}
	}
	d.Fields = dialogs.Sourced(d.Fields, c)
	m.opened[d.ID] = true
	return m.keep(d, c, a, owner, ancestors)
}

// contactOf gives a contact as this transaction knows it: one whom it met is not written yet.
func (m *memory) contactOf(id crm.ContactID) (crm.Contact, error) {
	if c, known := m.contacts[id]; known {
		return c, nil
	}
	for _, p := range m.people {
		if p.ID == id {
			return *p, nil
		}
	}
	for _, v := range m.views {
		if v.Contact.ID == id {
			return v.Contact, nil
		}
	}
	return m.tx.Contact(m.ctx, id)
}

// learn keeps what is becoming known of a contact, for deals that are opened in the same breath.
func (m *memory) learn(e crm.ContactChanged) error {
	c, err := m.contactOf(e.Contact)
	if err != nil {
		return err
	}
	c.Name, c.Phone, c.Lang = either(e.Name, c.Name), either(e.Phone, c.Phone), either(e.Lang, c.Lang)
	c.Fields = maps.Clone(c.Fields)
	if c.Fields == nil {
		c.Fields = crm.Fields{}
	}
	maps.Copy(c.Fields, e.Fields)
	m.contacts[e.Contact] = c
	return nil
}

// Employee implements rules.People.
func (m *memory) Employee(id crm.EmployeeID) (crm.Employee, error) {
	if e, known := m.picked[id]; known {
		return e, nil
	}
	return m.tx.Employee(m.ctx, id)
}

// Links implements rules.Memory. The cascade itself knows those that it makes.
func (m *memory) Links(id crm.DealID) ([]crm.DealLinked, error) {
	if m.opened[id] { // a deal of this transaction has no others
		return nil, nil
	}
	if known, ok := m.links[id]; ok {
		return known, nil
	}
	links, err := m.tx.Links(m.ctx, id)
	if err == nil {
		m.links[id] = links
	}
	return links, err
}

// Same implements rules.Memory.
func (m *memory) Same(key string) (crm.DealID, error) {
	d, err := m.tx.SameDeal(m.ctx, key)
	if err != nil || d == nil {
		return 0, err
	}
	return d.ID, nil
}

// Pick implements rules.Memory: nearby people first, in the region of the city at farthest.
func (m *memory) Pick(want crm.OwnerWanted) (crm.EmployeeID, error) {
	w := postgres.Wanted{OwnerWanted: want, Region: m.neighbours(want.City), Reach: postgres.ReachRegion, Hours: m.Kit.Open(m.now, "")}
	for city := range m.Kit.Cities {
		if m.Kit.Open(m.now, city) != w.Hours {
			w.Except = append(w.Except, city)
		}
	}
	e, err := m.tx.Pick(m.ctx, w)
	if e.ID != 0 {
		m.picked[e.ID] = e
	}
	return e.ID, err
}

// Head implements rules.Memory.
func (m *memory) Head(role, city string) (crm.EmployeeID, error) {
	return m.tx.Head(m.ctx, role, city, m.neighbours(city))
}

// neighbours are the other cities of a city's region.
func (m *memory) neighbours(city string) []string {
	region := m.Kit.RegionOf(city)
	if region == "" {
		return nil
	}
	var cities []string
	for _, name := range slices.Sorted(maps.Keys(m.Kit.Cities)) {
		if name != city && m.Kit.Cities[name].Region == region {
			cities = append(cities, name)
		}
	}
	return cities
}
