package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"govorun/crm/postgres/cluster"
)

const (
	connections  = 200     // several replicas of several companies, each with a pool
	diskSize     = 1 << 30 // of the small disk: databases, WAL of half an hour, files
	basePatience = 60 * time.Second
)

// base is the database server of a run, which faults take away, on a small disk of its own where that can be had.
type base struct {
	dir  string
	disk *disk  // nil where there is none
	why  string // there is none

	mu sync.Mutex // one fault at a time
	c  *cluster.Cluster
}

func openBase(ctx context.Context, dir string) (b *base, err error) {
	b = &base{dir: dir}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return nil, fmt.Errorf("make a folder for the database: %w", err)
	}
	if b.disk, err = mountDisk(dir, diskSize); err != nil {
		b.disk, b.why = nil, err.Error()
	}
	if err = os.Chmod(dir, 0o711); err == nil {
		err = b.start(ctx)
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// close stops the server and gives the disk back.
func (b *base) close() {
	ctx, cancel := context.WithTimeout(context.Background(), basePatience)
	defer cancel()
	b.stop(ctx)
	_ = cluster.Remove(ctx, filepath.Join(b.dir, "postgres"))
	if b.disk != nil {
		b.disk.close()
	}
}

func (b *base) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, basePatience)
	defer cancel()
	c, err := cluster.Start(ctx, cluster.Options{Dir: filepath.Join(b.dir, "postgres"), Connections: connections})
	if err != nil {
		return fmt.Errorf("start the database: %w", err)
	}
	b.mu.Lock()
	b.c = c
	b.mu.Unlock()
	return nil
}

func (b *base) running() *cluster.Cluster {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.c
}

// stop ends the server in order, as an operator does; one that takes too long is killed, and the next start recovers.
func (b *base) stop(ctx context.Context) {
	if c := b.running(); c != nil {
		_ = c.Stop(ctx) // however it ended
	}
}

// kill ends the server as a power cut does.
func (b *base) kill(ctx context.Context) error {
	c := b.running()
	if server, err := os.FindProcess(c.PID()); err != nil || server.Kill() != nil {
		return errors.New("the database could not be killed")
	}
	<-c.Done()
	_ = c.Stop(ctx) // frees the folder; that it did not end in order is what was wanted
	return nil
}

// revive starts the server again if it has ended, and says whether it had.
func (b *base) revive(ctx context.Context) (ended bool, err error) {
	select {
	case <-b.running().Done():
	default:
		return false, nil
	}
	b.stop(ctx)
	return true, b.start(ctx)
}
