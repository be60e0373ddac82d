package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// worker runs the product and lets it be stopped and started again while phones and database stay.
type worker struct {
	settings *settings
	telegram telegramSettings
	log      *slog.Logger
	options  []option

	change sync.Mutex // one start or stop at a time
	mu     sync.Mutex
	system *system // nil while stopped
	cancel context.CancelFunc
	done   chan struct{}
	since  time.Time
	why    string // it ended by itself
}

func newWorker(s *settings, t telegramSettings, log *slog.Logger, options ...option) *worker {
	return &worker{settings: s, telegram: t, log: log, options: options}
}

// start makes a new system and runs it; one that runs already goes on.
func (w *worker) start() error {
	w.change.Lock()
	defer w.change.Unlock()
	if w.running() != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	y, err := start(ctx, w.settings, w.telegram, w.log, w.options...)
	if err != nil {
		cancel()
		return err
	}
	done := make(chan struct{})
	w.mu.Lock()
	w.system, w.cancel, w.done, w.since, w.why = y, cancel, done, time.Now(), ""
	w.mu.Unlock()
	go func() {
		defer close(done)
		err := y.run(ctx, "")
		y.close()
		w.mu.Lock()
		defer w.mu.Unlock()
		w.system = nil
		if err != nil {
			w.log.Error("worker ended", "err", err)
			w.why = err.Error()
		}
	}()
	return nil
}

// stop ends the system: what has begun is finished, what waits stays in the database.
func (w *worker) stop() {
	w.change.Lock()
	defer w.change.Unlock()
	w.mu.Lock()
	cancel, done := w.cancel, w.done
	w.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

// running gives the system, nil while it is stopped.
func (w *worker) running() *system {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.system
}

// workerState is what the page shows.
type workerState struct {
	Running bool      `json:"running"`
	Since   time.Time `json:"since,omitzero"`
	Why     string    `json:"why,omitempty"`
	Channel string    `json:"channel,omitempty"`
}

func (w *worker) state() workerState {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := workerState{Running: w.system != nil, Since: w.since, Why: w.why}
	if w.system != nil {
		s.Channel = string(w.system.channel.State().Kind)
	}
	return s
}
