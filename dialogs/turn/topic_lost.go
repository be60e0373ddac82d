package turn

import (
	"context"
	"errors"

	"govorun/crm"
	"govorun/crm/postgres"
)

// sweepTopics hands on talks whose topics can't be written to: who waits is shown where the operators read otherwise, who is being answered goes on in
// the chat of the one who answers.
func (r *Runner) sweepTopics(ctx context.Context) error {
	for ctx.Err() == nil {
		err := r.act(ctx, func(g *group, t *postgres.Turn) error {
			talk, err := g.tx.LostTopic(g.ctx)
			if err != nil {
				return err
			}
			k, contact, err := g.talk(talk)
			if err != nil {
				return err
			}
			topic, err := g.tx.Topic(g.ctx, talk)
			if err != nil {
				return err
			}
			if mine, err := g.tx.ToldTopic(g.ctx, topic); !mine || err != nil {
				return err
			}
			return g.emptyTopic(t, topic, k, contact)
		})
		if errors.Is(err, crm.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (g *group) emptyTopic(t *postgres.Turn, topic postgres.Topic, k *postgres.Talk, contact crm.Contact) error {
	other := &postgres.Turn{In: crm.Inbound{Address: k.Address, Kind: crm.InSignal}, Message: t.Message, Talk: k, Contact: contact}
	g.tx.Changes.Events = append(g.tx.Changes.Events, postgres.EventRow{Kind: "topic_lost", Author: crm.BySystem, Conversation: k.ID, Contact: k.Contact,
		Data: crm.Fields{"name": topic.Title, "reason": topic.Reason}})
	if err := g.tellRights(t, topic); err != nil {
		return err
	}
	if k.Operator == 0 {
		return g.callHuman(other, crm.HandedOver{})
	}
	people, err := g.tx.ReachEmployee(g.ctx, k.Operator)
	for _, p := range people {
		out, err := g.ledCard(k, g.called(contact), g.speaks(p.Lang))
		if err != nil {
			return err
		}
		out.Conversation, out.Address = p.Conversation, p.Address
		if _, err := g.sendTo(t, out); err != nil {
			return err
		}
	}
	return err
}

// tellRights tells the heads that the bot may not make topics where the operators are bound, unless the whole group is lost, of which they hear anyway.
func (g *group) tellRights(t *postgres.Turn, topic postgres.Topic) error {
	room, err := g.tx.RoomOfRole(g.ctx, postgres.RoomOperators, g.Kit.Human)
	if errors.Is(err, crm.ErrNotFound) || err == nil && (room.Lost || room.Conversation != topic.Conversation) {
		return nil
	}
	if err != nil || g.Kit.Head == "" {
		return err
	}
	people, err := g.tx.ReachPeople(g.ctx, g.Kit.Head, 0, "")
	for _, p := range people {
		if _, err := g.sendTo(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice,
			Text: g.text(g.speaks(p.Lang), "people.topic_rights", nil)}); err != nil {
			return err
		}
	}
	return err
}
