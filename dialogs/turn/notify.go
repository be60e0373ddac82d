package turn

import (
	"html"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
	"govorun/dialogs/staff"
)

// notify shows a deal's card to a role, or tells its contact or owner a text.
func (g *group) notify(t *postgres.Turn, e crm.Notified, by rules.Done) error {
	d, err := g.tx.Deal(g.ctx, e.Deal)
	if err != nil {
		return err
	}
	switch e.To {
	case crm.ToContact:
		return g.tellContact(t, e, d, by)
	case crm.ToOwner:
		people, err := g.tx.ReachEmployee(g.ctx, d.Deal.Owner)
		if err != nil {
			return err
		}
		return g.tellPeople(t, e, d, people)
	}
	people, err := g.whoSees(e.Role, d)
	if err == nil && len(people) == 0 && g.Kit.Head != "" && g.Kit.Head != e.Role { // nobody there: the head must know
		people, err = g.whoSees(g.Kit.Head, d)
	}
	if err != nil {
		return err
	}
	if len(people) == 0 {
		g.event(t, postgres.EventRow{Kind: "nobody_told", Deal: e.Deal, Data: crm.Fields{"role": e.Role}})
	}
	return g.tellPeople(t, e, d, people)
}

// whoSees finds the people of a role who may see a deal: its crew's, else those of its city, else all.
func (g *group) whoSees(role string, d postgres.DealView) ([]postgres.Reached, error) {
	people, err := g.tx.ReachRole(g.ctx, role, d.Crew, dialogs.CityOf(d.Deal, d.Asset, d.Contact))
	if err != nil {
		return nil, err
	}
	seeing := people[:0]
	for _, p := range people {
		if staff.Sees(view(d), p.Employee) {
			seeing = append(seeing, p)
		}
	}
	return seeing, nil
}

// tellContact says something to the person behind a deal. What a timer causes waits out the quiet hours where they live.
func (g *group) tellContact(t *postgres.Turn, e crm.Notified, d postgres.DealView, by rules.Done) error {
	if d.Talk == 0 {
		g.event(t, postgres.EventRow{Kind: "contact_not_told", Deal: e.Deal, Author: crm.ByBot, Data: crm.Fields{"text": e.Key, "reason": "no_conversation"}})
		return nil
	}
	out := crm.Outbound{Conversation: d.Talk, Address: d.Address, Kind: crm.OutMessage, Priority: crm.Notice,
		Text: g.words(e, d, g.speaks(d.Language))}
	if ours(t.In.Kind) && len(by.Cause) > 0 {
		out.NotBefore = g.wakeful(d)
	}
	if slices.Contains(by.Cause, "timer:"+string(crm.TimerRemind)) {
		out.Buttons = [][]crm.Button{{{Text: g.text(g.speaks(d.Language), "grammar.mute", nil), Data: dialogs.MutePress}}}
	}
	_, err := g.sendTo(t, out)
	return err
}

// wakeful is when the person behind a deal may be written to by robots; zero for now.
func (g *group) wakeful(d postgres.DealView) time.Time {
	quiet, until := g.Kit.Quiet(g.now, dialogs.CityOf(d.Deal, d.Asset, d.Contact))
	if !quiet {
		return time.Time{}
	}
	return until.Add(-g.Shift()) // rows are held by the database's clock
}

// tellPeople says something to employees, with the card of the deal when their role has one for it.
func (g *group) tellPeople(t *postgres.Turn, e crm.Notified, d postgres.DealView, people []postgres.Reached) error {
	for _, p := range people {
		lang := g.speaks(p.Lang)
		out := crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice}
		var lines []string
		if e.Key != "" {
			lines = append(lines, g.words(e, d, lang))
		}
		card := e.Card
		if card == "" {
			card = staff.For(g.Kit, p.Role, d.Pipeline)
		}
		if card != "" {
			text, buttons, err := staff.Render(g.Kit, card, view(d), staff.Viewer{Me: p.Employee, Now: g.now, Lang: lang})
			if err != nil {
				return err
			}
			lines, out.Buttons, out.Card = append(lines, text), buttons, mark(e.Deal, card)
		}
		if len(lines) == 0 {
			continue
		}
		out.Text = strings.Join(lines, "\n\n")
		if _, err := g.sendTo(t, out); err != nil {
			return err
		}
	}
	return nil
}

// words are those of a notice. Arguments that nobody gave are taken from the deal.
func (g *group) words(e crm.Notified, d postgres.DealView, lang string) string {
	args := map[string]any(e.Args)
	if args == nil {
		scope := g.Kit.Scope(rules.Scene{View: rules.View{Deal: d.Deal, Contact: d.Contact, Asset: d.Asset, Owner: d.Owner}, Now: g.now})
		scope.Lang = lang
		args = g.Kit.Args(e.Key, scope)
	}
	args = dialogs.Escape(args)
	if code, ok := args["stage"].(string); ok { // names of stages are for the kit; people read words
		args["stage"] = html.EscapeString(g.stageName(d.Pipeline, html.UnescapeString(code), lang))
	}
	return g.text(lang, e.Key, args)
}

// stageName is how people call a stage.
func (g *group) stageName(pipeline, stage, lang string) string {
	if p := g.Kit.Pipelines[pipeline]; p != nil {
		for _, s := range p.Stages {
			if s.Name == stage {
				return g.text(lang, s.Key, nil)
			}
		}
	}
	return stage
}
