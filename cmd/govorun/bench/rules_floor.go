package bench

import (
	"context"
	"fmt"
	"time"
)

const (
	sqlFloorPress = `SELECT govorun_floor.press($1, $2, $3)`
	sqlFloorFire  = `SELECT govorun_floor.fire($1, $2)`
	sqlFloorShare = `SELECT govorun_floor.share($1, $2)`

	// floorTogether is how many timers of each kind the floor fires in one transaction.
	floorTogether = 12
)

// floorWorker is whom the nth job of the floors is given to: people of their own, so that those who share jobs out stay comparable.
func floorWorker(n int) int { return firstFloor + n%workers }

// floorPress writes what presses write, by one call each.
func (r *rules) floorPress(ctx context.Context, atOnce, n int) ([]time.Duration, error) {
	first := r.floored
	r.floored += n
	return inParallel(ctx, atOnce, n, func(ctx context.Context, n int) error {
		id := r.deal(first+n, digitFloor)
		return r.floor(ctx, sqlFloorPress, id, clerkOf(id), floorWorker(first+n))
	})
}

// floorTimers writes what timers of both kinds write, some dozens by one call, one call after the other.
func (r *rules) floorTimers(ctx context.Context, each int) (time.Duration, error) {
	idle, remind := r.deals(r.fired, each, digitIdle), r.deals(r.fired, each, digitRemind)
	r.fired += each
	if _, err := r.db.Pool.Exec(ctx, sqlRemindThem, remind, time.Now()); err != nil {
		return 0, fmt.Errorf("set timers: %w", err)
	}
	began := time.Now()
	for from := 0; from < each; from += floorTogether {
		to := min(from+floorTogether, each)
		if err := r.floor(ctx, sqlFloorFire, idle[from:to], remind[from:to]); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

// floorShare writes what those write who open a deal, in the chats from the first on.
func (r *rules) floorShare(ctx context.Context, first int) (time.Duration, error) {
	began := time.Now()
	_, err := inParallel(ctx, replicas*shareAtOnce, r.Shared, func(ctx context.Context, n int) error {
		return r.floor(ctx, sqlFloorShare, personOf(first+n), floorWorker(n))
	})
	return time.Since(began), err
}

func (r *rules) floor(ctx context.Context, sql string, args ...any) error {
	if _, err := r.db.Pool.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("measure the floor: %w", err)
	}
	return nil
}
