package turn

import (
	"context"
	"errors"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// On the first of a month everybody who may read reports gets those of the month before by themselves, at nine in the morning of the kit's zone.

const monthlyRule = "digest.month"

// monthAtOnce is how many people get the report in one transaction: each reads under their own rights, for seconds on a large base.
const monthAtOnce = 4

// armMonthly makes sure that the monthly report will come. A kit in which nobody may read it has nobody to send it to.
func (r *Runner) armMonthly(ctx context.Context) error {
	if len(r.reportRoles()) == 0 {
		return nil
	}
	return r.DB.ArmLoose(ctx, monthlyRule, nextMonth(time.Now().Add(r.Shift()), r.Kit.Zone))
}

// reportRoles are the roles that may read reports, sorted.
func (r *Runner) reportRoles() (roles []string) {
	for role := range r.Kit.Roles {
		if r.Kit.May(role, crm.MayReports) {
			roles = append(roles, role)
		}
	}
	return sorted(roles)
}

// nextMonth is the next first of a month in a zone, in the morning.
func nextMonth(now time.Time, zone *time.Location) time.Time {
	now = now.In(zone)
	at := time.Date(now.Year(), now.Month(), 1, digestHour, 0, 0, 0, zone)
	if !at.After(now) {
		at = time.Date(now.Year(), now.Month()+1, 1, digestHour, 0, 0, 0, zone)
	}
	return at
}

// monthly sends the reports of the month before the one in which the timer was due, and lets it wait for the next one in the same row. Who comes back
// after an outage gets one month, the last that is over.
func (g *group) monthly(t *postgres.Turn, d postgres.DueTimer) error {
	roles := g.reportRoles()
	if len(roles) == 0 {
		g.tx.Changes.Ends = append(g.tx.Changes.Ends, postgres.TimerEnd{ID: d.ID, Status: postgres.TimerSkipped, Reason: "gone"})
		return nil
	}
	next := nextMonth(g.now, g.Kit.Zone)
	month := postgres.LastMonth(next.AddDate(0, -1, 0))
	told, due := 0, next
	for _, role := range roles {
		people, err := g.tx.ReachPeople(g.ctx, role, 0, "")
		if err != nil {
			return err
		}
		for _, p := range people {
			heard, err := g.tx.WasTold(g.ctx, p.Conversation, monthMark(month), 40*24*time.Hour)
			if err != nil {
				return err
			}
			if heard {
				continue
			}
			if told == monthAtOnce { // the others are next
				due = g.now
				break
			}
			if err := g.tellMonth(t, p, month); err != nil {
				return err
			}
			told++
		}
	}
	g.tx.Changes.Ends = append(g.tx.Changes.Ends, postgres.TimerEnd{ID: d.ID, Status: postgres.TimerWaiting, DueAt: due})
	if told > 0 {
		g.event(t, postgres.EventRow{Kind: "digest_sent", Data: crm.Fields{"rule": d.Rule, "people": told, "month": month.From.Format("2006-01")}})
	}
	return nil
}

// monthMark marks the messages of a monthly report, so that nobody gets it twice.
func monthMark(month postgres.Period) string { return "report:" + month.From.Format("2006-01") }

// tellMonth sends one reader what came of the leads, what employees did and how contacts are rated.
func (g *group) tellMonth(t *postgres.Turn, p postgres.Reached, month postgres.Period) error {
	lang := g.speaks(p.Lang)
	for _, v := range reportViews {
		if v.view == viewParked || g.reportKey(v.view) == "" { // of parked deals they hear each week
			continue
		}
		out, err := g.reportFor(p.Employee, lang, v.view, month)
		switch {
		case errors.Is(err, crm.ErrTooBroad): // the month is not lost: they may ask for a part of it
			out = crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "report.too_long", nil)}
		case err != nil:
			return err
		}
		out.Conversation, out.Address, out.Priority = p.Conversation, p.Address, crm.Notice
		out.Card = monthMark(month)
		out.Buttons = g.reportButtons(lang, v.view, month)
		if _, err := g.sendTo(t, out); err != nil {
			return err
		}
	}
	return nil
}
