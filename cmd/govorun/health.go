package main

import (
	"context"
	"net/http"
	"time"

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

// unready says why messages can't be taken, empty when they can. A process that stands by while another one polls is ready.
func (y *system) unready(ctx context.Context) string {
	if y.stopping.Load() {
		return "it stops"
	}
	if err := y.db.Ping(ctx); err != nil {
		return "the database does not answer"
	}
	if y.standby.Load() {
		return ""
	}
	if y.telegram == nil {
		return ""
	}
	switch state := y.telegram.State(); {
	case state.Kind == telegram.Listening, state.Kind == telegram.Standby, state.Kind == telegram.Flooded:
		return ""
	case state.Kind == telegram.StoreAway && y.webhook != nil: // the database is back, and only a message could tell the webhook: a balancer must send it
		return ""
	default:
		return "telegram: " + string(state.Kind)
	}
}
