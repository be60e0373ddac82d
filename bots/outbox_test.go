package bots_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"govorun/bots"
	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

var (
	ctx     = context.Background()
	deadOut = postgres.DeadFilter{Source: postgres.DeadOut}
)

// provider is a channel that remembers what it was asked to send and answers as it is told.
type provider struct {
	answer func(out crm.Outbound) (string, error) // nil: the id of the call
	topics func(name string) (string, error)      // nil: none can be made
	house  *house

	mu    sync.Mutex
	calls []crm.Outbound
}

func (p *provider) Name() string                          { return "telegram" }
func (p *provider) Run(context.Context, bots.Inbox) error { return nil }
func (p *provider) Grouped(chat string) bool              { return strings.HasPrefix(chat, "-") }
func (p *provider) Send(_ context.Context, out crm.Outbound) (string, error) {
	p.mu.Lock()
	p.calls = append(p.calls, out)
	ref := fmt.Sprint(1000 + len(p.calls))
	answer := p.answer
	p.mu.Unlock()
	defer p.house.changed()
	if answer != nil {
		if r, err := answer(out); r != "" || err != nil {
			return r, err
		}
	}
	return ref, nil
}

func (p *provider) say(answer func(out crm.Outbound) (string, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

// texts gives what was sent, in order.
func (p *provider) texts() (texts []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		texts = append(texts, c.Text)
	}
	return texts
}

func (p *provider) last() crm.Outbound {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[len(p.calls)-1]
}

// house is a database, a provider and a clock; outboxes come and go.
type house struct {
	t  testing.TB
	db *postgres.DB
	*provider

	mu     sync.Mutex
	now    time.Time
	alerts []bots.Alert
	news   chan struct{}
}

func newHouse(t testing.TB) *house {
	h := &house{t: t, db: pgtest.New(t), now: time.Now(), news: make(chan struct{}, 1)}
	h.provider = &provider{house: h}
	return h
}

func (h *house) changed() {
	select {
	case h.news <- struct{}{}:
	default:
	}
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) alerted(kind bots.AlertKind) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.alerts {
		if a.Kind == kind {
			n++
		}
	}
	return n
}

// until waits for a condition, looking again whenever something happened.
func (h *house) until(what string, holds func() bool) {
	h.t.Helper()
	late := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-h.news:
		case <-time.After(50 * time.Millisecond): // not every condition has news
		case <-late:
			h.t.Fatalf("%s: not so after 20 s; sent %q", what, h.texts())
		}
	}
}

// store tells the house of everything the outbox does to the table. It can be killed: then nothing is written any more; and
// its table can be away: then every mark fails.
type store struct {
	*postgres.Outbox
	house        *house
	killed, away atomic.Bool
	forgets      atomic.Bool // what topics were made
	unsure       atomic.Bool // of its right to send
}

func (s *store) done(err error) error {
	defer s.house.changed()
	return err
}

func (s *store) Lead(ctx context.Context, channel string, entered func()) (context.Context, func(bool), error) {
	lease, release, err := s.Outbox.Lead(ctx, channel, entered)
	if err != nil {
		return nil, nil, err
	}
	return lease, func(clean bool) { release(clean && !s.killed.Load()) }, nil
}

func (s *store) Sure(channel string) bool { return !s.unsure.Load() && s.Outbox.Sure(channel) }

func (s *store) Due(ctx context.Context, channel string, room [3]int, known []crm.MessageID, full []crm.ConversationID) ([]crm.Outbound, time.Time, error) {
	rows, now, err := s.Outbox.Due(ctx, channel, room, known, full)
	return rows, now, s.done(err)
}

func (s *store) Sent(ctx context.Context, rows []crm.Outbound, refs []string) error {
	if s.away.Load() {
		return s.done(crm.ErrUnavailable)
	}
	if s.killed.Load() {
		return s.done(nil)
	}
	return s.done(s.Outbox.Sent(ctx, rows, refs))
}

func (s *store) Rethread(ctx context.Context, out crm.Outbound, thread string) error {
	if s.forgets.Load() {
		return s.done(crm.ErrUnavailable)
	}
	return s.done(s.Outbox.Rethread(ctx, out, thread))
}

func (s *store) Settle(ctx context.Context, out crm.Outbound, verdict *crm.SendError) error {
	if s.killed.Load() {
		return s.done(nil)
	}
	return s.done(s.Outbox.Settle(ctx, out, verdict))
}

func (s *store) Bury(ctx context.Context, out crm.Outbound, verdict *crm.SendError) error {
	return s.done(s.Outbox.Bury(ctx, out, verdict))
}

func (s *store) SetState(ctx context.Context, channel, state, detail string) error {
	return s.done(s.Outbox.SetState(ctx, channel, state, detail))
}

// running is an outbox at work.
type running struct {
	*bots.Outbox
	store *store
	stop  func() // in order
	kill  func() // as by kill -9: what was sent is not marked
}

func (h *house) start(c bots.OutboxConfig) *running {
	c.Now = h.clock
	c.Rand = func() float64 { return 0.5 }
	c.OnAlert = func(a bots.Alert) {
		h.mu.Lock()
		h.alerts = append(h.alerts, a)
		h.mu.Unlock()
		h.changed()
	}
	s := &store{Outbox: h.db.Outbox(), house: h}
	r := &running{Outbox: bots.NewOutbox(h.provider, s, c), store: s}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := r.Run(ctx); err != nil {
			h.t.Errorf("outbox ended: %v", err)
		}
	}()
	r.stop = func() { cancel(); <-ended }
	r.kill = func() { s.killed.Store(true); cancel(); <-ended }
	h.t.Cleanup(r.stop)
	return r
}

// lead waits until the outbox sends.
func (h *house) lead(r *running) *running {
	h.t.Helper()
	h.until("leads", func() bool { return r.Stats().Leading })
	return r
}

// talk makes a conversation with a contact and, if open is set, an open deal.
func (h *house) talk(chat string, open bool) crm.ConversationID {
	h.t.Helper()
	var id crm.ConversationID
	h.exec(`WITH p AS (INSERT INTO contacts (name) VALUES ('Ann') RETURNING id),
		i AS (INSERT INTO identities (channel, address, contact_id) SELECT 'telegram', $1, id FROM p)
		INSERT INTO conversations (channel, chat, contact_id, due_at) SELECT 'telegram', $1, id, now() + interval '1 day' FROM p`, chat)
	h.scan(`SELECT id FROM conversations WHERE chat = $1`, []any{&id}, chat)
	if open {
		h.exec(`INSERT INTO deals (pipeline, stage, status, contact_id) SELECT 'p', 's', 'open', contact_id FROM conversations WHERE id = $1`, id)
	}
	return id
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.db.Pool.Exec(ctx, sql, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) scan(sql string, to []any, args ...any) {
	h.t.Helper()
	if err := h.db.Pool.QueryRow(ctx, sql, args...).Scan(to...); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

// queue writes rows as a turn does and gives them as it hands them over.
func (h *house) queue(talk crm.ConversationID, outs ...crm.Outbound) []crm.Outbound {
	h.t.Helper()
	for i := range outs {
		out := &outs[i]
		if out.Kind == "" {
			out.Kind = crm.OutMessage
		}
		out.Conversation, out.Author, out.Address.Channel = talk, crm.ByBot, "telegram"
		var wait *float64
		if !out.NotBefore.IsZero() {
			seconds := out.NotBefore.Sub(h.clock()).Seconds()
			wait = &seconds
		}
		h.scan(`INSERT INTO messages (conversation_id, direction, author, kind, status, content, priority, not_before)
			SELECT id, 'out', 'bot', $2, 'queued', $3, $4, now() + make_interval(secs => $5) FROM conversations WHERE id = $1
			RETURNING id, created_at, (SELECT chat FROM conversations WHERE id = $1)`,
			[]any{&out.ID, &out.CreatedAt, &out.Address.Chat}, talk, out.Kind, out, out.Priority, wait)
	}
	return outs
}

// row is what became of a message.
type row struct {
	Status, Reason, Ref string
	Attempts            int
	Twice               bool
	Waits               time.Duration
}

func (h *house) row(id crm.MessageID) (r row) {
	h.t.Helper()
	var seconds float64
	h.scan(`SELECT status, coalesce(reason, ''), coalesce(ref, ''), attempts, maybe_duplicate,
		coalesce(extract(epoch FROM not_before - now()), 0)::float8 FROM messages WHERE id = $1`,
		[]any{&r.Status, &r.Reason, &r.Ref, &r.Attempts, &r.Twice, &seconds}, id)
	r.Waits = time.Duration(seconds * float64(time.Second))
	return r
}

func (h *house) untilStatus(status string, outs ...crm.Outbound) {
	h.t.Helper()
	h.until("every row is "+status, func() bool {
		return !slices.ContainsFunc(outs, func(out crm.Outbound) bool { return h.row(out.ID).Status != status })
	})
}

func text(s string) crm.Outbound { return crm.Outbound{Text: s} }

func refuse(policy crm.Policy, reason string) error {
	return &crm.SendError{Policy: policy, Reason: reason, Err: errors.New(reason)}
}

// once answers the first call with an error and lets the others pass.
func once(err error) func(crm.Outbound) (string, error) {
	var n atomic.Int32
	return func(crm.Outbound) (string, error) {
		if n.Add(1) == 1 {
			return "", err
		}
		return "", nil
	}
}
