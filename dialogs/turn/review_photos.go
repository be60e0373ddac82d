package turn

import (
	"context"
	"errors"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
	"govorun/dialogs/slot"
)

// seen finds out whether the pictures of this input came before, where the dialog may ask for any.
func (g *group) seen(t *postgres.Turn, kit *dialogs.Kit, s dialogs.Session, in *dialogs.Input) error {
	if t.In.Kind != crm.InMedia || !kit.ComparesPhotos() && !g.Kit.ComparesPhotos() || !kit.TakesFiles(s) {
		return nil
	}
	var unique []string
	for _, m := range t.In.Media {
		if m.Unique != "" {
			unique = append(unique, m.Unique)
		}
	}
	if len(unique) == 0 {
		return nil
	}
	found, err := g.tx.SeenPictures(g.ctx, unique, t.Contact.ID, s.Wanted())
	if err != nil || len(found) == 0 {
		return err
	}
	in.Facts.Seen = make(map[string]slot.Seen, len(found))
	for ref, is := range found {
		in.Facts.Seen[ref] = slot.Seen(is)
	}
	return nil
}

// compareAtOnce is how many fetched files one transaction compares with those of others.
const compareAtOnce = 100

// FlagReused compares the contents of files that were fetched for deals with those of other contacts: pictures that were saved and sent anew have
// another id of the provider, but the same bytes. A flag stands on the card, and whoever owns the deal hears of it. Any number of processes may do so.
func (r *Runner) FlagReused(ctx context.Context) error {
	for ctx.Err() == nil && r.Kit.ComparesPhotos() {
		n, err := r.flagReused(ctx)
		if err != nil && postgres.Conflict(err) {
			return nil // the next sweep
		}
		if err != nil || n < compareAtOnce {
			return err
		}
	}
	return ctx.Err()
}

func (r *Runner) flagReused(ctx context.Context) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tx, err := r.DB.BeginActs(ctx)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback(ctx)
	files, err := tx.ComparePictures(ctx, compareAtOnce)
	if err != nil || len(files) == 0 {
		return 0, err
	}
	g := r.newGroup(ctx, tx, 1)
	t := &postgres.Turn{In: crm.Inbound{Kind: crm.InTimeout, SentAt: g.now}, Talk: &postgres.Talk{}}
	for _, f := range files {
		if f.Reused {
			if err := g.flagLate(t, f); err != nil {
				return 0, err
			}
		}
	}
	return len(files), g.commit()
}

// flagLate adds the flag to an answer of a deal, unless it is there.
func (g *group) flagLate(t *postgres.Turn, f postgres.ComparedFile) error {
	d, err := g.tx.Deal(g.ctx, f.Deal)
	if errors.Is(err, crm.ErrNotFound) {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	flags, is := dialogs.WithFlag(d.Fields, f.Name, slot.Reused)
	if is {
		return nil
	}
	effects := []crm.Effect{crm.DealChanged{Deal: d.ID, Fields: flags}}
	if d.Status == crm.DealOpen && d.Deal.Owner != 0 {
		effects = append(effects, crm.Notified{Deal: d.ID, To: crm.ToOwner, Key: "review.reused_late", Args: crm.Fields{"id": int(d.ID)}})
	}
	done := make([]rules.Done, len(effects))
	for i, e := range effects {
		done[i] = rules.Done{Effect: e, Cause: []string{"compare"}}
	}
	return g.applyAll(t, done, &Trace{})
}
