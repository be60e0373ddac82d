package dialogs

import (
	yaml "go.yaml.in/yaml/v4"

	"govorun/crm"
	"govorun/crm/rules"
)

func (r *reader) actions(n *yaml.Node, s scope) []Action {
	var actions []Action
	for _, node := range elements(n) {
		for key, v := range pairs(node) {
			if action, ok := r.action(key.Value, v, s); ok {
				actions = append(actions, action)
				r.acts = append(r.acts, actRead{r.at(key), s, action})
				s.at = s.after(action)
			}
		}
	}
	return actions
}

// actRead is an action with its place, and where the deal stands before it.
type actRead struct {
	place
	scope
	action Action
}

// after is where the deal stands after an action, as far as that is known; dialogs and cards know nothing.
func (s scope) after(a Action) rules.Place {
	switch {
	case s.rule == nil:
		return rules.Place{}
	case a.OpenDeal != nil:
		return rules.Place{Pipeline: a.OpenDeal.Pipeline, Stage: a.OpenDeal.Stage}
	case a.UseDeal != nil:
		return rules.Place{}
	case a.MoveDeal != nil:
		return rules.Place{Pipeline: s.at.Pipeline, Stage: a.MoveDeal.Stage}
	}
	return s.at
}

func (r *reader) action(verb string, n *yaml.Node, s scope) (Action, bool) {
	switch verb {
	case "open_deal":
		return Action{OpenDeal: r.openDeal(n, s)}, true
	case "use_deal":
		return Action{UseDeal: r.expression(n, s)}, true
	case "set_deal":
		for key := range pairs(n) {
			r.changed[key.Value] = true
		}
		return Action{SetDeal: r.expressions(n, s)}, true
	case "fill_deal":
		var slots []string
		for _, item := range elements(n) {
			slots = append(slots, r.ownSlot(item, s, "keeps slot"))
			r.changed[scalar(item)] = true
		}
		return Action{FillDeal: slots}, true
	case "assign":
		return Action{Assign: r.assign(n, s)}, true
	case "rate":
		return Action{Rate: r.rate(n, s)}, true
	case "remind":
		return Action{Remind: r.remind(n, s)}, true
	case "move_deal":
		return Action{MoveDeal: r.moveDeal(n, s)}, true
	case "own":
		return Action{Own: r.expression(n, s)}, true
	case "comment":
		return Action{Comment: r.expression(n, s)}, true
	case "attach":
		return Action{Attach: r.ownSlot(n, s, "attaches slot")}, true
	case "book":
		return Action{Book: r.ownSlot(n, s, "books slot")}, true
	case "visit":
		return Action{Visit: r.use(n, useVisit, "", s.who+" starts the dialog of visit")}, true
	case "cancel_visit":
		return Action{CancelVisit: r.use(n, useVisit, "", s.who+" cancels visit")}, true
	case "set_contact":
		return Action{SetContact: r.expressions(n, s)}, true
	case "task":
		return Action{Task: r.task(n, s)}, true
	case "notify":
		return Action{Notify: r.notify(n, s)}, true
	case "hand_over":
		return Action{HandOver: &HandOver{
			Role:   r.use(child(n, "role"), useRole, "", s.who+" hands over to role"),
			Reason: r.text(child(n, "reason"), s),
		}}, true
	case "start_dialog":
		dialog := r.use(child(n, "dialog"), useDialog, "", s.who+" starts dialog")
		return Action{StartDialog: &StartDialog{Dialog: dialog, With: r.with(child(n, "with"), dialog, s)}}, true
	case "set":
		return Action{Set: r.sets(n, s)}, true
	case "clear":
		var slots []string
		for _, item := range elements(n) {
			slots = append(slots, r.ownSlot(item, s, "clears slot"))
		}
		return Action{Clear: slots}, true
	case "consent":
		return Action{Agree: r.use(n, useConsent, "", s.who+" keeps the consent")}, true
	case "send_document":
		return Action{SendDocument: r.use(n, useDocument, "", s.who+" sends the document")}, true
	case "agree":
		return Action{Agree: r.use(n, useDocument, "", s.who+" keeps the agreement to document")}, true
	case "hook":
		return Action{Hook: r.callMe(n, s)}, true
	case "replace", "hand_back", "ask_back":
		return r.reviewAction(verb, n, s), true
	case "record":
		return Action{Record: scalar(n)}, true
	}
	return Action{}, false // fit has reported it
}

func (r *reader) openDeal(n *yaml.Node, s scope) *OpenDeal {
	pipeline := r.use(child(n, "pipeline"), usePipeline, "", s.who+" opens a deal in pipeline")
	deal := &OpenDeal{
		Pipeline: pipeline, Stage: r.use(child(n, "stage"), useStage, pipeline, s.who+" opens a deal at stage"),
		Title: r.expression(child(n, "title"), s), Unique: r.expression(child(n, "unique"), s),
		Fields: r.expressions(child(n, "fields"), s),
	}
	for name := range deal.Fields {
		r.changed[name] = true
	}
	if asset := child(n, "asset"); asset != nil {
		deal.Asset = r.ownSlot(asset, s, "opens a deal about slot")
	}
	return deal
}

func (r *reader) moveDeal(n *yaml.Node, s scope) *MoveDeal {
	stage := n
	if child(n, "stage") != nil {
		stage = child(n, "stage")
	}
	return &MoveDeal{Stage: r.use(stage, useStage, s.at.Pipeline, s.who+" moves the deal to stage"), Reason: r.expression(child(n, "reason"), s)}
}

func (r *reader) notify(n *yaml.Node, s scope) *Notify {
	notify := &Notify{
		Role: r.use(child(n, "role"), useRole, "", s.who+" notifies role"),
		Card: r.use(child(n, "card"), useCard, "", s.who+" shows card"),
		To:   crm.Recipient(scalar(child(n, "to"))), Key: r.text(child(n, "text"), s),
	}
	byCard := notify.Role != "" && notify.Card != "" && notify.To == "" && notify.Key == ""
	byText := notify.To != "" && notify.Role == "" && (notify.Key != "" && notify.Card == "" || notify.To == crm.ToOwner && notify.Card != "")
	if !byCard && !byText && r.fits {
		r.report(n, "Write {role: …, card: …}, {to: contact, text: …} or {to: owner, card: …}.", "%s notifies with half a notice", s.who)
	}
	if byCard {
		notify.To = crm.ToRole
	}
	notify.Advert = scalar(child(n, "advert")) == "true"
	return notify
}

// ownSlot reads the name of a slot of the dialog in which the action stands; cards and rules have none.
func (r *reader) ownSlot(n *yaml.Node, s scope, does string) string {
	if s.dialog == "" {
		r.report(n, "Do it in a dialog.", "%s %s “%s”, but only dialogs have slots", s.who, does, scalar(n))
		return scalar(n)
	}
	return r.use(n, useSlot, s.dialog, s.who+" "+does)
}

// sets reads expressions that fill slots of the dialog.
func (r *reader) sets(n *yaml.Node, s scope) map[string]*Expr {
	for key := range pairs(n) {
		if s.dialog == "" {
			r.ownSlot(key, s, "sets slot")
		} else {
			r.fills(key, s.dialog, s.who+" sets slot")
		}
	}
	return r.expressions(n, s)
}
