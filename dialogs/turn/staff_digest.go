package turn

import (
	"html"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/staff"
)

// tell gives each receiver a digest of what they got, and who leaves a summary.
func (h *handOver) tell() error {
	lang := h.lang(h.turn)
	ended := "shift.ended"
	if h.off {
		ended = "shift.not_open"
	}
	lines := []string{h.text(lang, ended, nil)}
	for _, r := range h.order {
		if len(r.talks)+len(r.deals) == 0 {
			continue
		}
		lines = append(lines, h.text(lang, "shift.handed", map[string]any{"name": html.EscapeString(r.people[0].Name), "talks": len(r.talks), "deals": len(r.deals)}))
		for _, p := range r.people {
			if err := h.digest(r, p); err != nil {
				return err
			}
		}
	}
	if h.returned > 0 {
		lines = append(lines, h.text(lang, "shift.returned", map[string]any{"n": h.returned}))
	}
	if h.left > 0 {
		lines = append(lines, h.text(lang, "shift.left", map[string]any{"n": h.left}))
	}
	if h.more {
		lines = append(lines, h.text(lang, "shift.left_many", nil))
	}
	if len(lines) == 1 {
		lines = append(lines, h.text(lang, "shift.nothing", nil))
	}
	_, err := h.send(h.turn, crm.Outbound{Kind: crm.OutMessage, Text: strings.Join(lines, "\n")})
	return err
}

// digest lists the work that somebody got, with a button for each deal, and shows each talk with its last lines.
func (h *handOver) digest(r *receiver, p postgres.Reached) error {
	lang := h.speaks(p.Lang)
	lines := []string{h.text(lang, h.title, map[string]any{"name": html.EscapeString(h.me.Name), "talks": len(r.talks), "deals": len(r.deals)})}
	for _, name := range r.named {
		lines = append(lines, "💬 "+html.EscapeString(name))
	}
	var buttons [][]crm.Button
	for i, d := range r.deals {
		if i == digestDeals {
			lines = append(lines, "…")
			break
		}
		lines = append(lines, h.text(lang, "shift.deal", map[string]any{"id": int(d.ID), "title": html.EscapeString(either(d.Title, d.Contact)),
			"stage": html.EscapeString(h.stageName(d.Pipeline, d.Stage, lang))}))
		if b, shown := h.showButton(p, d.Deal, lang); shown {
			if len(buttons) == 0 || len(buttons[len(buttons)-1]) == 3 {
				buttons = append(buttons, nil)
			}
			buttons[len(buttons)-1] = append(buttons[len(buttons)-1], b)
		}
	}
	out := crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice, Text: strings.Join(lines, "\n"), Buttons: buttons}
	if _, err := h.sendTo(h.turn, out); err != nil {
		return err
	}
	for i, k := range r.talks {
		if err := h.shownTalk(p, k, r.named[i]); err != nil {
			return err
		}
	}
	return nil
}

// showButton shows the card of a deal, if the role of the receiver has one.
func (h *handOver) showButton(p postgres.Reached, d crm.Deal, lang string) (crm.Button, bool) {
	card := staff.For(h.Kit, p.Role, d.Pipeline)
	return crm.Button{Text: h.text(lang, "staff.show_deal", map[string]any{"id": int(d.ID)}),
		Data: "k:" + strconv.FormatInt(int64(d.ID), 10) + ":" + card + ":show"}, card != ""
}

// shownTalk shows a talk to its new operator as if they had taken it: with its last lines, to be answered by replying. Of one that is led in a
// topic it says where, since answers belong there.
func (h *handOver) shownTalk(p postgres.Reached, k *postgres.Talk, name string) error {
	lang := h.speaks(p.Lang)
	topic, open, err := h.openTopic(k.ID)
	if err != nil {
		return err
	}
	if open {
		_, err = h.sendTo(h.turn, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice,
			Text: h.text(lang, "people.topic_there", map[string]any{"name": html.EscapeString(topic.Title)})})
		return err
	}
	said, err := h.lastLines(k.ID)
	if err != nil {
		return err
	}
	_, err = h.sendTo(h.turn, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice, Card: talkCard(k.ID),
		Text:    h.text(lang, "staff.talk_joined", map[string]any{"name": html.EscapeString(name)}) + said,
		Buttons: [][]crm.Button{{{Text: h.text(lang, "staff.talk_back", nil), Data: talkPress(k.ID, "back")}}}})
	return err
}
