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
	if e.Deal == 0 {
		return nil // a task about nothing: it stands in the list of tasks
	}
	d, err := g.tx.Deal(g.ctx, e.Deal)
	if err != nil {
		return err
	}
	switch e.To {
	case crm.ToContact:
		return g.tellContact(t, e, d, by)
	case crm.ToEmployee:
		return g.tellAsker(t, e, d, by)
	case crm.ToOwner:
		people, err := g.reachOwner(d.Deal.Owner)
		if err == nil && len(people) == 0 && g.Kit.Head != "" { // nobody owns it, or nobody who can be reached
			people, err = g.whoSees(g.Kit.Head, d)
		}
		if err != nil {
			return err
		}
		g.tellPeople(t, e, d, people, by)
		return nil
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
	g.tellPeople(t, e, d, people, by)
	return nil
}

// taskNotice tells whoever has to do a task.
func (g *group) taskNotice(d rules.Done) rules.Done {
	e := d.Effect.(crm.TaskAdded)
	args := crm.Fields{"title": e.Title, "due": ""}
	if !e.DueAt.IsZero() {
		args["due"] = e.DueAt.In(g.now.Location()).Format("02.01 15:04")
	}
	to := crm.Notified{Deal: e.Deal, Role: e.Role, To: crm.ToRole, Key: "staff.task_new", Args: args, Card: e.Card}
	if e.Owner || e.Assignee != 0 {
		to.To = crm.ToOwner
	}
	return rules.Done{Effect: to, Cause: d.Cause}
}

// whoSees finds the people of a role who may see a deal: its crew's, else those of its city, else all.
func (g *group) whoSees(role string, d postgres.DealView) ([]postgres.Reached, error) {
	people, err := g.reachRole(role, d.Crew, dialogs.CityOf(d.Deal, d.Asset, d.Contact))
	if err != nil {
		return nil, err
	}
	var seeing []postgres.Reached
	for _, p := range people {
		if p.Room != "" || staff.Sees(g.Kit, view(d), p.Employee) {
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
	if (rules.WantsSilence(d.Contact) || e.Advert && d.Contact.RefusesAdverts()) && ours(t.In.Kind) && len(by.Cause) > 0 {
		g.event(t, postgres.EventRow{Kind: "contact_not_told", Deal: e.Deal, Author: crm.ByBot, Data: crm.Fields{"text": e.Key, "reason": string(rules.SkipOptedOut)}})
		return nil
	}
	out := crm.Outbound{Conversation: d.Talk, Address: d.Address, Kind: crm.OutMessage, Priority: crm.Notice,
		Text: g.words(e, d, g.speaks(d.Language))}
	if ours(t.In.Kind) && len(by.Cause) > 0 {
		out.NotBefore = g.wakeful(dialogs.CityOf(d.Deal, d.Asset, d.Contact))
	}
	if reminds(by) {
		out.Prompt = true // it only asks: whoever takes the talk over cancels it
		// What they are reminded of can be answered here.
		lang := g.speaks(d.Language)
		out.Buttons = append(dialogs.Undated(g.telling.asked[e.Deal], g.text(lang, "visit.other_day", nil)),
			[]crm.Button{{Text: g.text(lang, "grammar.mute", nil), Data: dialogs.MutePress}})
	}
	_, err := g.sendTo(t, out)
	return err
}

// wakeful is when robots may write to people of a city; zero for now.
func (g *group) wakeful(city string) time.Time {
	quiet, until := g.Kit.Quiet(g.now, city)
	if !quiet {
		return time.Time{}
	}
	return until.Add(-g.Shift()) // rows are held by the database's clock
}

// notice is what one employee is told about one deal in one go: however many reasons there are, the card stands under them once.
type notice struct {
	to    postgres.Reached
	deal  crm.DealID
	card  string
	lines []string
	hold  bool // a robot thought of it by itself: it can wait for the morning
}

// tellPeople keeps what employees are to be told until all of it is known. A deal that somebody must take can't wait.
func (g *group) tellPeople(t *postgres.Turn, e crm.Notified, d postgres.DealView, people []postgres.Reached, by rules.Done) {
	hold := t.In.Kind == crm.InTimeout && len(by.Cause) > 0 && !slices.Contains(by.Cause, "timer:"+string(crm.TimerTake))
	for _, p := range people {
		i := slices.IndexFunc(g.notices, func(n notice) bool {
			return n.deal == e.Deal && n.to.Conversation == p.Conversation && n.to.Thread == p.Thread
		})
		if i < 0 {
			i = len(g.notices)
			g.notices = append(g.notices, notice{to: p, deal: e.Deal, hold: hold})
		}
		n := &g.notices[i]
		n.hold = n.hold && hold
		n.card = either(e.Card, n.card)
		if n.card == "" {
			n.card = staff.For(g.Kit, p.Role, d.Pipeline)
		}
		if e.Key != "" {
			if words := g.words(e, d, g.speaks(p.Lang)); !slices.Contains(n.lines, words) {
				n.lines = append(n.lines, words)
			}
		}
	}
}

// sendNotices tells employees what was kept for them.
func (g *group) sendNotices(t *postgres.Turn) error {
	notices := g.notices
	g.notices = nil
	for _, n := range notices {
		out := crm.Outbound{Conversation: n.to.Conversation, Address: n.to.Address, Thread: n.to.Thread, Kind: crm.OutMessage, Priority: crm.Notice}
		if n.hold {
			out.NotBefore = g.wakeful(n.to.City)
		}
		if n.card != "" {
			d, err := g.tx.Deal(g.ctx, n.deal)
			if err != nil {
				return err
			}
			me := n.to.Employee
			if n.to.Room != "" {
				me = g.member(n.card, view(d))
			}
			text, buttons, err := g.render(t, n.card, view(d), staff.Viewer{Me: me, Now: g.now, Lang: g.speaks(n.to.Lang)})
			if err != nil {
				return err
			}
			n.lines, out.Buttons, out.Card = append(n.lines, text), buttons, mark(n.deal, n.card)
			if n.to.Room == "" {
				if err := g.album(t, n.card, n.deal, viewing{who: me, chat: n.to.Conversation, address: n.to.Address, lang: g.speaks(n.to.Lang), notBefore: out.NotBefore}); err != nil {
					return err
				}
			}
		}
		if len(n.lines) == 0 {
			continue
		}
		out.Text = strings.Join(n.lines, "\n\n")
		if err := g.sendBelow(t, out, g.telling.stands[n.deal]); err != nil {
			return err
		}
	}
	return nil
}

// words are those of a notice. Arguments that nobody gave are taken from the deal.
func (g *group) words(e crm.Notified, d postgres.DealView, lang string) string {
	args := map[string]any(e.Args)
	if args == nil {
		scene := rules.Scene{View: rules.View{Deal: d.Deal, Contact: d.Contact, Asset: d.Asset, Owner: d.Owner}, Now: g.now}
		if g.memory != nil && d.Parent != 0 {
			if v, err := g.memory.Deal(d.Deal.ID); err == nil {
				scene.Parent = v.Parent
			}
		}
		scope := g.Kit.Scope(scene)
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
