package turn

import (
	"errors"
	"html"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// Operators who have a forum lead each talk in a topic of its own: what the person writes stands there, and what any of them writes there goes to the
// person. Everything for a topic bears its name, crm.TopicOf, since the provider may still have to make it.

// historyLines is how many lines of a talk are told again in a topic that was made anew.
const historyLines = 30

// inTopic puts the name of a talk's topic in the place of the provider's id, so that whatever this input leads to finds the topic even when it is
// deleted meanwhile.
func (g *group) inTopic(t *postgres.Turn) error {
	if !t.Talk.Group || t.In.Thread == "" {
		return nil
	}
	talk, err := g.tx.TalkOfThread(g.ctx, t.Talk.ID, t.In.Thread)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	t.In.Thread = crm.TopicOf(talk)
	return err
}

// leads tells whether an employee may speak with people in the forum of the operators.
func (g *group) leads(e *crm.Employee) bool { return e.Role == g.Kit.Human || e.Role == g.Kit.Head }

// callInTopic shows in a topic of the person's own that they ask for somebody.
func (g *group) callInTopic(t *postgres.Turn, reason string, room postgres.Reached) error {
	lang, id := g.speaks(room.Lang), t.Talk.ID
	topic := crm.Outbound{Conversation: room.Conversation, Address: room.Address, Thread: crm.TopicOf(id), Kind: crm.OutMessage}
	anew := topic
	anew.Text = g.text(lang, "people.topic_anew", map[string]any{"name": g.nameOf(t, lang)})
	anew.Buttons = [][]crm.Button{{{Text: g.text(lang, "people.topic_history", nil), Data: talkPress(id, "history")}},
		{{Text: g.text(lang, "staff.talk_back", nil), Data: talkPress(id, "back")}}}
	title, err := g.topicTitle(t, lang)
	if err != nil {
		return err
	}
	if err := g.tx.CallTopic(g.ctx, postgres.Topic{Talk: id, Conversation: room.Conversation, Title: title, Anew: anew}); err != nil {
		return err
	}
	said, err := g.lastLines(id)
	if err != nil {
		return err
	}
	topic.Priority, topic.Card = crm.Notice, topicCard(id)
	topic.Text = g.text(lang, "staff.talk_card", map[string]any{"name": g.nameOf(t, lang), "reason": html.EscapeString(reason)}) + said
	topic.Buttons = [][]crm.Button{{{Text: g.text(lang, "staff.talk_take", nil), Data: talkPress(id, "take")}}}
	_, err = g.sendTo(t, topic)
	return err
}

// topicTitle names the topic of a talk in plain words: the person, the deal in question, the step at which the dialog waits.
func (g *group) topicTitle(t *postgres.Turn, lang string) (string, error) {
	parts := []string{html.UnescapeString(g.nameOf(t, lang))}
	if d := t.Talk.Deal; d != nil {
		parts = append(parts, "№ "+strconv.FormatInt(int64(d.ID), 10))
	}
	s, err := g.session(t.Talk)
	if err != nil {
		return "", err
	}
	if at, of := g.versions.of(g, s).Place(*s); of > 0 {
		parts = append(parts, html.UnescapeString(g.text(lang, "people.topic_step", map[string]any{"step": at})))
	}
	return strings.Join(parts, " · "), nil
}

// topicTyped passes what an employee wrote in the topic of a talk to the person. It reports false in any other place, and for a command.
func (g *group) topicTyped(t *postgres.Turn) (bool, error) {
	id, ours := crm.TalkOf(t.In.Thread)
	if !ours || strings.HasPrefix(t.In.Text, "/") && !strings.HasPrefix(t.In.Text, "//") {
		return false, nil
	}
	if !g.leads(t.Employee) {
		return true, g.say(t, "people.topic_not_yours", nil)
	}
	k, contact, err := g.talk(id)
	if err != nil {
		return true, err
	}
	if noted, err := g.noted(t, k); noted || err != nil {
		return true, err
	}
	if k.Blocked {
		return true, g.say(t, "staff.not_delivered", map[string]any{"name": escaped(contact.Name)})
	}
	out, ok := passed(t, k)
	if !ok {
		return true, g.say(t, "people.topic_cant", nil)
	}
	if err := g.lead(t, k); err != nil {
		return true, err
	}
	_, err = g.sendTo(t, out)
	return true, err
}

// lead makes the author of the turn one of those who lead a talk in its topic. The person hears of each of them once, the bot is silent from the first.
func (g *group) lead(t *postgres.Turn, k *postgres.Talk) error {
	topic, err := g.tx.Topic(g.ctx, k.ID)
	if err != nil {
		return err
	}
	if k.Operator == 0 {
		g.taken(t, k)
		if err := g.showLed(t, k, topic, t.Employee.Name); err != nil {
			return err
		}
	}
	if topic.Status == postgres.TopicLed && slices.Contains(topic.Joined, t.Employee.ID) {
		return nil
	}
	if err := g.tx.JoinTopic(g.ctx, k.ID, t.Employee.ID); err != nil {
		return err
	}
	return g.introduce(t, k, t.Employee.Name)
}

// leadNext makes somebody to whom a talk was handed one of those who lead it in its topic. The person hears of them, unless they did before.
func (g *group) leadNext(t *postgres.Turn, k *postgres.Talk, topic postgres.Topic, next crm.Employee) error {
	if err := g.showLed(t, k, topic, next.Name); err != nil {
		return err
	}
	if slices.Contains(topic.Joined, next.ID) {
		return nil
	}
	if err := g.tx.JoinTopic(g.ctx, k.ID, next.ID); err != nil {
		return err
	}
	return g.introduce(t, k, next.Name)
}

// openTopic reads the topic in which a talk is led now, and whether there is one.
func (g *group) openTopic(id crm.ConversationID) (postgres.Topic, bool, error) {
	topic, err := g.tx.Topic(g.ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return topic, false, nil
	}
	return topic, err == nil && topic.Open(), err
}

// showLed shows in the topic who leads the talk, with the button that ends it: in the call, if there is one, with what was said since; else below.
func (g *group) showLed(t *postgres.Turn, k *postgres.Talk, topic postgres.Topic, who string) error {
	lang := g.speaks(topic.Lang)
	led := g.text(lang, "people.topic_led", map[string]any{"who": escaped(who), "time": g.now.Format("15:04")})
	back := [][]crm.Button{{{Text: g.text(lang, "staff.talk_back", nil), Data: talkPress(k.ID, "back")}}}
	if topic.Status == postgres.TopicCalled {
		said, err := g.lastLines(k.ID)
		if err != nil {
			return err
		}
		shown, err := g.redrawTopic(t, topic, func(text string) (string, [][]crm.Button) {
			head, _, _ := strings.Cut(text, "\n")
			return head + said + "\n" + led, back
		})
		if shown || err != nil {
			return err
		}
	}
	_, err := g.sendTo(t, crm.Outbound{Conversation: topic.Conversation, Address: topic.Address, Thread: crm.TopicOf(k.ID), Kind: crm.OutMessage,
		Card: topicCard(k.ID), Text: led, Buttons: back})
	return err
}

// redrawTopic changes the newest message of a topic that tells whose the talk is. It reports false when there is none.
func (g *group) redrawTopic(t *postgres.Turn, topic postgres.Topic, change func(text string) (string, [][]crm.Button)) (bool, error) {
	if err := g.tx.Flush(g.ctx); err != nil {
		return false, err
	}
	shown, err := g.tx.Shown(g.ctx, []string{topicCard(topic.Talk)})
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(shown, func(s postgres.Shown) bool { return s.Conversation == topic.Conversation })
	if i < 0 {
		return false, nil
	}
	text, buttons := change(shown[i].Text)
	out := crm.Outbound{Conversation: topic.Conversation, Address: topic.Address, Thread: crm.TopicOf(topic.Talk), Kind: crm.OutEdit, Target: shown[i].ID,
		Text: text, Buttons: buttons, IfThere: true}
	g.edited(topic.Conversation, out)
	_, err = g.sendTo(t, out)
	return true, err
}

// relayToTopic passes what a person wrote to those who lead their talk.
func (g *group) relayToTopic(t *postgres.Turn, topic postgres.Topic) error {
	out, ok := g.relayed(t, g.speaks(topic.Lang), topic.Address.Channel)
	if !ok {
		return nil
	}
	out.Conversation, out.Address, out.Thread = topic.Conversation, topic.Address, crm.TopicOf(t.Talk.ID)
	_, err := g.sendTo(t, out)
	return err
}

// leaveTopic shows in its topic, if a talk has one, that the bot has it again from somebody.
func (g *group) leaveTopic(t *postgres.Turn, k *postgres.Talk, contact crm.Contact, who string) error {
	topic, err := g.tx.Topic(g.ctx, k.ID)
	if errors.Is(err, crm.ErrNotFound) || err == nil && !topic.Open() {
		return nil
	}
	if err == nil {
		err = g.tx.ReturnTopic(g.ctx, k.ID)
	}
	if err == nil {
		_, err = g.redrawTopic(t, topic, func(text string) (string, [][]crm.Button) { return text, nil })
	}
	if err != nil {
		return err
	}
	_, err = g.sendTo(t, crm.Outbound{Conversation: topic.Conversation, Address: topic.Address, Thread: crm.TopicOf(k.ID), Kind: crm.OutMessage,
		Text: g.text(g.speaks(topic.Lang), "people.topic_returned", map[string]any{"name": g.called(contact), "who": escaped(who)})})
	return err
}

// tellHistory repeats in its topic what was said in a talk.
func (g *group) tellHistory(t *postgres.Turn, id crm.ConversationID) (string, error) {
	lang := g.lang(t)
	if at, ours := crm.TalkOf(t.In.Thread); !ours || at != id {
		return g.text(lang, "grammar.stale", nil), nil
	}
	if !g.leads(t.Employee) {
		return g.text(lang, "grammar.not_yours", nil), nil
	}
	lines, err := g.tx.LastLines(g.ctx, id, 2*historyLines)
	if err != nil {
		return "", err
	}
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: strings.TrimPrefix(summary(lines, historyLines), "\n")})
	return g.text(lang, "staff.done", nil), err
}

func topicCard(id crm.ConversationID) string { return "topic:" + strconv.FormatInt(int64(id), 10) }
