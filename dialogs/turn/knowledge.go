package turn

import (
	"html"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/slot"
)

// What the business knows, and what nobody has an answer to: that is collected for those who write one.

// mostAsked is how many questions without an answer one conversation may have within a day.
const mostAsked = 10

// lookIntoKnowledge finds out, for the step that needs it, who asks.
func (g *group) lookIntoKnowledge(t *postgres.Turn, in *dialogs.Input) error {
	asked, city, err := g.tx.QuestionsLately(g.ctx, t.Talk.ID, t.Contact.ID)
	in.Facts.Known = &dialogs.Known{Base: g.Kit.Knowledge, Full: asked >= mostAsked, City: city}
	return err
}

// collect keeps a question that nobody has an answer to. Those who answer hear of it when there was none for half a day.
func (g *group) collect(t *postgres.Turn, asked *dialogs.Asked) error {
	if asked == nil {
		return nil
	}
	id, news, err := g.tx.Ask(g.ctx, postgres.NewQuestion{Kit: g.Kit.Name, Lang: asked.Lang, City: asked.City, Text: asked.Text, Folded: asked.Folded(), Conversation: t.Talk.ID})
	if err != nil {
		return err
	}
	g.event(t, postgres.EventRow{Kind: "question_collected", Data: crm.Fields{"question": int64(id)}})
	if !news {
		return nil
	}
	return g.tellOfQuestion(t, asked)
}

// tellOfQuestion tells those who answer of a new question, when people work.
func (g *group) tellOfQuestion(t *postgres.Turn, asked *dialogs.Asked) error {
	for _, role := range g.answerers() {
		people, err := g.tx.ReachPeople(g.ctx, role, 0, asked.City)
		if err != nil {
			return err
		}
		for _, p := range people {
			out := crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice,
				Text: g.text(g.speaks(p.Lang), "questions.new", map[string]any{"text": html.EscapeString(asked.Text)})}
			if !g.Kit.Open(g.now, p.City) {
				out.NotBefore = g.Kit.Opens(g.now, p.City).Add(-g.Shift())
			}
			if _, err := g.sendTo(t, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// answerers are the roles that may answer questions, sorted.
func (g *group) answerers() (roles []string) {
	for role := range g.Kit.Duties {
		if g.Kit.May(role, crm.MayQuestions) {
			roles = append(roles, role)
		}
	}
	return sorted(roles)
}

// askBase finds for an employee what the business answers, in their own words.
func (g *group) askBase(t *postgres.Turn) error {
	if g.Kit.Knowledge == nil {
		return g.wrong(t, "knowledge.nothing", nil, "help")
	}
	text, _ := slot.MaskAccounts(t.In.Args)
	if len(g.Kit.WordsAsked(text)) == 0 {
		return g.say(t, "knowledge.ask_usage", nil)
	}
	found := g.Kit.Find(&dialogs.Known{Base: g.Kit.Knowledge}, text, g.lang(t), t.Employee.City)
	switch {
	case found.ID != "":
		return g.tellText(t, found.Say(g.Kit, g.now))
	case found.Example != "":
		return g.say(t, "knowledge.which_city", map[string]any{"example": html.EscapeString(found.Example)})
	}
	return g.say(t, "knowledge.nothing", nil)
}
