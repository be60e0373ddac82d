package turn

import (
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
	"govorun/dialogs/staff"
)

// retakePress asks on the card which photo is to be taken again, then why, and then asks the contact for it. The argument of a press is the
// number of the photo, then that of the reason.
func (g *group) retakePress(t *postgres.Turn, a *dialogs.CardAction, p staff.Press, d postgres.DealView) (toast string, args map[string]any, err error) {
	switch {
	case d.Status != crm.DealOpen:
		return "staff.card_outdated", nil, g.redrawHere(t, d.ID)
	case d.Talk == 0:
		return "retake.no_chat", nil, nil
	}
	item, reason, valid := retakePicked(a.Retake, p.Arg)
	lang := g.lang(t)
	switch {
	case !valid: // the kit has other photos by now
		return "staff.card_outdated", nil, g.redrawHere(t, d.ID)
	case reason >= 0:
		return g.retakeAsked(t, a, p, d, item, reason)
	case item >= 0:
		question := g.text(lang, "retake.why", map[string]any{"item": g.text(lang, a.Retake.Items[item].Key, nil)})
		choices := make([]staff.Choice, len(a.Retake.Reasons))
		for i, key := range a.Retake.Reasons {
			choices[i] = staff.Choice{Text: g.text(lang, key, nil), Arg: p.Arg + "r" + strconv.Itoa(i)}
		}
		text, buttons := staff.RenderChoices(g.Kit, p, view(d), g.presser(t), question, choices)
		return "", nil, g.replaceCard(t, p, text, buttons)
	}
	choices := make([]staff.Choice, len(a.Retake.Items))
	for i, item := range a.Retake.Items {
		choices[i] = staff.Choice{Text: g.text(lang, item.Key, nil), Arg: "i" + strconv.Itoa(i)}
	}
	text, buttons := staff.RenderChoices(g.Kit, p, view(d), g.presser(t), g.text(lang, "retake.which", nil), choices)
	return "", nil, g.replaceCard(t, p, text, buttons)
}

// retakePicked reads the argument of a press: "i1" is the second photo, "i1r0" the same with the first reason; -1 for what is not picked yet.
func retakePicked(a *dialogs.Retake, arg string) (item, reason int, valid bool) {
	item, reason = -1, -1
	if arg == "" {
		return item, reason, true
	}
	rest, ok := strings.CutPrefix(arg, "i")
	first, second, both := strings.Cut(rest, "r")
	item, err := strconv.Atoi(first)
	if !ok || err != nil || item < 0 || item >= len(a.Items) {
		return -1, -1, false
	}
	if !both {
		return item, -1, true
	}
	reason, err = strconv.Atoi(second)
	return item, reason, err == nil && reason >= 0 && reason < len(a.Reasons)
}

// retakeAsked moves the deal to where it waits and starts the dialog with its contact.
func (g *group) retakeAsked(t *postgres.Turn, a *dialogs.CardAction, p staff.Press, d postgres.DealView, item, reason int) (toast string, args map[string]any, err error) {
	photo, why := a.Retake.Items[item], a.Retake.Reasons[reason]
	var effects []crm.Effect
	if to := a.Retake.Stage; to != "" && d.Stage != to {
		effects = append(effects, crm.DealMoved{Deal: d.ID, From: d.Stage, Stage: to, Status: crm.DealOpen})
	}
	effects = append(effects,
		crm.Recorded{Kind: "retake_asked", Deal: d.ID, Data: crm.Fields{"title": photo.Key, "text": why}},
		crm.DialogWanted{Deal: d.ID, Dialog: g.Kit.RetakeOf(p.Card, a.ID, photo),
			Slots: crm.Fields{"item": g.Kit.Told(photo.Key), "reason": g.Kit.Told(why), "by": int(t.Employee.ID)}})
	done := staff.Outcome{Effects: effects, Toast: "retake.asked", Args: map[string]any{"item": g.text(g.lang(t), photo.Key, nil)}}
	toast, args, err = g.act(t, d, done, &Trace{})
	if err == nil {
		err = g.redrawHere(t, d.ID)
	}
	return toast, args, err
}

// tellAsker brings an answer to the employee who waits for it: the card, with a line above in their language. Who can't be reached any more, or
// sees the deal no more, is stood in for by its owner.
func (g *group) tellAsker(t *postgres.Turn, e crm.Notified, d postgres.DealView, by rules.Done) error {
	people, err := g.tx.ReachEmployee(g.ctx, e.Employee)
	if err != nil {
		return err
	}
	people = g.seeing(people, d)
	if len(people) == 0 && d.Deal.Owner != 0 {
		if people, err = g.reachOwner(d.Deal.Owner); err != nil {
			return err
		}
	}
	if len(people) == 0 {
		return g.tellReviewers(t, e, d, by)
	}
	for _, p := range people {
		g.tellPeople(t, g.localized(g.forRole(e, p.Role), g.speaks(p.Lang)), d, []postgres.Reached{p}, by)
	}
	return nil
}

// tellReviewers tells the people of the first role that has to do with a notice and is there, else the head.
func (g *group) tellReviewers(t *postgres.Turn, e crm.Notified, d postgres.DealView, by rules.Done) error {
	for _, role := range append(g.reviewers(e.Card, d.Pipeline), g.Kit.Head) {
		people, err := g.whoSees(role, d)
		if err != nil {
			return err
		}
		for _, p := range people {
			g.tellPeople(t, g.localized(g.forRole(e, p.Role), g.speaks(p.Lang)), d, []postgres.Reached{p}, by)
		}
		if len(people) > 0 {
			return nil
		}
	}
	g.event(t, postgres.EventRow{Kind: "nobody_told", Deal: d.ID, Data: crm.Fields{"role": g.Kit.Head}})
	return nil
}

// reviewers are the roles that a notice about a deal may be for: those of its card, those that can ask for photos again, then all of the pipeline.
func (g *group) reviewers(card, pipeline string) []string {
	var roles []string
	if c := g.Kit.Cards[card]; c != nil {
		roles = append(roles, c.Roles...)
	}
	all := staff.Roles(g.Kit, pipeline)
	for _, role := range all {
		c := g.Kit.Cards[staff.For(g.Kit, role, pipeline)]
		if slices.ContainsFunc(c.Actions, func(a dialogs.CardAction) bool { return a.Retake != nil }) {
			roles = append(roles, role)
		}
	}
	return append(roles, all...)
}

// seeing are those who may see a deal.
func (g *group) seeing(people []postgres.Reached, d postgres.DealView) (all []postgres.Reached) {
	for _, p := range people {
		if staff.Sees(g.Kit, view(d), p.Employee) {
			all = append(all, p)
		}
	}
	return all
}

// forRole is a notice for somebody who stands in for whom it was meant for: a card that is for other roles, with the photos on it, is not for them. They
// get their own.
func (g *group) forRole(e crm.Notified, role string) crm.Notified {
	if c := g.Kit.Cards[e.Card]; c != nil && len(c.Roles) > 0 && !slices.Contains(c.Roles, role) {
		e.Card = ""
	}
	return e
}

// localized is a notice whose arguments are texts of the kit, in another language.
func (g *group) localized(e crm.Notified, lang string) crm.Notified {
	args := make(crm.Fields, len(e.Args))
	for name, value := range e.Args {
		if text, ok := value.(string); ok {
			value = g.Kit.Localized(text, lang)
		}
		args[name] = value
	}
	e.Args = args
	return e
}
