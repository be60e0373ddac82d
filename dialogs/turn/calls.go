package turn

import (
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
)

// callStale is how old a missed call may be for anything to follow: who called yesterday has been called back, or has called again.
const callStale = 24 * time.Hour

// phoned records a telephone call. One that nobody took opens a deal, if the kit says so and the caller has none, and sets off the rules that wait for
// missed calls; one that was answered ends reminders and the count of missed ones.
func (g *group) phoned(t *postgres.Turn, trace *Trace) error {
	c := t.In.Call
	if err := g.tx.FlushDeals(g.ctx); err != nil { // what turns of this transaction have learnt counts
		return err
	}
	if t.Contact.ID == 0 && c.Phone != "" && g.people[t.Talk.ID] == nil {
		known, err := g.tx.ContactOfPhone(g.ctx, c.Phone)
		if err != nil {
			return err
		}
		g.adopt(t, known)
	}
	if c.Phone != "" { // a hidden number is nobody
		if g.meet(t); g.failed != nil {
			return g.failed
		}
	}
	by, err := g.answerer(c)
	if err != nil {
		return err
	}
	fresh, err := g.tx.NoteCall(g.ctx, c, t, by)
	if err != nil || !fresh || c.Phone == "" {
		return err
	}
	deals, err := g.tx.CalledDeals(g.ctx, c.Phone)
	if err != nil {
		return err
	}
	g.eventsOf(t, deals, by)
	switch {
	case c.Status == crm.CallAnswered:
		return g.callAnswered(t, deals, trace)
	case c.Out || g.now.Sub(c.At) > callStale:
		return nil
	}
	return g.callMissed(t, deals, trace)
}

// answerer is who of ours talked, 0 when that is unknown.
func (g *group) answerer(c *crm.Call) (crm.EmployeeID, error) {
	if c.Employee == "" {
		return 0, nil
	}
	return g.tx.EmployeeOfPhone(g.ctx, c.Employee)
}

// eventsOf writes the call into the timeline of each deal, or of the contact who has none.
func (g *group) eventsOf(t *postgres.Turn, deals []postgres.CalledDeal, by crm.EmployeeID) {
	c := t.In.Call
	kind := "call_" + string(c.Status)
	if c.Out {
		kind = "call_out_" + string(c.Status)
	}
	row := postgres.EventRow{Kind: kind, Data: crm.Fields{"seconds": c.Seconds, "line": c.Line}}
	if by != 0 {
		row.Author, row.Employee = crm.ByEmployee, by
	}
	if len(deals) == 0 {
		g.event(t, row)
	}
	for _, d := range deals {
		row.Deal = d.ID
		g.event(t, row)
	}
}

// callAnswered counts as a word between people.
func (g *group) callAnswered(t *postgres.Turn, deals []postgres.CalledDeal, trace *Trace) error {
	if g.Kit.Reminds() {
		g.tx.Changes.Answers = append(g.tx.Changes.Answers, postgres.Answer{Contact: t.Contact.ID, Message: t.Message})
	}
	var effects []crm.Effect
	for _, d := range deals {
		if g.acts {
			g.tx.Changes.Touches = append(g.tx.Changes.Touches, postgres.Touch{Deal: d.ID, Human: 1})
		}
		if d.Missed > 0 {
			effects = append(effects, crm.DealChanged{Deal: d.ID, Fields: crm.Fields{"missed_calls": nil}})
		}
	}
	return g.carry(t, effects, trace)
}

// callMissed lets the kit answer a call that nobody took.
func (g *group) callMissed(t *postgres.Turn, deals []postgres.CalledDeal, trace *Trace) error {
	c := t.In.Call
	if len(deals) == 0 {
		opened, err := g.callUnknown(t, trace)
		if err != nil || opened == 0 {
			return err
		}
		deals = []postgres.CalledDeal{{ID: opened}}
	}
	for _, d := range deals {
		counted := crm.DealChanged{Deal: d.ID, Fields: crm.Fields{"missed_calls": d.Missed + 1, "missed_at": c.At.UTC().Format(time.RFC3339)}}
		if err := g.carry(t, []crm.Effect{counted}, trace); err != nil {
			return err
		}
		done, err := g.rules(t).Happened(rules.CallMissed, d.ID)
		if err == nil {
			err = g.applyAll(t, done, trace)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// callUnknown does what the kit says of a missed call of somebody who has no open deal, and gives the deal that it opens.
func (g *group) callUnknown(t *postgres.Turn, trace *Trace) (crm.DealID, error) {
	if g.Kit.Calls == nil {
		return 0, nil
	}
	c := t.In.Call
	values := map[string]dialogs.Value{"phone": {Text: c.Phone}}
	if c.Line != "" {
		values["line"] = dialogs.Value{Text: c.Line}
	}
	return g.submit(t, submission{form: g.Kit.Calls, values: values, phone: c.Phone}, trace)
}

// carry applies effects with all that follows.
func (g *group) carry(t *postgres.Turn, effects []crm.Effect, trace *Trace) error {
	if len(effects) == 0 {
		return nil
	}
	done, err := g.follow(t, effects)
	if err != nil {
		return err
	}
	return g.applyAll(t, done, trace)
}
