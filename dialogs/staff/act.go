package staff

import (
	"govorun/crm"
	"govorun/dialogs"
)

// Outcome is what a press does. Toast is a text key with Args; Effects are empty when nothing may happen. Form is set when the button does
// something other than effects; Confirm when it is to be pressed a second time, on what RenderConfirm shows.
type Outcome struct {
	Effects []crm.Effect
	Toast   string
	Args    map[string]any
	Form    *dialogs.CardAction
	Confirm *dialogs.CardAction
	Sealed  bool // a second press confirmed it: money, mostly
}

// NotFound tells that there is no such deal for whoever pressed.
func (o Outcome) NotFound() bool { return o.Toast == "staff.deal_not_found" }

// Act does what an employee pressed. Who may see the card but is too late hears who was faster and when; whose role has no such card
// hears the same as if there were no such deal. That they may see the deal, the caller knows.
func Act(kit *dialogs.Kit, p Press, v View, who Viewer) (Outcome, error) {
	card := kit.Cards[p.Card]
	if !shows(card, who.Me.Role, v.Pipeline) {
		return Outcome{Toast: "staff.deal_not_found"}, nil
	}
	for i := range card.Actions {
		if a := &card.Actions[i]; a.ID == p.Action {
			return act(kit, a, p, v, who)
		}
	}
	return Outcome{Toast: "staff.card_outdated"}, nil
}

func act(kit *dialogs.Kit, a *dialogs.CardAction, p Press, v View, who Viewer) (Outcome, error) {
	scope := scopeOf(kit, v, who)
	may, err := offered(kit, a, scope)
	if err != nil {
		return Outcome{}, err
	}
	switch {
	case !may:
		return Late(v, who), nil
	case len(a.Do) == 0:
		return Outcome{Form: a}, nil
	case a.Confirm != "" && p.Arg == "":
		return Outcome{Confirm: a}, nil
	case a.Confirm != "":
		if wrong := broken(kit, a, p, v, who); wrong != "" {
			return Outcome{Toast: wrong}, nil
		}
	}
	scope.Deal.Title = v.Title // what is kept is kept as it was
	effects, err := kit.Act(a.Do, scope)
	toast := a.Toast
	if toast == "" {
		toast = "staff.done"
	}
	return Outcome{Effects: effects, Toast: toast, Args: dialogs.Escape(kit.Args(toast, scope)), Sealed: a.Confirm != ""}, err
}

// Late explains a press that no longer counts.
func Late(v View, who Viewer) Outcome {
	switch v.Deal.Owner {
	case 0:
		return Outcome{Toast: "staff.card_outdated"}
	case who.Me.ID:
		return Outcome{Toast: "grammar.already_done"}
	}
	return Outcome{Toast: "staff.taken", Args: map[string]any{"name": v.Owner, "time": v.Moved.In(who.Now.Location()).Format("15:04")}}
}

// WasShown tells whether an employee's role still has the card that a message of ours showed them, so that they may hear who was faster
// although they see the deal no more.
func WasShown(kit *dialogs.Kit, p Press, v View, me crm.Employee) bool {
	return shows(kit.Cards[p.Card], me.Role, v.Pipeline) && v.Deal.Owner != 0 && v.Deal.Owner != me.ID
}
