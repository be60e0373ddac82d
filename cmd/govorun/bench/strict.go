package bench

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"govorun/crm/postgres"
)

// What is sent under strict limits: a line of broadcasts longer than the time, replies that all wait at the start and more that
// come due every second, a chat and two groups that get more than they may.
const (
	strictWarm    = 3 // seconds between the rows and the first that come due later
	strictBulk    = 2000
	strictWaiting = 90
	strictEach    = 8 // replies a second
	strictGroup   = 30
)

const (
	sqlStrictTalks = `INSERT INTO conversations (id, channel, chat, grouped, lang)
		SELECT g, 'telegram', (2000000 + g)::text, false, 'en' FROM generate_series(1, 4000) g
		UNION ALL SELECT 4000 + g, 'telegram', (-100200000000 - g)::text, true, 'en' FROM generate_series(1, 2) g`
	sqlStrictBulk = `INSERT INTO messages (conversation_id, direction, author, kind, status, priority, content)
		SELECT g, 'out', 'system', 'message', 'queued', 2, '{"kind": "message", "text": "broadcast"}' FROM generate_series(1, $1::integer) g`
	// One chat more than the broadcasts reach, and ten rows for the same one.
	sqlStrictWaiting = `INSERT INTO messages (conversation_id, direction, author, kind, status, content)
		SELECT 2500 + g, 'out', 'bot', 'message', 'queued', '{"kind": "message", "text": "waiting"}'::jsonb FROM generate_series(1, $1::integer) g
		UNION ALL SELECT 4000, 'out', 'bot', 'message', 'queued', '{"kind": "message", "text": "same chat"}'::jsonb FROM generate_series(1, 10)
		UNION ALL SELECT 4000 + g, 'out', 'bot', 'message', 'queued', '{"kind": "message", "text": "group"}'::jsonb FROM generate_series(1, 2) g, generate_series(1, $2::integer)`
	sqlStrictLater = `INSERT INTO messages (conversation_id, direction, author, kind, status, not_before, content)
		SELECT 3000 + g, 'out', 'bot', 'message', 'queued', t.due,
			jsonb_build_object('kind', 'message', 'text', 'due at ' || (extract(epoch FROM t.due) * 1000)::bigint || ' ms')
		FROM generate_series(1, $1::integer) g CROSS JOIN LATERAL (SELECT now() + make_interval(secs => $3 + g::float8 / $2)) AS t(due)`
)

// sendings is what the stub let through.
type sendings struct {
	window  time.Duration // that is looked at
	refused int           // by 429
	mu      sync.Mutex
	times   []time.Time
	bulk    []time.Time
	waiting []time.Time
	late    []time.Duration // of replies that came due later
	enough  chan struct{}
}

func (s *sendings) hear(at time.Time, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times = append(s.times, at)
	switch {
	case bytes.Contains(body, []byte("broadcast")):
		s.bulk = append(s.bulk, at)
	case bytes.Contains(body, []byte("waiting")):
		s.waiting = append(s.waiting, at)
	case bytes.Contains(body, []byte("due at ")):
		var due int64
		_, rest, _ := bytes.Cut(body, []byte("due at "))
		if _, err := fmt.Sscanf(string(rest), "%d ms", &due); err == nil {
			s.late = append(s.late, at.Sub(time.UnixMilli(due)))
		}
	}
	if at.Sub(s.times[0]) > s.window+time.Second {
		select {
		case s.enough <- struct{}{}:
		default:
		}
	}
}

// StrictWindow is how long sending under limits is measured, when nothing else is said.
const StrictWindow = 20 * time.Second

// Strict measures sending under limits that the stub enforces, for a window of time.
func Strict(ctx context.Context, c Config, window time.Duration) error {
	s, err := c.strictly(ctx, window)
	if err != nil {
		return err
	}
	s.report(c)
	return nil
}

func (c Config) strictly(ctx context.Context, window time.Duration) (*sendings, error) {
	place, err := c.base(ctx, func(ctx context.Context, db *postgres.DB) error {
		return fill(ctx, db, []filling{{sqlStrictTalks, nil}, {sqlStrictBulk, []any{strictBulk}}, {sqlStrictWaiting, []any{strictWaiting, strictGroup}},
			{sqlStrictLater, []any{strictEach * int(window/time.Second), strictEach, strictWarm}}})
	})
	if err != nil {
		return nil, err
	}
	defer place.drop()
	api, err := startStub("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer api.close()
	limits, s := &strictLimits{}, &sendings{window: window, enough: make(chan struct{}, 1)}
	api.limits, api.heard = limits, func(_ int64, body []byte) bool { s.hear(time.Now(), body); return true }
	p, err := place.serve(serving{API: api.URL, Limits: "strict", Log: "warn"})
	if err != nil {
		return nil, err
	}
	select {
	case <-s.enough:
	case <-p.ended:
		err = p.trouble("ended")
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-time.After(patience + window):
		err = p.trouble("sent less than it may")
	}
	p.stop() // nothing is heard any more
	s.refused = limits.refused
	slices.Sort(s.late)
	return s, err
}

// within counts what was sent in the window.
func (s *sendings) within(times []time.Time) (n int) {
	for _, at := range times {
		if at.Sub(s.times[0]) < s.window {
			n++
		}
	}
	return n
}

// permitted is how many messages the limits allow in the window.
func (s *sendings) permitted() int { return allPerSecond * int(s.window/time.Second) }

// share is how much of that was sent, in percent.
func (s *sendings) share() float64 { return 100 * float64(s.within(s.times)) / float64(s.permitted()) }

// early counts broadcasts that went before the last reply that waited at the start.
func (s *sendings) early() (n int) {
	if len(s.waiting) == 0 {
		return 0
	}
	for _, at := range s.bulk {
		if at.Before(s.waiting[len(s.waiting)-1]) {
			n++
		}
	}
	return n
}

// report prints how much of what was permitted was sent, and in which order.
func (s *sendings) report(c Config) {
	sent, bulk := s.within(s.times), s.within(s.bulk)
	fmt.Fprintf(c.Out, "\nFor %s under 30 a second, 1 a second in a chat, 20 a minute in a group:\n", s.window)
	fmt.Fprintf(c.Out, "  sent %d of %d permitted (%.1f %%), refused by 429: %d\n", sent, s.permitted(), s.share(), s.refused)
	fmt.Fprintf(c.Out, "  of these %d broadcasts, %d replies and lines to groups\n", bulk, sent-bulk)
	if n := len(s.waiting); n > 0 {
		fmt.Fprintf(c.Out, "  %d replies waited at the start beside %d broadcasts: the last went after %s, %d broadcasts before it\n",
			n, strictBulk, rounded(s.waiting[n-1].Sub(s.times[0])), s.early())
	}
	fmt.Fprintf(c.Out, "  %d replies came due meanwhile: half of them left within %s, 95 %% within %s\n",
		len(s.late), rounded(quantile(s.late, 0.5)), rounded(quantile(s.late, 0.95)))
}
