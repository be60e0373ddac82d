package telegram

import (
	"context"
	"time"
)

// backoff gives pauses that double from least to most, each shortened by up to a fifth at random so that many who
// wait for the same thing do not return together.
type backoff struct {
	least, most time.Duration
	random      func() float64
	next        time.Duration
}

func (b *backoff) pause() time.Duration {
	b.next = min(max(2*b.next, b.least), b.most)
	return b.next - time.Duration(b.random()*0.2*float64(b.next))
}

func (b *backoff) reset() { b.next = 0 }

// sleep waits for d and tells whether ctx is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
