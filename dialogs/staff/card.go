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
	Undo    bool              // what they did last to this deal can be taken back
	NewDeal func() crm.DealID // takes the number of a deal that an action opens; only Act needs it
}

// maxButtons of a card, in rows of two.
const maxButtons = 16

// Name is the mark that all messages showing a deal bear.
func Name(id crm.DealID) string { return "deal:" + strconv.FormatInt(int64(id), 10) }

// Mark is what a message bears that shows a deal as a card: each message is redrawn as the card it is.
func Mark(id crm.DealID, card string) string { return Name(id) + ":" + card }

// ParseMark reads the mark of a message. It reports false for what shows no deal.
func ParseMark(mark string) (id crm.DealID, card string, ok bool) {
	rest, ok := strings.CutPrefix(mark, "deal:")
	number, card, _ := strings.Cut(rest, ":")
	n, err := strconv.ParseInt(number, 10, 64)
	return crm.DealID(n), card, ok && err == nil && n > 0
}

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

// Roles lists the roles whose cards show deals of a pipeline: the people who have to do with it.
func Roles(kit *dialogs.Kit, pipeline string) []string {
	var roles []string
	for _, role := range slices.Sorted(maps.Keys(kit.Roles)) {
		if card := For(kit, role, pipeline); card != "" && slices.Contains(kit.Cards[card].Pipelines, pipeline) {
			roles = append(roles, role)
		}
	}
	return roles
}

// Render gives the text and the buttons of a card for one viewer: only what this employee may press now, on this card or on another one that
// their role has for the deal, since a deal stands in a chat once. A button whose condition errs is left out; the error comes beside the
// card then. The text is empty only when the kit has no such card.
func Render(kit *dialogs.Kit, card string, v View, who Viewer) (string, [][]crm.Button, error) {
	c := kit.Cards[card]
	if c == nil {
		return "", nil, crm.ErrNotFound
	}
	text, broken := textOf(kit, c, v, who), error(nil)
	var buttons []crm.Button
	for _, name := range beside(kit, card, v, who) {
		more, err := actions(kit, name, v, who)
		broken = errors.Join(broken, err)
		for _, b := range more {
			if !slices.ContainsFunc(buttons, func(other crm.Button) bool { return other.Text == b.Text }) && len(buttons) < maxButtons {
				buttons = append(buttons, b)
			}
		}
	}
	rows := inRows(buttons)
	if who.Undo {
		label, _ := kit.Texts.Text(who.Lang, "card.undo", nil)
		rows = append(rows, []crm.Button{{Text: label, Data: Press{Deal: v.ID, Card: card, Action: dialogs.ActionUndo}.Data()}})
	}
	return text, rows, broken
}

// textOf is what a card says, with where the deal stands below.
func textOf(kit *dialogs.Kit, c *dialogs.Card, v View, who Viewer) string {
	text, _ := kit.Texts.Text(who.Lang, c.Key, dialogs.Escape(kit.Args(c.Key, scopeOf(kit, v, who))))
	return text + "\n" + footer(kit, v, who)
}

// beside lists a card and the others that the viewer's role has for the pipeline of the deal.
func beside(kit *dialogs.Kit, card string, v View, who Viewer) []string {
	names := []string{card}
	for _, name := range slices.Sorted(maps.Keys(kit.Cards)) {
		if c := kit.Cards[name]; name != card && slices.Contains(c.Roles, who.Me.Role) && slices.Contains(c.Pipelines, v.Pipeline) {
			names = append(names, name)
		}
	}
	return names
}

// actions are the buttons of one card.
func actions(kit *dialogs.Kit, card string, v View, who Viewer) (buttons []crm.Button, broken error) {
	scope, over := scopeOf(kit, v, who), stopped(kit, v)
	for i := range kit.Cards[card].Actions {
		a := &kit.Cards[card].Actions[i]
		if over && !a.Comment {
			continue
		}
		may, err := offered(kit, a, scope)
		b := crm.Button{Data: Press{Deal: v.ID, Card: card, Action: a.ID}.Data()}
		if may && err == nil && a.Route != nil {
			b.Data = ""
			b.URL, err = kit.RouteOf(a.Route, scope)
			may = b.URL != ""
		}
		broken = errors.Join(broken, err)
		if may && err == nil {
			b.Text, _ = kit.Texts.Text(who.Lang, a.Key, dialogs.Escape(kit.Args(a.Key, scope)))
			b.Text = html.UnescapeString(b.Text) // buttons are plain
			buttons = append(buttons, b)
		}
	}
	return buttons, broken
}

// stopped tells whether a deal was closed where it stood, as when whoever it is about had their data deleted: nothing leads on from there.
func stopped(kit *dialogs.Kit, v View) bool {
	p := kit.Pipelines[v.Pipeline]
	return p != nil && v.Status != "" && v.Status != crm.DealOpen && slices.ContainsFunc(p.Stages, func(s dialogs.Stage) bool {
		return s.Name == v.Stage && (s.Status == "" || s.Status == crm.DealOpen)
	})
}

// offered tells whether a button makes sense now.
func offered(kit *dialogs.Kit, a *dialogs.CardAction, scope dialogs.Scope) (bool, error) {
	if a.Call && scope.Contact.Phone == "" {
		return false, nil
	}
	return kit.Holds(a.If, scope)
}

func inRows(buttons []crm.Button) (rows [][]crm.Button) {
	for len(buttons) > 2 {
		rows, buttons = append(rows, buttons[:2:2]), buttons[2:]
	}
	if len(buttons) > 0 {
		rows = append(rows, buttons)
	}
	return rows
}

// footer says where the deal stands, with whom and how many files it has.
func footer(kit *dialogs.Kit, v View, who Viewer) string {
	var parts []string
	if p := kit.Pipelines[v.Pipeline]; p != nil {
		for _, s := range p.Stages {
			if s.Name == v.Stage {
				stage, _ := kit.Texts.Text(who.Lang, s.Key, nil)
				mark := "i"
				if stopped(kit, v) {
					mark = "s"
				}
				parts = append(parts, "<"+mark+">"+html.EscapeString(stage)+"</"+mark+">")
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

func serves(card *dialogs.Card, role string) bool {
	return len(card.Roles) == 0 || slices.Contains(card.Roles, role)
}

// shows tells whether a card is one on which a role sees deals of a pipeline.
func shows(card *dialogs.Card, role, pipeline string) bool {
	return card != nil && serves(card, role) && (len(card.Pipelines) == 0 || slices.Contains(card.Pipelines, pipeline))
}

// scopeOf is what a card may name. The title that whoever opened the deal read in their language is read in the viewer's.
func scopeOf(kit *dialogs.Kit, v View, who Viewer) dialogs.Scope {
	deal := v.Deal
	deal.Title = kit.Localized(deal.Title, who.Lang)
	return dialogs.Scope{Deal: deal, Asset: &v.Asset, Contact: v.Contact, Me: &who.Me, Now: who.Now, Lang: who.Lang, NewDeal: who.NewDeal}
}
