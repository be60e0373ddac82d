package turn

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"govorun/crm"
	"govorun/crm/postgres"
)

// plainAnswer is how long after a question was opened a plain text may be meant as its answer.
const plainAnswer = 10 * time.Minute

// offerAnswer asks whether a plain text is the answer to the question that its author has just opened; false when they opened none, or when the
// text is a number.
func (g *group) offerAnswer(t *postgres.Turn) (bool, error) {
	if t.In.Kind != crm.InText || !strings.ContainsFunc(t.In.Text, unicode.IsLetter) || !g.Kit.May(t.Employee.Role, crm.MayQuestions) {
		return false, nil
	}
	card, err := g.tx.ShownCard(g.ctx, t.Talk.ID, questionCard, plainAnswer)
	if err != nil || card == "" {
		return false, err
	}
	number := strings.TrimPrefix(card, questionCard)
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return false, nil
	}
	if _, err := g.openFor(t, postgres.QuestionID(id)); errors.Is(err, crm.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	lang := g.lang(t)
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "questions.sure", map[string]any{"id": number}), Buttons: [][]crm.Button{{
		{Text: g.text(lang, "questions.yes", nil), Data: "q:y:" + number + ":" + strconv.FormatInt(int64(t.Message), 10)},
		{Text: g.text(lang, "card.confirm_no", nil), Data: "q:n:" + number}}}})
	return true, err
}

// plainConfirmed sends what was typed before as the answer.
func (g *group) plainConfirmed(t *postgres.Turn, id postgres.QuestionID, message string) (toast string, err error) {
	number, err := strconv.ParseInt(message, 10, 64)
	if err != nil {
		return g.text(g.lang(t), "grammar.stale", nil), nil
	}
	text, err := g.tx.TextTyped(g.ctx, t.Talk.ID, crm.MessageID(number))
	if err != nil {
		return "", err
	}
	if text == "" {
		return g.text(g.lang(t), "grammar.stale", nil), nil
	}
	if err := g.replace(t, crm.Outbound{Text: g.text(g.lang(t), "questions.sure", map[string]any{"id": strconv.FormatInt(int64(id), 10)}), Buttons: [][]crm.Button{}}); err != nil {
		return "", err
	}
	return "", g.reply(t, id, text)
}
