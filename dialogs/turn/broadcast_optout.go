package turn

import (
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/locales"
)

// Who wants no broadcasts says so by a word or by the button under one, whatever they are being asked and whoever leads the talk; what they were asked
// stays open. Their own messages are answered as before.

// aboutAdverts does what somebody says about broadcasts. It reports false when they speak of something else.
func (g *group) aboutAdverts(t *postgres.Turn) (done bool, toast string, err error) {
	if t.Employee != nil || ours(t.In.Kind) {
		return false, "", nil
	}
	if t.In.Press != nil {
		parts := strings.Split(t.In.Press.Data, ":")
		if len(parts) != 3 || parts[0] != "b" {
			return false, "", nil
		}
		toast, err = g.advertsPressed(t, parts[1] != "on", crm.BroadcastID(numberAt(parts, 2)))
		return true, toast, err
	}
	wants, said := g.advertsSaid(t)
	if said && !wants && g.isStop(t) {
		if said, err = g.tx.LastIsBroadcast(g.ctx, t.Talk.ID); err != nil {
			return false, "", err
		}
	}
	if !said {
		return false, "", nil
	}
	key := "broadcast.opted_out"
	if wants {
		key = "broadcast.opted_in"
	}
	if err := g.wantsAdverts(t, wants, 0); err != nil {
		return true, "", err
	}
	return true, "", g.say(t, key, nil)
}

// advertsSaid tells whether a whole message is a word about broadcasts, in any language of the kit. A bare stop may be one: see isStop.
func (g *group) advertsSaid(t *postgres.Turn) (wants, said bool) {
	switch t.In.Command {
	case "unsubscribe":
		return false, true
	case "subscribe":
		return true, true
	}
	if t.In.Kind != crm.InText || t.In.Command != "" || t.In.Text == "" || len(t.In.Text) > 100 {
		return false, false
	}
	folded := locales.Fold(t.In.Text)
	is := func(key string) bool {
		return slices.ContainsFunc(g.Kit.Languages, func(lang string) bool { return slices.Contains(g.Kit.Texts.Words(lang, key), folded) })
	}
	if is("broadcast.start_words") {
		return true, true
	}
	return false, is("broadcast.stop_words") || g.isStop(t)
}

// isStop tells whether a message says stop and no more: that means the broadcasts when one of them was what they heard last, and else what they are
// being asked.
func (g *group) isStop(t *postgres.Turn) bool {
	folded := locales.Fold(t.In.Text)
	return t.Talk.Operator == 0 && slices.ContainsFunc(g.Kit.Languages, func(lang string) bool {
		return slices.Contains(g.Kit.Texts.Words(lang, "broadcast.bare_stop_words"), folded)
	})
}

// advertsPressed does what the button under a broadcast says, and turns it round.
func (g *group) advertsPressed(t *postgres.Turn, off bool, about crm.BroadcastID) (string, error) {
	lang := g.lang(t)
	if err := g.wantsAdverts(t, !off, about); err != nil {
		return "", err
	}
	said, key, data := "broadcast.opted_in", "broadcast.off", "b:off:"
	if off {
		said, key, data = "broadcast.opted_out", "broadcast.on", "b:on:"
	}
	_, err := g.send(t, crm.Outbound{Kind: crm.OutEdit, TargetRef: t.In.Press.Message, IfThere: true,
		Buttons: [][]crm.Button{{{Text: g.plainText(lang, key), Data: data + digits(about)}}}})
	return g.plainText(lang, said), err
}

// wantsAdverts keeps whether somebody wants broadcasts. Who does wants messages of robots as well; who does not gets none that are under way.
func (g *group) wantsAdverts(t *postgres.Turn, wants bool, about crm.BroadcastID) error {
	fields := crm.Fields{crm.NoAdverts: !wants}
	if wants {
		if rules.WantsSilence(t.Contact) {
			fields[rules.OptedOut] = false
		}
		g.contactChanged(t, crm.ContactChanged{Contact: t.Contact.ID, Fields: fields})
		g.event(t, postgres.EventRow{Kind: "adverts_wanted"})
		return g.tx.OptIn(g.ctx, t.Talk.ID)
	}
	g.contactChanged(t, crm.ContactChanged{Contact: t.Contact.ID, Fields: fields})
	g.event(t, postgres.EventRow{Kind: "adverts_refused", Data: crm.Fields{"broadcast": int64(about)}})
	taken, err := g.tx.OptOut(g.ctx, t.Talk.ID, about, t.Message)
	g.superseded = append(g.superseded, taken...)
	return err
}
