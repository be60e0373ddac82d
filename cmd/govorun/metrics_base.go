package main

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"govorun/crm/postgres"
)

const (
	// baseFresh is how long what was read of the database is told again: several may scrape at once.
	baseFresh = 5 * time.Second
	// basePatience bounds the reading; without an answer only the figure that says so is told.
	basePatience = 2 * time.Second
)

// baseFigures tell what waits in the database, the same in every process.
type baseFigures struct {
	y  *system
	mu sync.Mutex

	read time.Time
	last postgres.Backlog
	err  error
}

func newBaseFigures(y *system) *baseFigures { return &baseFigures{y: y} }

// value is one figure with how it follows from the backlog.
type value struct {
	family
	of func(postgres.Backlog) float64
}

func baseValues() []value {
	count := func(f family, of func(postgres.Backlog) int64) value {
		return value{f, func(b postgres.Backlog) float64 { return float64(of(b)) }}
	}
	since := func(f family, of func(postgres.Backlog) time.Duration) value {
		return value{f, func(b postgres.Backlog) float64 { return of(b).Seconds() }}
	}
	return []value{
		count(gauge("queued_messages", "Messages whose time to be sent has come."), func(b postgres.Backlog) int64 { return b.Queued }),
		since(gauge("queued_oldest_seconds", "How long the first of these messages has been waiting."), func(b postgres.Backlog) time.Duration { return b.QueuedSince }),
		count(gauge("waiting_signals", "Signals that no conversation has met yet."), func(b postgres.Backlog) int64 { return b.Signals }),
		count(gauge("timers_due", "Timers of deals that are due and have not fired."), func(b postgres.Backlog) int64 { return b.Timers }),
		since(gauge("timers_lag_seconds", "How long the first of these timers has been due."), func(b postgres.Backlog) time.Duration { return b.TimersSince }),
		count(gauge("media_pending", "Files that people sent and that are still to be fetched."), func(b postgres.Backlog) int64 { return b.Media }),
		since(gauge("media_oldest_seconds", "How long the first of these files has been waiting."), func(b postgres.Backlog) time.Duration { return b.MediaSince }),
		count(gauge("hooks_waiting", "Calls to addresses outside that wait."), func(b postgres.Backlog) int64 { return b.Hooks }),
		count(gauge("guard_calls_open", "People whom somebody is to call instead of a robot that writes."), func(b postgres.Backlog) int64 { return b.Calls }),
		count(gauge("dead_letters_open", "Messages and files that were put aside and nobody has looked at."), func(b postgres.Backlog) int64 { return b.Dead }),
		count(gauge("last_backup_timestamp_seconds", "The moment that the newest backup holds, in Unix time; 0 when there is none."), func(b postgres.Backlog) int64 { return b.Backup.Unix() }),
	}
}

// baseUp is the only one that is told while the database is away.
var baseUp = gauge("database_up", "1 when the database answered what waits in it.")

// Describe implements prometheus.Collector.
func (f *baseFigures) Describe(to chan<- *prometheus.Desc) {
	announce(to, baseUp)
	for _, v := range baseValues() {
		to <- v.desc
	}
}

// Collect implements prometheus.Collector.
func (f *baseFigures) Collect(to chan<- prometheus.Metric) {
	b, err := f.backlog()
	baseUp.is(to, yes(err == nil))
	if err != nil {
		return
	}
	for _, v := range baseValues() {
		v.is(to, v.of(b))
	}
}

func (f *baseFigures) backlog() (postgres.Backlog, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.read) < baseFresh && f.err == nil {
		return f.last, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), basePatience)
	defer cancel()
	f.last, f.err = f.y.db.Backlog(ctx)
	f.read = time.Now()
	return f.last, f.err
}

// poolFigures tell of the connections of this process to the database.
type poolFigures struct{ y *system }

// What is told.
var (
	poolConnections = gauge("database_connections", "Connections of this process to the database.", "state")
	poolMost        = gauge("database_connections_max", "How many connections this process may open.")
	poolTaken       = figure("database_acquires_total", "How often a connection was taken.")
	poolWaited      = figure("database_acquires_waited_total", "How often one was taken when none was free.")
	poolSeconds     = figure("database_acquire_seconds_total", "How long was waited for connections, all in all.")
)

// Describe implements prometheus.Collector.
func (f poolFigures) Describe(to chan<- *prometheus.Desc) {
	announce(to, poolConnections, poolMost, poolTaken, poolWaited, poolSeconds)
}

// Collect implements prometheus.Collector.
func (f poolFigures) Collect(to chan<- prometheus.Metric) {
	s := f.y.db.Pool.Stat()
	poolConnections.is(to, float64(s.AcquiredConns()), "used")
	poolConnections.is(to, float64(s.IdleConns()), "idle")
	poolMost.is(to, float64(s.MaxConns()))
	poolTaken.is(to, float64(s.AcquireCount()))
	poolWaited.is(to, float64(s.EmptyAcquireCount()))
	poolSeconds.is(to, s.AcquireDuration().Seconds())
}
