package turn

import (
	"errors"
	"html"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// broadcastsShown is how many broadcasts a report shows, the newest first.
const broadcastsShown = 5

// broadcasts reports what became of the last broadcasts, or of the one whose number follows the command.
func (g *group) broadcasts(t *postgres.Turn) error {
	if _, number := typed(t.In); number != "" {
		return g.broadcastOf(t, number)
	}
	out, err := g.broadcastList(t)
	if err == nil {
		_, err = g.send(t, out)
	}
	return err
}

// broadcastList is the report: of one's own, or of all for who sees everything.
func (g *group) broadcastList(t *postgres.Turn) (crm.Outbound, error) {
	lang, me := g.lang(t), t.Employee.ID
	if g.seesBroadcasts(t) {
		me = 0
	}
	all, err := g.tx.Broadcasts(g.ctx, me, broadcastsShown)
	if err != nil {
		return crm.Outbound{}, err
	}
	out := crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "broadcast.none", nil)}
	if len(all) == 0 {
		return out, nil
	}
	var lines []string
	for _, b := range all {
		lines = append(lines, g.broadcastFigures(b, lang, g.zone(t)))
		if row := g.broadcastButtons(b, lang); len(row) > 0 {
			out.Buttons = append(out.Buttons, row)
		}
	}
	out.Text = strings.Join(lines, "\n\n")
	out.Buttons = append(out.Buttons, []crm.Button{{Text: "🔄", Data: "b:0:list"}})
	return out, nil
}

// broadcastOf reports on one broadcast. One that is not theirs to see is like one that there is not, and so is one that was never sent.
func (g *group) broadcastOf(t *postgres.Turn, number string) error {
	id, err := strconv.ParseInt(strings.TrimLeft(strings.TrimSpace(number), "№# "), 10, 64)
	if err != nil {
		return g.say(t, "broadcast.no_such", nil)
	}
	b, err := g.tx.Broadcast(g.ctx, crm.BroadcastID(id))
	draft := b.Status == crm.BroadcastAsking || b.Status == crm.BroadcastReady
	switch {
	case errors.Is(err, crm.ErrNotFound) || err == nil && (draft || b.Employee != t.Employee.ID && !g.seesBroadcasts(t)):
		return g.say(t, "broadcast.no_such", nil)
	case err != nil:
		return err
	}
	_, err = g.send(t, g.broadcastShown(b, g.lang(t), g.zone(t)))
	return err
}

// broadcastShown is one broadcast with what may be done to it.
func (g *group) broadcastShown(b crm.BroadcastRun, lang string, zone *time.Location) crm.Outbound {
	out := crm.Outbound{Kind: crm.OutMessage, Text: g.broadcastFigures(b, lang, zone)}
	if row := g.broadcastButtons(b, lang); len(row) > 0 {
		out.Buttons = [][]crm.Button{row}
	}
	out.Buttons = append(out.Buttons, []crm.Button{{Text: "🔄", Data: "b:0:list"}})
	return out
}

// broadcastFigures are what became of a broadcast, in words.
func (g *group) broadcastFigures(b crm.BroadcastRun, lang string, zone *time.Location) string {
	figures := []string{g.text(lang, "broadcast.sent", map[string]any{"n": b.Counts[crm.ReceiverSent], "all": b.Receivers()})}
	for _, f := range []struct {
		key string
		n   int
	}{
		{"broadcast.waiting", b.Pending()}, {"broadcast.failed", b.Counts[crm.ReceiverFailed]}, {"broadcast.not_blocked", b.Counts[crm.ReceiverBlocked]},
		{"broadcast.answered", b.Answered}, {"broadcast.left", b.Left},
	} {
		if f.n > 0 {
			figures = append(figures, g.text(lang, f.key, map[string]any{"n": f.n}))
		}
	}
	state := g.text(lang, "broadcast.state_"+string(b.Status), nil)
	return g.text(lang, "broadcast.line", map[string]any{"id": int(b.ID), "state": state, "when": b.StartedAt.Add(g.Shift()).In(zone).Format("02.01 15:04"),
		"who": html.EscapeString(b.EmployeeName), "said": g.broadcastSaidOf(b, lang)}) + "\n" + strings.Join(figures, " · ")
}

func (g *group) broadcastButtons(b crm.BroadcastRun, lang string) (row []crm.Button) {
	add := func(key, action string) {
		row = append(row, crm.Button{Text: unescaped(g.text(lang, key, map[string]any{"id": int(b.ID)})), Data: broadcastPressed(b.ID, action)})
	}
	switch b.Status {
	case crm.BroadcastSending:
		add("broadcast.stop", "stop")
	case crm.BroadcastStopped:
		add("broadcast.resume", "resume")
		add("broadcast.end", "end")
	}
	return row
}

// zone is where the author of the turn works.
func (g *group) zone(t *postgres.Turn) *time.Location { return g.Kit.ZoneOf(t.Employee.City) }
