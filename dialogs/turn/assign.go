package turn

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/staff"
)

const (
	// assignShown is how many people a question for a new owner offers; assignKnown how many are known by name.
	assignShown = 10
	assignKnown = 200
)

// assign is the command: “/assign 5512” asks who gets the deal, “/assign 5512 Иван” gives it to him.
func (g *group) assign(t *postgres.Turn) error {
	number, name, _ := strings.Cut(strings.TrimLeft(strings.TrimSpace(t.In.Args), "№# "), " ")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 {
		return g.say(t, "card.assign_usage", nil)
	}
	d, card, err := g.dealFor(t, crm.DealID(id))
	if errors.Is(err, crm.ErrNotFound) {
		return g.say(t, "staff.deal_not_found", nil)
	}
	if err != nil {
		return err
	}
	if d.Status != crm.DealOpen {
		return g.say(t, "card.assign_closed", map[string]any{"id": int(id)})
	}
	people, err := g.candidates(d, nil, assignKnown)
	if err != nil {
		return err
	}
	if strings.TrimSpace(name) != "" {
		fits := staff.Pick(people, name)
		switch len(fits) {
		case 0:
			return g.say(t, "card.assign_nobody", map[string]any{"name": dialogs.Escape(map[string]any{"name": strings.TrimSpace(name)})["name"]})
		case 1:
			key, args, err := g.giveTo(t, d, fits[0].ID)
			if err != nil {
				return err
			}
			return g.say(t, key, args)
		}
		people = fits
	}
	p := staff.Press{Deal: d.ID, Card: card, Action: dialogs.ActionAssign}
	text, buttons := staff.RenderPeople(g.Kit, p, view(d), g.presser(t), people[:min(len(people), assignShown)])
	return g.sendCard(t, crm.Outbound{Conversation: t.Talk.ID, Address: t.Talk.Address, Kind: crm.OutMessage, Text: text, Buttons: buttons, Card: staff.Mark(d.ID, card)})
}

// reassign asks on the card who gets the deal, or gives it to whom a press names. Roles are those of the button; none means that the right
// to assign is asked for.
func (g *group) reassign(t *postgres.Turn, p staff.Press, d postgres.DealView, roles []string) (toast string, args map[string]any, err error) {
	if roles == nil && !g.Kit.May(t.Employee.Role, crm.MayAssign) {
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": p.Deal}})
		return "staff.deal_not_found", nil, nil
	}
	if d.Status != crm.DealOpen {
		return "staff.card_outdated", nil, g.redrawHere(t, d.ID)
	}
	people, err := g.candidates(d, roles, assignKnown)
	if err != nil {
		return "", nil, err
	}
	if to := p.Person(); to != 0 {
		if !slices.ContainsFunc(people, func(c staff.Candidate) bool { return c.ID == to }) { // they went, or nobody ever offered them
			return "staff.card_outdated", nil, g.redrawHere(t, d.ID)
		}
		return g.giveTo(t, d, to)
	}
	if g.Kit.Cards[p.Card] == nil {
		return "staff.card_outdated", nil, nil
	}
	text, buttons := staff.RenderPeople(g.Kit, p, view(d), g.presser(t), people[:min(len(people), assignShown)])
	return "", nil, g.replaceCard(t, p, text, buttons)
}

// candidates are the people to whom a deal can be given: of some roles, or of all that may own deals of its pipeline. Who has it is none.
func (g *group) candidates(d postgres.DealView, roles []string, limit int) ([]staff.Candidate, error) {
	if roles == nil {
		roles = staff.Owners(g.Kit, d.Pipeline)
	}
	takers, err := g.tx.Takers(g.ctx, roles, dialogs.CityOf(d.Deal, d.Asset, d.Contact), limit)
	if err != nil {
		return nil, err
	}
	var people []staff.Candidate
	for _, k := range takers {
		if k.ID != d.Deal.Owner {
			people = append(people, staff.Candidate{ID: k.ID, Name: k.Name, Load: k.Load, Away: k.Away})
		}
	}
	return people, nil
}

// giveTo makes somebody else the owner, as a press of whoever says so: they hear of it and get the card, filters and reminders follow.
func (g *group) giveTo(t *postgres.Turn, d postgres.DealView, to crm.EmployeeID) (toast string, args map[string]any, err error) {
	if works, err := g.tx.StillWorks(g.ctx, to); err != nil || !works { // they are dismissed this very moment
		return "staff.card_outdated", nil, err
	}
	who, err := g.tx.Employee(g.ctx, to)
	if err != nil {
		return "", nil, err
	}
	done := staff.Outcome{Effects: []crm.Effect{crm.DealOwned{Deal: d.ID, Owner: to}}, Toast: "card.assigned",
		Args: dialogs.Escape(map[string]any{"name": who.Name, "id": int(d.ID)})}
	if to != t.Employee.ID {
		done.Effects = append(done.Effects, crm.Notified{Deal: d.ID, To: crm.ToOwner, Key: "rules.assigned", Args: crm.Fields{"deal": d.ID}})
	}
	return g.act(t, d, done, &Trace{})
}
