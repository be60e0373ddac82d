package turn

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/crm/visits"
	"govorun/dialogs"
	"govorun/dialogs/slot"
)

// visitNews is something about a visit that people are told: what is "booked", "moved", "cancelled" or "remind".
type visitNews struct {
	booking crm.Booking
	was     crm.Booking
	what    string
	deal    postgres.DealView
	crew    postgres.VisitCrew
}

// newsOf reads what there is to tell of an effect on a visit; false when it is none, or when the kit knows such visits no more.
func (g *group) newsOf(effect crm.Effect) (n visitNews, ok bool, err error) {
	switch e := effect.(type) {
	case crm.Booked:
		n.booking, n.what = e.Booking, "booked"
	case crm.BookingMoved:
		n.booking, n.was, n.what = e.Booking, e.Was, "moved"
	case crm.BookingCancelled:
		n.booking, n.what = e.Booking, "cancelled"
	default:
		return n, false, nil
	}
	if g.Kit.Visits[n.booking.Kind] == nil {
		return n, false, nil
	}
	n.deal, err = g.tx.Deal(g.ctx, n.booking.Deal)
	if err == nil {
		n.crew, err = g.crewOf(n.booking)
	}
	return n, err == nil, err
}

// crewOf is who makes a visit; without members left it has no name.
func (g *group) crewOf(b crm.Booking) (postgres.VisitCrew, error) {
	v := g.Kit.Visits[b.Kind]
	found, err := g.tx.VisitCrews(g.ctx, postgres.CrewsWanted{Role: v.Role, Lead: v.Lead, ID: b.Resource, Today: g.now})
	if err != nil || len(found) == 0 {
		return postgres.VisitCrew{ID: b.Resource}, err
	}
	return found[0], nil
}

// tellVisit tells both sides of a visit, each once. Who changed it in a dialog hears it in the answer there.
func (g *group) tellVisit(t *postgres.Turn, d rules.Done) error {
	n, ok, err := g.newsOf(d.Effect)
	if err != nil || !ok {
		return err
	}
	if n.what == "moved" && n.was.Resource != n.booking.Resource {
		gone := n
		gone.what, gone.booking = "cancelled", n.was
		gone.booking.Seq = n.booking.Seq
		if err := g.tellCrew(t, gone, d.Cause); err != nil {
			return err
		}
		n.what = "booked"
		if err := g.tellCrew(t, n, d.Cause); err != nil {
			return err
		}
		if n.what = "moved"; n.was.Start.Equal(n.booking.Start) {
			n.what = "crew" // only who comes is another
		}
	} else if err := g.tellCrew(t, n, d.Cause); err != nil {
		return err
	}
	if err := g.sendCode(t, n); err != nil {
		return err
	}
	if g.answering == t && g.isCustomer(t, n) {
		return nil
	}
	return g.tellCustomer(t, n, d.Cause)
}

// isCustomer tells whether the author of the turn is the one who is visited.
func (g *group) isCustomer(t *postgres.Turn, n visitNews) bool {
	return t.Employee == nil && t.Contact.ID != 0 && t.Contact.ID == n.deal.Contact.ID
}

// tellCrew sends each of the crew the visit with a file for the calendar.
func (g *group) tellCrew(t *postgres.Turn, n visitNews, cause []string) error {
	v := g.Kit.Visits[n.booking.Kind]
	people, err := g.tx.ReachCrew(g.ctx, n.booking.Resource, v.Role, v.Lead)
	if err != nil {
		return err
	}
	for _, p := range people {
		lang := g.speaks(p.Lang)
		text, err := g.visitWords(n, "visit.crew_"+n.what, v.Crew, lang)
		if err != nil {
			return err
		}
		out := crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMedia, Priority: crm.Notice, Text: text,
			Media: []crm.Upload{{Kind: crm.Document, Bytes: g.calendar(n, lang), Name: fmt.Sprintf("visit-%d.ics", n.booking.Deal), MIME: "text/calendar"}}}
		if n.what != "cancelled" {
			out.Buttons = g.crewButtons(n, p, lang)
		}
		if ours(t.In.Kind) && len(cause) > 0 {
			out.NotBefore = g.wakeful(p.City)
		}
		if _, err := g.sendTo(t, out); err != nil {
			return err
		}
	}
	return nil
}

func (g *group) crewButtons(n visitNews, p postgres.Reached, lang string) [][]crm.Button {
	row := []crm.Button{{Text: g.text(lang, "visit.move", nil), Data: visitData(n.booking, "move")}}
	if card := g.cardFor(p.Role, n.deal.Pipeline); card != "" {
		row = append([]crm.Button{{Text: g.text(lang, "visit.open", map[string]any{"id": int(n.deal.ID)}), Data: "k:" + strconv.FormatInt(int64(n.deal.ID), 10) + ":" + card + ":show"}}, row...)
	}
	return [][]crm.Button{row}
}

// tellCustomer sends the contact of the deal what there is to know of the visit. What a robot decided by night waits for the morning.
func (g *group) tellCustomer(t *postgres.Turn, n visitNews, cause []string) (err error) {
	d := n.deal
	if d.Talk == 0 {
		g.event(t, postgres.EventRow{Kind: "contact_not_told", Deal: d.ID, Author: crm.ByBot, Data: crm.Fields{"text": "visit." + n.what, "reason": "no_conversation"}})
		return nil
	}
	if n.crew.ID == 0 {
		if n.crew, err = g.crewOf(n.booking); err != nil {
			return err
		}
	}
	lang := g.speaks(d.Language)
	out := crm.Outbound{Conversation: d.Talk, Address: d.Address, Kind: crm.OutMessage, Priority: crm.Notice}
	body := g.Kit.Visits[n.booking.Kind].Customer
	if n.what == "cancelled" {
		body = ""
	} else {
		out.Buttons = g.customerButtons(n.booking, lang)
	}
	if out.Text, err = g.visitWords(n, "visit.customer_"+n.what, body, lang); err != nil {
		return err
	}
	if ours(t.In.Kind) && len(cause) > 0 {
		out.NotBefore = g.wakeful(dialogs.CityOf(d.Deal, d.Asset, d.Contact))
	}
	_, err = g.sendTo(t, out)
	return err
}

func (g *group) customerButtons(b crm.Booking, lang string) [][]crm.Button {
	return [][]crm.Button{{{Text: g.text(lang, "visit.move", nil), Data: visitData(b, "move")}, {Text: g.text(lang, "visit.cancel", nil), Data: visitData(b, "cancel")}}}
}

// sayVisit tells a customer in the answer of their own dialog what they have booked or moved.
func (g *group) sayVisit(t *postgres.Turn, done []rules.Done, result *dialogs.Result) error {
	for _, d := range done {
		n, ok, err := g.newsOf(d.Effect)
		if err != nil {
			return err
		}
		if !ok || n.what == "cancelled" || !g.isCustomer(t, n) {
			continue
		}
		lang := g.lang(t)
		var say []dialogs.Say
		for _, key := range []string{"visit.customer_" + n.what, g.Kit.Visits[n.booking.Kind].Customer} {
			say = append(say, dialogs.Say{Key: key, Args: g.visitArgs(n, key, lang)})
		}
		at := len(result.Say)
		if at > 0 && result.Say[at-1].Nonce != "" {
			at-- // before the next question
		}
		result.Say = append(result.Say[:at:at], append(say, result.Say[at:]...)...)
		if g.under == nil {
			g.under = map[crm.ConversationID][][]crm.Button{}
		}
		g.under[t.Talk.ID] = g.customerButtons(n.booking, lang)
	}
	return nil
}

// visitWords are a headline and what stands below it, ready for a channel.
func (g *group) visitWords(n visitNews, head, body, lang string) (string, error) {
	lines := []string{g.text(lang, head, dialogs.Escape(g.visitArgs(n, head, lang)))}
	if body != "" {
		lines = append(lines, strings.TrimSpace(g.text(lang, body, dialogs.Escape(g.visitArgs(n, body, lang)))))
	}
	return strings.Join(lines, "\n"), nil
}

// visitArgs are the values of a text about a visit, plain.
func (g *group) visitArgs(n visitNews, key, lang string) map[string]any {
	d := n.deal
	scope := g.Kit.Scope(rules.Scene{View: rules.View{Deal: d.Deal, Contact: d.Contact, Asset: d.Asset, Owner: d.Owner}, Now: g.now})
	scope.Lang = lang
	args := map[string]any{}
	for name, value := range g.Kit.Args(key, scope) {
		args[name] = value
	}
	zone := g.zoneOf(n.booking)
	start, end := n.booking.Start.In(zone), n.booking.End.In(zone)
	v := g.Kit.Visits[n.booking.Kind]
	args["visit"] = map[string]any{"when": slot.ShowWindow(lang, g.now, start), "day": slot.ShowWeekday(lang, g.now, start), "time": start.Format("15:04"),
		"until": end.Format("15:04"), "kind": g.text(lang, v.Key, nil), "address": addressOf(d), "code": n.booking.Code}
	args["crew"] = map[string]any{"name": n.crew.Name, "foreman": either(n.crew.Foreman.Name, n.crew.Name), "contact": contactOf(n.crew.Foreman)}
	return args
}

// whenOf says when a visit is.
func (g *group) whenOf(b crm.Booking, lang string) string {
	return slot.ShowWindow(lang, g.now, b.Start.In(g.zoneOf(b)))
}

// addressOf is where a deal is: the address of its asset, else its own.
func addressOf(d postgres.DealView) string {
	return either(d.Asset.Address, d.Deal.Fields.Text("address"))
}

// contactOf is how a foreman is reached.
func contactOf(f postgres.Foreman) string {
	if f.Phone == "" {
		if f.Username == "" {
			return ""
		}
		return "@" + strings.TrimPrefix(f.Username, "@")
	}
	return fmt.Sprint(slot.Show(slot.Spec{Type: "phone"}, slot.Value{Text: f.Phone}))
}

// calendar is the visit as a file for the calendar of the crew.
func (g *group) calendar(n visitNews, lang string) []byte {
	d := n.deal
	title := strings.TrimRight(g.text(lang, "visit.open", map[string]any{"id": int(d.ID)})+" "+g.text(lang, g.Kit.Visits[n.booking.Kind].Key, nil)+" · "+d.Title, " ·")
	return visits.Calendar(visits.Entry{Booking: n.booking, Title: title, Place: addressOf(d), Notes: strings.TrimSpace(d.Contact.Name + "\n" + d.Contact.Phone),
		Stamp: g.now.Truncate(time.Second), Cancelled: n.what == "cancelled"})
}
