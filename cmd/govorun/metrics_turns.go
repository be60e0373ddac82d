package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"govorun/dialogs/turn"
)

// turned counts turns. It is used from the first message on, so it is made with the system.
type turned struct {
	done, again *prometheus.CounterVec
	refused     prometheus.Counter
	seconds     prometheus.Histogram
}

func newTurned() *turned {
	return &turned{
		done: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "govorun_turns_total",
			Help: "Messages, presses and events of the program's own whose turn was committed, once each."}, []string{"channel"}),
		again: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "govorun_turns_redelivered_total",
			Help: "Messages that came once more and changed nothing."}, []string{"channel"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "govorun_turns_refused_total",
			Help: "Messages that could not be stored when they came; the provider delivers them again."}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "govorun_turn_duration_seconds",
			Help:    "From the arrival of a message to the commit of its turn.",
			Buckets: []float64{.0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}),
	}
}

// committed counts a turn and tells of it at debug level. Its number stands in every line that follows from it.
func (y *system) committed(t turn.Trace) {
	if y.observe != nil {
		y.observe(t)
	}
	if !t.Fresh {
		y.turned.again.WithLabelValues(t.Channel).Inc()
		return
	}
	took := time.Since(t.Arrived)
	y.turned.done.WithLabelValues(t.Channel).Inc()
	y.turned.seconds.Observe(took.Seconds())
	if y.log.Enabled(context.Background(), slog.LevelDebug) {
		y.log.Debug("turn", "turn", int64(t.Message), "channel", t.Channel, "conversation", int64(t.Conversation), "kind", string(t.Kind),
			"dialog", t.Dialog, "from", t.From, "to", t.To, "effects", t.Effects, "group", t.Group, "took", took)
	}
}
