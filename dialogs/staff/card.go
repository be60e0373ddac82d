// Package staff is the employees' side of the mind: how a deal looks to them, what they may press and type, as data of the kit.
//
// Like dialogs it is pure: the turn reads the deal, asks this room what a press does, and applies the effects.
package staff

import (
	"errors"
	"html"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/dialogs"
)

// View is a deal as a card shows it. Owner is the name of the responsible employee, empty when nobody is; Files how many
// files are attached; Moved when the deal last changed.
type View struct {
	crm.Deal
	Contact crm.Contact
	Asset   dialogs.Asset
	Owner   string
	Files   int
	Moved   time.Time
}

// Viewer is who looks at a card, when and in which language.
type Viewer struct {
	Me      crm.Employee
	Now     time.Time // in the kit's zone
	Lang    string
	NewDeal func() crm.DealID // takes the number of a deal that an action opens; only Act needs it
}

// Name is the mark that all messages showing a deal bear.
func Name(id crm.DealID) string { return "deal:" + strconv.FormatInt(int64(id), 10) }

// For chooses the card on which an employee of a role sees deals of a pipeline: one made for the pipeline rather than for any, and
// of several the first by name. Empty when none is.
func For(kit *dialogs.Kit, role, pipeline string) string {
	best := ""
	for _, name := range slices.Sorted(maps.Keys(kit.Cards)) {
		card := kit.Cards[name]
		switch {
		case !serves(card, role):
		case slices.Contains(card.Pipelines, pipeline):
			return name
		case len(card.Pipelines) == 0 && best == "":
			best = name
		}
	}
	return best
}

// Render gives the text and the buttons of a card for one viewer: only what this employee may press now. A button whose condition errs is
// left out; the error comes beside the card then. The text is empty only when the kit has no such card.
func Render(kit *dialogs.Kit, card string, v View, who Viewer) (string, [][]crm.Button, error) {
	c := kit.Cards[card]
	if c == nil {
		return "", nil, crm.ErrNotFound
	}
	scope := scopeOf(v, who)
	text, _ := kit.Texts.Text(who.Lang, c.Key, dialogs.Escape(kit.Args(c.Key, scope)))
	lines := []string{text, footer(kit, v, who)}
	var buttons []crm.Button
	var broken error
	for i := range c.Actions {
		a := &c.Actions[i]
		may, err := kit.Holds(a.If, scope)
		broken = errors.Join(broken, err)
		if may && err == nil {
			label, _ := kit.Texts.Text(who.Lang, a.Key, nil)
			buttons = append(buttons, crm.Button{Text: label, Data: press(v.ID, card, a.ID)})
		}
	}
	var rows [][]crm.Button
	for len(buttons) > 2 {
		rows, buttons = append(rows, buttons[:2:2]), buttons[2:]
	}
	if len(buttons) > 0 {
		rows = append(rows, buttons)
	}
	return strings.Join(lines, "\n"), rows, broken
}

// footer says where the deal stands, with whom and how many files it has.
func footer(kit *dialogs.Kit, v View, who Viewer) string {
	var parts []string
	if p := kit.Pipelines[v.Pipeline]; p != nil {
		for _, s := range p.Stages {
			if s.Name == v.Stage {
				stage, _ := kit.Texts.Text(who.Lang, s.Key, nil)
				parts = append(parts, "<i>"+html.EscapeString(stage)+"</i>")
			}
		}
	}
	if v.Owner != "" {
		parts = append(parts, "👷\u00a0"+html.EscapeString(v.Owner))
	}
	if v.Files > 0 {
		parts = append(parts, "📷\u00a0"+strconv.Itoa(v.Files))
	}
	return strings.Join(parts, " · ")
}

// Outcome is what a press does. Toast is a text key with Args; Effects are empty when nothing may happen.
type Outcome struct {
	Effects []crm.Effect
	Toast   string
	Args    map[string]any
}

// Act does what an employee pressed. Who may see the card but is too late hears who was faster and when; who may not see
// it at all hears the same as if there were no such deal.
func Act(kit *dialogs.Kit, p Press, v View, who Viewer) (Outcome, error) {
	card := kit.Cards[p.Card]
	if card == nil || !serves(card, who.Me.Role) || len(card.Pipelines) > 0 && !slices.Contains(card.Pipelines, v.Pipeline) || !sees(v, who.Me) {
		return Outcome{Toast: "staff.deal_not_found"}, nil
	}
	for i := range card.Actions {
		a := &card.Actions[i]
		if a.ID != p.Action {
			continue
		}
		scope := scopeOf(v, who)
		may, err := kit.Holds(a.If, scope)
		if err != nil {
			return Outcome{}, err
		}
		if !may {
			return late(v, who), nil
		}
		effects, err := kit.Act(a.Do, scope)
		toast := a.Toast
		if toast == "" {
			toast = "staff.done"
		}
		return Outcome{Effects: effects, Toast: toast, Args: dialogs.Escape(kit.Args(toast, scope))}, err
	}
	return Outcome{Toast: "staff.card_outdated"}, nil
}

// late explains a press that no longer counts.
func late(v View, who Viewer) Outcome {
	switch v.Deal.Owner {
	case 0:
		return Outcome{Toast: "staff.card_outdated"}
	case who.Me.ID:
		return Outcome{Toast: "grammar.already_done"}
	}
	return Outcome{Toast: "staff.taken", Args: map[string]any{"name": v.Owner, "time": v.Moved.In(who.Now.Location()).Format("15:04")}}
}

// sees says whether an employee may see a deal: their own, their crew's, one of nobody's crew in their city, or any for
// those who belong to no crew, such as managers.
func sees(v View, me crm.Employee) bool {
	return v.Deal.Owner == me.ID || me.Crew == 0 || v.Crew == 0 || v.Crew == me.Crew
}

// Sees is the rule by which lists and single deals are shown to an employee.
func Sees(v View, me crm.Employee) bool { return sees(v, me) }

func serves(card *dialogs.Card, role string) bool {
	if len(card.Roles) == 0 {
		return true
	}
	for _, r := range card.Roles {
		if r == role {
			return true
		}
	}
	return false
}

func scopeOf(v View, who Viewer) dialogs.Scope {
	return dialogs.Scope{Deal: v.Deal, Asset: &v.Asset, Contact: v.Contact, Me: &who.Me, Now: who.Now, Lang: who.Lang, NewDeal: who.NewDeal}
}
