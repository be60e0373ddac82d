// Package chaos runs replicas of the program under faults, while invented people talk to it, and compares what it promises with what
// the people saw on their phones and what the CRM holds afterwards. Everything is on loopback and in a temporary folder.
//
// A company is one business: a database, a simulated Telegram, replicas, people. Faults strike them all at moments that the seed
// chooses. What the phones sent and the simulators received is the record; the oracle judges it against the ledger of the CRM and
// knows nothing of the program but its promises. Nothing here is used in service.
package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"govorun/crm/postgres"
)

// Config is what a run needs.
type Config struct {
	Program  string        // file of the program
	Env      []string      // settings that every child gets besides its own
	Length   time.Duration // of the time in which faults strike
	Patience time.Duration // how long everything may take to become quiet afterwards; 4 minutes when zero
	Seed     uint64
	Replicas int
	Kits     []string
	Only     []string  // names of faults; all when empty
	Keep     string    // folder for the logs of the children; empty: not kept
	Out      io.Writer // the report
	Err      io.Writer // what happens meanwhile

	// Stickers gives the payloads of the stickers on machines, by code.
	Stickers func(ctx context.Context, db *postgres.DB, codes []string) (map[string]string, error)
}

// ErrBroken says that a promise was broken; the report says which.
var ErrBroken = errors.New("promises were broken: the report says which, and the seed repeats the run")

const (
	usualPatience = 4 * time.Minute
	startPatience = 2 * time.Minute // for a child to get ready
	opening       = 4 * time.Second // in which people talk before the first fault
)

// Run makes the companies, lets people talk while faults strike, waits until all is quiet, judges and writes the report. It leaves
// nothing behind. The error is ErrBroken when a promise was.
func Run(ctx context.Context, c Config) (report Report, err error) {
	if c.Patience == 0 {
		c.Patience = usualPatience
	}
	kinds, err := chosen(c.Only)
	if err != nil {
		return report, err
	}
	dir, err := os.MkdirTemp("", "govorun-chaos-")
	if err == nil {
		err = os.Chmod(dir, 0o711) // under root the server of the database runs as somebody else
	}
	if err != nil {
		return report, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(dir)
	w := &world{Config: c, dir: dir, began: time.Now(), log: slog.New(slog.DiscardHandler)}
	defer w.close()
	if err := w.open(ctx); err != nil {
		return report, err
	}
	strikes := &striker{world: w, kinds: kinds}
	if err := w.live(ctx, strikes); err != nil {
		return report, err
	}
	report = w.judge(ctx, strikes)
	report.Write(c.Out)
	if report.Broken() > 0 {
		return report, ErrBroken
	}
	return report, nil
}

// world is everything of one run.
type world struct {
	Config
	dir       string
	base      *base
	companies []*company
	began     time.Time
	log       *slog.Logger
	quiet     time.Duration // how long everything took to become quiet
	unquiet   []string      // what never became so
}

// open starts the database and one company of each kit.
func (w *world) open(ctx context.Context) (err error) {
	w.say("a private PostgreSQL and %d companies with %d replicas each, seed %d", len(w.Kits), w.Replicas, w.Seed)
	if w.base, err = openBase(ctx, filepath.Join(w.dir, "base")); err != nil {
		return err
	}
	w.companies = make([]*company, len(w.Kits))
	found := make([]error, len(w.Kits))
	var all sync.WaitGroup
	for i, kit := range w.Kits {
		all.Go(func() {
			if w.companies[i], found[i] = w.found(ctx, kit, i); found[i] != nil {
				found[i] = fmt.Errorf("open the company %s: %w", kit, found[i])
			}
		})
	}
	all.Wait()
	return errors.Join(found...)
}

// close ends everything in reverse order.
func (w *world) close() {
	for _, one := range w.companies {
		if one != nil {
			one.close()
		}
	}
	if w.base != nil {
		w.base.close()
	}
}

// live lets people talk and faults strike for the length of the run, then lets people finish and everything become quiet.
func (w *world) live(ctx context.Context, s *striker) error {
	talk, stop := context.WithCancel(ctx)
	defer stop()
	over := make(chan struct{})
	for _, one := range w.companies {
		one.begin(talk)
	}
	go func() { defer close(over); s.run(ctx, w.Length) }()
	select {
	case <-over:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	w.say("the faults are over after %s: people finish what they have begun", time.Since(w.began).Round(time.Second))
	stop()
	began := time.Now()
	limit, cancel := context.WithTimeout(ctx, w.Patience)
	defer cancel()
	for _, one := range w.companies {
		w.unquiet = append(w.unquiet, one.finish(limit)...)
	}
	w.quiet = time.Since(began)
	return ctx.Err()
}

// say writes a line of progress.
func (w *world) say(format string, args ...any) {
	fmt.Fprintf(w.Err, "%s  %s\n", time.Since(w.began).Round(100*time.Millisecond), fmt.Sprintf(format, args...))
}

// pause waits, or returns early when ctx ends.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// until asks again and again whether something is so; false when ctx ended first.
func until(ctx context.Context, every time.Duration, so func() bool) bool {
	for !so() {
		if !pause(ctx, every) {
			return false
		}
	}
	return true
}
