package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"govorun/crm/postgres/cluster"
)

// base is the private database server of a try. It can be away for a while: stopped and started again in place, so that the
// product meets a real outage.
type base struct {
	options cluster.Options
	mu      sync.Mutex
	server  *cluster.Cluster // nil while it is away
	until   time.Time        // when an outage ends
	ending  chan struct{}    // closed by close
	outage  sync.WaitGroup
}

func openBase(ctx context.Context, dir string, log *slog.Logger) (*base, error) {
	b := &base{options: cluster.Options{Dir: dir, Log: log}, ending: make(chan struct{})}
	var err error
	b.server, err = cluster.Start(ctx, b.options)
	var used *cluster.InUseError
	if errors.As(err, &used) {
		return nil, errors.Join(errors.New("another try runs on this data folder: stop it, or choose another folder with --data"), err)
	}
	return b, err
}

// dsn stays the same when the server is started again.
func (b *base) dsn() string { return b.server.DSN(cluster.Database) }

// away stops the server and starts it again after a while; told is called at both ends. False when it is away already.
func (b *base) away(d time.Duration, told func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server == nil {
		return false
	}
	server := b.server
	b.server, b.until = nil, time.Now().Add(d)
	b.outage.Go(func() {
		told()
		b.stop(server)
		select {
		case <-time.After(d):
		case <-b.ending: // the next try will start it
			return
		}
		b.comeBack()
		told()
	})
	return true
}

func (b *base) comeBack() {
	server, err := cluster.Start(context.Background(), b.options)
	if err != nil {
		b.options.Log.Error("the database does not come back", "err", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.server, b.until = server, time.Time{}
}

// state tells whether the server is there, and else until when it is away.
func (b *base) state() (up bool, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.server != nil, b.until
}

func (b *base) stop(server *cluster.Cluster) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Stop(ctx); err != nil {
		b.options.Log.Warn("the database did not stop in time", "err", err)
	}
}

func (b *base) close() {
	close(b.ending)
	b.outage.Wait()
	if b.server != nil {
		b.stop(b.server)
	}
}
