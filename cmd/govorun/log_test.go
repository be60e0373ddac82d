package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"govorun/dialogs/turn"
)

// logLine is a line of a program that writes JSON.
type logLine map[string]any

func (p *program) lines(t *testing.T) (all []logLine) {
	t.Helper()
	for text := range strings.Lines(p.out.String()) {
		if !strings.HasSuffix(text, "\n") {
			break // it is being written
		}
		var line logLine
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("a line is no JSON: %s", text)
		}
		all = append(all, line)
	}
	return all
}

func TestOneNumberFollowsAMessageThroughTheWholeLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.env = append(w.env, "GOVORUN_LOG_FORMAT=json")
	p := w.serve().ready()
	anna := w.person(101, "Анна")
	w.report(anna, "214")
	w.did(anna.Photo(900, 1200, "вот"))
	w.becomes(1, `SELECT count(*) FROM attachments WHERE status = 'stored'`)
	w.quiet()
	photo := one[int64](w, `SELECT message_id FROM attachments`)
	scan := one[int64](w, `SELECT min(id) FROM messages WHERE direction = 'in'`)
	for number, wanted := range map[int64][]string{scan: {"turn", "outbox_sent"}, photo: {"turn", "media_stored"}} {
		until(t, fmt.Sprintf("the log tells %v of turn %d", wanted, number), func() bool {
			var told []string
			for _, line := range p.lines(t) {
				if line["turn"] == float64(number) {
					told = append(told, line["msg"].(string))
				}
			}
			return !slices.ContainsFunc(wanted, func(what string) bool { return !slices.Contains(told, what) })
		})
	}
	for _, out := range []string{"Анна", "вот", "Взял деньги", testToken} {
		if strings.Contains(p.out.String(), out) {
			t.Errorf("%q stands in the log", out)
		}
	}
	for _, name := range []string{"turns_total{channel=\"telegram\"}", "turn_duration_seconds_count", "outbox_sent_total{channel=\"telegram\"}"} {
		if value := p.metric(name); value == "" || value == "0" {
			t.Errorf("%s is %q", name, value)
		}
	}
}

func TestTurnsAreCountedOnceAndRedeliveriesApart(t *testing.T) {
	t.Parallel()
	y := &system{turned: newTurned(), log: logger(t.Output(), "warn")}
	y.committed(turn.Trace{Channel: "telegram", Fresh: true, Arrived: time.Now().Add(-20 * time.Millisecond)})
	y.committed(turn.Trace{Channel: "telegram"})
	registry, page := prometheus.NewRegistry(), httptest.NewRecorder()
	registry.MustRegister(y.turned.done, y.turned.again)
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{`govorun_turns_total{channel="telegram"} 1`, `govorun_turns_redelivered_total{channel="telegram"} 1`} {
		if !strings.Contains(page.Body.String(), line) {
			t.Errorf("there is no %s in\n%s", line, page.Body)
		}
	}
}
