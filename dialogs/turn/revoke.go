package turn

import (
	"errors"

	"govorun/crm"
	"govorun/crm/postgres"
)

// revoked keeps that a person took a message back: what it said stays, a line tells of it wherever others look at it already, and nothing is run again.
func (g *group) revoked(t *postgres.Turn) error {
	if t.Employee != nil || t.Talk.Group || t.Contact.ID == 0 {
		g.event(t, postgres.EventRow{Kind: "message_revoked"})
		return nil
	}
	was, err := g.tx.SaidBefore(g.ctx, t.Talk.ID, t.Message, t.In.Edits)
	if errors.Is(err, crm.ErrNotFound) { // of before our time, or one that could not be read
		return nil
	}
	if err != nil {
		return err
	}
	if t.Talk.Operator != 0 {
		if err := g.tellLeader(t, "unread.revoked"); err != nil {
			return err
		}
	}
	s, err := g.session(t.Talk)
	if err != nil {
		return err
	}
	id, err := g.editedDeal(t, *s)
	if err != nil {
		return err
	}
	if id == 0 {
		g.event(t, postgres.EventRow{Kind: "message_revoked"})
		return nil
	}
	line := g.text(g.Kit.Languages[0], "review.revoked", map[string]any{"was": oneLine(was)})
	return g.effects(t, crm.Recorded{Kind: "message_revoked", Deal: id}, crm.Commented{Deal: id, Text: line})
}
