package turn

import (
	"errors"
	"html"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/locales"
)

// A talk begun with one provider goes on with another, and back, with its dialog, answers, files and open deals. A chat in which the same contact has
// written to us is gone to at once. Anywhere else leads a link with a code that is shown in this chat alone, is good once and for a day.
//
// Who shows the code is not yet the same person: a link can be passed on, or sent to somebody so that they follow it. So a code makes no contacts one;
// only numbers for which providers vouch do, or an employee. And a talk in which its person can be recognised moves to somebody with another number
// only after a yes in the chat where it began.

// Words of hand-over in links and messages.
const (
	handoffStart   = "go_"      // of a start link
	handoffText    = "GO-"      // of a message that a link has written
	handoffPress   = "h"        // begins buttons
	failoverSignal = "failover" // a signal of ours: see failover
	handoffNonces  = 4          // nonces of thirty bits in a code
)

// providers are those among which talks are handed over, with the words by which a person asks for them.
var providers = [...]struct{ name, words string }{{"whatsapp", "handoff.whatsapp_words"}, {"telegram", "handoff.telegram_words"}}

// providerOf is who runs a channel: several accounts of one are told apart behind a colon.
func providerOf(channel string) string {
	name, _, _ := strings.Cut(channel, ":")
	return name
}

// handoffCode is the code that an input shows, empty when it shows none.
func handoffCode(in crm.Inbound) string {
	if code, ok := strings.CutPrefix(in.Start, handoffStart); ok {
		return code
	}
	code, ok := strings.CutPrefix(strings.TrimSpace(in.Text), handoffText)
	if in.Kind != crm.InText || !ok || strings.ContainsAny(code, " \n") {
		return ""
	}
	return code
}

// wantedElsewhere is the provider with which somebody asks to go on, empty when they don't.
func (g *group) wantedElsewhere(in crm.Inbound) string {
	if in.Kind != crm.InText || in.Text == "" || len(in.Text) > 100 {
		return ""
	}
	folded := locales.Fold(in.Text)
	for _, p := range providers {
		for _, lang := range g.Kit.Languages {
			if slices.Contains(g.Kit.Texts.Words(lang, p.words), folded) {
				return p.name
			}
		}
	}
	return ""
}

// handsOff tells whether an input is about going on elsewhere.
func (g *group) handsOff(t *postgres.Turn) bool {
	switch {
	case t.Employee != nil || t.Talk.Group:
		return false
	case t.In.Press != nil:
		return strings.HasPrefix(t.In.Press.Data, handoffPress+":")
	case t.In.Signal != nil:
		return t.In.Signal.Dialog == failoverSignal
	}
	return handoffCode(t.In) != "" || g.wantedElsewhere(t.In) != ""
}

// handoff does it.
func (g *group) handoff(t *postgres.Turn, trace *Trace) (Receipt, error) {
	g.meet(t)
	g.phoneShown(t)
	if err := g.heard(t, trace); err != nil || g.failed != nil {
		return Receipt{}, errors.Join(err, g.failed)
	}
	if err := g.tx.Flush(g.ctx); err != nil {
		return Receipt{}, err
	}
	switch {
	case t.In.Signal != nil:
		return Receipt{}, g.failover(t)
	case t.In.Press != nil:
		toast, err := g.handoffPress(t, strings.Split(t.In.Press.Data, ":"))
		return Receipt{Toast: html.UnescapeString(toast)}, err
	}
	if code := handoffCode(t.In); code != "" {
		return Receipt{}, g.takeHere(t, code)
	}
	return Receipt{}, g.goElsewhere(t, g.wantedElsewhere(t.In))
}

// goElsewhere takes a talk to another provider: to the chat that its person has there, else by a link.
func (g *group) goElsewhere(t *postgres.Turn, provider string) error {
	where := map[string]any{"where": g.providerName(t, provider)}
	switch {
	case provider == providerOf(t.Talk.Address.Channel):
		return g.say(t, "handoff.here_already", where)
	case t.Talk.Operator != 0 || g.ownLed(t.Talk):
		return g.say(t, "grammar.person_answers", nil)
	}
	known, err := g.tx.TalksElsewhere(g.ctx, t.Contact.ID, t.Talk.ID, provider)
	if err != nil {
		return err
	}
	if len(known) > 0 {
		to, contact, err := g.talk(known[0].ID)
		if err != nil {
			return err
		}
		if to.Operator == 0 && !g.ownLed(to) {
			return g.moveTo(t, to, contact)
		}
	}
	return g.offerLink(t, provider, "handoff.link")
}

// offerLink sends the link by which this talk goes on with a provider.
func (g *group) offerLink(t *postgres.Turn, provider, key string) error {
	where := map[string]any{"where": g.providerName(t, provider)}
	var code strings.Builder
	for range handoffNonces {
		code.WriteString(g.Nonce())
	}
	link, ok := "", false
	if g.Elsewhere != nil {
		link, ok = g.Elsewhere(provider, code.String())
	}
	if !ok {
		return g.say(t, "handoff.nowhere", where)
	}
	if err := g.tx.OpenHandoff(g.ctx, t.Talk.ID, t.Contact.ID, provider, code.String()); err != nil {
		return err
	}
	g.event(t, postgres.EventRow{Kind: "handoff_offered", Data: crm.Fields{"to": provider}})
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: g.text(g.lang(t), key, where),
		Buttons: [][]crm.Button{{{Text: html.UnescapeString(g.text(g.lang(t), "handoff.go", where)), URL: link}}}})
	return err
}

// takeHere lets the talk for which a code stands go on in this chat. A code that is wrong, used or too old gets one and the same answer, and is
// counted as a wrong machine's is.
func (g *group) takeHere(t *postgres.Turn, code string) error {
	k := t.Talk
	if g.now.Sub(k.MissesAt) > missWindow {
		k.Misses = 0
	}
	h, err := g.tx.HandoffByCode(g.ctx, code)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return err
	}
	asked := h.Status == postgres.HandoffAsked && h.Other == k.ID
	if err != nil || k.Misses > maxMisses || h.Status != postgres.HandoffOpen && !asked || h.ExpiresAt.Before(g.tx.Now) ||
		h.Channel != providerOf(k.Address.Channel) || h.Talk == k.ID {
		if k.Misses == 0 {
			k.MissesAt = g.now
		}
		k.Misses = min(k.Misses+1, 1000)
		g.touch(k)
		g.event(t, postgres.EventRow{Kind: "handoff_refused", Data: crm.Fields{"handoff": h.ID, "status": h.Status}})
		return g.say(t, "handoff.dead", nil)
	}
	from, contact, err := g.talk(h.Talk)
	if err != nil {
		return err
	}
	if from.Operator != 0 || g.ownLed(from) || k.Operator != 0 {
		return g.say(t, "grammar.person_answers", nil)
	}
	sure, err := g.isTheirs(t, from)
	if err != nil {
		return err
	}
	if !sure {
		if asked {
			return g.say(t, "handoff.confirm_there", map[string]any{"where": g.providerName(t, providerOf(from.Address.Channel))})
		}
		return g.askThere(t, h, from)
	}
	return g.bring(t, h, from, contact)
}

// isTheirs tells whether a talk may go to the author of the turn by its code alone: they are its contact, their provider shows the number that its
// contact gave, or nothing in it tells who began it.
func (g *group) isTheirs(t *postgres.Turn, from *postgres.Talk) (bool, error) {
	if t.Contact.ID != 0 && t.Contact.ID == from.Contact {
		return true, nil
	}
	sides, err := g.tx.Sides(g.ctx, from.Contact)
	if err != nil {
		return false, err
	}
	phone := ""
	if len(sides) > 0 {
		phone = sides[0].Phone
	}
	if phone != "" {
		return phone == t.In.From.Phone, nil
	}
	s, err := g.session(from)
	return err == nil && !personal(g.versions.of(g, s), *s), err
}

// personal tells whether an answer of a dialog tells who gave it. Photos are not shown again.
func personal(kit *dialogs.Kit, s dialogs.Session) bool {
	tells := func(dialog string, values map[string]dialogs.Value) bool {
		def := kit.Dialogs[dialog]
		for name := range values {
			if def == nil || def.Slots[name] == nil {
				continue
			}
			switch sl := def.Slots[name]; sl.Type {
			case "choice", "many", "number", "money", "photo", "photos", "asset", "city":
				if sl.Secret {
					return true
				}
			default:
				return true
			}
		}
		return false
	}
	return tells(s.Dialog, s.Slots) || slices.ContainsFunc(s.Stack, func(f dialogs.Frame) bool { return tells(f.Dialog, f.Slots) })
}

// askThere asks in the chat where a talk began whether whoever shows its code is its person.
func (g *group) askThere(t *postgres.Turn, h postgres.Handoff, from *postgres.Talk) error {
	if err := g.tx.SetHandoff(g.ctx, h.ID, postgres.HandoffAsked, t.Talk.ID); err != nil {
		return err
	}
	g.event(t, postgres.EventRow{Kind: "handoff_asked", Data: crm.Fields{"handoff": h.ID}})
	lang := g.speaks(from.Lang)
	here, there := providerOf(t.Talk.Address.Channel), providerOf(from.Address.Channel)
	press := func(key, does string) crm.Button {
		return crm.Button{Text: html.UnescapeString(g.text(lang, key, nil)), Data: handoffPress + ":" + does + ":" + digits(h.ID)}
	}
	if _, err := g.sendTo(t, crm.Outbound{Conversation: from.ID, Address: from.Address, Kind: crm.OutMessage, Answer: true, // to who asked for the code
		Text:    g.text(lang, "handoff.is_it_you", map[string]any{"where": g.text(lang, "handoff."+here, nil), "name": escaped(either(t.In.From.Name, "?"))}),
		Buttons: [][]crm.Button{{press("handoff.yes", "yes"), press("handoff.no", "no")}}}); err != nil {
		return err
	}
	return g.say(t, "handoff.confirm_there", map[string]any{"where": g.providerName(t, there)})
}

// handoffPress: to:PROVIDER goes there, yes:N and no:N answer askThere, back:N brings a talk back to where it began.
func (g *group) handoffPress(t *postgres.Turn, parts []string) (toast string, err error) {
	stale := g.text(g.lang(t), "grammar.stale", nil)
	if len(parts) != 3 {
		return stale, nil
	}
	if parts[1] == "to" {
		if !slices.ContainsFunc(providers[:], func(p struct{ name, words string }) bool { return p.name == parts[2] }) {
			return stale, nil
		}
		return "", g.goElsewhere(t, parts[2])
	}
	h, err := g.tx.Handoff(g.ctx, postgres.HandoffID(numberAt(parts, 2)))
	if errors.Is(err, crm.ErrNotFound) || err == nil && h.Talk != t.Talk.ID {
		return stale, nil
	}
	if err != nil {
		return "", err
	}
	switch {
	case parts[1] == "back" && h.Status == postgres.HandoffUsed:
		return "", g.bringBack(t, h)
	case h.Status != postgres.HandoffAsked || h.ExpiresAt.Before(g.tx.Now):
		return g.text(g.lang(t), "grammar.already_done", nil), nil
	case parts[1] == "no":
		if err := g.tx.SetHandoff(g.ctx, h.ID, postgres.HandoffRefused, h.Other); err != nil {
			return "", err
		}
		g.event(t, postgres.EventRow{Kind: "handoff_refused", Data: crm.Fields{"handoff": h.ID, "status": "no"}})
		return "", g.replace(t, crm.Outbound{Text: g.text(g.lang(t), "handoff.stays", nil)})
	case parts[1] == "yes":
		to, contact, err := g.talk(h.Other)
		if err != nil {
			return "", err
		}
		if to.Operator != 0 || g.ownLed(to) || t.Talk.Operator != 0 || g.ownLed(t.Talk) {
			return g.personAnswers(t), nil
		}
		return "", g.moved(t, h, to, contact)
	}
	return stale, nil
}

// providerName is what people call a provider.
func (g *group) providerName(t *postgres.Turn, provider string) string {
	return g.text(g.lang(t), "handoff."+provider, nil)
}
