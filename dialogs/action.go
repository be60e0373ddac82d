package dialogs

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/rules"
	"govorun/crm/seal"
)

// errNoDeal is an action on a deal where there is none.
var errNoDeal = errors.New("there is no deal yet: open or choose one first")

// Scope is what the actions and conditions of a card may see: the deal on which it is pressed, by whom and when.
// Lang is the language of texts made for people, Channel the account over which it was pressed, NewDeal takes the next number.
type Scope struct {
	Deal    crm.Deal
	Asset   *Asset
	Contact crm.Contact
	Me      *crm.Employee
	Now     time.Time
	Lang    string
	Channel string
	NewDeal func() crm.DealID
	Parent  *rules.View // the deal that opened this one
	From    string      // the stage that was left
}

// Act gives the effects of a card's actions. The error is a mistake in the kit: an expression that can't be evaluated, a stage that
// is not there; nothing may be applied then.
func (k *Kit) Act(actions []Action, scope Scope) ([]crm.Effect, error) {
	t := k.card(scope)
	t.act(actions)
	return t.out.Effects, t.err
}

// Holds tells whether a condition of a card is true in the scope; no condition is always true.
func (k *Kit) Holds(condition *Expr, scope Scope) (bool, error) {
	if condition == nil {
		return true, nil
	}
	t := k.card(scope)
	truth := t.holds(condition)
	return truth, t.err
}

// Args are the values of the placeholders of a card's text, plain: whoever renders it escapes them.
func (k *Kit) Args(key string, scope Scope) map[string]any {
	t := k.card(scope)
	return t.args(key, nil)
}

// card is a step without a dialog.
func (k *Kit) card(scope Scope) step {
	return step{
		view: view{
			kit: k, deal: scope.Deal, asset: scope.Asset, contact: scope.Contact, me: scope.Me,
			now: scope.Now, lang: scope.Lang, channel: scope.Channel, parent: scope.Parent, from: scope.From,
		},
		env: Env{Now: scope.Now, Lang: scope.Lang, NewDeal: scope.NewDeal},
		s:   Session{Deal: scope.Deal.ID},
	}
}

// act adds the effects of actions, in order, until one is a mistake.
func (t *step) act(actions []Action) {
	for i := range actions {
		if t.err != nil {
			return
		}
		t.actOn(&actions[i])
	}
}

func (t *step) actOn(a *Action) {
	switch {
	case a.OpenDeal != nil:
		t.openDeal(a.OpenDeal)
	case a.UseDeal != nil:
		t.chooseDeal(a.UseDeal)
	case a.SetDeal != nil:
		if t.needDeal() {
			t.setDeal(t.fields(a.SetDeal))
		}
	case a.FillDeal != nil:
		t.fillDeal(a.FillDeal)
	case a.MoveDeal != nil:
		t.moveDeal(a.MoveDeal)
	case a.Own != nil:
		t.ownDeal(a.Own)
	case a.Comment != nil:
		if text := strings.TrimSpace(seal.Masked(textOf(t.eval(a.Comment)))); text != "" && t.needDeal() {
			t.effect(crm.Commented{Deal: t.s.Deal, Text: text})
		}
	case a.Attach != "":
		t.attach(a.Attach)
	case a.Book != "":
		t.book(a.Book)
	case a.Visit != "":
		t.startVisit(a.Visit)
	case a.CancelVisit != "":
		t.cancelVisit(a.CancelVisit)
	case a.SetContact != nil:
		t.setContact(a.SetContact)
	case a.Task != nil:
		t.task(a.Task)
	case a.Assign != nil:
		t.assign(a.Assign)
	case a.Rate != nil:
		t.rate(a.Rate)
	case a.Remind != nil:
		t.remind(a.Remind)
	case a.Notify != nil:
		t.notify(a.Notify)
	case a.HandOver != nil:
		t.cutTrail()
		t.out.HandOver = true
		t.effect(crm.HandedOver{Role: a.HandOver.Role, Reason: a.HandOver.Reason})
	case a.StartDialog != nil:
		t.cutTrail()
		t.wanted = &crm.DialogWanted{Deal: t.s.Deal, Dialog: a.StartDialog.Dialog, Slots: t.fields(a.StartDialog.With)}
		if t.def == nil {
			t.leaveWanted()
		}
	case a.Set != nil:
		t.setAll(a.Set)
	case a.Clear != nil:
		for _, name := range a.Clear {
			t.forget(name)
		}
	case a.Agree != "":
		t.agree(a.Agree)
	case a.SendDocument != "":
		t.sendDocument(a.SendDocument)
	case a.Hook != nil:
		t.tellHook(a.Hook)
	case a.Replace != nil:
		t.replace(a.Replace)
	case a.HandBack != nil:
		t.handBack(a.HandBack)
	case a.AskBack != nil:
		t.askBack(a.AskBack)
	case a.Record != "":
		t.effect(crm.Recorded{Kind: a.Record, Deal: t.s.Deal})
	}
}

// leaveWanted leaves the dialog that is to start to a turn of its own.
func (t *step) leaveWanted() {
	if t.wanted != nil {
		t.effect(*t.wanted)
		t.wanted = nil
	}
}

// setAll fills slots by expressions, all of which see the answers as they were before.
func (t *step) setAll(set map[string]*Expr) {
	if t.def == nil {
		return
	}
	names := inOrder(set)
	values := make([]Value, len(names))
	filled := make([]bool, len(names))
	for i, name := range names {
		values[i], filled[i] = t.answerOf(set[name], t.def.Slots[name])
	}
	for i, name := range names {
		if filled[i] {
			t.set(name, values[i])
		} else {
			t.unset(name)
		}
	}
}

// setContact keeps what is known of the person. Expressions that follow see it.
func (t *step) setContact(set map[string]*Expr) {
	change := crm.ContactChanged{Contact: t.contact.ID}
	for _, name := range inOrder(set) {
		value := t.eval(set[name])
		switch name {
		case "name":
			change.Name = textOf(value)
		case "phone":
			change.Phone = textOf(value)
		case "lang":
			change.Lang = textOf(value)
		default:
			if change.Fields == nil {
				change.Fields = crm.Fields{}
			}
			change.Fields[name] = plain(value)
		}
	}
	t.contact.Name = first(change.Name, t.contact.Name)
	t.contact.Phone = first(change.Phone, t.contact.Phone)
	delete(t.vars, "contact")
	t.effect(change)
}

// notify shows the card to a role or the owner, or tells the contact or the owner a text.
func (t *step) notify(n *Notify) {
	notice := crm.Notified{Deal: t.s.Deal, Role: n.Role, Card: n.Card, Key: n.Key, To: n.To, Advert: n.Advert}
	if notice.To == "" {
		notice.To = crm.ToRole
	}
	if n.Key != "" {
		notice.Args = t.args(n.Key, nil)
	}
	if notice.To == crm.ToRole {
		t.cutTrail()
	}
	t.effect(notice)
}

// cutTrail ends the way back: what others have been told can't be taken back by a button.
func (t *step) cutTrail() {
	t.s.Trail = nil
	for i := range t.s.Stack {
		if len(t.s.Stack[i].Trail) > 0 {
			stack := append([]Frame(nil), t.s.Stack...)
			for j := range stack {
				stack[j].Trail = nil
			}
			t.s.Stack = stack
			return
		}
	}
}

// needDeal tells whether there is a deal to act on; without one it is a mistake.
func (t *step) needDeal() bool {
	if t.s.Deal == 0 {
		t.fail(fmt.Errorf("state %s of %s: %w", t.s.State, t.s.Dialog, errNoDeal))
	}
	return t.s.Deal != 0
}

// fields evaluates named expressions into values that JSON knows.
func (t *step) fields(set map[string]*Expr) crm.Fields {
	fields := make(crm.Fields, len(set))
	for _, name := range inOrder(set) {
		fields[name] = plain(t.eval(set[name]))
		if n, ok := fields[name].(float64); ok && (math.IsInf(n, 0) || math.IsNaN(n)) {
			t.fail(fmt.Errorf("%s: %s gives no number", name, set[name]))
			fields[name] = nil
		}
	}
	return fields
}

// plain makes a value of an expression one that JSON keeps as it is.
func plain(value any) any {
	switch v := value.(type) {
	case time.Time:
		return v.Format(time.RFC3339)
	case time.Duration:
		return v.Seconds()
	}
	return value
}

// textOf is a value of an expression as text.
func textOf(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case time.Time:
		return v.Format(time.RFC3339)
	}
	return fmt.Sprint(value)
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
