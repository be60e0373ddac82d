package bench

import (
	"context"
	"time"
)

const (
	// calmTries is how often a measurement that others disturbed is repeated; then it stands as it is.
	calmTries = 3
	// calmWait bounds how long quiet moments are waited for in all, so that a machine that never rests is measured as it is; calmLook is how
	// long a look takes.
	calmWait = 2 * time.Minute
	calmLook = 500 * time.Millisecond
)

// sample is a moment: what all processors have worked, and what was ours of it.
type sample struct {
	at         time.Time
	busy, ours time.Duration
	all        processes
}

// look takes a sample. Ours are this process with all that it started, and the database's server wherever it runs, given by its process id.
func look(server int) sample {
	s := sample{at: time.Now(), busy: busy(), all: readProcesses()}
	s.ours = s.all.cpu(ownPID(), server) + s.all.cpu(server, 0)
	return s
}

func (b *bench) look() sample { return look(b.postgres) }

// foreign gives how many processors others kept busy between two samples.
func foreign(from, to sample) float64 {
	seconds := to.at.Sub(from.at).Seconds()
	if seconds <= 0 {
		return 0
	}
	return max(0, ((to.busy-from.busy)-(to.ours-from.ours)).Seconds()/seconds)
}

// calmly makes a measurement in a quiet moment, and again when others disturbed it. It gives what they took of the last.
func (b *bench) calmly(ctx context.Context, measure func() error) (float64, error) {
	for try := 1; ; try++ {
		if b.Calm > 0 {
			b.awaitCalm(ctx)
		}
		before := b.look()
		if err := measure(); err != nil {
			return 0, err
		}
		others := foreign(before, b.look())
		if b.Calm == 0 || others <= b.Calm || try == calmTries {
			return others, nil
		}
		b.say("  disturbed: others kept %.2f processors busy; once more", others)
	}
}

// awaitCalm waits for a quiet moment, not for ever.
func (b *bench) awaitCalm(ctx context.Context) {
	began := time.Now()
	if !until(ctx, calmWait-b.waited, time.Millisecond, func() bool {
		before := b.look()
		return pause(ctx, calmLook) != nil || foreign(before, b.look()) <= b.Calm
	}) && ctx.Err() == nil && b.waited < calmWait {
		b.say("  this machine does not rest: from now on it is measured as it is")
	}
	b.waited += time.Since(began)
}
