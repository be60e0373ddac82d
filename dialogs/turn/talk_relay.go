package turn

import (
	"errors"
	"fmt"
	"html"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// What is said in a talk that a person of the company leads: from the person to them, and back.

// relay passes what a person wrote to the operator of their talk. It reports false when that employee can't be reached any more:
// then the bot has the talk again.
func (g *group) relay(t *postgres.Turn) (bool, error) {
	topic, err := g.tx.Topic(g.ctx, t.Talk.ID)
	if err == nil && topic.Open() {
		return true, g.relayToTopic(t, topic)
	}
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return false, err
	}
	people, err := g.tx.ReachEmployee(g.ctx, t.Talk.Operator)
	if err != nil {
		return false, err
	}
	if len(people) == 0 {
		g.event(t, postgres.EventRow{Kind: "talk_dropped", Data: crm.Fields{"operator": t.Talk.Operator}})
		t.Talk.Operator = 0
		g.touch(t.Talk)
		return false, nil
	}
	for _, p := range people {
		out, ok := g.relayed(t, g.speaks(p.Lang), p.Address.Channel)
		if !ok {
			continue
		}
		out.Conversation, out.Address, out.Card = p.Conversation, p.Address, talkCard(t.Talk.ID)
		if _, err := g.sendTo(t, out); err != nil {
			return false, err
		}
	}
	return true, nil
}

// relayed is what a person wrote as an operator reads it in a channel; false for what is nothing to read.
func (g *group) relayed(t *postgres.Turn, lang, channel string) (crm.Outbound, bool) {
	if t.In.Press != nil || t.In.Kind == crm.InEdit {
		return crm.Outbound{}, false
	}
	text := t.In.Text
	switch {
	case t.In.Card != nil:
		text = "📱 " + t.In.Card.Phone
	case t.In.Location != nil:
		text = fmt.Sprintf("📍 %.5f, %.5f", t.In.Location.Latitude, t.In.Location.Longitude)
	}
	args := map[string]any{"name": g.nameOf(t, lang), "text": html.EscapeString(text)}
	out := crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "staff.talk_line", args)}
	if len(t.In.Media) == 0 {
		return out, true
	}
	args["kind"] = string(t.In.Media[0].Kind)
	if text == "" {
		out.Text = g.text(lang, "staff.talk_file", args)
	}
	if channel == t.Talk.Address.Channel { // the provider knows the file already
		out.Kind, out.Media = crm.OutMedia, uploads(t.In.Media)
		if text == "" {
			out.Text = "<b>" + g.nameOf(t, lang) + "</b>"
		}
	}
	return out, true
}

// uploads are files that the provider knows already.
func uploads(files []crm.Media) (list []crm.Upload) {
	for _, m := range files {
		list = append(list, crm.Upload{Kind: m.Kind, Ref: m.Ref, Name: m.Name, MIME: m.MIME})
	}
	return list
}

// personAnswers is what a press hears while a person has the talk; other inputs hear nothing from us.
func (g *group) personAnswers(t *postgres.Turn) string {
	if t.In.Press == nil {
		return ""
	}
	return g.text(g.lang(t), "grammar.person_answers", nil)
}

// speak passes what an operator wrote to the person. It reports false when the employee leads no talk.
func (g *group) speak(t *postgres.Turn) (bool, error) {
	talks, err := g.tx.TalksOf(g.ctx, t.Employee.ID) // without those that are led in a topic
	if err != nil || len(talks) == 0 {
		return false, err
	}
	id := talks[0]
	if t.In.ReplyTo != "" {
		card, err := g.tx.CardOf(g.ctx, t.Talk.ID, t.In.ReplyTo)
		if err != nil {
			return false, err
		}
		if n, ok := strings.CutPrefix(card, "talk:"); ok {
			answered, _ := strconv.ParseInt(n, 10, 64)
			id = crm.ConversationID(answered)
		}
	} else if len(talks) > 1 {
		return true, g.say(t, "staff.talk_which", nil)
	}
	k, contact, err := g.talk(id)
	if err != nil {
		return false, err
	}
	if k.Operator != t.Employee.ID {
		return false, nil
	}
	if k.Blocked {
		return true, g.say(t, "staff.not_delivered", map[string]any{"name": html.EscapeString(contact.Name)})
	}
	if noted, err := g.noted(t, k); noted || err != nil {
		return true, err
	}
	out, ok := passed(t, k)
	if !ok {
		return true, nil
	}
	_, err = g.sendTo(t, out)
	return true, err
}

// noted keeps a line that begins with two slashes for the company alone. It reports false for any other.
func (g *group) noted(t *postgres.Turn, k *postgres.Talk) (bool, error) {
	note, ok := strings.CutPrefix(t.In.Text, "//")
	if !ok {
		return false, nil
	}
	g.tx.Changes.Events = append(g.tx.Changes.Events, postgres.EventRow{Kind: "note", Author: crm.ByEmployee, Employee: t.Employee.ID,
		Conversation: k.ID, Message: t.Message, Contact: k.Contact, Data: crm.Fields{"text": strings.TrimSpace(note)}})
	return true, g.say(t, "staff.note_kept", nil)
}

// passed is what an operator wrote as the person reads it; false for what can't be passed on.
func passed(t *postgres.Turn, k *postgres.Talk) (crm.Outbound, bool) {
	out := crm.Outbound{Conversation: k.ID, Address: k.Address, Kind: crm.OutMessage, Author: crm.ByEmployee, Text: html.EscapeString(t.In.Text)}
	if len(t.In.Media) > 0 && k.Address.Channel == t.Talk.Address.Channel {
		out.Kind, out.Media = crm.OutMedia, uploads(t.In.Media)
	}
	return out, out.Kind == crm.OutMedia || strings.TrimSpace(out.Text) != ""
}
