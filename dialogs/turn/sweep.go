package turn

import (
	"context"
	"time"
)

// Sweep runs what is due: session timers, timers of deals, and signals that were not met right after their commit. It returns when ctx ends.
// Any number of processes may sweep: the turn itself, holding the conversation, decides whether a timer still counts.
func (r *Runner) Sweep(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := r.SweepOnce(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("timers wait", "err", err)
		}
		if _, err := r.SweepRooms(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("lost groups wait", "err", err)
		}
		if err := r.FlagReused(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("pictures wait to be compared", "err", err)
		}
		if _, err := r.SweepUnread(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("unread messages wait", "err", err)
		}
		if _, err := r.FireTimers(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("timers of deals wait", "err", err)
		}
		if err := r.sweepRetention(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("what is kept no longer waits", "err", err)
		}
		if _, err := r.DB.FoldFunnel(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("counters of stages wait", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweepAtOnce is how many due conversations are taken at a time, so that interactive turns share the commits.
const sweepAtOnce = 64

// SweepOnce runs everything that is due now, the longest overdue first.
func (r *Runner) SweepOnce(ctx context.Context) error {
	if err := r.sweepPhones(ctx); err != nil {
		return err
	}
	if err := r.sweepForgotten(ctx); err != nil {
		return err
	}
	if err := r.sweepFailover(ctx); err != nil {
		return err
	}
	for {
		due, err := r.DB.Due(ctx, r.Shift(), sweepAtOnce)
		if err != nil {
			return err
		}
		signals, err := r.DB.Signals(ctx, sweepAtOnce)
		if err != nil {
			return err
		}
		ins := append(due, signals...)
		results := make(chan error, len(ins))
		for _, in := range ins {
			go func() {
				_, err := r.Accept(ctx, in)
				results <- err
			}()
		}
		for range ins {
			if e := <-results; e != nil {
				err = e
			}
		}
		if err != nil || len(ins) < sweepAtOnce || ctx.Err() != nil {
			return err
		}
	}
}
