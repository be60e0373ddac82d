package turn

import (
	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/staff"
)

// askBackPress lets whoever pressed type a question, in a chat of their own, unless nobody could answer it.
func (g *group) askBackPress(t *postgres.Turn, a *dialogs.CardAction, p staff.Press, d postgres.DealView) (toast string, args map[string]any, err error) {
	switch {
	case d.Status != crm.DealOpen:
		return "staff.card_outdated", nil, g.redrawHere(t, d.ID)
	case a.Question.To == "owner" && (d.Deal.Owner == 0 || d.Deal.Owner == t.Employee.ID):
		return "question.no_owner", nil, nil
	case a.Question.To == "contact" && d.Talk == 0:
		return "question.no_chat", nil, nil
	}
	return g.ask(t, d.ID, g.Kit.QuestionOf(p.Card, a.ID))
}

// openTalk takes over the talk with a deal's contact: seeing the card is the right to.
func (g *group) openTalk(t *postgres.Turn, d postgres.DealView) (toast string, args map[string]any, err error) {
	if d.Talk == 0 {
		return "question.no_chat", nil, nil
	}
	said, err := g.giveTalk(t, d.Talk)
	if err != nil {
		return "", nil, err
	}
	return said, nil, nil
}
