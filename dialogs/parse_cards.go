package dialogs

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

const (
	// usualMap knows every country, and takes addresses and coordinates alike.
	usualMap = "https://www.google.com/maps/search/?api=1&query={place}"
	mapPlace = "{place}"

	// maxCardNames keeps the number of a deal, the names of its card and action, and what was seen within the 64 bytes of a button.
	maxCardNames = 30
)

// actionForms are what a button of a card may be, by their keys.
var actionForms = []string{"do", "ask", "route", "call", "comment", "reassign", "retake", "question", "talk", "reveal"}

// cardsShape is cards.yaml.
func cardsShape() *shape {
	action := anObject("an action of a card", "A button of the card: one of do, ask, route, call, comment, reassign, retake, question, talk, reveal.",
		must("id", aText("the id of an action", "a short word that stays the same when texts change")),
		must("text", aTextKey("the text key of the button")),
		may("if", anExpr("when the button is shown")),
		may("do", actionsShape()),
		may("confirm", aTextKey("the text key of a second button that confirms “do”, such as “Pay {{.deal.fields.sum}}”")),
		may("ask", listOf("“ask”", aText("a field", "fields of pipelines.yaml: who presses is asked for them in their own chat"))),
		may("route", anExpr("an address or coordinates: the button opens a map")),
		may("call", aFlag("“call”", "shows the phone of the deal's contact, when there is one")),
		may("comment", aFlag("“comment”", "asks who presses for a line of the timeline")),
		may("reassign", listOf("“reassign”", aText("a role", "roles to whose people the deal can be given"))),
		may("toast", aTextKey("a short text shown to who pressed")),
		may("reveal", listOf("“reveal”", aText("a field or a name of files", "what is shown in plain to who presses, in their own chat; each time it is recorded"))),
		may("retake", retakeShape()),
		may("question", questionShape()),
		may("talk", aFlag("“talk”", "takes over the talk with the deal's contact")),
	)
	card := anObject("a card", "How a deal looks to employees.",
		must("text", aTextKey("the text key of the card")),
		may("roles", listOf("“roles” of a card", aText("a role", "who may press"))),
		may("pipelines", listOf("“pipelines” of a card", aText("a pipeline", "whose deals it shows to these roles; any when absent"))),
		may("actions", listOf("“actions” of a card", action)),
		may("album", listOf("“album”", aText("a name of files", "slots whose files are attached: they are sent above the card, once to each chat"))),
	)
	return anObject("cards.yaml", "The cards of the business.",
		may("map", aText("“map”", "the https address of the map that routes open, with {place} where the address goes")),
		must("cards", mapOf("“cards”", "cards by name", card)))
}

func (r *reader) cards(n *yaml.Node) {
	r.draft.kit.Map = r.mapAddress(child(n, "map"))
	for key, v := range pairs(child(n, "cards")) {
		card := &Card{Name: r.name(key, "a card")}
		s := scope{who: "card “" + card.Name + "”", env: cardEnv(), shown: cardTexts()}
		s.shown["flags"] = textMember
		card.Key = r.text(child(v, "text"), s)
		for _, role := range elements(child(v, "roles")) {
			card.Roles = append(card.Roles, r.use(role, useRole, "", s.who+" is for role"))
		}
		for _, pipeline := range elements(child(v, "pipelines")) {
			card.Pipelines = append(card.Pipelines, r.use(pipeline, usePipeline, "", s.who+" shows deals of pipeline"))
		}
		var ids []string
		for _, node := range elements(child(v, "actions")) {
			id := r.optionID(child(node, "id"), &ids, s.who)
			s.path = card.Name + "/" + id
			card.Actions = append(card.Actions, r.cardAction(node, id, s))
			r.cardActionFits(node, card.Name, id, s)
		}
		for _, files := range elements(child(v, "album")) {
			card.Album = append(card.Album, r.use(files, useFiles, "", "card “"+card.Name+"” shows"))
		}
		r.draft.kit.Cards[card.Name] = card
	}
}

func (r *reader) cardAction(node *yaml.Node, id string, s scope) CardAction {
	a := CardAction{
		ID: id, Key: r.text(child(node, "text"), s), If: r.condition(child(node, "if"), s), Toast: r.text(child(node, "toast"), s),
		Do: r.actions(child(node, "do"), s), Confirm: r.text(child(node, "confirm"), s), Route: r.expression(child(node, "route"), s),
		Call: isTrue(child(node, "call")), Comment: isTrue(child(node, "comment")), Talk: isTrue(child(node, "talk")),
		Retake: r.retake(child(node, "retake"), s), Question: r.question(child(node, "question"), s),
	}
	for _, field := range elements(child(node, "ask")) {
		a.Ask = append(a.Ask, r.use(field, useField, "", s.who+" asks for field"))
		r.changed[scalar(field)] = true
	}
	for _, role := range elements(child(node, "reassign")) {
		a.Reassign = append(a.Reassign, r.use(role, useRole, "", s.who+" gives deals to role"))
	}
	for _, name := range elements(child(node, "reveal")) {
		a.Reveal = append(a.Reveal, scalar(name))
		r.reveals = append(r.reveals, revealRead{r.at(name), s.who, scalar(name)})
	}
	return a
}

// cardActionFits reports what no single key of an action tells.
func (r *reader) cardActionFits(node *yaml.Node, card, id string, s scope) {
	var forms []string
	for key := range pairs(node) {
		if slices.Contains(actionForms, key.Value) {
			forms = append(forms, key.Value)
		}
	}
	switch {
	case len(forms) != 1 && r.fits:
		r.report(node, "Write one of "+strings.Join(actionForms, ", ")+"; each other one is a button of its own.", "%s has an action that is %d things", s.who, len(forms))
	case child(node, "confirm") != nil && len(forms) == 1 && forms[0] != "do":
		r.report(child(node, "confirm"), "Remove it.", "%s confirms “%s”, which changes nothing by itself", s.who, forms[0])
	}
	if slices.Contains([]string{ActionShow, ActionUndo, ActionAssign, ActionFiles}, id) {
		r.report(child(node, "id"), "Write another word.", "%s has the id “%s”, which every card has already", s.who, id)
	}
	if len(card)+len(id) > maxCardNames {
		r.report(child(node, "id"), fmt.Sprintf("Together with the name of the card write at most %d letters.", maxCardNames), "%s has the id “%s”, too long for a button's 64 bytes", s.who, id)
	}
}

// mapAddress reads where routes lead.
func (r *reader) mapAddress(n *yaml.Node) string {
	address := scalar(n)
	if address == "" {
		return usualMap
	}
	u, err := url.Parse(strings.ReplaceAll(address, mapPlace, "x"))
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Count(address, mapPlace) != 1 {
		r.report(n, "Write an address such as https://yandex.com/maps/?text={place}.", "“%s” is no address of a map", address)
	}
	return address
}
