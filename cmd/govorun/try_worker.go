package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// worker runs the product and lets it be stopped, killed and started again while phones and database stay.
type worker struct {
	settings settings
	channels channels
	dsn      string // of the database
	log      *slog.Logger
	options  []option

	change sync.Mutex // one start or stop at a time
	mu     sync.Mutex
	system *system // nil while stopped
	cancel context.CancelFunc
	done   chan struct{}
	cables *cables
	since  time.Time
	why    string // it ended by itself
}

// newWorker makes a worker for the database and the providers of these settings; it reaches them through cables.
func newWorker(s settings, c channels, log *slog.Logger, options ...option) *worker {
	return &worker{settings: s, channels: c, dsn: s.Database, log: log, options: options}
}

// start makes a new system and runs it; one that runs already goes on.
func (w *worker) start() error {
	w.change.Lock()
	defer w.change.Unlock()
	if w.running() != nil {
		return nil
	}
	cables, err := layCables(w.dsn, w.channels.telegram.API, w.channels.whatsapp.Server)
	if err != nil {
		return err
	}
	own, channels := w.settings, w.channels
	own.Database, channels.telegram.API, channels.whatsapp.Server = cables.dsn, cables.api, cables.whatsapp
	ctx, cancel := context.WithCancel(context.Background())
	y, err := start(ctx, &own, channels, w.log, w.options...)
	if err != nil {
		cancel()
		cables.cut()
		return err
	}
	done := make(chan struct{})
	w.mu.Lock()
	w.system, w.cancel, w.done, w.cables, w.since, w.why = y, cancel, done, cables, time.Now(), ""
	w.mu.Unlock()
	go func() {
		defer close(done)
		err := y.run(ctx, doors{})
		y.close()
		cables.cut()
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.system != y { // it was killed: nobody asks how it ended
			return
		}
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

// kill ends the system as kill -9 does, as far as anybody outside can tell: its connections break in mid-word and it gets no new
// ones, so nothing that it still tries to finish reaches the database or a chat. It isn't waited for.
func (w *worker) kill() {
	w.change.Lock()
	defer w.change.Unlock()
	w.mu.Lock()
	cancel, cables := w.cancel, w.cables
	alive := w.system != nil
	w.system, w.cancel, w.done, w.cables = nil, nil, nil, nil
	w.mu.Unlock()
	if alive {
		cables.cut()
		cancel()
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
		s.Channel = string(w.system.telegram.State().Kind)
	}
	return s
}
