package turn

import (
	"slices"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
)

// acts tells whether deals of this kit do anything by themselves. Where they don't, no effect is gone through by the rules.
func acts(b *rules.Book) bool {
	if len(b.Links) > 0 || len(b.Unique) > 0 || len(b.Rules) > 0 {
		return true
	}
	for _, p := range b.Pipelines {
		if p.Missed != nil || len(p.Reasons) > 0 || slices.ContainsFunc(p.Stages, demanding) {
			return true
		}
	}
	return false
}

// demanding tells whether a stage has a policy of its own.
func demanding(s *rules.Stage) bool {
	return s.Owner != nil || s.Template != "" || s.Recall > 0 || len(s.To)+len(s.By)+len(s.Enter)+len(s.Leave) > 0
}

// follow gives everything that is to be done with effects: what stages, links and rules of the kit make follow included.
func (g *group) follow(t *postgres.Turn, effects []crm.Effect) ([]rules.Done, error) {
	if !g.acts || !slices.ContainsFunc(effects, moving) {
		done := make([]rules.Done, len(effects))
		for i, e := range effects {
			done[i].Effect = e
		}
		return done, nil
	}
	cascade := g.rules(t)
	for _, e := range effects {
		if known, ok := e.(crm.ContactChanged); ok && known.Contact != 0 {
			if err := g.memory.learn(known); err != nil {
				return nil, err
			}
		}
	}
	return cascade.Run(effects)
}

// moving tells whether anything may follow an effect.
func moving(e crm.Effect) bool {
	switch e.(type) {
	case crm.DealOpened, crm.DealMoved, crm.DealChanged, crm.DealOwned, crm.OwnerWanted, crm.DealLinked, crm.Commented, crm.Booked, crm.BookingMoved, crm.BookingCancelled,
		crm.BookingKept, crm.BookingMissed:
		return true
	}
	return false
}

// rules is the cascade of this transaction, for somebody who acts in it.
func (g *group) rules(t *postgres.Turn) *rules.Cascade {
	if g.cascade == nil {
		g.memory = &memory{group: g, views: map[crm.DealID]*rules.View{}, opened: map[crm.DealID]bool{}, links: map[crm.DealID][]crm.DealLinked{},
			contacts: map[crm.ContactID]crm.Contact{}, picked: map[crm.EmployeeID]crm.Employee{}}
		g.cascade = &rules.Cascade{Book: g.Kit.Book, Memory: g.memory, Now: g.now, NewDeal: g.newDeal}
	}
	g.cascade.Me = t.Employee
	return g.cascade
}

// newDeal takes the number of a new deal.
func (g *group) newDeal() crm.DealID {
	id, err := g.deals.Next(g.ctx, g.tx)
	if err != nil {
		g.failed = err
	}
	return crm.DealID(id)
}

// heard is what follows when somebody writes: reminders to them have lost their point, and rules may wait for it.
func (g *group) heard(t *postgres.Turn, trace *Trace) error {
	if !g.acts || t.Contact.ID == 0 || ours(t.In.Kind) || t.In.Kind == crm.InEdit {
		return nil
	}
	if g.Kit.Reminds() {
		g.tx.Changes.Answers = append(g.tx.Changes.Answers, postgres.Answer{Contact: t.Contact.ID, Message: t.Message})
	}
	if about := t.Talk.Deal; about != nil && about.Status == crm.DealOpen {
		g.tx.Changes.Touches = append(g.tx.Changes.Touches, postgres.Touch{Deal: about.ID, Human: 1})
	}
	pipelines := waiting(g.Kit.Book, rules.Message)
	if len(pipelines) == 0 {
		return nil
	}
	ids, err := g.tx.OpenDealsOf(g.ctx, t.Contact.ID, pipelines)
	if err != nil {
		return err
	}
	for _, id := range ids {
		done, err := g.rules(t).Happened(rules.Message, id)
		if err == nil {
			err = g.applyAll(t, done, trace)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// waiting lists the pipelines whose rules wait for something.
func waiting(b *rules.Book, kind rules.Kind) []string {
	var pipelines []string
	for _, r := range b.Rules {
		if r.When.Kind == kind && !slices.Contains(pipelines, r.When.Pipeline) {
			pipelines = append(pipelines, r.When.Pipeline)
		}
	}
	return pipelines
}
