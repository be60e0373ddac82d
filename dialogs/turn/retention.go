package turn

import (
	"context"
	"time"

	"govorun/crm/postgres"
	"govorun/dialogs"
)

// retainFrom is the hour of the kit's night from which what is kept no longer goes: most people sleep, and the act has the new day.
const retainFrom = 3

// sweepRetention removes once a night what the kit says is kept no longer. A process that starts later in the day looks once too: what went before is
// gone already.
func (r *Runner) sweepRetention(ctx context.Context) error {
	now := r.now()
	day := now.Format(time.DateOnly)
	if len(r.Kit.Retention) == 0 || now.Hour() < retainFrom || r.retained.Load() == day {
		return nil
	}
	if err := r.Retain(ctx, now); err != nil {
		return err
	}
	r.retained.Store(day)
	return nil
}

// Retain removes what the kit says is kept no longer at now, and logs how much.
func (r *Runner) Retain(ctx context.Context, now time.Time) error {
	for _, rule := range r.Kit.Retention {
		gone, err := r.DB.Retain(ctx, keptBy(rule), now)
		if err != nil {
			return err
		}
		if gone > 0 {
			r.Log.Info("removed what is kept no longer", "rule", rule.Name, "removed", gone)
		}
	}
	return nil
}

// keptBy is a rule of the kit as the memory takes it.
func keptBy(rule *dialogs.Retention) postgres.Retention {
	kept := postgres.Retention{Name: rule.Name, Basis: rule.Basis, After: rule.After, Of: rule.Of, Pipeline: rule.Pipeline, Stage: rule.Stage, Status: rule.Status, Messages: rule.Messages}
	if kept.Status == "idle" {
		kept.Status = "open"
	}
	return kept
}
