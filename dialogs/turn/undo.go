package turn

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
)

// undoFor is how long a press can be taken back.
const undoFor = time.Minute

// remembered is what a press does to a deal, so that it can be taken back; false when it changes nothing of it. Only what stays within the
// deal and the company can be: what the contact has heard, another deal or points given stay, and then all of it does.
func remembered(d crm.Deal, me crm.Employee, done []rules.Done) (u postgres.Undo, changes bool) {
	u = postgres.Undo{Deal: d.ID, Employee: me.ID,
		Before: postgres.DealBefore{Stage: d.Stage, Status: d.Status, Owner: d.Owner, EnteredAt: d.EnteredAt, Fields: crm.Fields{}}}
	keep := func(why string) {
		if u.Kept == "" {
			u.Kept = why
		}
	}
	about := func(id crm.DealID) {
		if id != d.ID {
			keep("linked")
		}
		changes = changes || id == d.ID
	}
	for _, one := range done {
		switch e := one.Effect.(type) {
		case crm.DealMoved:
			about(e.Deal)
		case crm.DealOwned:
			about(e.Deal)
		case crm.DealChanged:
			about(e.Deal)
			for name := range e.Fields {
				u.Before.Fields[name] = d.Fields[name]
			}
		case crm.Notified:
			if e.To == crm.ToContact {
				keep("told")
			}
		case crm.DialogWanted, crm.DocumentWanted, crm.HandedOver, crm.BookingMoved, crm.BookingCancelled:
			keep("told")
		case crm.DealOpened, crm.DealLinked, crm.ContactChanged, crm.Rated, crm.TaskAdded, crm.HookCalled:
			keep("linked")
		}
	}
	return u, changes
}

// undo is the command: it takes back what its author did last, to any deal or to the one named.
func (g *group) undo(t *postgres.Turn) error {
	id, _ := strconv.ParseInt(strings.TrimLeft(strings.TrimSpace(t.In.Args), "№# "), 10, 64)
	if t.In.Args == "" {
		u, err := g.tx.LastUndoOf(g.ctx, t.Employee.ID)
		if err != nil && !errors.Is(err, crm.ErrNotFound) {
			return err
		}
		id = int64(u.Deal)
	}
	if id <= 0 {
		return g.say(t, "card.undo_nothing", nil)
	}
	d, _, err := g.dealFor(t, crm.DealID(id))
	if errors.Is(err, crm.ErrNotFound) {
		return g.say(t, "staff.deal_not_found", nil)
	}
	if err != nil {
		return err
	}
	key, args, err := g.takeBack(t, d)
	if err != nil {
		return err
	}
	return g.say(t, key, args)
}

// takeBack undoes what the author of the turn did last to a deal. Nothing leaves the timeline: the way back is written there as well.
func (g *group) takeBack(t *postgres.Turn, d postgres.DealView) (toast string, args map[string]any, err error) {
	args = map[string]any{"id": int(d.ID)}
	u, err := g.tx.UndoOf(g.ctx, d.ID)
	if errors.Is(err, crm.ErrNotFound) {
		return "card.undo_nothing", args, g.redrawHere(t, d.ID)
	}
	if err != nil {
		return "", nil, err
	}
	why, err := g.refusesUndo(t, u)
	if err != nil {
		return "", nil, err
	}
	if why != "" {
		return why, args, g.redrawHere(t, d.ID)
	}
	g.restore(t, d, u)
	if err := g.tx.Flush(g.ctx); err != nil {
		return "", nil, err
	}
	if err := g.tx.TakeBack(g.ctx, u); err != nil {
		return "", nil, err
	}
	if g.memory != nil { // it holds the deal as it was until now
		delete(g.memory.views, d.ID)
	}
	return "card.undone", args, g.redrawDeal(t, d.ID)
}

// refusesUndo tells why something can't be taken back, as a text key; empty when it can.
func (g *group) refusesUndo(t *postgres.Turn, u postgres.Undo) (string, error) {
	switch {
	case u.Employee != t.Employee.ID:
		return "card.undo_nothing", nil
	case g.now.Sub(u.At) > undoFor:
		return "card.undo_late", nil
	case u.Kept != "":
		return "card.undo_" + u.Kept, nil
	case u.Changed:
		return "card.undo_changed", nil
	case u.Before.Owner == 0:
		return "", nil
	}
	works, err := g.tx.StillWorks(g.ctx, u.Before.Owner)
	if err == nil && !works { // nothing goes back to somebody who left
		return "card.undo_changed", nil
	}
	return "", err
}

// restore writes the deal as it was before, with a line of the timeline for each thing that goes back.
func (g *group) restore(t *postgres.Turn, d postgres.DealView, u postgres.Undo) {
	b := u.Before
	back := postgres.DealMove{ID: d.ID}
	tell := func(kind string, data crm.Fields) {
		data["cause"] = []string{"undo"}
		g.event(t, postgres.EventRow{Kind: kind, Deal: d.ID, Data: data})
	}
	if b.Stage != d.Stage {
		back.Stage, back.Status, back.EnteredAt = b.Stage, b.Status, b.EnteredAt
		tell("deal_moved", crm.Fields{"from": d.Stage, "stage": b.Stage, "status": b.Status, "reason": ""})
	}
	if b.Owner != d.Deal.Owner {
		back.Owner, back.Free = b.Owner, b.Owner == 0
		tell("deal_owned", crm.Fields{"owner": b.Owner})
	}
	if len(b.Fields) > 0 {
		back.Fields = b.Fields
		changed := crm.Fields{}
		for name, value := range b.Fields {
			changed[name] = value
		}
		tell("deal_changed", changed)
	}
	g.tx.Changes.DealMoves = append(g.tx.Changes.DealMoves, back)
	if about := t.Talk.Deal; about != nil && about.ID == d.ID {
		about.Stage, about.Status = b.Stage, b.Status
	}
}
