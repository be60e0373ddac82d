package main

import (
	"encoding/json"
	"os"
	"sync/atomic"
	"time"
)

// clock is the simulated time: the real one, moved forward. How far is kept in a file, so that timers set in the simulated
// future do not sleep for days after a restart.
type clock struct {
	file  string
	ahead atomic.Int64 // nanoseconds
}

// mostAhead bounds the clock: dates beyond it help nobody and overflow sooner or later.
const mostAhead = 10 * 365 * 24 * time.Hour

func openClock(file string) *clock {
	c := &clock{file: file}
	var ahead time.Duration
	if kept, err := os.ReadFile(file); err == nil && json.Unmarshal(kept, &ahead) == nil && ahead > 0 && ahead < mostAhead {
		c.ahead.Store(int64(ahead))
	}
	return c
}

func (c *clock) shift() time.Duration { return time.Duration(c.ahead.Load()) }

func (c *clock) now() time.Time { return time.Now().Add(c.shift()) }

// forward moves the clock. It never goes back: what has happened would lie in the future.
func (c *clock) forward(d time.Duration) error {
	if d < 0 || c.shift()+d > mostAhead {
		return errClock
	}
	ahead, _ := json.Marshal(time.Duration(c.ahead.Add(int64(d))))
	return os.WriteFile(c.file, ahead, 0o600)
}
