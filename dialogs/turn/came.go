package turn

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/locales"
)

// Who comes to the office shows a code; whoever receives them types “/came 4821”, or reads the code with the phone, which opens the link of it.
const (
	// cameMark begins the payload of that link.
	cameMark = "came_"
	// missedStep marks the timer that asks whether somebody came, among the reminders of a visit; missedAfter is how long after its end.
	missedStep  = -1
	missedAfter = time.Hour
	// A code counts from so long before its visit until so long after it.
	codeEarly, codeLate = 24 * time.Hour, 24 * time.Hour
	// codeTries is how many wrong codes in codeWindow somebody may type: there are only ten thousand.
	codeTries  = 10
	codeWindow = time.Hour
	// codeUnknown is the event of one, by which they are counted.
	codeUnknown = "code_unknown"
)

// codeOf makes four digits of something unpredictable.
func codeOf(nonce string) string {
	h := fnv.New32a()
	h.Write([]byte(nonce))
	return fmt.Sprintf("%04d", h.Sum32()%10_000)
}

// scanned tells whether an employee read the picture of a code with the phone.
func (g *group) scanned(t *postgres.Turn) bool {
	return strings.HasPrefix(t.In.Start, cameMark) && t.In.Kind == crm.InText && !t.Talk.Group && g.Kit.Codes()
}

// newCode makes a code that no other visit of about the same time bears.
func (g *group) newCode(start time.Time) (string, error) {
	for range 20 {
		code := codeOf(g.Nonce())
		others, err := g.tx.BookingsByCode(g.ctx, code, start.Add(-codeLate-codeEarly), start.Add(codeLate+codeEarly))
		if err != nil || len(others) == 0 {
			return code, err
		}
	}
	return "", fmt.Errorf("make a code for a visit: all that were tried are taken")
}

// sendCode gives a visitor their code, as a picture where links can be made.
func (g *group) sendCode(t *postgres.Turn, n visitNews) error {
	code := n.booking.Code
	if code == "" || n.what != "booked" || n.deal.Talk == 0 {
		return nil
	}
	out := crm.Outbound{Conversation: n.deal.Talk, Address: n.deal.Address, Kind: crm.OutMessage, Priority: crm.Notice,
		Text: g.text(g.speaks(n.deal.Language), "visit.code", map[string]any{"code": code})}
	if g.Invite != nil {
		if _, picture, err := g.Invite(cameMark + code); err == nil && len(picture) > 0 {
			out.Kind, out.Media = crm.OutMedia, []crm.Upload{{Kind: crm.Photo, Bytes: picture, Name: "code.png", MIME: "image/png"}}
		}
	}
	_, err := g.sendTo(t, out)
	return err
}

// came is the command: the visitor with this code is here.
func (g *group) came(t *postgres.Turn) error {
	code := locales.OnlyDigits(either(t.In.Start, t.In.Args))
	if len(code) != 4 {
		return g.say(t, "visit.came_usage", nil)
	}
	b, err := g.byCode(t, code)
	if errors.Is(err, crm.ErrNotFound) {
		return g.say(t, "visit.came_unknown", nil)
	}
	if err != nil {
		return err
	}
	if b, err = g.tx.EndBooking(g.ctx, b, crm.VisitDone, "came"); err != nil {
		return err
	}
	done, err := g.follow(t, []crm.Effect{crm.BookingKept{Booking: b}})
	if err != nil {
		return err
	}
	if err := g.applyAll(t, done, &Trace{}); err != nil {
		return err
	}
	d, err := g.tx.Deal(g.ctx, b.Deal)
	if err != nil {
		return err
	}
	if err := g.say(t, "visit.came", map[string]any{"id": int(b.Deal), "name": g.called(d.Contact), "time": b.Start.In(g.zoneOf(b)).Format("15:04")}); err != nil {
		return err
	}
	_, err = g.card(t, b.Deal)
	return err
}

// byCode finds the visit of about now that bears a code, if the author of the turn sees its deal. Whoever types too many wrong ones finds none.
func (g *group) byCode(t *postgres.Turn, code string) (crm.Booking, error) {
	tries, err := g.tx.CodeTries(g.ctx, t.Employee.ID, g.tx.Now.Add(-codeWindow)) // the timeline goes by the clock of the database
	if err != nil {
		return crm.Booking{}, err
	}
	for _, e := range g.tx.Changes.Events { // and those of this transaction, which nobody else sees yet
		if e.Kind == codeUnknown && e.Employee == t.Employee.ID {
			tries++
		}
	}
	if tries < codeTries {
		all, err := g.tx.BookingsByCode(g.ctx, code, g.now.Add(-codeLate), g.now.Add(codeEarly))
		if err != nil {
			return crm.Booking{}, err
		}
		for _, b := range all {
			_, err := g.tx.DealFor(g.ctx, t.Employee.ID, b.Deal)
			if err == nil || !errors.Is(err, crm.ErrNotFound) {
				return b, err
			}
		}
	}
	g.event(t, postgres.EventRow{Kind: codeUnknown})
	return crm.Booking{}, fmt.Errorf("find a visit by its code: %w", crm.ErrNotFound)
}

// missedTimer asks after a visit whether the visitor came.
func (g *group) missedTimer(b crm.Booking) crm.TimerSet {
	return crm.TimerSet{Deal: b.Deal, Kind: crm.TimerVisit, Rule: b.Kind, Step: missedStep, DueAt: b.End.Add(missedAfter),
		Data: crm.Fields{"booking": int64(b.ID), "start": b.Start.Unix()}}
}

// missedVisit ends a visit to which nobody came, and asks the rules that wait for that.
func (g *group) missedVisit(t *postgres.Turn, b crm.Booking, d postgres.DueTimer) (done []rules.Done, skip rules.Skip, until time.Time, err error) {
	if b.Status != crm.VisitOpen || b.Start.Unix() != numberIn(d.Data, "start") || b.End.After(g.now) {
		return nil, rules.SkipGone, until, nil
	}
	if b, err = g.tx.EndBooking(g.ctx, b, crm.VisitCancelled, "missed"); err != nil {
		return nil, "", until, err
	}
	done, err = g.rules(t).Run([]crm.Effect{crm.BookingMissed{Booking: b}, crm.DealChanged{Deal: b.Deal, Fields: crm.Fields{g.fieldOf(b): nil}}})
	for i := range done {
		done[i].Cause = append([]string{"timer:" + string(crm.TimerVisit)}, done[i].Cause...)
	}
	return done, "", until, err
}
