package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
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

var errClock = errors.New("the clock goes forward only, by ten years at most")

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

// clockState is the simulated time, how many seconds it is ahead, and what hour it is for the business: whether people are at
// work and whether robots are silent, each with the moment when that ends.
type clockState struct {
	Now        time.Time  `json:"now"`
	Ahead      float64    `json:"ahead_seconds"`
	Zone       string     `json:"zone"`
	Open       bool       `json:"open"`
	OpenUntil  time.Time  `json:"open_until"`
	Quiet      bool       `json:"quiet"`
	QuietUntil time.Time  `json:"quiet_until"`
	NextDue    *time.Time `json:"next_due"` // only the database knows
}

// clockFace is the state without the next timer: it asks nobody, so a page needn't wait for the database to show it.
func (t *trial) clockFace() clockState {
	now := t.clock.now()
	return clockState{Now: now, Ahead: t.clock.shift().Seconds(), Zone: t.names.kit.ZoneOf("").String(),
		Open: t.open(now), OpenUntil: turns(now, t.open), Quiet: t.quiet(now), QuietUntil: turns(now, t.quiet)}
}

func (t *trial) open(at time.Time) bool { return t.names.kit.Open(at, "") }

func (t *trial) quiet(at time.Time) bool { quiet, _ := t.names.kit.Quiet(at, ""); return quiet }

// turns finds the minute at which something becomes otherwise; a fortnight on when it never does.
func turns(now time.Time, is func(time.Time) bool) time.Time {
	was, at := is(now), now.Truncate(time.Minute)
	for range 14 * 24 * 60 {
		if at = at.Add(time.Minute); is(at) != was {
			break
		}
	}
	return at
}

func (t *trial) clockState() clockState {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond) // the database may be away
	defer cancel()
	s := t.clockFace()
	s.NextDue, _ = t.db.Board().NextDue(ctx)
	return s
}

// clockMove is where a page wants the clock: {"forward_seconds":3600}, {"next":true} for the next timer, or {"until":"open"},
// "closed", "quiet", "awake".
type clockMove struct {
	Forward float64 `json:"forward_seconds"`
	Next    bool    `json:"next"`
	Until   string  `json:"until"`
}

// by is how far a move goes from here.
func (m clockMove) by(s clockState) (time.Duration, error) {
	switch {
	case m.Next && s.NextDue == nil:
		return 0, errors.New("no timer is set")
	case m.Next:
		return max(0, s.NextDue.Sub(s.Now)) + time.Second, nil
	case m.Until == "":
		return time.Duration(m.Forward * float64(time.Second)), nil
	}
	end := map[string]struct {
		there bool
		at    time.Time
	}{"open": {s.Open, s.OpenUntil}, "closed": {!s.Open, s.OpenUntil}, "quiet": {s.Quiet, s.QuietUntil}, "awake": {!s.Quiet, s.QuietUntil}}
	to, known := end[m.Until]
	if !known || to.there {
		return 0, errors.New("the clock goes until open, closed, quiet or awake, and not to where it is")
	}
	return to.at.Sub(s.Now), nil
}

// serveClock moves the clock and gives its state.
func (t *trial) serveClock(w http.ResponseWriter, r *http.Request) {
	var move clockMove
	if !readJSON(w, r, &move) {
		return
	}
	by, err := move.by(t.clockState())
	if err != nil {
		refuseJSON(w, http.StatusConflict, err)
		return
	}
	if err := t.clock.forward(by); err != nil {
		refuseJSON(w, http.StatusBadRequest, err)
		return
	}
	if y := t.worker.running(); y != nil {
		go y.runner.SweepOnce(context.WithoutCancel(r.Context())) // what is due now needn't wait for the next sweep
	}
	state := t.clockState()
	t.traces.tell("clock", state)
	writeJSON(w, state)
}
