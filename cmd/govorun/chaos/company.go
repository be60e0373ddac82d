package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"govorun/bots/simulator"
	"govorun/crm/postgres"
	"govorun/crm/postgres/cluster"
)

// company is one business of a run: a kit, a database, a Telegram with people, and replicas that serve them.
type company struct {
	*world
	kit      string
	night    Quiet
	webhook  bool
	sim      *simulator.Server
	api      *http.Server
	hook     *http.Server
	door     *door
	db       *postgres.DB
	dsn      string
	env      []string
	replicas []*replica
	secrets  *secrets
	number   *number // nil when nobody writes on WhatsApp

	mu        sync.Mutex
	random    *rand.Rand
	notes     []string
	tales     []Tale
	hands     []*hand
	talkers   []*hand
	poison    []string
	busy      sync.WaitGroup // stories and talks
	serial    int            // people so far
	employees int
	stop      context.CancelFunc
}

// Settings of every company: invented, planted, and never to be seen in a log.
const (
	token      = "1000000001:a-token-that-must-never-be-seen"
	hookSecret = "a-secret-that-must-never-be-seen"
	planted    = "слово-которого-нет-в-журнале"
)

// found makes a company with its people and starts its replicas. The second of several companies polls, the others listen by webhook.
func (w *world) found(ctx context.Context, kit string, nth int) (c *company, err error) {
	c = &company{world: w, kit: kit, webhook: nth != 1, door: &door{bad: map[string]time.Time{}}, random: rand.New(rand.NewPCG(w.Seed, uint64(nth)+1)),
		secrets: &secrets{needles: map[string]string{}, found: map[string]bool{}}}
	c.secrets.add("the token", token[strings.IndexByte(token, ':')+1:])
	c.secrets.add("the secret of the webhook", hookSecret)
	c.secrets.add("words of a message", planted)
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	name := "company_" + kit
	if err := postgres.NewDatabase(ctx, w.base.running().AdminDSN("postgres"), name, cluster.Role); err != nil {
		return nil, err
	}
	c.dsn = w.base.running().DSN(name)
	if c.db, err = postgres.Open(ctx, postgres.Config{URL: c.dsn, MaxConns: 4}); err != nil {
		return nil, err
	}
	night := time.Duration(0)
	if kit == "isp" && w.Length >= 4*time.Minute {
		night = w.Length / 2
	}
	kitDir := filepath.Join(w.dir, "kit-"+kit)
	if c.night, err = copyKit(kit, kitDir, night); err != nil {
		return nil, err
	}
	if err := c.openTelegram(); err != nil {
		return nil, err
	}
	data := filepath.Join(w.base.dir, "data-"+kit) // on the disk that a fault fills
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("make a data folder: %w", err)
	}
	c.env = append(c.env, "GOVORUN_TELEGRAM_TOKEN="+token, "GOVORUN_DATA="+data, "DATABASE_URL="+c.dsn, "GOVORUN_KIT="+kitDir, "GOVORUN_LOG=debug",
		"GOVORUN_TELEGRAM_LIMITS=none")
	if err := c.staff(ctx); err != nil {
		return nil, err
	}
	if kit == "vending" {
		if c.number, err = c.openNumber(ctx); err != nil {
			return nil, err
		}
	}
	return c, c.startAll(ctx)
}

// openTelegram serves the simulated Telegram and the public address of the webhook.
func (c *company) openTelegram() (err error) {
	c.sim = simulator.New(simulator.Options{Token: token, WebhookPause: 50 * time.Millisecond, KeepCalls: 1_000_000, KeepMessages: 20_000})
	var api, hook string
	if c.api, api, err = listen(c.sim); err != nil {
		return err
	}
	c.env = append(c.env, "GOVORUN_TELEGRAM_API="+api)
	if c.webhook {
		if c.hook, hook, err = listen(c.door); err != nil {
			return err
		}
		c.env = append(c.env, "GOVORUN_TELEGRAM_WEBHOOK="+hook+"/telegram", "GOVORUN_TELEGRAM_SECRET="+hookSecret)
	}
	return nil
}

// listen serves on a port of loopback and gives the address as a URL.
func listen(h http.Handler) (*http.Server, string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("listen on loopback: %w", err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }()
	return s, "http://" + l.Addr().String(), nil
}

// startAll starts the replicas, the first alone because it makes the schema, and waits until they are ready.
func (c *company) startAll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for i := range c.Replicas {
		r, err := c.newReplica(i)
		if err != nil {
			return err
		}
		c.replicas = append(c.replicas, r)
		c.door.targets = append(c.door.targets, r.address)
		if err := r.start(); err != nil {
			return err
		}
		if i > 0 {
			continue
		}
		if !until(ctx, 50*time.Millisecond, r.ready) {
			return fmt.Errorf("%s was not ready in %v", r.name, startPatience)
		}
	}
	for _, r := range c.replicas {
		if !until(ctx, 50*time.Millisecond, r.ready) {
			return fmt.Errorf("%s was not ready in %v", r.name, startPatience)
		}
	}
	return nil
}

// begin lets people talk until ctx ends, and keeps replicas running until the company is closed.
func (c *company) begin(ctx context.Context) {
	alive, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	for _, r := range c.replicas {
		go r.keep(alive)
	}
	c.people(ctx)
}

// finish waits until all stories have come to their end and nothing is left to be done, and gives what never became so.
func (c *company) finish(ctx context.Context) (undone []string) {
	told := make(chan struct{})
	go func() { c.busy.Wait(); close(told) }()
	select {
	case <-told:
	case <-ctx.Done():
		undone = append(undone, c.kit+": stories were not over in time")
	}
	var last string
	if !until(ctx, 300*time.Millisecond, func() bool { last = c.undone(ctx); return last == "" }) {
		undone = append(undone, c.kit+": "+last)
	}
	return undone
}

// undone says what is still to be done, empty when nothing is.
func (c *company) undone(ctx context.Context) string {
	if n := c.sim.State().Pending; n > 0 {
		return fmt.Sprintf("%d updates wait at Telegram", n)
	}
	if c.number != nil {
		if n := c.number.pending(); n > 0 {
			return fmt.Sprintf("%d messages wait at WhatsApp", n)
		}
	}
	messages, files, timers, err := c.db.Undone(ctx)
	switch {
	case err != nil:
		return err.Error()
	case messages+files+timers > 0:
		return fmt.Sprintf("%d messages, %d files and %d timers wait", messages, files, timers)
	}
	return ""
}

// note keeps something that must not happen.
func (c *company) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// chance gives a number below n; each company has its own row of them.
func (c *company) chance(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.random.IntN(n)
}

// close ends what runs, in reverse order.
func (c *company) close() {
	if c.stop != nil {
		c.stop()
	}
	var all sync.WaitGroup
	for _, r := range c.replicas {
		all.Go(r.finish)
	}
	all.Wait()
	if c.number != nil {
		c.number.close()
	}
	for _, s := range []*http.Server{c.hook, c.api} {
		if s != nil {
			s.Close()
		}
	}
	if c.sim != nil {
		c.sim.Close()
	}
	if c.db != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = c.db.Close(ctx) // the server goes with its folder
	}
}
