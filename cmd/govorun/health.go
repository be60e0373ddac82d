package main

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"govorun/bots/telegram"
)

// health adds what a supervisor asks: /healthz (the process lives) and /readyz (it can take messages).
func (y *system) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if why := y.unready(ctx); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
		}
	})
}

// metrics are the figures for Prometheus.
func (y *system) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	gauge := func(name, help string, value func() float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "govorun_" + name, Help: help}, value))
	}
	gauge("outbox_depth", "Messages that wait to be sent, in memory.", func() float64 { return float64(y.accounts.stats().Depth) })
	gauge("outbox_oldest_seconds", "Age of the oldest message that waits to be sent.", func() float64 { return y.accounts.stats().Oldest.Seconds() })
	gauge("outbox_sent_total", "Messages sent since the start.", func() float64 { return float64(y.accounts.stats().Sent) })
	gauge("outbox_failed_total", "Messages given up since the start.", func() float64 { return float64(y.accounts.stats().Failed) })
	if y.telegram != nil {
		gauge("updates_received_total", "Updates that came from Telegram, redeliveries included.", func() float64 { return float64(y.telegram.Stats().Received) })
		gauge("updates_accepted_total", "Updates that were committed.", func() float64 { return float64(y.telegram.Stats().Accepted) })
		gauge("webhook_malformed_total", "Bodies that were no update.", func() float64 { return float64(y.telegram.Stats().Malformed) })
		gauge("webhook_unauthorized_total", "Calls of the webhook without the secret.", func() float64 { return float64(y.telegram.Stats().Unauthorized) })
		gauge("channel_listening", "1 while the bot listens.", func() float64 {
			if y.telegram.State().Kind == telegram.Listening {
				return 1
			}
			return 0
		})
	}
	registry.MustRegister(numberFigures{y})
	gauge("dead_letters_open", "Messages put aside that nobody has looked at.", func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		n, err := y.db.CountDead(ctx)
		if err != nil {
			return -1
		}
		return float64(n)
	})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// unready says why messages can't be taken, empty when they can. A process that stands by while another one polls is ready.
func (y *system) unready(ctx context.Context) string {
	if err := y.db.Ping(ctx); err != nil {
		return "the database does not answer"
	}
	if y.standby.Load() {
		return ""
	}
	if y.telegram == nil {
		return ""
	}
	switch state := y.telegram.State(); state.Kind {
	case telegram.Listening, telegram.Standby, telegram.Flooded:
		return ""
	default:
		return "telegram: " + string(state.Kind)
	}
}
