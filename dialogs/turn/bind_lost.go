package turn

import (
	"context"
	"errors"
	"html"
	"maps"
	"slices"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs/staff"
)

const (
	// roomPatience is how long a group may be lost before its work is handed on: who removes the bot by mistake puts it back at once.
	roomPatience = 20 * time.Second
	// leftInRoom is how many deals and talks of a lost group are shown to people in their own chats.
	leftInRoom = 50
)

// ownCard shows a deal to people in their own chats.
func (g *group) ownCard(t *postgres.Turn, d postgres.DealView, people []postgres.Reached) error {
	for _, p := range people {
		name := staff.For(g.Kit, p.Role, d.Pipeline)
		if name == "" {
			continue
		}
		text, buttons, err := g.render(t, name, view(d), staff.Viewer{Me: p.Employee, Now: g.now, Lang: g.speaks(p.Lang),
			Undo: t.Employee != nil && p.ID == t.Employee.ID && slices.Contains(g.justDone, d.Deal.ID)})
		if err != nil {
			return err
		}
		if err := g.sendCard(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice,
			Text: text, Buttons: buttons, Card: mark(d.Deal.ID, name)}); err != nil {
			return err
		}
	}
	return nil
}

// roomBlocked notes that the bot left a group, or came back.
func (g *group) roomBlocked(t *postgres.Turn) {
	if !t.Talk.Group {
		return
	}
	do := func() error { return g.tx.FindRooms(g.ctx, t.Talk.ID) }
	if t.Talk.Blocked {
		do = func() error { return g.tx.LoseRooms(g.ctx, t.Talk.ID, "removed") }
	}
	if err := do(); err != nil {
		g.failed = err
	}
}

// SweepRooms hands on what is left in groups that can't be written to: free deals and calls for a person go to the chats of those for whom the
// group stood, and the head hears of it once. Any number of processes may do so. It gives how many groups those were.
func (r *Runner) SweepRooms(ctx context.Context) (n int, err error) {
	for ctx.Err() == nil {
		err := r.act(ctx, func(g *group, t *postgres.Turn) error {
			lost, err := g.tx.ClaimLostRoom(g.ctx, roomPatience, leftInRoom)
			if err != nil {
				return err
			}
			return g.emptyRoom(t, lost)
		})
		if errors.Is(err, crm.ErrNotFound) {
			return n, r.sweepTopics(ctx)
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, ctx.Err()
}

// emptyRoom tells in private what a lost room was told.
func (g *group) emptyRoom(t *postgres.Turn, lost postgres.LostRoom) error {
	role := lost.Role
	for _, id := range lost.Deals {
		d, err := g.tx.Deal(g.ctx, id)
		if err != nil {
			return err
		}
		roles := []string{role}
		if lost.Kind == postgres.RoomCrew {
			roles = g.rolesFor(d.Pipeline)
		}
		for _, role := range roles {
			people, err := g.whoSees(role, d)
			if err != nil {
				return err
			}
			if lost.Kind == postgres.RoomCrew {
				people = ofCrew(people, lost.Crew)
			}
			g.tellPeople(t, crm.Notified{Deal: id}, d, people, rules.Done{})
		}
	}
	if err := g.sendNotices(t); err != nil {
		return err
	}
	for _, id := range lost.Talks {
		k, contact, err := g.talk(id)
		if err != nil {
			return err
		}
		other := &postgres.Turn{In: crm.Inbound{Address: k.Address, Kind: crm.InSignal}, Message: t.Message, Talk: k, Contact: contact}
		if err := g.callHuman(other, crm.HandedOver{Role: role}); err != nil {
			return err
		}
	}
	g.tx.Changes.Events = append(g.tx.Changes.Events, postgres.EventRow{Kind: "room_lost", Author: crm.BySystem, Conversation: lost.Conversation,
		Data: crm.Fields{"name": lost.Title, "reason": lost.Reason, "deals": len(lost.Deals), "talks": len(lost.Talks)}})
	g.mistakes = append(g.mistakes, crm.Recorded{Kind: "room_lost", Data: crm.Fields{"rule": lost.Title}})
	if err := g.tellHeads(t, lost); err != nil || lost.Kind != postgres.RoomOperators {
		return err
	}
	return g.tx.LoseTopics(g.ctx, lost.Conversation, lost.Reason)
}

// rolesFor lists the roles that have a card for deals of a pipeline.
func (g *group) rolesFor(pipeline string) (roles []string) {
	for _, role := range slices.Sorted(maps.Keys(g.Kit.Roles)) {
		if staff.For(g.Kit, role, pipeline) != "" {
			roles = append(roles, role)
		}
	}
	return roles
}

// ofCrew keeps the people of a crew.
func ofCrew(people []postgres.Reached, crew crm.CrewID) (list []postgres.Reached) {
	for _, p := range people {
		if p.Crew == crew && p.Room == "" {
			list = append(list, p)
		}
	}
	return list
}

// tellHeads tells the heads, in their own chats, that a group is lost and what to do.
func (g *group) tellHeads(t *postgres.Turn, lost postgres.LostRoom) error {
	if g.Kit.Head == "" {
		return nil
	}
	people, err := g.tx.ReachPeople(g.ctx, g.Kit.Head, 0, "")
	for _, p := range people {
		if _, err := g.sendTo(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice,
			Text: g.text(g.speaks(p.Lang), "people.room_lost", map[string]any{"name": html.EscapeString(lost.Title), "n": len(lost.Deals) + len(lost.Talks)})}); err != nil {
			return err
		}
	}
	return err
}
