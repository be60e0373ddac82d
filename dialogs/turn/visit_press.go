package turn

import (
	"errors"
	"html"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs/staff"
)

// visitData is what a button under a visit carries.
func visitData(b crm.Booking, action string) string {
	return "v:" + strconv.FormatInt(int64(b.ID), 10) + ":" + action
}

// visitPressed gives the parts of a press of such a button; nil when it is none.
func visitPressed(in crm.Inbound) []string {
	if in.Press == nil {
		return nil
	}
	if parts := strings.Split(in.Press.Data, ":"); len(parts) == 3 && parts[0] == "v" {
		return parts
	}
	return nil
}

// cardFor is the card that shows such deals to a role.
func (g *group) cardFor(role, pipeline string) string { return staff.For(g.Kit, role, pipeline) }

// visitPress moves or cancels a visit, for the one who is visited and for those who see its deal. It gives the toast.
func (g *group) visitPress(t *postgres.Turn, parts []string) (string, error) {
	lang := g.lang(t)
	if len(parts) != 3 || len(g.Kit.Visits) == 0 {
		return g.text(lang, "grammar.stale", nil), nil
	}
	id, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || id <= 0 {
		return g.text(lang, "grammar.stale", nil), nil
	}
	b, may, err := g.visitOf(t, crm.BookingID(id))
	switch {
	case err != nil:
		return "", err
	case !may && t.Employee != nil:
		return "", crm.ErrNotFound
	case !may:
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"visit": id}})
		return g.text(lang, "grammar.stale", nil), nil
	case b.Status != crm.VisitOpen || g.Kit.VisitDialog(b.Kind) == "":
		return g.text(lang, "visit.gone", nil), g.buttons(t, [][]crm.Button{})
	}
	switch parts[2] {
	case "move":
		wanted := crm.DialogWanted{Deal: b.Deal, Dialog: g.Kit.VisitDialog(b.Kind)}
		if t.Employee != nil {
			wanted.Employee = t.Employee.ID
		}
		return "", g.applyAll(t, []rules.Done{{Effect: wanted}}, &Trace{})
	case "cancel":
		return g.text(lang, "visit.sure", nil), g.buttons(t, [][]crm.Button{{{Text: g.text(lang, "visit.cancel_yes", nil), Data: visitData(b, "yes")}},
			{{Text: g.text(lang, "visit.keep", nil), Data: visitData(b, "keep")}}})
	case "keep":
		return "", g.buttons(t, g.customerButtons(b, lang))
	case "yes":
		return g.dropVisit(t, b)
	}
	return g.text(lang, "grammar.stale", nil), nil
}

// dropVisit cancels a visit because its customer or an employee asked for it.
func (g *group) dropVisit(t *postgres.Turn, b crm.Booking) (string, error) {
	when := g.whenOf(b, g.lang(t))
	done, err := g.follow(t, []crm.Effect{crm.BookingCancelled{Booking: b, Reason: "asked"}})
	if err != nil {
		return "", err
	}
	g.answering = t // they hear it below
	err = g.applyAll(t, done, &Trace{})
	g.answering = nil
	if err != nil {
		return "", err
	}
	if err := g.buttons(t, [][]crm.Button{}); err != nil {
		return "", err
	}
	return "", g.say(t, "visit.cancelled", map[string]any{"when": html.EscapeString(when)})
}

// visitOf finds a visit for the author of the turn: the contact of its deal, whoever makes it, or an employee who sees the deal.
func (g *group) visitOf(t *postgres.Turn, id crm.BookingID) (b crm.Booking, may bool, err error) {
	b, err = g.tx.Booking(g.ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return b, false, nil
	}
	if err != nil {
		return b, false, err
	}
	if t.Employee == nil {
		d, err := g.tx.Deal(g.ctx, b.Deal)
		return b, err == nil && t.Contact.ID != 0 && d.Contact.ID == t.Contact.ID, err
	}
	if makes(*t.Employee, b) {
		return b, true, nil
	}
	_, err = g.tx.DealFor(g.ctx, t.Employee.ID, b.Deal)
	if errors.Is(err, crm.ErrNotFound) {
		return b, false, nil
	}
	return b, err == nil, err
}

// makes tells whether an employee makes a visit: with their crew, or alone, as before they joined it.
func makes(me crm.Employee, b crm.Booking) bool {
	return b.Resource == crm.ResourceOf(me) || b.Resource.Employee() == me.ID
}

// buttons puts other buttons under the pressed message.
func (g *group) buttons(t *postgres.Turn, rows [][]crm.Button) error {
	_, err := g.send(t, crm.Outbound{Kind: crm.OutEdit, TargetRef: t.In.Press.Message, Buttons: rows, Priority: crm.Notice})
	return err
}
