package turn

import (
	"errors"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// askedInVain ends a question about a deal that its employee does not see any more: work changes hands while a question is open, and whoever had the
// deal neither answers for it nor hears of it. It reports true when the turn is over.
func (g *group) askedInVain(t *postgres.Turn, s *dialogs.Session) (bool, error) {
	about, dialog := s.Deal, s.Dialog
	if t.In.Signal != nil {
		about, dialog = t.In.Signal.Deal, t.In.Signal.Dialog
	}
	if t.Employee == nil || about == 0 || !strings.HasPrefix(dialog, "demand.") && !strings.HasPrefix(dialog, "visit.") {
		return false, nil
	}
	theirs, err := g.answersFor(t, about)
	if theirs || err != nil {
		return false, err
	}
	g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": about}})
	if t.In.Signal != nil {
		return true, nil
	}
	*s, t.Talk.DueAt = dialogs.Session{Tour: s.Tour}, time.Time{}
	g.touch(t.Talk)
	if ours(t.In.Kind) {
		return true, nil
	}
	return true, g.say(t, "staff.deal_not_found", nil)
}

// answersFor tells whether the author of the turn sees a deal, or makes a visit of it.
func (g *group) answersFor(t *postgres.Turn, id crm.DealID) (bool, error) {
	_, err := g.tx.DealFor(g.ctx, t.Employee.ID, id)
	if !errors.Is(err, crm.ErrNotFound) {
		return err == nil, err
	}
	all, err := g.tx.Bookings(g.ctx, id)
	return slices.ContainsFunc(all, func(b crm.Booking) bool { return makes(*t.Employee, b) }), err
}
