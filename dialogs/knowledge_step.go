package dialogs

import (
	"slices"
	"strings"

	"govorun/crm"
	"govorun/dialogs/slot"
)

// Markup is a text with the tags that channels show; rendering leaves it as it is.
type Markup string

// Asked is a question that the business has no answer to: what is collected for whoever writes one. Account numbers are masked.
type Asked struct {
	Text string
	Lang string
	City string // of whoever asks, as far as known
}

// Folded is the form by which questions of different people are found to be the same.
func (a Asked) Folded() string { return strings.Join(knownWords(a.Text), " ") }

// question answers a text that the state couldn't take, when it is a question or fits one that is known, and puts the state's question once
// more. The step counts no failure then. False when the text is none.
func (t *step) question() bool {
	if t.in.Kind != crm.InText || !t.told(t.in.Text, false) {
		return false
	}
	t.askAgain()
	return true
}

// questionAtHome does the same when nothing was going on: the answer stands above the first question of home.
func (t *step) questionAtHome() {
	if t.err != nil || t.in.Kind != crm.InText {
		return
	}
	said := t.out.Say
	t.out.Say = nil
	t.told(t.in.Text, false)
	t.out.Say = append(t.out.Say, said...)
}

// asksOutright takes a question that says of itself that it is one: /ask, at every step, also where any text would be an answer.
func (t *step) asksOutright() bool {
	text, asks := askedBy(t.in.Inbound)
	if !asks || !t.env.Knows || t.kit.entry(func(e Entry) bool { return e.Command == askCommand }) != nil {
		return false
	}
	t.s.Pending, t.s.Switch = "", nil
	if len(t.kit.WordsAsked(text)) == 0 {
		t.tell("knowledge.ask_usage", nil)
	} else if !t.told(text, true) {
		return t.err != nil // an employee's: their own command answers
	}
	t.askAgain()
	return true
}

const askCommand = "ask"

// askedBy is the question behind the command /ask, by any of its names. Channels know commands of Latin letters only.
func askedBy(in crm.Inbound) (text string, asks bool) {
	name, text := in.Command, in.Args
	if name == "" && in.Kind == crm.InText && strings.HasPrefix(in.Text, "/") {
		name, text, _ = strings.Cut(in.Text[1:], " ")
	}
	return text, slices.Contains([]string{askCommand, "вопрос", "сұрақ"}, strings.ToLower(name))
}

// asksForName tells whether a text where any word is taken is a question that the business knows: “when is the payout?” is no name.
func (t *step) asksForName(sl *Slot) bool {
	text := strings.TrimSpace(t.in.Text)
	if sl.Type != "name" && sl.Type != "city" || !t.canAsk() || t.in.Kind != crm.InText || !strings.HasSuffix(text, "?") || !strings.Contains(text, " ") {
		return false
	}
	found, looked := t.lookedUp(text, true)
	return !looked || found.ID != "" || found.Example != ""
}

func (t *step) canAsk() bool { return t.env.Knows && t.env.Employee == nil && t.err == nil }

// told says what is known about a text; false when it is no question. What nobody knows is collected.
func (t *step) told(text string, sure bool) bool {
	if !t.canAsk() || t.looksSecret() || len(t.kit.WordsAsked(text)) == 0 {
		return false
	}
	sure = sure || t.kit.isQuestion(text)
	found, looked := t.lookedUp(text, sure)
	switch {
	case !looked:
		return true
	case found.ID != "":
		t.tell("knowledge.answer", map[string]any{"answer": Markup(found.Say(t.kit, t.now))})
		t.effect(crm.Recorded{Kind: "knowledge_answered", Data: crm.Fields{"entry": found.ID}})
		return true
	case found.Example != "":
		t.tell("knowledge.which_city", map[string]any{"example": found.Example})
		return true
	case !sure:
		return false
	case t.in.Facts.Known.Full:
		t.tell("knowledge.enough", nil)
		return true
	}
	masked, _ := slot.MaskAccounts(essence(text))
	t.out.Asked = &Asked{Text: masked, Lang: t.lang, City: found.City}
	if t.kit.Open(t.now, found.City) {
		t.tell("knowledge.passed_on", nil)
	} else {
		t.tell("knowledge.passed_on_shut", map[string]any{"opens": t.kit.Opens(t.now, found.City).Format("15:04")})
	}
	return true
}

// lookedUp chooses the answer to a text; false, and the step waits, until somebody has looked into the base.
func (t *step) lookedUp(text string, sure bool) (Found, bool) {
	city := t.cityOfAsker()
	if t.in.Facts.Known == nil {
		t.needs = append(t.needs, Need{Kind: NeedAnswer, Text: essence(text), City: city})
		t.fail(errNeeds)
		return Found{}, false
	}
	return t.kit.find(t.in.Facts.Known, wanted{words: t.kit.WordsAsked(text), lang: t.lang, city: first(city, t.in.Facts.Known.City), asks: sure}), true
}

// cityOfAsker is the city that was answered in this dialog or one that called it, else that of the deal or the contact.
func (t *step) cityOfAsker() string {
	if city := cityAnswered(t.def, t.values); city != "" {
		return city
	}
	for i := len(t.s.Stack) - 1; i >= 0; i-- {
		if city := cityAnswered(t.kit.Dialogs[t.s.Stack[i].Dialog], t.s.Stack[i].Slots); city != "" {
			return city
		}
	}
	return t.city()
}

func cityAnswered(def *Definition, values map[string]Value) string {
	if def == nil {
		return ""
	}
	for _, name := range sortedKeys(def.Slots) {
		if def.Slots[name].Type == "city" && values[name].Text != "" {
			return values[name].Text
		}
	}
	return ""
}

// askAgain puts the question that is open once more, or says where one is after a long silence.
func (t *step) askAgain() {
	switch st := t.state(); {
	case t.err != nil || st == nil || t.asked():
	case t.longSilence():
		t.resume()
	default:
		t.prompt(st)
		t.out.Say[len(t.out.Say)-1].Picture = "" // it stands above already
	}
}
