package turn

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
)

// A kit changes while deals stand on its stages. Before anything else the stages that are gone must be mapped; then, beside the work of people,
// deals go to where they are mapped, and get the timers of rules that came after them.

const (
	// settleAtOnce is how many deals or timers one transaction of settling writes: some ten milliseconds of the database's time.
	settleAtOnce = 500
	// settleRead is how many deals without a timer are looked for at once.
	settleRead = 100_000
	// settlePause lets turns of people go first between such transactions.
	settlePause = 50 * time.Millisecond
	// settleBusy is how long deals that somebody works on are left alone before they are looked at again.
	settleBusy = 2 * time.Second
	// spreadEach is how far apart timers fire that a change of the kit makes overdue, a hundred an hour, and spreadMost within what time all
	// of them do: nobody gets the tasks of ten thousand deals in one minute.
	spreadEach = 36 * time.Second
	spreadMost = 24 * time.Hour
	// settleAgain is when all is looked over once more: a program of the kit of before may have run beside this one.
	settleAgain = time.Hour
)

// CheckStages refuses a kit that would lose deals: an error with one line for each stage on which open deals stand and that the kit neither has nor
// maps, with their count and what to add.
func (r *Runner) CheckStages(ctx context.Context) error {
	stand, err := r.DB.Standings(ctx)
	if err != nil {
		return err
	}
	places := make([]rules.Place, len(stand))
	for i, p := range stand {
		places[i] = rules.Place(p)
	}
	var lost []error
	for _, p := range r.Kit.Book.Orphans(places) {
		n, err := r.DB.CountStanding(ctx, postgres.Place(p))
		if err != nil {
			return err
		}
		lost = append(lost, r.orphaned(p, n))
	}
	if len(lost) == 0 {
		return nil
	}
	return fmt.Errorf("kit %s would lose open deals:\n%w", r.Kit.Name, errors.Join(lost...))
}

// orphaned says what is missing for the deals of a stage, and what to add.
func (r *Runner) orphaned(p rules.Place, n int) error {
	deals := fmt.Sprintf("%d open deals stand", n)
	if n == 1 {
		deals = "1 open deal stands"
	}
	pipeline := r.Kit.Book.Pipelines[p.Pipeline]
	if pipeline == nil {
		return fmt.Errorf("%s on %s, but pipelines.yaml has no pipeline %s: keep it there with the stage %s until they are closed", deals, p, p.Pipeline, p.Stage)
	}
	to := "another_stage"
	for _, s := range pipeline.Stages {
		if s.Status == "" || s.Status == crm.DealOpen {
			to = s.Name
			break
		}
	}
	return fmt.Errorf("%s on %s, which pipelines.yaml neither has nor maps: add to the pipeline %s where they go, such as `was: {%s: %s}`", deals, p, p.Pipeline, p.Stage, to)
}

// Settle moves deals from stages that the kit maps to where they are now, and gives deals the timers of rules that came after them. It goes on
// until ctx ends, in small transactions with pauses; killed anywhere, it goes on from there at the next start. Any number of processes may do so.
func (r *Runner) Settle(ctx context.Context) {
	for ctx.Err() == nil {
		wait := settleAgain
		if err := r.SettleOnce(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("deals are not settled yet", "err", err)
			wait = settleBusy
		}
		pause(ctx, wait)
	}
}

// SettleOnce moves all deals that are to be moved, sets and moves timers, and makes sure of the weekly digest.
func (r *Runner) SettleOnce(ctx context.Context) error {
	stand, err := r.DB.Standings(ctx)
	if err != nil {
		return err
	}
	for _, p := range stand {
		to, known := r.Kit.Book.Moved(rules.Place(p))
		if !known || to == rules.Place(p) {
			continue
		}
		if err := r.moveStanding(ctx, postgres.StageMove{From: p, To: postgres.Place(to), Status: r.statusOf(to)}); err != nil {
			return err
		}
	}
	if err := r.settleTimers(ctx); err != nil {
		return err
	}
	return errors.Join(r.armDigest(ctx), r.armMonthly(ctx))
}

// moveStanding moves all deals of a stage. Those that somebody works on are waited for.
func (r *Runner) moveStanding(ctx context.Context, m postgres.StageMove) error {
	moved := 0
	for ctx.Err() == nil {
		n, err := r.DB.MoveStanding(ctx, m, settleAtOnce)
		if err != nil {
			return err
		}
		moved += n
		if n > 0 {
			pause(ctx, settlePause)
			continue
		}
		left, err := r.DB.CountStanding(ctx, m.From)
		if err != nil || left == 0 {
			r.Log.Info("deals moved to the stage that the kit has now", "from", m.From.Pipeline+"."+m.From.Stage, "to", m.To.Pipeline+"."+m.To.Stage, "deals", moved)
			return err
		}
		pause(ctx, settleBusy)
	}
	return ctx.Err()
}

// statusOf is the outcome that a stage stands for.
func (r *Runner) statusOf(p rules.Place) crm.DealStatus {
	for _, s := range r.Kit.Book.Pipelines[p.Pipeline].Stages {
		if s.Name == p.Stage && s.Status != "" {
			return s.Status
		}
	}
	return crm.DealOpen
}

// settleTimers sets the timers that standing deals lack, and moves those for which the kit has another time now.
func (r *Runner) settleTimers(ctx context.Context) error {
	for _, s := range standings(r.Kit.Book) {
		set, err := r.ensure(ctx, s)
		if err == nil && s.Kind == crm.TimerIdle {
			err = r.retime(ctx, s)
		}
		if err != nil {
			return err
		}
		if set > 0 {
			r.Log.Info("deals that stood there before have their timers", "kind", s.Kind, "rule", s.Rule, "timers", set)
		}
	}
	return nil
}

// ensure gives deals a timer that they lack. They are looked for once and then written in small pieces.
func (r *Runner) ensure(ctx context.Context, s postgres.Standing) (all int, err error) {
	for ctx.Err() == nil {
		ids, err := r.DB.LackingTimers(ctx, s, settleRead)
		if err != nil || len(ids) == 0 {
			return all, err
		}
		s.Spread = spread(len(ids))
		for piece := range slices.Chunk(ids, settleAtOnce) {
			n, err := r.DB.EnsureTimers(ctx, s, piece)
			if err != nil {
				return all, err
			}
			all += n
			pause(ctx, settlePause)
		}
	}
	return all, ctx.Err()
}

// retime moves the timers for which the kit has another time now.
func (r *Runner) retime(ctx context.Context, s postgres.Standing) error {
	n, err := r.DB.CountRetimed(ctx, s)
	if err != nil || n == 0 {
		return err
	}
	s.Spread = spread(n)
	_, err = r.batches(ctx, func() (int, error) { return r.DB.Retime(ctx, s, settleAtOnce) })
	return err
}

// spread is within what time so many timers fire that are overdue all at once.
func spread(timers int) time.Duration { return min(time.Duration(timers)*spreadEach, spreadMost) }

// batches does something in small pieces until there is nothing left to do.
func (r *Runner) batches(ctx context.Context, do func() (int, error)) (all int, err error) {
	for ctx.Err() == nil {
		n, err := do()
		all += n
		if err != nil || n == 0 {
			return all, err
		}
		pause(ctx, settlePause)
	}
	return all, ctx.Err()
}

// standings are the timers that deals have by standing where they stand, as rules.Book.Timers gives them one by one.
func standings(b *rules.Book) []postgres.Standing {
	var all []postgres.Standing
	for _, name := range slices.Sorted(maps.Keys(b.Pipelines)) {
		for _, stage := range b.Pipelines[name].Stages {
			place := postgres.Place{Pipeline: name, Stage: stage.Name}
			for _, rule := range b.Rules {
				if w := rule.When; w.Kind == rules.Idle && w.Stage == stage.Name && (w.Pipeline == "" || w.Pipeline == name) {
					all = append(all, postgres.Standing{Place: place, Kind: crm.TimerIdle, Rule: rule.ID, For: w.For})
				}
			}
			if stage.Recall > 0 {
				all = append(all, postgres.Standing{Place: place, Kind: crm.TimerRecall, Rule: rules.Place(place).String(), For: stage.Recall})
			}
		}
	}
	return all
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
