package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// clock is the simulated time: the real one, moved forward. Its moves are kept in a file, so that timers set in the simulated
// future do not sleep for days after a restart, and that rows of the past are shown with the time that they had.
type clock struct {
	file  string
	mu    sync.Mutex
	moves []clockStep // oldest first
}

// clockStep is how far ahead the clock is from a moment of real time on.
type clockStep struct {
	At    time.Time     `json:"at"`
	Ahead time.Duration `json:"ahead"`
}

// mostAhead bounds the clock: dates beyond it help nobody and overflow sooner or later.
const mostAhead = 10 * 365 * 24 * time.Hour

var errClock = errors.New("the clock goes forward only, by ten years at most")

func openClock(file string) *clock {
	c := &clock{file: file}
	kept, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(kept, &c.moves) != nil || c.shift() < 0 || c.shift() > mostAhead {
		c.moves = nil
	}
	return c
}

func (c *clock) shift() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead()
}

func (c *clock) ahead() time.Duration {
	if len(c.moves) == 0 {
		return 0
	}
	return c.moves[len(c.moves)-1].Ahead
}

// when is the simulated time of a moment of real time: what the clock showed then.
func (c *clock) when(at time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range slices.Backward(c.moves) {
		if !at.Before(m.At) {
			return at.Add(m.Ahead)
		}
	}
	return at
}

func (c *clock) now() time.Time { return time.Now().Add(c.shift()) }

// forward moves the clock. It never goes back: what has happened would lie in the future.
func (c *clock) forward(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	ahead := c.ahead() + d
	if d < 0 || ahead > mostAhead {
		return errClock
	}
	c.moves = append(c.moves, clockStep{At: time.Now(), Ahead: ahead})
	moves, err := json.Marshal(c.moves)
	if err != nil {
		return fmt.Errorf("keep the clock: %w", err)
	}
	return os.WriteFile(c.file, moves, 0o600)
}

// clockState is the simulated time, how many seconds it is ahead, and what hour it is for the business: whether people are at
// work and whether robots are silent, each with the moment when that ends: null when it never does.
type clockState struct {
	Now        time.Time  `json:"now"`
	Ahead      float64    `json:"ahead_seconds"`
	Zone       string     `json:"zone"`
	Open       bool       `json:"open"`
	OpenUntil  *time.Time `json:"open_until"`
	Quiet      bool       `json:"quiet"`
	QuietUntil *time.Time `json:"quiet_until"`
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

// turns finds the minute at which something becomes otherwise; nil when it does not within a fortnight, as of a kit without hours.
func turns(now time.Time, is func(time.Time) bool) *time.Time {
	was, at := is(now), now.Truncate(time.Minute)
	for range 14 * 24 * 60 {
		if at = at.Add(time.Minute); is(at) != was {
			return &at
		}
	}
	return nil
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
		at    *time.Time
	}{"open": {s.Open, s.OpenUntil}, "closed": {!s.Open, s.OpenUntil}, "quiet": {s.Quiet, s.QuietUntil}, "awake": {!s.Quiet, s.QuietUntil}}
	to, known := end[m.Until]
	if !known || to.there || to.at == nil {
		return 0, errors.New("the clock goes until open, closed, quiet or awake, if the business has such hours, and not to where it is")
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
	t.letItRead(r.Context())
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

// readingTime bounds how long the clock waits for the product.
const readingTime = 2 * time.Second

// letItRead waits until the running product has taken what people have sent: in the hours that the clock leaps it would have, and
// Telegram forgets in a day what nobody took.
func (t *trial) letItRead(ctx context.Context) {
	if t.worker.running() == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readingTime)
	defer cancel()
	if err := t.sim.WaitDelivered(ctx); err != nil {
		t.log.Info("the clock goes on although the product has not taken every update", "err", err)
	}
}
