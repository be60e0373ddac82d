package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"govorun/crm/postgres"
)

// Talks says how dialogs are held: each number of chats is one measurement in each round.
type Talks struct {
	Chats   []int         // how many hold dialogs at once
	Measure time.Duration // of each
	Warm    time.Duration // what is played before each and not counted
	Rounds  int
}

// inRounds measures each number of chats in each round. It gives what was found by number of chats, then by round.
func inRounds[C any](c Config, t Talks, measure func(chats int) (C, error)) ([][]C, error) {
	cells := make([][]C, len(t.Chats))
	for round := range t.Rounds {
		for i, chats := range t.Chats {
			if t.Rounds > 1 {
				c.say("round %d of %d: %d chats", round+1, t.Rounds, chats)
			} else {
				c.say("%d chats", chats)
			}
			cell, err := measure(chats)
			if err != nil {
				return nil, err
			}
			cells[i] = append(cells[i], cell)
		}
	}
	return cells, nil
}

// takes estimates how long everything takes, when a measurement has so much more to do beside the program.
func (t Talks) takes(beside time.Duration) time.Duration {
	return time.Duration(t.Rounds*len(t.Chats)) * (t.Warm + t.Measure + beside)
}

// Account compares what was played with what the database holds.
type Account struct {
	Lost    int
	Doubled int
	Played  played
	Stored  stored
}

const (
	// settleTime bounds the wait for what turns left to be done later, stillTime how long nothing of it may happen: a file whose time has not come
	// would hold up every measurement, and disturbs none.
	settleTime = 30 * time.Second
	stillTime  = 2 * time.Second
)

// settle waits until the program has done what turns left to be done later (files, marks), or does nothing more about it, so that it disturbs
// nothing else.
func (c Config) settle(ctx context.Context, db *postgres.DB) {
	last, at := -1, time.Now()
	until(ctx, settleTime, 50*time.Millisecond, func() bool {
		var left int
		if db.Pool.QueryRow(ctx, sqlUnsettled).Scan(&left) != nil {
			return false
		}
		if left != last {
			last, at = left, time.Now()
		}
		return left == 0 || time.Since(at) > stillTime
	})
	if last > 0 {
		c.say("  %d files and messages still wait: they are left alone", last)
	}
}

// account reads what was stored of what was played, once nothing is on its way any more.
func account(ctx context.Context, db *postgres.DB, p played) (Account, error) {
	s, err := readStored(ctx, db)
	return Account{Lost: lost(p, s), Doubled: doubled(p, s), Played: p, Stored: s}, err
}

// wrong is an error when there is something that must not be.
func (a Account) wrong() error {
	if a.Lost > 0 || a.Doubled > 0 {
		return errors.New("turns were lost or doubled: see the last line of the report")
	}
	return nil
}

func (a Account) String() string {
	return fmt.Sprintf("Played %d turns, %d dialogs; stored %d messages in, %d out, %d deals. Lost %d, doubled %d.",
		a.Played.Acknowledged, a.Played.Dialogs, a.Stored.Inbound, a.Stored.Written, a.Stored.Deals, a.Lost, a.Doubled)
}
