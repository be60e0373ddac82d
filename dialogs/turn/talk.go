package turn

import (
	"errors"
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
		if p.Room == postgres.RoomOperators && p.Forum {
			if err := g.callInTopic(t, reason, p); err != nil {
				return err
			}
			continue
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

// mayTake tells whether an employee was asked to take a talk: their role is the one that takes talks over, or the pressed message
// asked them, in their own chat as what they still are. A made-up press is answered like an old one, and noted.
func (g *group) mayTake(t *postgres.Turn, id crm.ConversationID) (bool, error) {
	if at, ours := crm.TalkOf(t.In.Thread); ours {
		return at == id && g.leads(t.Employee), nil
	}
	if t.Employee.Role == g.Kit.Human {
		return true, nil
	}
	card, err := g.tx.CardOf(g.ctx, t.Talk.ID, t.In.Press.Message)
	asked := card == talkCard(id)
	if asked && !t.Talk.Group {
		asked, err = g.tx.Called(g.ctx, id, t.Employee.Role)
	}
	if err == nil && !asked {
		g.event(t, postgres.EventRow{Kind: "talk_refused", Data: crm.Fields{"asked": id}})
	}
	return asked, err
}

// takeTalk makes an employee the operator of a talk, unless somebody is already.
func (g *group) takeTalk(t *postgres.Turn, id crm.ConversationID) (string, error) {
	lang := g.lang(t)
	if may, err := g.mayTake(t, id); err != nil || !may {
		if t.Talk.Group {
			return g.text(lang, "grammar.not_yours", nil), err
		}
		return g.text(lang, "grammar.stale", nil), err
	}
	return g.giveTalk(t, id)
}

// giveTalk makes an employee who has the right to it the operator of a talk, unless somebody is already.
func (g *group) giveTalk(t *postgres.Turn, id crm.ConversationID) (string, error) {
	lang := g.lang(t)
	k, contact, err := g.talk(id)
	if err != nil {
		return "", err
	}
	name := g.called(contact)
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
	if topic, err := g.tx.Topic(g.ctx, id); err == nil && topic.Open() {
		if at, ours := crm.TalkOf(t.In.Thread); !ours || at != id { // of a card from before it had a topic
			return g.text(lang, "people.topic_there", map[string]any{"name": html.EscapeString(topic.Title)}), nil
		}
		return g.text(lang, "staff.done", nil), g.lead(t, k)
	} else if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return "", err
	}
	g.taken(t, k)
	if err := g.introduce(t, k, t.Employee.Name); err != nil {
		return "", err
	}
	card, err := g.ledCard(k, name, lang)
	if err == nil {
		err = g.joined(t, name, card)
	}
	return g.text(lang, "staff.done", nil), err
}

// taken gives a talk to the author of the turn: the bot is silent, and asks nothing that is not sent yet.
func (g *group) taken(t *postgres.Turn, k *postgres.Talk) {
	k.Operator = t.Employee.ID
	g.touch(k)
	g.tx.Changes.Silenced = append(g.tx.Changes.Silenced, postgres.Silenced{Conversation: k.ID, PromptsOnly: true})
	g.tx.Changes.Events = append(g.tx.Changes.Events, postgres.EventRow{Kind: "talk_taken", Author: crm.ByEmployee, Employee: t.Employee.ID,
		Conversation: k.ID, Message: t.Message, Contact: k.Contact})
}

// introduce tells a person who writes to them from now on, by first name.
func (g *group) introduce(t *postgres.Turn, k *postgres.Talk, name string) error {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	_, err := g.sendTo(t, crm.Outbound{Conversation: k.ID, Address: k.Address, Kind: crm.OutMessage, Author: crm.BySystem,
		Text: g.text(g.speaks(k.Lang), "grammar.operator_joined", map[string]any{"name": html.EscapeString(first)})})
	return err
}

// ledCard shows a talk to whoever leads it in their own chat.
func (g *group) ledCard(k *postgres.Talk, name, lang string) (crm.Outbound, error) {
	said, err := g.lastLines(k.ID)
	return crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "staff.talk_joined", map[string]any{"name": name}) + said, Card: talkCard(k.ID),
		Buttons: [][]crm.Button{{{Text: g.text(lang, "staff.talk_back", nil), Data: talkPress(k.ID, "back")}}}}, err
}

// called is how a contact is shown to employees.
func (g *group) called(c crm.Contact) string {
	return html.EscapeString(either(c.Name, "№ "+strconv.FormatInt(int64(c.ID), 10)))
}

// returnTalk gives a talk back to the bot, which goes on with the question that is open.
func (g *group) returnTalk(t *postgres.Turn, id crm.ConversationID) (string, error) {
	lang := g.lang(t)
	k, contact, err := g.talk(id)
	if err != nil {
		return "", err
	}
	at, ours := crm.TalkOf(t.In.Thread)
	switch {
	case ours && (at != id || !g.leads(t.Employee)):
		return g.text(lang, "grammar.not_yours", nil), nil
	case ours && k.Operator == 0: // somebody else was faster
		return g.text(lang, "staff.talk_returned", map[string]any{"name": g.called(contact)}), nil
	case !ours && k.Operator != t.Employee.ID && !(g.ownLed(k) && g.leads(t.Employee)):
		return g.text(lang, "staff.no_right", nil), nil
	}
	if err := g.leaveTopic(t, k, contact, t.Employee.Name); err != nil {
		return "", err
	}
	k.Operator = 0
	g.tx.Changes.Events = append(g.tx.Changes.Events, postgres.EventRow{Kind: "talk_returned", Author: crm.ByEmployee, Employee: t.Employee.ID,
		Conversation: k.ID, Message: t.Message, Contact: k.Contact})
	if err := g.botAgain(t, k, contact); err != nil {
		return "", err
	}
	return g.text(lang, "staff.talk_returned", map[string]any{"name": g.called(contact)}), nil
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
