package turn

import (
	"context"
	"fmt"
	"sync/atomic"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
)

// One person in two talks, on two channels or through two accounts, is one contact as soon as both know a number that the
// provider vouches for. The merge comes after the commit, in a transaction of its own, because it must lock the other talk as well.

// vouched notes a number that a person may have shared as their own in this talk. What an employee enters of others could be anybody's.
func (g *group) vouched(t *postgres.Turn, e crm.ContactChanged) {
	if e.Phone == "" || t.Employee != nil || t.Talk.Group || e.Contact != 0 && e.Contact != t.Contact.ID {
		return
	}
	g.tx.Changes.OwnPhones = append(g.tx.Changes.OwnPhones, postgres.OwnPhone{Talk: t.Talk.ID, Contact: t.Contact.ID, Phone: e.Phone})
}

// join merges the contacts that share each of these numbers. What gives way to other turns, or is cut off by the end of the program,
// is sweepPhones' to do.
func (r *Runner) join(ctx context.Context, phones []string) {
	for _, phone := range phones {
		merged, err := r.DB.MergeOwn(ctx, phone)
		if err != nil {
			r.Log.Warn("contacts of one person are not merged yet", "err", err)
		}
		for _, m := range merged {
			r.Log.Info("contacts merged", "merge", m.ID, "kept", m.Kept, "gone", m.Gone, "cause", m.Cause, "talks", m.Talks, "deals", m.Deals)
		}
		if len(merged) > 0 {
			if err := r.sweepMerges(ctx); err != nil {
				r.Log.Warn("deals of one person are not joined yet", "err", err)
			}
		}
	}
}

// sweepPhones merges what was not merged right after its commit.
func (r *Runner) sweepPhones(ctx context.Context) error {
	phones, err := r.DB.UnseenOwnPhones(ctx, sweepAtOnce)
	r.join(ctx, phones)
	if err != nil {
		return err
	}
	return r.sweepMerges(ctx)
}

// shownTimes is how often a process writes down the number that a provider shows with every message of a person: more than once, so that a turn that
// was undone is made up for.
const shownTimes = 3

// phoneShown notes the number for which a provider vouches with the message itself: it fills an empty field, and leads to an older contact whose own
// number it is. The digits of a hidden number are none.
func (g *group) phoneShown(t *postgres.Turn) {
	phone := t.In.From.Phone
	if phone == "" || t.Employee != nil || t.Talk.Group || t.Contact.ID == 0 || ours(t.In.Kind) {
		return
	}
	if postgres.HiddenNumber(phone, t.Talk.Address.Chat) || postgres.HiddenNumber(phone, t.In.Alias) {
		g.event(t, postgres.EventRow{Kind: "hidden_number_refused"})
		return
	}
	if t.Contact.Phone == "" {
		t.Contact.Phone = phone
		if p := g.people[t.Talk.ID]; p != nil {
			p.Phone = phone
		}
		g.tx.Changes.KnownBetter = append(g.tx.Changes.KnownBetter, postgres.ContactRow{ID: t.Contact.ID, Phone: phone})
		g.event(t, postgres.EventRow{Kind: "contact_changed", Data: crm.Fields{"changed": "phone"}})
	}
	times, _ := g.shown.LoadOrStore(t.Contact.ID, new(atomic.Int32))
	if times.(*atomic.Int32).Add(1) <= shownTimes {
		g.tx.Changes.OwnPhones = append(g.tx.Changes.OwnPhones, postgres.OwnPhone{Talk: t.Talk.ID, Contact: t.Contact.ID, Phone: phone, Chat: true})
	}
}

// sameChat gives an input the address of its chat when its provider knows the chat by several.
func (r *Runner) sameChat(ctx context.Context, in crm.Inbound) (crm.Inbound, error) {
	in, superseded, err := r.DB.Resolve(ctx, in)
	if err != nil && in.Alias != "" && postgres.Refused(err) {
		// What two addresses are of must not hold up what is said in one: the provider would bring it again and again, before all others.
		r.Log.Error("addresses of a chat are not linked", "channel", in.Address.Channel, "err", err)
		in.Alias = ""
		in, superseded, err = r.DB.Resolve(ctx, in)
	}
	if err != nil {
		return in, fmt.Errorf("%w: %w", crm.ErrUnavailable, err)
	}
	if len(superseded) > 0 {
		r.Committed(nil, superseded)
	}
	return in, nil
}

// sweepMerges joins the deals of merges that nobody has looked at yet.
func (r *Runner) sweepMerges(ctx context.Context) error {
	merges, err := r.DB.UnseenMerges(ctx, sweepAtOnce)
	if err != nil {
		return err
	}
	for _, id := range merges {
		done, err := r.DB.JoinDeals(ctx, id, r.joinRules())
		if err != nil {
			r.Log.Warn("deals of one person are not joined yet", "merge", id, "err", err)
		}
		for _, d := range done {
			r.Log.Info("deal joined", "merge", id, "deal", d.Deal, "first", d.First)
		}
	}
	return nil
}

// joinRules are what the kit says of requests that are the same.
func (r *Runner) joinRules() postgres.JoinRules {
	lang := r.Kit.Texts.Match("")
	return postgres.JoinRules{
		Key: func(d postgres.DealView) string {
			key, _, err := r.Kit.Book.UniqueKey(rules.Scene{View: rules.View{Deal: d.Deal, Contact: d.Contact, Asset: d.Asset, Owner: d.Owner}, Now: r.now()})
			if err != nil {
				r.Log.Warn("unique key", "deal", d.ID, "err", err)
			}
			return key
		},
		Lost: func(pipeline string) string {
			if p := r.Kit.Pipelines[pipeline]; p != nil {
				for _, s := range p.Stages {
					if s.Status == crm.DealLost {
						return s.Name
					}
				}
			}
			return ""
		},
		Comment: func(first, other crm.DealID) string {
			text, _ := r.Kit.Texts.Text(lang, "people.deals_joined", map[string]any{"first": int(first), "other": int(other)})
			return text
		}}
}
