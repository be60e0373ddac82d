package turn

import (
	"html"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// A person of the company takes a talk over, writes in it through the bot and gives it back. The bot is silent meanwhile;
// the dialog stays where it stands.

// callHuman shows the people of a role that somebody asks for them.
func (g *group) callHuman(t *postgres.Turn, e crm.HandedOver) error {
	role := either(e.Role, g.Kit.Human)
	people, err := g.tx.ReachOperators(g.ctx, role)
	if err != nil {
		return err
	}
	g.event(t, postgres.EventRow{Kind: "human_wanted", Data: crm.Fields{"role": role, "reason": e.Reason}})
	for _, p := range people {
		lang := g.speaks(p.Lang)
		reason := e.Reason
		if g.Kit.Texts.Has(lang, e.Reason) {
			reason = g.text(lang, e.Reason, nil)
		}
		out := crm.Outbound{Conversation: p.Conversation, Address: p.Address, Thread: p.Thread, Kind: crm.OutMessage, Priority: crm.Notice, Card: talkCard(t.Talk.ID),
			Text:    g.text(lang, "staff.talk_card", map[string]any{"name": g.nameOf(t, lang), "reason": html.EscapeString(reason)}),
			Buttons: [][]crm.Button{{{Text: g.text(lang, "staff.talk_take", nil), Data: talkPress(t.Talk.ID, "take")}}}}
		if _, err := g.sendTo(t, out); err != nil {
			return err
		}
	}
	return nil
}

// relay passes what a person wrote to the operator of their talk. It reports false when that employee can't be reached any more:
// then the bot has the talk again.
func (g *group) relay(t *postgres.Turn) (bool, error) {
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
	if t.In.Press != nil || t.In.Kind == crm.InEdit {
		return true, nil
	}
	for _, p := range people {
		lang := g.speaks(p.Lang)
		args := map[string]any{"name": g.nameOf(t, lang), "text": html.EscapeString(t.In.Text)}
		out := crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Card: talkCard(t.Talk.ID)}
		out.Text = g.text(lang, "staff.talk_line", args)
		if len(t.In.Media) > 0 {
			args["kind"] = string(t.In.Media[0].Kind)
			if t.In.Text == "" {
				out.Text = g.text(lang, "staff.talk_file", args)
			}
			if p.Address.Channel == t.Talk.Address.Channel { // the provider knows the file already
				out.Kind = crm.OutMedia
				for _, m := range t.In.Media {
					out.Media = append(out.Media, crm.Upload{Kind: m.Kind, Ref: m.Ref, Name: m.Name, MIME: m.MIME})
				}
			}
		}
		if _, err := g.sendTo(t, out); err != nil {
			return false, err
		}
	}
	return true, nil
}

// personAnswers is what a press hears while a person has the talk; other inputs hear nothing from us.
func (g *group) personAnswers(t *postgres.Turn) string {
	if t.In.Press == nil {
		return ""
	}
	return g.text(g.lang(t), "grammar.person_answers", nil)
}

// mayTake tells whether an employee was asked to take a talk: their role is the one that takes talks over, or the pressed message
// asked them. A made-up press is answered like an old one, and noted.
func (g *group) mayTake(t *postgres.Turn, id crm.ConversationID) (bool, error) {
	if t.Employee.Role == g.Kit.Human {
		return true, nil
	}
	card, err := g.tx.CardOf(g.ctx, t.Talk.ID, t.In.Press.Message)
	if err == nil && card != talkCard(id) {
		g.event(t, postgres.EventRow{Kind: "talk_refused", Data: crm.Fields{"asked": id}})
	}
	return card == talkCard(id), err
}

// takeTalk makes an employee the operator of a talk, unless somebody is already.
func (g *group) takeTalk(t *postgres.Turn, id crm.ConversationID) (string, error) {
	lang := g.lang(t)
	if may, err := g.mayTake(t, id); err != nil || !may {
		return g.text(lang, "grammar.stale", nil), err
	}
	k, contact, err := g.talk(id)
	if err != nil {
		return "", err
	}
	name := html.EscapeString(either(contact.Name, "№ "+strconv.FormatInt(int64(contact.ID), 10)))
	if k.Operator != 0 {
		if k.Operator == t.Employee.ID {
			return g.text(lang, "staff.taken_by_you", nil), nil
		}
		who := ""
		if people, err := g.tx.ReachEmployee(g.ctx, k.Operator); err == nil && len(people) > 0 {
			who = people[0].Name
		}
		return g.text(lang, "staff.talk_taken", map[string]any{"name": who, "time": g.now.Format("15:04")}), nil
	}
	k.Operator = t.Employee.ID
	g.touch(k)
	g.tx.Changes.Silenced = append(g.tx.Changes.Silenced, postgres.Silenced{Conversation: k.ID, PromptsOnly: true})
	g.tx.Changes.Events = append(g.tx.Changes.Events, postgres.EventRow{Kind: "talk_taken", Author: crm.ByEmployee, Employee: t.Employee.ID,
		Conversation: k.ID, Message: t.Message, Contact: k.Contact})
	if _, err := g.sendTo(t, crm.Outbound{Conversation: k.ID, Address: k.Address, Kind: crm.OutMessage, Author: crm.BySystem,
		Text: g.text(g.speaks(k.Lang), "grammar.operator_joined", map[string]any{"name": html.EscapeString(t.Employee.Name)})}); err != nil {
		return "", err
	}
	said, err := g.lastLines(k.ID)
	if err != nil {
		return "", err
	}
	text := g.text(lang, "staff.talk_joined", map[string]any{"name": name}) + said
	err = g.joined(t, name, crm.Outbound{Kind: crm.OutMessage, Text: text, Card: talkCard(k.ID),
		Buttons: [][]crm.Button{{{Text: g.text(lang, "staff.talk_back", nil), Data: talkPress(k.ID, "back")}}}})
	return g.text(lang, "staff.done", nil), err
}

// returnTalk gives a talk back to the bot, which goes on with the question that is open.
func (g *group) returnTalk(t *postgres.Turn, id crm.ConversationID) (string, error) {
	lang := g.lang(t)
	k, contact, err := g.talk(id)
	if err != nil {
		return "", err
	}
	if k.Operator != t.Employee.ID {
		return g.text(lang, "staff.no_right", nil), nil
	}
	k.Operator = 0
	g.touch(k)
	g.tx.Changes.Events = append(g.tx.Changes.Events, postgres.EventRow{Kind: "talk_returned", Author: crm.ByEmployee, Employee: t.Employee.ID,
		Conversation: k.ID, Message: t.Message, Contact: k.Contact})
	s, err := g.session(k)
	if err != nil {
		return "", err
	}
	other := &postgres.Turn{In: crm.Inbound{Address: k.Address, Kind: crm.InSignal}, Message: t.Message, Talk: k, Contact: contact}
	env := g.env(other)
	kit := g.versions.of(g, s)
	before := *s
	result := kit.Reprompt(before, env)
	if err := g.answer(other, kit, before, result, env); err != nil {
		return "", err
	}
	*s, k.DueAt = result.Session, result.DueAt
	return g.text(lang, "staff.talk_returned", map[string]any{"name": html.EscapeString(contact.Name)}), nil
}

// talk locks another conversation; one that this group holds already is the same value, so that nothing is written twice.
func (g *group) talk(id crm.ConversationID) (*postgres.Talk, crm.Contact, error) {
	k, contact, err := g.tx.Talk(g.ctx, id)
	if err != nil {
		return nil, contact, err
	}
	if held := g.talks[id]; held != nil {
		return held, contact, nil
	}
	g.talks[id] = k
	return k, contact, nil
}

// speak passes what an operator wrote to the person. It reports false when the employee leads no talk.
func (g *group) speak(t *postgres.Turn) (bool, error) {
	talks, err := g.tx.TalksOf(g.ctx, t.Employee.ID)
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
	if note, ok := strings.CutPrefix(t.In.Text, "//"); ok {
		g.tx.Changes.Events = append(g.tx.Changes.Events, postgres.EventRow{Kind: "note", Author: crm.ByEmployee, Employee: t.Employee.ID,
			Conversation: k.ID, Message: t.Message, Contact: k.Contact, Data: crm.Fields{"text": strings.TrimSpace(note)}})
		return true, g.say(t, "staff.note_kept", nil)
	}
	out := crm.Outbound{Conversation: k.ID, Address: k.Address, Kind: crm.OutMessage, Author: crm.ByEmployee, Text: html.EscapeString(t.In.Text)}
	if len(t.In.Media) > 0 && k.Address.Channel == t.Talk.Address.Channel {
		out.Kind = crm.OutMedia
		for _, m := range t.In.Media {
			out.Media = append(out.Media, crm.Upload{Kind: m.Kind, Ref: m.Ref, Name: m.Name, MIME: m.MIME})
		}
	}
	if out.Kind == crm.OutMessage && out.Text == "" {
		return true, nil
	}
	_, err = g.sendTo(t, out)
	return true, err
}

func talkCard(id crm.ConversationID) string { return "talk:" + strconv.FormatInt(int64(id), 10) }

func talkPress(id crm.ConversationID, action string) string {
	return "t:" + strconv.FormatInt(int64(id), 10) + ":" + action
}

// nameOf is how the author of the turn is shown to employees.
func (g *group) nameOf(t *postgres.Turn, lang string) string {
	name := either(t.Contact.Name, t.In.From.Name)
	if name == "" {
		name = "№ " + strconv.FormatInt(int64(t.Contact.ID), 10)
	}
	return html.EscapeString(name)
}

// speaks is a language of the kit for what somebody chose.
func (g *group) speaks(lang string) string { return g.Kit.Texts.Match(lang) }

// text gives a text; what is missing was told when the kit was loaded, its key is better than silence.
func (g *group) text(lang, key string, args map[string]any) string {
	s, err := g.Kit.Texts.Text(lang, key, args)
	if err != nil && s == "" {
		return key
	}
	return s
}

// say answers the author of the turn.
func (g *group) say(t *postgres.Turn, key string, args map[string]any) error {
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: g.text(g.lang(t), key, args)})
	return err
}
