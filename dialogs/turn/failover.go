package turn

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// What reaches a person no more in one chat, because they left it or its account is away, is sent once in another in which they have written to us.
// Their dialog goes over with it.

const (
	// awayFor is how long an account may be away before what waits for it goes elsewhere; failoverEvery is how often that is looked for.
	awayFor       = 30 * time.Minute
	failoverEvery = 15 * time.Second
	// failoverAtOnce is how many messages of one chat go elsewhere: the newest state of things, not a flood.
	failoverAtOnce = 5
)

// sweepFailover asks other chats of people for what failed in one. Each is a signal whose number is that of the message, so that it is met once.
func (r *Runner) sweepFailover(ctx context.Context) error {
	now, last := r.now(), r.failedOver.Load()
	if now.Unix()-last < int64(failoverEvery/time.Second) || !r.failedOver.CompareAndSwap(last, now.Unix()) {
		return nil
	}
	failing, err := r.DB.Failing(ctx, awayFor, sweepAtOnce)
	for _, f := range failing {
		id := fmt.Sprintf("s:%s:%d:%d", failoverSignal, f.Talk, f.First)
		in := crm.Inbound{Address: f.Other, From: crm.Person{ID: f.Other.Chat}, Key: id, Kind: crm.InSignal, SentAt: now,
			Signal: &crm.Signal{ID: id, Dialog: failoverSignal, Slots: crm.Fields{"talk": strconv.FormatInt(int64(f.Talk), 10)}}}
		if _, e := r.Accept(ctx, in); e != nil {
			err = e
		}
	}
	return err
}

// failover sends here what reached nobody in another chat of the same contact.
func (g *group) failover(t *postgres.Turn) error {
	n, err := strconv.ParseInt(t.In.Signal.Slots.Text("talk"), 10, 64)
	if err != nil {
		return nil
	}
	from, _, err := g.talk(crm.ConversationID(n))
	if err != nil {
		return err
	}
	if from.Contact == 0 || from.Contact != t.Talk.Contact || from.ID == t.Talk.ID || t.Talk.Operator != 0 || g.ownLed(t.Talk) {
		return nil
	}
	failed, err := g.tx.FailedMessages(g.ctx, from.ID, failoverAtOnce)
	if err != nil || len(failed) == 0 {
		return err
	}
	ids := make([]crm.MessageID, len(failed))
	for i, out := range failed {
		ids[i] = out.ID
	}
	if err := g.tx.MarkFailedOver(g.ctx, from.ID, ids); err != nil {
		return err
	}
	g.superseded = append(g.superseded, ids...)
	g.event(t, postgres.EventRow{Kind: "failed_over", Author: crm.ByBot, Data: crm.Fields{"from": from.ID, "messages": len(failed)}})
	s, err := g.session(from)
	if err != nil {
		return err
	}
	here, err := g.session(t.Talk)
	if err != nil {
		return err
	}
	moves := from.Operator == 0 && s.Dialog != "" && here.Dialog == ""
	for _, out := range failed {
		if out.Prompt || len(out.Buttons) > 0 && moves && !handled(out) { // asked anew with the dialog; one that stays can't be answered here
			continue
		}
		if out = elsewhere(out); out.Text == "" && len(out.Media) == 0 {
			continue
		}
		if _, err := g.send(t, out); err != nil {
			return err
		}
	}
	if moves {
		return g.handOver(t, from, t.Talk, t.Contact)
	}
	_, err = g.tx.HandDeals(g.ctx, from.ID, t.Talk.ID, 0)
	return err
}

// handled tells whether the buttons of a message mean something outside of the dialog that sent it.
func handled(out crm.Outbound) bool {
	return slices.ContainsFunc(out.Buttons, func(row []crm.Button) bool {
		return slices.ContainsFunc(row, func(b crm.Button) bool { return b.URL != "" || strings.HasPrefix(b.Data, "v:") })
	})
}

// elsewhere is a message as another provider can send it: without what only the first one knows.
func elsewhere(out crm.Outbound) crm.Outbound {
	out.ID, out.ReplyTo, out.Thread, out.Target, out.TargetRef, out.Keyboard, out.HideKeyboard, out.Prompt, out.Answer = 0, "", "", 0, "", nil, false, false, false
	out.Media = slices.DeleteFunc(slices.Clone(out.Media), func(u crm.Upload) bool { return u.Hash == "" && len(u.Bytes) == 0 })
	for i := range out.Media {
		out.Media[i].Ref = ""
	}
	if len(out.Media) == 0 {
		out.Kind = crm.OutMessage
	}
	return out
}
