package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"govorun/bots/telegram"
	"govorun/crm"
	"govorun/crm/postgres"
)

const (
	// drainChats is how many chats the waiting rows are for.
	drainChats = 5000
	// drainSenders is how many calls the bare senders make at once: as many as the outbox does.
	drainSenders = 16
	// drainText is what they say.
	drainText = "Reminder: the technician comes tomorrow at 10:00."
)

const (
	sqlDrainTalks = `INSERT INTO conversations (id, channel, chat, lang) SELECT g, 'telegram', (1000000 + g)::text, 'en' FROM generate_series(1, $1::integer) g`
	sqlDrainRows  = `INSERT INTO messages (conversation_id, direction, author, kind, status, content)
		SELECT g % $2::integer + 1, 'out', 'bot', 'message', 'queued', jsonb_build_object('kind', 'message', 'text', $3::text)
		FROM generate_series(1, $1::integer) g`
	sqlDrainLearn = `ANALYZE conversations, messages`
)

// drained is what the outbox did beside bare calls, a second.
type drained struct {
	Rate, Before, After float64
	Twice               int
	Took                time.Duration // from the start of the process to the last
}

// ratio compares the outbox with bare calls.
func (d drained) ratio() float64 { return 2 * d.Rate / (d.Before + d.After) }

// Drain measures how fast rows that wait in the outbox when the program starts reach the stub, beside bare calls.
func Drain(ctx context.Context, c Config, rows int) error {
	d, err := c.drain(ctx, rows)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "\n%d rows that waited for %d chats, no limits: %.0f a second, %d sent twice; %s from the start of the process to the last.\n",
		rows, drainChats, d.Rate, d.Twice, rounded(d.Took))
	fmt.Fprintf(c.Out, "Bare calls before and after: %.0f and %.0f a second. Ratio %.2f.\n", d.Before, d.After, d.ratio())
	return nil
}

func (c Config) drain(ctx context.Context, rows int) (d drained, err error) {
	place, err := c.base(ctx, func(ctx context.Context, db *postgres.DB) error {
		return fill(ctx, db, []filling{{sqlDrainTalks, []any{drainChats}}, {sqlDrainRows, []any{rows, drainChats, drainText}}, {sqlDrainLearn, nil}})
	})
	if err != nil {
		return d, err
	}
	defer place.drop()
	api, err := startStub("127.0.0.1:0")
	if err != nil {
		return d, err
	}
	defer api.close()
	if d.Before, err = bare(ctx, api, rows/2); err != nil {
		return d, err
	}
	if err := place.drain(ctx, api, rows, &d); err != nil {
		return d, err
	}
	d.After, err = bare(ctx, api, rows/2)
	return d, err
}

// drain starts the program and counts what arrives: rows a second between the first and the last, and how many came twice.
func (b *base) drain(ctx context.Context, api *stub, rows int, d *drained) error {
	var count atomic.Int64
	var first, last time.Time
	full := make(chan struct{})
	api.heard = func(int64, []byte) bool {
		switch count.Add(1) {
		case 1:
			first = time.Now()
		case int64(rows):
			last = time.Now()
			close(full)
		}
		return true
	}
	p, err := b.serve(serving{API: api.URL, Limits: "none", Log: "warn"})
	if err != nil {
		return err
	}
	defer func() { p.stop(); api.heard = nil }()
	select {
	case <-full:
	case <-p.ended:
		return p.trouble("ended")
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(5 * patience):
		return p.trouble(fmt.Sprintf("sent only %d of %d rows", count.Load(), rows))
	}
	if err := b.with(ctx, func(db *postgres.DB) error {
		becomesZero(ctx, db, sqlQueued, 10*time.Second)
		return nil
	}); err != nil {
		return err
	}
	d.Rate, d.Twice, d.Took = float64(rows-1)/last.Sub(first).Seconds(), int(count.Load())-rows, last.Sub(p.started)
	return nil
}

// bare makes the same calls with nothing around them and gives calls a second.
func bare(ctx context.Context, api *stub, rows int) (float64, error) {
	channel, err := telegram.New(telegram.Config{Token: token, API: api.URL})
	if err != nil {
		return 0, err
	}
	api.heard = func(int64, []byte) bool { return true }
	defer func() { api.heard = nil }()
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	began := time.Now()
	for range drainSenders {
		group.Go(func() {
			for n := next.Add(1); n <= int64(rows) && ctx.Err() == nil; n = next.Add(1) {
				out := crm.Outbound{Kind: crm.OutMessage, Address: crm.Address{Channel: "telegram", Chat: fmt.Sprint(1000000 + n%drainChats)}, Text: drainText}
				if _, err := channel.Send(ctx, out); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return 0, fmt.Errorf("send without an outbox: %w", *err)
	}
	return float64(rows) / time.Since(began).Seconds(), ctx.Err()
}
