package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"govorun/bots/telegram"
	"govorun/crm"
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

// Drain measures how fast rows that wait in the outbox when the program starts reach the stub, beside bare calls.
func Drain(ctx context.Context, c Config, rows int) error {
	dir, remove, err := folder()
	if err != nil {
		return err
	}
	defer remove()
	line, err := c.fill(ctx, dir, func(exec func(string, ...any) error) error {
		if err := exec(sqlDrainTalks, drainChats); err != nil {
			return err
		}
		if err := exec(sqlDrainRows, rows, drainChats, drainText); err != nil {
			return err
		}
		return exec(sqlDrainLearn)
	})
	if err != nil {
		return err
	}
	api, err := startStub("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer api.close()
	before, err := bare(ctx, api, rows/2)
	if err != nil {
		return err
	}
	drained, twice, took, err := c.drain(ctx, dir, api, rows)
	if err != nil {
		return err
	}
	after, err := bare(ctx, api, rows/2)
	if err != nil {
		return err
	}
	null := (before + after) / 2
	fmt.Fprintf(c.Out, "%s\n\n%d rows that waited for %d chats, no limits: %.0f a second, %d sent twice; %s from the start of the process to the last.\n",
		line, rows, drainChats, drained, twice, rounded(took))
	fmt.Fprintf(c.Out, "Bare calls before and after: %.0f and %.0f a second. Ratio %.2f.\n", before, after, drained/null)
	return nil
}

// fill brings the database of a folder up to date and puts rows into it, before the program starts.
func (c Config) fill(ctx context.Context, dir string, insert func(exec func(string, ...any) error) error) (line string, err error) {
	db, err := c.open(ctx, dir)
	if err != nil {
		return "", err
	}
	defer shut(db)
	if c.Database != "" {
		if err := checkEmpty(ctx, db); err != nil {
			return "", err
		}
	}
	err = insert(func(sql string, args ...any) error {
		if _, err := db.Pool.Exec(ctx, sql, args...); err != nil {
			return fmt.Errorf("put messages into the outbox: %w", err)
		}
		return nil
	})
	return describe(dir, serverVersion(ctx, db)), err
}

// drain starts the program and counts what arrives: rows a second between the first and the last, and how many came twice.
func (c Config) drain(ctx context.Context, dir string, api *stub, rows int) (rate float64, twice int, took time.Duration, err error) {
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
	p, err := c.serve(serving{Dir: dir, API: api.URL, Limits: "none", Log: "warn"})
	if err != nil {
		return 0, 0, 0, err
	}
	defer func() { p.stop(); api.heard = nil }()
	select {
	case <-full:
	case <-p.ended:
		return 0, 0, 0, p.trouble("ended")
	case <-ctx.Done():
		return 0, 0, 0, context.Cause(ctx)
	case <-time.After(5 * patience):
		return 0, 0, 0, p.trouble(fmt.Sprintf("sent only %d of %d rows", count.Load(), rows))
	}
	db, err := c.open(ctx, dir)
	if err != nil {
		return 0, 0, 0, err
	}
	becomesZero(ctx, db, sqlQueued, 10*time.Second)
	shut(db)
	return float64(rows-1) / last.Sub(first).Seconds(), int(count.Load()) - rows, last.Sub(p.started), nil
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
