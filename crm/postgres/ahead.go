package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Wish is what a turn is about to read. It is read all at once, in the round trip that writes what was changed so far.
type Wish struct {
	Deals    []crm.DealID // as Deal gives them
	Owners   []crm.DealID // the owners of these deals, as ReachEmployee gives them
	Asked    []crm.DealID // the questions with which the conversations of these deals wait
	Marks    []string     // of cards, as Shown gives them
	Messages int          // as many numbers of messages
	Sent     bool         // messages that wait are written first, so that their cards are found too
}

// Ahead is what was found of a wish, besides the deals and the numbers, which Deal and NewMessageID give without asking again.
type Ahead struct {
	Owners map[crm.EmployeeID][]Reached
	Asked  map[crm.DealID][][]crm.Button // of these questions
	Shown  []Shown
}

// ReadAhead writes like FlushDeals and reads what is wished, in one round trip. Deals that don't exist are left out.
func (t *Turns) ReadAhead(ctx context.Context, w Wish) (*Ahead, error) {
	batch := &pgx.Batch{}
	if w.Sent || t.Changes.pending() {
		t.queueFlush(batch)
	}
	t.queueDeals(batch, w.Deals)
	ahead := &Ahead{Owners: map[crm.EmployeeID][]Reached{}, Asked: map[crm.DealID][][]crm.Button{}}
	queueOpenButtons(batch, w.Asked, ahead.Asked)
	if len(w.Owners) > 0 {
		batch.Queue(sqlReachOwners, w.Owners).Query(func(rows pgx.Rows) error {
			people, err := pgx.CollectRows(rows, scanReached)
			for _, p := range people {
				ahead.Owners[p.ID] = append(ahead.Owners[p.ID], p)
			}
			return err
		})
	}
	if len(w.Marks) > 0 {
		batch.Queue(sqlShownCards, w.Marks).Query(func(rows pgx.Rows) (err error) {
			ahead.Shown, err = pgx.CollectRows(rows, scanShown)
			return err
		})
	}
	t.queueMessageIDs(batch, w.Messages)
	if batch.Len() == 0 {
		return ahead, nil
	}
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("write turns and read on: %w", domain(err))
	}
	for _, people := range ahead.Owners {
		if err := t.meet(ctx, people); err != nil {
			return nil, err
		}
	}
	return ahead, nil
}
