package turn

import (
	"govorun/crm"
	"govorun/crm/postgres"
)

// broadcastPress does what a button of a broadcast says to its author: b:NUMBER:ACTION.
func (g *group) broadcastPress(t *postgres.Turn, parts []string) (toast string, err error) {
	lang := g.lang(t)
	if len(parts) != 3 {
		return "", crm.ErrNotFound
	}
	if parts[1] == "off" || parts[1] == "on" { // of what they were shown
		return g.text(lang, "broadcast.only_shown", nil), nil
	}
	if !g.Kit.May(t.Employee.Role, crm.MayBroadcast) {
		return g.text(lang, "staff.no_right", nil), nil
	}
	if parts[2] == "list" {
		out, err := g.broadcastList(t)
		if err == nil {
			err = g.replace(t, out)
		}
		return "", err
	}
	b, err := g.tx.Broadcast(g.ctx, crm.BroadcastID(numberAt(parts, 1)))
	if err != nil {
		return "", err
	}
	if b.Employee != t.Employee.ID && !g.seesBroadcasts(t) {
		return "", crm.ErrNotFound
	}
	switch parts[2] {
	case "x", "same", "again", "go":
		return g.draftPress(t, b, parts[2])
	case "stop", "resume", "end":
		return g.runningPress(t, b, parts[2])
	}
	return g.text(lang, "grammar.stale", nil), nil
}

// draftPress is for what was not sent yet.
func (g *group) draftPress(t *postgres.Turn, b crm.BroadcastRun, action string) (string, error) {
	lang := g.lang(t)
	asking, ready := b.Status == crm.BroadcastAsking, b.Status == crm.BroadcastReady
	switch {
	case b.Employee != t.Employee.ID:
		return "", crm.ErrNotFound
	case b.Status == crm.BroadcastDropped:
		return g.text(lang, "grammar.stale", nil), nil
	case !asking && !ready:
		return g.text(lang, "grammar.already_done", nil), nil
	case action == "x":
		b.Status = crm.BroadcastDropped
		if err := g.tx.ChangeBroadcast(g.ctx, b); err != nil {
			return "", err
		}
		return "", g.replace(t, crm.Outbound{Text: g.text(lang, "broadcast.dropped", map[string]any{"id": int(b.ID)})})
	case action == "same" && asking && len(b.Texts) > 0:
		return "", g.broadcastSaid(t, b, b.Texts[b.Langs[0]])
	case action == "again" && ready:
		b.Status, b.Texts = crm.BroadcastAsking, nil
		if err := g.tx.ChangeBroadcast(g.ctx, b); err != nil {
			return "", err
		}
		_, err := g.send(t, g.broadcastQuestion(b, lang))
		return "", err
	case action == "go" && ready:
		return g.startBroadcast(t, b)
	}
	return g.text(lang, "grammar.stale", nil), nil
}

// startBroadcast lets a broadcast go.
func (g *group) startBroadcast(t *postgres.Turn, b crm.BroadcastRun) (string, error) {
	lang := g.lang(t)
	if g.tx.Now.Sub(b.CreatedAt) > broadcastFresh {
		return g.text(lang, "broadcast.old", nil), nil
	}
	for spoken, text := range b.Texts { // other channels send the photo from our own copy
		if text.Photo == nil {
			continue
		}
		hash, err := g.tx.HashOf(g.ctx, t.Talk.ID, text.Photo.Ref)
		if err != nil {
			return "", err
		}
		photo := *text.Photo
		photo.Hash, text.Photo = hash, &photo
		b.Texts[spoken] = text
	}
	b.Status = crm.BroadcastSending
	if err := g.tx.ChangeBroadcast(g.ctx, b); err != nil {
		return "", err
	}
	b.StartedAt, b.EmployeeName = g.tx.Now, t.Employee.Name
	g.broadcastEvent(t, b, "broadcast_started")
	return "", g.replace(t, g.broadcastShown(b, lang, g.zone(t)))
}

// runningPress stops, resumes or ends what is being sent. What waits in the outbox is taken back at once.
func (g *group) runningPress(t *postgres.Turn, b crm.BroadcastRun, action string) (string, error) {
	lang, kind := g.lang(t), ""
	switch {
	case action == "stop" && b.Status == crm.BroadcastSending:
		b.Status, kind = crm.BroadcastStopped, "broadcast_stopped"
	case action == "resume" && b.Status == crm.BroadcastStopped:
		b.Status, kind = crm.BroadcastSending, "broadcast_resumed"
	case action == "end" && (b.Status == crm.BroadcastSending || b.Status == crm.BroadcastStopped):
		b.Status, kind = crm.BroadcastDropped, "broadcast_ended"
	default:
		return g.text(lang, "grammar.already_done", nil), nil
	}
	if b.Status != crm.BroadcastSending {
		taken, err := g.tx.PullReceivers(g.ctx, b.ID, true, nil)
		if err != nil {
			return "", err
		}
		g.superseded = append(g.superseded, taken...)
	}
	if err := g.tx.ChangeBroadcast(g.ctx, b); err != nil {
		return "", err
	}
	g.broadcastEvent(t, b, kind)
	if _, err := g.tx.CountReceivers(g.ctx, b.ID, true); err != nil {
		return "", err
	}
	out, err := g.broadcastList(t)
	if err == nil {
		err = g.replace(t, out)
	}
	return "", err
}

func (g *group) broadcastEvent(t *postgres.Turn, b crm.BroadcastRun, kind string) {
	g.event(t, postgres.EventRow{Kind: kind, Data: crm.Fields{"broadcast": int64(b.ID), "people": b.Receivers(), "waiting": b.Pending(), "filter": b.Said}})
}

// seesBroadcasts tells whether an employee sees those of others: who sees every deal does.
func (g *group) seesBroadcasts(t *postgres.Turn) bool {
	duty := g.Kit.Duties[t.Employee.Role]
	return duty != nil && duty.Sees == crm.SeesAll
}
