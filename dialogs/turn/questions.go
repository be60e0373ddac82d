package turn

import (
	"errors"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	"govorun/crm"
	"govorun/crm/postgres"
)

// Questions that nobody had written an answer for: a list, one of them, its answer. Buttons begin with q:.

const (
	questionsShown = 5
	// questionWords is how many letters of a question stand in the list.
	questionWords = 90
	// longestReply bounds an answer, in letters.
	longestReply = 700
	questionCard = "question:"
)

// listQuestions lists the questions that the employee sees, the most asked first.
func (g *group) listQuestions(t *postgres.Turn) error {
	out, err := g.questionsPage(t, 0)
	if err == nil {
		_, err = g.send(t, out)
	}
	return err
}

func (g *group) questionsPage(t *postgres.Turn, page int) (crm.Outbound, error) {
	lang := g.lang(t)
	list, total, err := g.tx.Questions(g.ctx, t.Employee.ID, g.Kit.Name, postgres.Page{Skip: page * questionsShown, Size: questionsShown})
	out := crm.Outbound{Kind: crm.OutMessage}
	if err != nil {
		return out, err
	}
	if len(list) == 0 {
		out.Text, out.Buttons = g.text(lang, "questions.none", nil), [][]crm.Button{}
		if page > 0 {
			return g.questionsPage(t, 0)
		}
		return out, nil
	}
	lines := []string{g.text(lang, "questions.title", map[string]any{"n": total})}
	var numbers, turn []crm.Button
	for _, q := range list {
		id := strconv.FormatInt(int64(q.ID), 10)
		lines = append(lines, g.text(lang, "questions.line", map[string]any{"id": id, "text": html.EscapeString(beginningOf(q.Text, questionWords)), "asked": g.askedHow(t, q)}))
		numbers = append(numbers, crm.Button{Text: id, Data: "q:o:" + id})
	}
	if page > 0 {
		turn = append(turn, crm.Button{Text: "⬅️", Data: "q:p:" + strconv.Itoa(page-1)})
	}
	if (page+1)*questionsShown < total {
		turn = append(turn, crm.Button{Text: "➡️", Data: "q:p:" + strconv.Itoa(page+1)})
	}
	out.Text, out.Buttons = strings.Join(lines, "\n"), [][]crm.Button{numbers}
	if turn != nil {
		out.Buttons = append(out.Buttons, turn)
	}
	return out, nil
}

// beginningOf is the beginning of a text, with a sign that there is more.
func beginningOf(text string, letters int) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > letters {
		return string(runes[:letters-1]) + "…"
	}
	return text
}

// askedHow says how often a question was asked, when last, and where.
func (g *group) askedHow(t *postgres.Turn, q postgres.Question) string {
	lang := g.lang(t)
	at := q.LastAt.Add(g.Shift()).In(g.Kit.ZoneOf(t.Employee.City))
	said := g.text(lang, "questions.asked", map[string]any{"n": q.Times, "date": at.Format("02.01 15:04")})
	if q.City != "" {
		said += " · " + html.EscapeString(g.Kit.CityIn(lang, q.City))
	}
	return said
}

// questionPress turns the pages of the list, opens a question or puts it away.
func (g *group) questionPress(t *postgres.Turn, parts []string) (toast string, err error) {
	lang := g.lang(t)
	if confirmed := len(parts) == 4 && parts[1] == "y"; len(parts) != 3 && !confirmed {
		return g.text(lang, "grammar.stale", nil), nil
	}
	if !g.Kit.May(t.Employee.Role, crm.MayQuestions) {
		return g.text(lang, "staff.no_right", nil), nil
	}
	n, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return g.text(lang, "grammar.stale", nil), nil
	}
	switch parts[1] {
	case "p":
		out, err := g.questionsPage(t, int(min(n, 1000)))
		if err != nil {
			return "", err
		}
		return "", g.replace(t, out)
	case "o":
		return g.openQuestion(t, postgres.QuestionID(n))
	case "d":
		return g.dismissQuestion(t, postgres.QuestionID(n))
	case "n":
		return "", g.replace(t, crm.Outbound{Text: g.text(lang, "questions.not_sent", map[string]any{"id": parts[2]}), Buttons: [][]crm.Button{}})
	case "y":
		if len(parts) == 4 {
			return g.plainConfirmed(t, postgres.QuestionID(n), parts[3])
		}
	}
	return g.text(lang, "grammar.stale", nil), nil
}

// openQuestion sends one question, to be answered by a reply.
func (g *group) openQuestion(t *postgres.Turn, id postgres.QuestionID) (toast string, err error) {
	q, err := g.openFor(t, id)
	if errors.Is(err, crm.ErrNotFound) {
		return g.text(g.lang(t), "questions.gone", nil), nil
	}
	if err != nil {
		return "", err
	}
	lang, number := g.lang(t), strconv.FormatInt(int64(id), 10)
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Card: questionCard + number,
		Text:    g.text(lang, "questions.one", map[string]any{"id": number, "text": html.EscapeString(q.Text), "asked": g.askedHow(t, q)}),
		Buttons: [][]crm.Button{{{Text: g.text(lang, "questions.dismiss", nil), Data: "q:d:" + number}}}})
	return "", err
}

// openFor reads a question that waits still and that the employee sees.
func (g *group) openFor(t *postgres.Turn, id postgres.QuestionID) (postgres.Question, error) {
	q, err := g.tx.Question(g.ctx, t.Employee.ID, id)
	if err == nil && q.Status != "open" {
		err = crm.ErrNotFound
	}
	return q, err
}

func (g *group) dismissQuestion(t *postgres.Turn, id postgres.QuestionID) (toast string, err error) {
	lang := g.lang(t)
	if _, err = g.openFor(t, id); err == nil {
		_, err = g.tx.CloseQuestion(g.ctx, t.Employee.ID, id, "")
	}
	if errors.Is(err, crm.ErrNotFound) {
		return g.text(lang, "questions.gone", nil), nil
	}
	if err != nil {
		return "", err
	}
	g.event(t, postgres.EventRow{Kind: "question_dismissed", Data: crm.Fields{"question": int64(id)}})
	return "", g.replace(t, crm.Outbound{Text: g.text(lang, "questions.dismissed", nil)})
}

// questionReplied is the question whose message an employee's text answers; false when it answers none.
func (g *group) questionReplied(t *postgres.Turn) (postgres.QuestionID, bool, error) {
	if t.In.ReplyTo == "" || t.In.Kind != crm.InText || t.Talk.Group {
		return 0, false, nil
	}
	card, err := g.tx.CardOf(g.ctx, t.Talk.ID, t.In.ReplyTo)
	number, is := strings.CutPrefix(card, questionCard)
	if err != nil || !is {
		return 0, false, err
	}
	id, err := strconv.ParseInt(number, 10, 64)
	return postgres.QuestionID(id), err == nil, nil
}

// aboutQuestion tells whether a message answers a question of somebody, although a dialog is going on.
func (g *group) aboutQuestion(t *postgres.Turn) bool {
	_, is, err := g.questionReplied(t)
	if err != nil {
		g.failed = err
	}
	return is
}

// answersQuestion takes a reply to a question for its answer; false when the message is no such reply.
func (g *group) answersQuestion(t *postgres.Turn) (bool, error) {
	id, is, err := g.questionReplied(t)
	if err != nil || !is {
		return false, err
	}
	if !g.Kit.May(t.Employee.Role, crm.MayQuestions) {
		return true, g.say(t, "staff.no_right", nil)
	}
	return true, g.reply(t, id, t.In.Text)
}

// answerQuestion is the command for what else is a reply: /answer 17 text.
func (g *group) answerQuestion(t *postgres.Turn) error {
	number, text, _ := strings.Cut(strings.TrimSpace(t.In.Args), " ")
	id, err := strconv.ParseInt(strings.TrimLeft(number, "№#"), 10, 64)
	if err != nil || id <= 0 || strings.TrimSpace(text) == "" {
		return g.wrong(t, "questions.usage", nil, "questions")
	}
	return g.reply(t, postgres.QuestionID(id), text)
}

// reply sends an answer to everybody who has asked the question, and closes it.
func (g *group) reply(t *postgres.Turn, id postgres.QuestionID, answer string) error {
	answer = strings.TrimSpace(answer)
	switch {
	case answer == "":
		return g.wrong(t, "questions.usage", nil, "questions")
	case utf8.RuneCountInString(answer) > longestReply:
		return g.say(t, "questions.too_long", nil)
	}
	_, err := g.openFor(t, id)
	var askers []postgres.Asker
	if err == nil {
		askers, err = g.tx.CloseQuestion(g.ctx, t.Employee.ID, id, answer)
	}
	if errors.Is(err, crm.ErrNotFound) {
		return g.wrong(t, "questions.gone", nil, "questions")
	}
	told := 0
	for _, a := range askers {
		if err != nil {
			return err
		}
		if a.Blocked {
			continue
		}
		told++
		_, err = g.sendTo(t, crm.Outbound{Conversation: a.Conversation, Address: a.Address, Kind: crm.OutMessage, Priority: crm.Notice, Author: crm.ByEmployee,
			Text: g.text(g.speaks(a.Lang), "knowledge.replied", map[string]any{"question": html.EscapeString(beginningOf(a.Text, questionWords)), "answer": html.EscapeString(answer)})})
	}
	if err != nil {
		return err
	}
	g.event(t, postgres.EventRow{Kind: "question_replied", Data: crm.Fields{"question": int64(id), "people": told}})
	if told == 0 {
		return g.say(t, "questions.nobody", nil)
	}
	return g.say(t, "questions.sent", map[string]any{"n": told})
}
