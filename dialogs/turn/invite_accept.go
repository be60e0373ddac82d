package turn

import (
	"errors"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// isInvite tells whether somebody opened the link of an invitation.
func isInvite(t *postgres.Turn) bool {
	return strings.HasPrefix(t.In.Start, InviteMark) && t.In.Kind == crm.InText && !t.Talk.Group
}

// acceptInvite makes an employee of whoever opens the link first. A link that is wrong, used, revoked or too old gets one and the same answer.
func (g *group) acceptInvite(t *postgres.Turn) error {
	if err := g.tx.Flush(g.ctx); err != nil {
		return err
	}
	v, err := g.tx.InviteByToken(g.ctx, strings.TrimPrefix(t.In.Start, InviteMark))
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return err
	}
	good := err == nil && v.Status == "open" && v.ExpiresAt.After(g.tx.Now) && g.Kit.Roles[v.Role] != ""
	if good {
		if good, err = g.mayStillInvite(t, v); err != nil {
			return err
		}
	}
	if !good {
		v.Slot = 0
		if t.Employee == nil {
			return g.refuseInvite(t, v)
		}
	}
	if t.Employee != nil && v.Slot == 0 { // for whom it was is none of the secrets of a dead link: they work here
		return g.say(t, "people.works_already", map[string]any{"role": g.roleName(t.Employee.Role, g.lang(t))})
	}
	id, name := crm.EmployeeID(0), t.In.From.Name
	if t.Employee != nil { // an invitation to another place
		id, name = t.Employee.ID, t.Employee.Name
	} else if id, err = g.hire(t, v); err != nil {
		return err
	}
	if v.Name != "" && t.Employee == nil {
		name = v.Name
	}
	if err := g.tx.UseInvite(g.ctx, v.ID, id); err != nil {
		return err
	}
	e, err := g.tx.Employee(g.ctx, id)
	if err != nil {
		return err
	}
	t.Employee = &e
	g.changedStaff(id, &e)
	g.event(t, postgres.EventRow{Kind: "invite_accepted", Data: crm.Fields{"invite": int64(v.ID), "role": v.Role}})
	if v.Slot != 0 {
		if err := g.takeInvited(t, v, id); err != nil {
			return err
		}
	}
	if err := g.welcome(t, v); err != nil {
		return err
	}
	return g.tellInviter(t, v, "people.invite_accepted", name)
}

// mayStillInvite tells whether whoever made an invitation could make it now: with the right go the links that were made with it. An employee
// is moved to another place only by who could move them by a command: else a link would exchange the place of a head for that of its author.
func (g *group) mayStillInvite(t *postgres.Turn, v postgres.Invite) (bool, error) {
	if v.By == 0 { // the command line may all
		return true, nil
	}
	by, err := g.tx.Employee(g.ctx, v.By)
	return by.Active && g.Kit.May(by.Role, crm.MayInvite) && g.above(by.Role, v.Role) && (t.Employee == nil || g.above(by.Role, t.Employee.Role)), err
}

// hire makes the author of the turn an employee. A dialog they were in is over.
func (g *group) hire(t *postgres.Turn, v postgres.Invite) (crm.EmployeeID, error) {
	e := crm.Employee{Name: either(v.Name, either(t.In.From.Name, "№ "+t.In.From.ID)), Role: v.Role, Crew: v.Crew, Lang: g.lang(t)}
	if v.City != nil {
		e.City = *v.City
	}
	id, again, err := g.tx.Hire(g.ctx, e, t.In.From, t.Talk.Address)
	if err != nil {
		return 0, err
	}
	s, err := g.session(t.Talk)
	if err != nil {
		return 0, err
	}
	*s = dialogs.Session{}
	t.Talk.DueAt, t.Talk.Blocked = time.Time{}, false
	g.touch(t.Talk)
	kind := "employee_hired"
	if again {
		kind = "employee_rehired"
	}
	g.tx.Changes.Events = append(g.tx.Changes.Events, postgres.EventRow{Kind: kind, Author: crm.BySystem, Employee: id, Conversation: t.Talk.ID,
		Message: t.Message, Data: crm.Fields{"role": v.Role, "invite": int64(v.ID)}})
	return id, nil
}

// takeInvited gives the invited their place. It may have got a holder meanwhile: that one is exchanged, since whoever invited wanted it so.
func (g *group) takeInvited(t *postgres.Turn, v postgres.Invite, id crm.EmployeeID) error {
	s, err := g.tx.Slot(g.ctx, v.Slot)
	if errors.Is(err, crm.ErrNotFound) || err == nil && s.Holder == id {
		return nil
	}
	if err == nil {
		_, err = g.seat(t, swap{slot: s, who: id, by: v.By})
	}
	return err
}

// welcome greets a new employee with their role and what to do first.
func (g *group) welcome(t *postgres.Turn, v postgres.Invite) error {
	lang := g.lang(t)
	if err := g.showStaffMenu(t); err != nil {
		return err
	}
	key := "people.welcome"
	if v.Slot != 0 {
		key = "people.welcome_slot"
	}
	out := crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, key, map[string]any{"name": escaped(t.Employee.Name),
		"role": g.roleName(t.Employee.Role, lang), "slot": escaped(v.SlotName)})}
	s, err := g.session(t.Talk)
	if err != nil {
		return err
	}
	if s.Tour == tourUnseen {
		s.Tour = tourOffered
		g.touch(t.Talk)
		out.Buttons = [][]crm.Button{{g.tourButton(lang, "tour.offer", s.Tour, tourNext)}}
	}
	_, err = g.send(t, out)
	return err
}

// refuseInvite says that a link does nothing, whatever the reason. Who made a used one hears once that somebody else tried it.
func (g *group) refuseInvite(t *postgres.Turn, v postgres.Invite) error {
	g.event(t, postgres.EventRow{Kind: "invite_refused", Data: crm.Fields{"invite": int64(v.ID), "status": v.Status}})
	if v.Status == "used" && v.By != 0 {
		first, err := g.tx.RefuseInvite(g.ctx, v.ID)
		if err == nil && first {
			err = g.tellInviter(t, v, "people.invite_tried", t.In.From.Name)
		}
		if err != nil {
			return err
		}
	}
	return g.say(t, "people.invite_dead", nil)
}

// tellInviter tells whoever made an invitation what became of it.
func (g *group) tellInviter(t *postgres.Turn, v postgres.Invite, key, name string) error {
	if v.By == 0 {
		return nil
	}
	people, err := g.tx.ReachEmployee(g.ctx, v.By)
	for _, p := range people {
		lang := g.speaks(p.Lang)
		if _, err := g.sendTo(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice,
			Text: g.text(lang, key, map[string]any{"name": escaped(name), "what": g.inviteWhat(v, lang)})}); err != nil {
			return err
		}
	}
	return err
}
