package postgres

import (
	"cmp"
	"maps"

	"govorun/crm"
)

// pending tells whether anything waits that lookups go by; what is said and told need not be written before commit.
func (c *Changes) pending() bool {
	return len(c.Contacts)+len(c.Identities)+len(c.KnownBetter)+len(c.Deals)+len(c.DealMoves)+len(c.Attachments)+len(c.Bindings)+len(c.Links)+len(c.Closed)+len(c.Stops)+len(c.Ends)+
		len(c.Timers)+len(c.Answers)+len(c.TasksMade)+len(c.Points)+len(c.Silenced)+len(c.Undos) > 0
}

// forget drops what was read of deals that are about to change. Who writes a deal holds its lock.
func (t *Turns) forget() {
	c := &t.Changes
	for _, d := range c.Deals {
		t.lock(d.ID)
	}
	for _, m := range c.DealMoves {
		t.lock(m.ID)
	}
	for _, l := range c.Links {
		delete(t.links, l.Deal)
		delete(t.links, l.Other)
	}
	if len(c.KnownBetter)+len(c.Bindings)+len(c.Attachments) > 0 {
		clear(t.views)
		return
	}
	for _, m := range c.DealMoves {
		delete(t.views, m.ID)
	}
}

// lock notes that this transaction holds a deal.
func (t *Turns) lock(id crm.DealID) {
	if t.locked == nil {
		t.locked = map[crm.DealID]bool{}
	}
	t.locked[id] = true
}

// gatherDeals makes one change of all that is done to a deal.
func (c *Changes) gatherDeals() {
	touched := make(map[crm.DealID]Touch, len(c.Touches))
	for _, t := range c.Touches {
		s := touched[t.Deal]
		if t.Human > 0 {
			s.Robot = 0
		}
		touched[t.Deal] = Touch{t.Deal, s.Human + t.Human, s.Robot + t.Robot}
	}
	rows := make(map[crm.DealID]*DealRow, len(c.Deals))
	for i := range c.Deals {
		d := &c.Deals[i]
		rows[d.ID] = d
		d.Human, d.Robot = touched[d.ID].Human, touched[d.ID].Robot
		delete(touched, d.ID)
	}
	var moves []DealMove
	at := map[crm.DealID]int{}
	for _, m := range c.DealMoves {
		if d := rows[m.ID]; d != nil && m.Stage == "" && m.Status == "" && !m.Free {
			if m.Owner != 0 {
				d.Owner = m.Owner
				if i, later := at[m.ID]; later && moves[i].Free { // freed before, and owned again now
					moves[i].Owner, moves[i].Free = m.Owner, false
				}
			}
			if len(m.Fields) > 0 {
				d.Fields = maps.Clone(d.Fields)
				if d.Fields == nil {
					d.Fields = crm.Fields{}
				}
				maps.Copy(d.Fields, m.Fields)
				maps.DeleteFunc(d.Fields, func(_ string, v any) bool { return v == nil })
			}
			continue
		}
		i, known := at[m.ID]
		if !known || moves[i].Stage != "" && m.Stage != "" {
			at[m.ID] = len(moves)
			m.Fields = maps.Clone(m.Fields)
			moves = append(moves, m)
			continue
		}
		p := &moves[i]
		p.Stage, p.Status, p.Reason = cmp.Or(m.Stage, p.Stage), cmp.Or(m.Status, p.Status), cmp.Or(m.Reason, p.Reason)
		if m.Stage != "" {
			p.EnteredAt = m.EnteredAt
		}
		if m.Owner != 0 || m.Free {
			p.Owner, p.Free = m.Owner, m.Free
		}
		if len(m.Fields) > 0 {
			if p.Fields == nil {
				p.Fields = crm.Fields{}
			}
			maps.Copy(p.Fields, m.Fields)
		}
	}
	for i := range moves {
		m := &moves[i]
		m.human, m.robot = touched[m.ID].Human, touched[m.ID].Robot
		delete(touched, m.ID)
	}
	c.DealMoves = moves
	c.Touches = c.Touches[:0]
	for _, t := range touched {
		c.Touches = append(c.Touches, t)
	}
}
