package bots_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"govorun/bots"
	"govorun/crm"
)

// wire is a channel that makes a call over loopback for each message, as a real one does.
type wire struct {
	url    string
	client *http.Client
	sent   atomic.Int64
}

func newWire(b *testing.B) *wire {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":1}}`)
	}))
	b.Cleanup(server.Close)
	return &wire{url: server.URL, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
}

func (w *wire) Name() string                          { return "telegram" }
func (w *wire) Run(context.Context, bots.Inbox) error { return nil }

func (w *wire) Send(ctx context.Context, out crm.Outbound) (string, error) {
	body, err := json.Marshal(map[string]any{"chat_id": out.Address.Chat, "text": out.Text, "parse_mode": "HTML"})
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	answer, err := w.client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return "", err
	}
	return fmt.Sprint(w.sent.Add(1)), nil
}

// BenchmarkOutboxDrain sends 50,000 waiting rows to 5,000 chats, and the same number of calls without an outbox beside it: drain
// is to be at least 0.7 of bare.
func BenchmarkOutboxDrain(b *testing.B) {
	const rows, chats, senders = 50_000, 5_000, 16
	for b.Loop() {
		b.StopTimer()
		h, w := newHouse(b), newWire(b)
		h.exec(`INSERT INTO conversations (id, channel, chat) SELECT n, 'telegram', n::text FROM generate_series(1, $1::integer) n`, chats)
		h.exec(`INSERT INTO messages (conversation_id, direction, author, kind, status, content)
			SELECT n % $2::integer + 1, 'out', 'bot', 'message', 'queued', jsonb_build_object('kind', 'message', 'text', 'Принято: № ' || n)
			FROM generate_series(1, $1::integer) n`, rows, chats)
		h.exec(`ANALYZE messages, conversations`)

		began := time.Now()
		var group sync.WaitGroup
		for range senders {
			group.Go(func() {
				for range rows / senders {
					_, _ = w.Send(ctx, crm.Outbound{Address: crm.Address{Chat: "7"}, Text: "Принято: № 5512"})
				}
			})
		}
		group.Wait()
		bare := float64(rows) / time.Since(began).Seconds()

		s := &store{Outbox: h.db.Outbox(), house: h}
		o := bots.NewOutbox(w, s, bots.OutboxConfig{Senders: senders})
		run, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		b.StartTimer()
		began = time.Now()
		go func() { ended <- o.Run(run) }()
		h.until("all is marked", func() bool {
			if w.sent.Load() < 2*rows {
				return false
			}
			var left int
			h.scan(`SELECT count(*) FROM messages WHERE status = 'queued'`, []any{&left})
			return left == 0
		})
		drain := float64(rows) / time.Since(began).Seconds()
		b.StopTimer()
		stop()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(bare, "bare/s")
		b.ReportMetric(drain, "drain/s")
		b.ReportMetric(drain/bare, "drain/bare")
		b.StartTimer()
	}
}
