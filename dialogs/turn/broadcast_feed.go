package turn

import (
	"context"
	"errors"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

const (
	// broadcastPerSecond is how many broadcasts a provider takes in a second, over all chats.
	broadcastPerSecond = 25
	// broadcastPiece is how many messages of broadcasts are in the outbox at most: three seconds of sending. What people are waiting for never
	// stands behind more, and so much is to be taken back when somebody stops a broadcast.
	broadcastPiece = 3 * broadcastPerSecond
	// beforeQuiet is how long before its beginning nothing more is fed into quiet hours: what is in the outbox takes a moment.
	beforeQuiet = 10 * time.Second
)

// Broadcasts gathers the people of broadcasts and feeds those that are being sent into the outbox, until ctx ends. Any number of processes may:
// each broadcast is fed by one of them at a time.
func (r *Runner) Broadcasts(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if _, err := r.BroadcastOnce(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("broadcasts wait", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// BroadcastOnce does what is to be done for broadcasts now and gives how many people and messages it moved on.
func (r *Runner) BroadcastOnce(ctx context.Context) (moved int, err error) {
	gather, feed, look, err := r.DB.BroadcastWork(ctx)
	for found := gather; err == nil && found && ctx.Err() == nil; {
		if found, err = r.gatherBroadcast(ctx); found {
			moved++
		}
	}
	for _, id := range feed { // one that fails holds up no other
		n, e := r.feedBroadcast(ctx, id)
		moved, err = moved+n, errors.Join(err, e)
	}
	if err == nil && look {
		_, err = r.DB.LookAtAnswers(ctx)
	}
	return moved, err
}

// gatherBroadcast gathers the people of one broadcast and asks its author for the text; false when none waits.
func (r *Runner) gatherBroadcast(ctx context.Context) (found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tx, b, err := r.DB.BeginGather(ctx, r.Kit.Texts.Match)
	switch {
	case err != nil && b.ID != 0 && !postgres.Away(err) && !postgres.Conflict(err): // else it would be tried for ever
		r.Log.Error("broadcast put aside", "broadcast", int64(b.ID), "err", err)
		return true, r.giveUpBroadcast(ctx, b.ID)
	case err != nil || tx == nil:
		return false, err
	}
	defer tx.Rollback(ctx)
	g := r.newGroup(ctx, tx, 1)
	return true, errors.Join(g.tellAuthor(b, func(lang string) crm.Outbound {
		if b.Status == crm.BroadcastDropped {
			return crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "broadcast.nobody", map[string]any{"said": g.broadcastSaidOf(b, lang), "not": g.broadcastNot(b, lang)})}
		}
		return g.broadcastQuestion(b, lang)
	}), g.commit())
}

// giveUpBroadcast drops a broadcast whose people can't be found, and tells its author.
func (r *Runner) giveUpBroadcast(ctx context.Context, id crm.BroadcastID) error {
	tx, b, err := r.DB.BeginFeed(ctx, id)
	if err != nil || tx == nil {
		return err
	}
	defer tx.Rollback(ctx)
	g := r.newGroup(ctx, tx, 1)
	b.Status = crm.BroadcastDropped
	err = g.tellAuthor(b, func(lang string) crm.Outbound {
		return crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "broadcast.too_broad", nil)}
	})
	return errors.Join(err, tx.ChangeBroadcast(ctx, b), g.commit())
}

// feedBroadcast moves one broadcast on by a piece.
func (r *Runner) feedBroadcast(ctx context.Context, id crm.BroadcastID) (moved int, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tx, b, err := r.DB.BeginFeed(ctx, id)
	if err != nil || tx == nil {
		return 0, err
	}
	defer tx.Rollback(ctx)
	g := r.newGroup(ctx, tx, 1)
	quiet := g.quietCities(b.Cities)
	var claimed []postgres.Receiver
	if b.Status != crm.BroadcastSending || len(quiet) > 0 {
		taken, err := tx.PullReceivers(ctx, id, b.Status != crm.BroadcastSending, quiet)
		if err != nil {
			return 0, err
		}
		g.superseded = append(g.superseded, taken...)
	}
	if b.Status == crm.BroadcastSending {
		if claimed, err = tx.ClaimReceivers(ctx, id, quiet, broadcastPiece); err != nil {
			return 0, err
		}
		if err := g.sendPiece(b, claimed); err != nil {
			return 0, err
		}
	}
	counts, err := tx.CountReceivers(ctx, id, len(claimed) == 0)
	if err != nil {
		return 0, err
	}
	if b.Counts = counts; counts != nil && b.Pending() == 0 && b.Status == crm.BroadcastSending {
		if err := g.endBroadcast(b); err != nil {
			return 0, err
		}
	}
	return len(claimed), g.commit()
}

// sendPiece writes the messages of those whose turn has come, together with what became of them.
func (g *group) sendPiece(b crm.BroadcastRun, claimed []postgres.Receiver) error {
	t := ownTurn(g.now)
	for i := range claimed {
		r := &claimed[i]
		if r.Status != crm.ReceiverQueued {
			continue
		}
		out := g.broadcastMessage(b, g.speaks(r.Lang), r.Address.Channel)
		out.Conversation, out.Address = r.Talk, r.Address
		id, err := g.sendTo(t, out)
		if err != nil {
			return err
		}
		r.Message = id
	}
	return g.tx.MarkReceivers(g.ctx, b.ID, claimed)
}

// endBroadcast says that everybody has got a broadcast who could.
func (g *group) endBroadcast(b crm.BroadcastRun) error {
	b.Status, b.EndedAt = crm.BroadcastDone, g.tx.Now
	if err := g.tx.ChangeBroadcast(g.ctx, b); err != nil {
		return err
	}
	g.event(ownTurn(g.now), postgres.EventRow{Kind: "broadcast_done", Data: crm.Fields{"broadcast": int64(b.ID), "sent": b.Counts[crm.ReceiverSent],
		"blocked": b.Counts[crm.ReceiverBlocked], "failed": b.Counts[crm.ReceiverFailed], "opted_out": b.Counts[crm.ReceiverOptedOut]}})
	return g.tellAuthor(b, func(lang string) crm.Outbound {
		out := g.broadcastShown(b, lang, g.Kit.Zone)
		out.Priority = crm.Notice
		return out
	})
}

// tellAuthor writes to the author of a broadcast where they began it; to nobody when they don't work here any more.
func (g *group) tellAuthor(b crm.BroadcastRun, words func(lang string) crm.Outbound) error {
	people, err := g.tx.ReachEmployee(g.ctx, b.Employee)
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.Conversation != b.Conversation {
			continue
		}
		out := words(g.speaks(p.Lang))
		out.Conversation, out.Address = p.Conversation, p.Address
		_, err := g.sendTo(ownTurn(g.now), out)
		return err
	}
	return nil
}

// quietCities are those in which robots write to nobody now, or not for long.
func (g *group) quietCities(cities []string) (quiet []string) {
	for _, city := range cities {
		now, _ := g.Kit.Quiet(g.now, city)
		soon, _ := g.Kit.Quiet(g.now.Add(beforeQuiet), city)
		if now || soon {
			quiet = append(quiet, city)
		}
	}
	return quiet
}

// ownTurn is a turn that nobody's message caused.
func ownTurn(now time.Time) *postgres.Turn {
	return &postgres.Turn{In: crm.Inbound{Kind: crm.InTimeout, SentAt: now}, Talk: &postgres.Talk{}}
}
