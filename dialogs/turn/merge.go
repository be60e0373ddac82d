package turn

import (
	"context"

	"govorun/crm"
	"govorun/crm/postgres"
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
	}
}

// sweepPhones merges what was not merged right after its commit.
func (r *Runner) sweepPhones(ctx context.Context) error {
	phones, err := r.DB.UnseenOwnPhones(ctx, sweepAtOnce)
	r.join(ctx, phones)
	return err
}
