package turn

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/locales"
)

// People ask at any moment what is kept of them, and to be forgotten. Forgetting is asked for twice in one chat, then it is done after the commit, in a
// transaction of its own: it must lock every talk of the person.

// sureFor is how long the question whether somebody is sure counts.
const sureFor = time.Hour

// wish is what a person wants with their own data.
type wish string

const (
	wishKnown  wish = "mydata"
	wishForget wish = "forget"
	wishSure   wish = "sure"
	wishKeep   wish = "keep"
	wishStale  wish = "stale"
)

// wishOf tells what an input wants with the data of its author; empty when nothing.
func (g *group) wishOf(in crm.Inbound) wish {
	if in.Press != nil {
		return g.wishPressed(in.Press.Data)
	}
	if in.Kind != crm.InText || len(in.Text) > 200 {
		return ""
	}
	switch name, _ := typed(in); name {
	case "mydata":
		return wishKnown
	case "forget":
		return wishForget
	}
	folded := locales.Fold(in.Text)
	for _, w := range [...]wish{wishKnown, wishForget, wishSure, wishKeep} {
		for _, lang := range g.Kit.Languages {
			if slices.Contains(g.Kit.Texts.Words(lang, "forget."+string(w)+"_words"), folded) {
				return w
			}
		}
	}
	return ""
}

// wishPressed reads a button: d:ask, or d:sure and d:keep with the minute in which was asked.
func (g *group) wishPressed(data string) wish {
	parts := strings.Split(data, ":")
	switch {
	case parts[0] != "d":
		return ""
	case len(parts) == 2 && parts[1] == "ask":
		return wishForget
	case len(parts) != 3 || parts[1] != string(wishSure) && parts[1] != string(wishKeep):
		return wishStale
	}
	minute, err := strconv.ParseInt(parts[2], 36, 64)
	if asked := time.Unix(minute*60, 0); err != nil || g.tx.Now.Sub(asked) > sureFor || asked.After(g.tx.Now) {
		return wishStale
	}
	return wish(parts[1])
}

// ownData does what a person wants with their own data. It reports false when the input is about something else.
func (g *group) ownData(t *postgres.Turn) (done bool, receipt Receipt, err error) {
	w := g.wishOf(t.In)
	if w == "" || t.In.Press == nil && (w == wishSure && !g.wasAsked(t) || w == wishKeep && !g.justAsked(t)) {
		return false, Receipt{}, g.failed
	}
	lang := g.lang(t)
	switch {
	case w == wishStale:
		return true, Receipt{Toast: unescaped(g.text(lang, "grammar.stale", nil))}, nil
	case t.Employee != nil:
		return true, Receipt{}, g.say(t, "forget.employee", nil)
	case w == wishKnown:
		return true, Receipt{}, g.tellKnown(t)
	case w == wishForget:
		return true, Receipt{}, g.askSure(t)
	case w == wishKeep:
		g.event(t, postgres.EventRow{Kind: "erasure_declined"})
		if t.In.Press == nil {
			return true, Receipt{}, g.say(t, "forget.kept", nil)
		}
		return true, Receipt{}, g.replace(t, crm.Outbound{Kind: crm.OutEdit, Author: crm.ByBot, Text: g.text(lang, "forget.kept", nil)})
	}
	return true, Receipt{}, g.forgetPerson(t)
}

// staffData answers employees, whose own data is the company's journal of work.
func (g *group) staffData(t *postgres.Turn) error { return g.say(t, "forget.employee", nil) }

// sureCard marks the question whether somebody is sure.
const sureCard = "forget"

// wasAsked tells whether the person was asked in this talk not long ago: a typed answer counts only then.
func (g *group) wasAsked(t *postgres.Turn) bool {
	asked, err := g.tx.WasTold(g.ctx, t.Talk.ID, sureCard, sureFor)
	if err != nil {
		g.failed = err
	}
	return asked
}

// justAsked tells whether that question is the last thing they heard: a mere no is an answer to whatever was asked last.
func (g *group) justAsked(t *postgres.Turn) bool {
	asked, err := g.tx.ToldLast(g.ctx, t.Talk.ID, sureCard, sureFor)
	if err != nil {
		g.failed = err
	}
	return asked
}

// askSure says what will go and asks once more.
func (g *group) askSure(t *postgres.Turn) error {
	if err := g.tx.FlushDeals(g.ctx); err != nil {
		return err
	}
	held, err := g.tx.Kept(g.ctx, t.Contact.ID)
	if err != nil {
		return err
	}
	lang, minute := g.lang(t), strconv.FormatInt(g.tx.Now.Unix()/60, 36)
	out := crm.Outbound{Kind: crm.OutMessage, Author: crm.ByBot, Card: sureCard, Text: g.text(lang, "forget.ask", nil)}
	if held.Open > 0 {
		out.Text = g.text(lang, "forget.ask_open", map[string]any{"n": held.Open})
	}
	if g.Capabilities(t.Talk.Address.Channel).Buttons {
		out.Buttons = [][]crm.Button{{{Text: g.text(lang, "forget.yes", nil), Data: "d:sure:" + minute}}, {{Text: g.text(lang, "forget.no", nil), Data: "d:keep:" + minute}}}
	} else {
		out.Text += "\n" + g.text(lang, "forget.type", nil)
	}
	g.event(t, postgres.EventRow{Kind: "erasure_asked"})
	_, err = g.send(t, out)
	return err
}

// forgetPerson says the last word and lets the rest happen after the commit. Nothing else is sent there any more.
func (g *group) forgetPerson(t *postgres.Turn) error {
	s, err := g.session(t.Talk)
	if err != nil {
		return err
	}
	if err := g.tx.FlushDeals(g.ctx); err != nil {
		return err
	}
	err = g.tx.AskErasure(g.ctx, postgres.Erasure{Contact: t.Contact.ID})
	if errors.Is(err, crm.ErrRefused) { // they work here, by another account
		return g.say(t, "forget.employee", nil)
	}
	if err == nil {
		err = g.tellOwners(t)
	}
	if err != nil {
		return err
	}
	g.tx.Changes.Silenced = append(g.tx.Changes.Silenced, postgres.Silenced{Conversation: t.Talk.ID})
	out := crm.Outbound{Kind: crm.OutMessage, Author: crm.ByBot, HideKeyboard: true, Text: g.text(g.lang(t), "forget.done", nil)}
	id, err := g.send(t, out)
	if err != nil {
		return err
	}
	*s, t.Talk.DueAt, t.Talk.Prompt, t.Talk.Operator = dialogs.Session{}, time.Time{}, postgres.Prompt{}, 0
	g.touch(t.Talk)
	g.forgotten = append(g.forgotten, t.Contact.ID)
	return g.tx.AskErasure(g.ctx, postgres.Erasure{Contact: t.Contact.ID, Conversation: t.Talk.ID, Message: id})
}

// tellOwners tells those responsible for open deals that nobody waits for them any more. The notice holds no word of the person, so it outlives them.
func (g *group) tellOwners(t *postgres.Turn) error {
	deals, err := g.tx.OwnedDeals(g.ctx, t.Contact.ID)
	if err != nil {
		return err
	}
	for _, d := range deals {
		if d.Owner == 0 {
			continue
		}
		people, err := g.tx.ReachEmployee(g.ctx, d.Owner)
		if err != nil {
			return err
		}
		for _, p := range people {
			_, err := g.sendTo(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice,
				Text: g.text(g.speaks(p.Lang), "forget.told", map[string]any{"id": int(d.ID)})})
			if err != nil {
				return err
			}
			g.tx.Changes.Out[len(g.tx.Changes.Out)-1].Cause = 0 // what the person's own messages led to is emptied
		}
	}
	return nil
}

// forget does what people asked for, and shows the cards of their deals without them. What gives way to other turns, or is cut off by the end of
// the program, is sweepForgotten's to do.
func (r *Runner) forget(ctx context.Context, contacts []crm.ContactID) {
	for _, id := range contacts {
		done, err := r.DB.Erase(ctx, id, r.now())
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			r.Log.Warn("a person is not forgotten yet", "contact", id, "err", err)
			continue
		}
		r.Committed(nil, done.Unset)
		r.Log.Info("person forgotten", "contact", id, "act", done.Act, "deals", len(done.Deals))
		err = r.act(ctx, func(g *group, t *postgres.Turn) error {
			for _, d := range done.Deals {
				if err := g.redrawDeal(t, d); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			r.Log.Warn("cards of a forgotten person stay as they are", "act", done.Act, "err", err)
		}
	}
}

// now is the time by which dialogs go.
func (r *Runner) now() time.Time { return time.Now().Add(r.Shift()).In(r.Kit.Zone) }

// sweepForgotten forgets those who were not forgotten right after they asked, and the chats of those who heard the last word.
func (r *Runner) sweepForgotten(ctx context.Context) error {
	asked, err := r.DB.AskedErasures(ctx, sweepAtOnce)
	if err != nil {
		return err
	}
	for _, e := range asked {
		r.forget(ctx, []crm.ContactID{e.Contact})
	}
	return r.DB.EndErasures(ctx)
}
