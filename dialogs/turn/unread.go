package turn

import (
	"context"
	"errors"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// unreadPatience is how long a message that could not be read may take to come readable before its sender is asked for it.
const unreadPatience = 10 * time.Minute

// Notes of inputs from channels that can't read everything.
const (
	// NoteAgain: the message could not be read before, and a place is kept for it.
	NoteAgain = "again"
	// NoteViewOnce: only phones can show it.
	NoteViewOnce = "view_once"
)

// resendMark is of messages that ask somebody to send something once more.
const resendMark = "resend"

// unread makes sure that whoever sent what can't be read is known. Nothing is said yet: it may come readable within seconds.
func (g *group) unread(t *postgres.Turn) error {
	if t.Employee == nil && !t.Talk.Group {
		g.meet(t)
	}
	return g.failed
}

// readAtLast takes away the place that was kept for a message that has come.
func (g *group) readAtLast(t *postgres.Turn) error {
	if t.In.Note != NoteAgain {
		return nil
	}
	return g.tx.ReadAtLast(g.ctx, t.Talk.ID, strings.TrimPrefix(t.In.Key, "m:"))
}

// viewOnce tells whether a person sent something that shows itself once, on phones only, while the bot has the talk.
func viewOnce(t *postgres.Turn) bool {
	return t.In.Kind == crm.InOther && t.In.Note == NoteViewOnce && t.Talk.Operator == 0 && !t.Talk.Group
}

// askOpenly asks for what can be seen once to be sent in the ordinary way. The question that waits goes on waiting.
func (g *group) askOpenly(t *postgres.Turn) error {
	if t.Employee == nil {
		g.meet(t)
	}
	g.event(t, postgres.EventRow{Kind: "view_once"})
	return g.say(t, "unread.view_once", nil)
}

// SweepUnread tells of what was lost: a message that nobody could open for ten minutes, a file that its provider has no longer. It stands in the talk, the
// one who leads the talk hears of it, and else the person is asked to send it again, once a day. It gives how
// many things were looked at. Any number of processes may do so.
func (r *Runner) SweepUnread(ctx context.Context) (n int, err error) {
	for ctx.Err() == nil {
		err := r.act(ctx, func(g *group, t *postgres.Turn) error {
			lost, err := g.tx.NextLost(g.ctx, r.Shift(), unreadPatience)
			if err != nil {
				return err
			}
			k, contact, err := g.talk(lost.Conversation)
			if err != nil {
				return err
			}
			mine, err := g.tx.EndLost(g.ctx, lost, g.text(g.Kit.Languages[0], "unread.line", nil))
			if !mine || err != nil {
				return err
			}
			about := &postgres.Turn{In: crm.Inbound{Address: k.Address, Kind: crm.InTimeout, SentAt: g.now}, Message: lost.Message, Talk: k, Contact: contact}
			return g.lost(about, lost)
		})
		if errors.Is(err, crm.ErrNotFound) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, ctx.Err()
}

// lost tells of one thing that was lost.
func (g *group) lost(t *postgres.Turn, lost postgres.Lost) error {
	kind, key := "message_unread", "unread.message"
	if lost.File {
		kind, key = "file_gone", "unread.file"
	}
	g.event(t, postgres.EventRow{Kind: kind, Author: crm.BySystem})
	if t.Talk.Operator != 0 {
		return g.tellLeader(t, "unread.led")
	}
	asked, err := g.tx.ResendAsked(g.ctx, t.Talk.ID, resendMark, g.Shift())
	if asked || err != nil || t.Talk.Blocked || t.Talk.Group {
		return err
	}
	_, err = g.sendTo(t, crm.Outbound{Conversation: t.Talk.ID, Address: t.Talk.Address, Kind: crm.OutMessage, Text: g.text(g.lang(t), key, nil),
		Card: resendMark, Answer: true})
	return err
}

// tellLeader writes a line about a talk to the employee who leads it, where they read it.
func (g *group) tellLeader(t *postgres.Turn, key string) error {
	topic, err := g.tx.Topic(g.ctx, t.Talk.ID)
	if err == nil && topic.Open() {
		lang := g.speaks(topic.Lang)
		_, err = g.sendTo(t, crm.Outbound{Conversation: topic.Conversation, Address: topic.Address, Thread: crm.TopicOf(t.Talk.ID), Kind: crm.OutMessage,
			Text: g.text(lang, key, map[string]any{"name": g.nameOf(t, lang)})})
		return err
	}
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return err
	}
	people, err := g.tx.ReachEmployee(g.ctx, t.Talk.Operator)
	for _, p := range people {
		lang := g.speaks(p.Lang)
		if _, err := g.sendTo(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Card: talkCard(t.Talk.ID),
			Text: g.text(lang, key, map[string]any{"name": g.nameOf(t, lang)})}); err != nil {
			return err
		}
	}
	return err
}
