package chaos

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"govorun/bots/simulator"
)

// kind is one way in which things go wrong. Doubles says that it may leave a message sent and not marked.
type kind struct {
	name    string
	what    string
	weight  int // how often it is chosen, beside the others
	doubles bool
	heals   bool // everybody is asked how long it took until answers came again
	strike  func(*striker, context.Context, *company) (detail string, err error)
}

// everywhere says that a fault strikes the database, which all companies share.
func (k kind) everywhere() bool { return k.name == "disk" || strings.HasPrefix(k.name, "pg-") }

// kinds are all faults. Those that strike the database strike all companies.
func kinds() []kind {
	return []kind{
		{"kill", "kill -9 of a replica", 6, true, true, (*striker).kill},
		{"term", "SIGTERM and a new start of one replica after another", 2, true, true, (*striker).roll},
		{"stall", "SIGSTOP of a replica for some seconds", 3, true, true, (*striker).stall},
		{"pg-kill", "kill -9 of PostgreSQL", 2, true, true, (*striker).baseKill},
		{"pg-stop", "PostgreSQL stopped for some seconds", 2, true, true, (*striker).baseStop},
		{"pg-stall", "SIGSTOP of PostgreSQL for some seconds", 2, true, true, (*striker).baseStall},
		{"disk", "the disk of database and files is full for some seconds", 1, true, true, (*striker).diskFull},
		{"clock", "a replica's clock is stepped", 2, true, true, (*striker).clockStep},
		{"duplicate", "Telegram delivers updates twice", 4, false, false, (*striker).duplicate},
		{"reorder", "Telegram delivers updates late or out of order", 3, false, false, (*striker).reorder},
		{"flood", "Telegram answers 429 with retry_after", 4, false, false, (*striker).flood},
		{"forbid", "Telegram answers 403", 2, false, false, (*striker).forbid},
		{"trouble", "Telegram answers 5xx", 4, true, false, (*striker).trouble},
		{"drop", "Telegram acts and its answer is lost", 4, true, false, (*striker).drop},
		{"door", "the answer to a webhook is lost", 3, false, false, (*striker).loseAnswer},
		{"poison", "a message that can't be handled", 1, false, false, (*striker).poisoned},
		{"wa-cut", "WhatsApp cuts the connection", 2, false, false, (*striker).walledCut},
		{"wa-garble", "WhatsApp messages that can't be decrypted", 2, false, false, (*striker).walledGarble},
		{"wa-ack", "WhatsApp acknowledgements are lost", 2, false, false, (*striker).walledAck},
		{"wa-slow", "WhatsApp thinks before it takes a message, or cuts", 2, false, false, (*striker).walledSlow},
	}
}

// Names gives the names of all faults, for help.
func Names() (list []string) {
	for _, k := range kinds() {
		list = append(list, k.name)
	}
	return list
}

// chosen are the faults of these names, all without a name.
func chosen(names []string) ([]kind, error) {
	all := kinds()
	if len(names) == 0 {
		return all, nil
	}
	var list []kind
	for _, name := range names {
		i := slices.IndexFunc(all, func(k kind) bool { return k.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no fault %q: choose from %s", name, strings.Join(Names(), ", "))
		}
		list = append(list, all[i])
	}
	return list, nil
}

// Struck is a fault that happened.
type Struck struct {
	At     time.Duration
	Name   string
	Where  string
	Detail string
	Healed time.Duration // until a new person got an answer; zero when nobody was asked
	Failed string
}

// leftOut says that it could not be had here.
func (s Struck) leftOut() bool { return strings.HasPrefix(s.Failed, leftOut) }

const leftOut = "left out"

// striker lets faults strike, one after another, at moments that the seed chooses.
type striker struct {
	*world
	kinds   []kind
	random  *rand.Rand
	mu      sync.Mutex
	struck  []Struck
	blocked map[string]bool // faults that can't be had here
}

// run strikes until the length is over. The first round brings every kind once, in an order of the seed's, so that short runs meet many.
func (s *striker) run(ctx context.Context, length time.Duration) {
	s.random = rand.New(rand.NewPCG(s.Seed, 4096))
	s.blocked = map[string]bool{}
	end := time.Now().Add(length)
	order := slices.Clone(s.kinds)
	s.random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	slices.SortStableFunc(order, func(a, b kind) int { return cmp.Compare(b.weight, a.weight) })
	pause(ctx, opening)
	for n := 0; ctx.Err() == nil && time.Now().Before(end); n++ {
		k := s.choose()
		if n < len(order) {
			k = order[n]
		}
		s.one(ctx, k)
		if !pause(ctx, min(time.Duration(400+s.random.IntN(3200))*time.Millisecond, time.Until(end))) {
			return
		}
	}
}

// choose takes a kind by weight.
func (s *striker) choose() kind {
	total := 0
	for _, k := range s.kinds {
		total += k.weight
	}
	at := s.random.IntN(total)
	for _, k := range s.kinds {
		if at -= k.weight; at < 0 {
			return k
		}
	}
	return s.kinds[0]
}

// one lets a fault strike a company, and asks how long it took until answers came again.
func (s *striker) one(ctx context.Context, k kind) {
	c := s.companies[s.random.IntN(len(s.companies))]
	if strings.HasPrefix(k.name, "wa-") {
		if c = s.walled(); c == nil {
			return
		}
	}
	if k.name == "door" && !c.webhook {
		return
	}
	struck := Struck{At: time.Since(s.began), Name: k.name, Where: c.kit}
	detail, err := k.strike(s, ctx, c)
	if _, e := s.base.revive(context.WithoutCancel(ctx)); e != nil && err == nil {
		err = e
	}
	struck.Detail = detail
	switch {
	case err != nil:
		struck.Failed = err.Error()
	case k.heals:
		struck.Healed = c.probe(ctx)
	}
	s.say("%s at %s: %s%s", k.name, c.kit, detail, healed(struck))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.struck = append(s.struck, struck)
}

func healed(s Struck) string {
	switch {
	case s.Failed != "":
		return " (" + s.Failed + ")"
	case s.Healed > 0:
		return fmt.Sprintf(", answers after %v", s.Healed.Round(10*time.Millisecond))
	}
	return ""
}

// walled is the company with a WhatsApp number, nil when there is none.
func (s *striker) walled() *company {
	for _, c := range s.companies {
		if c.number != nil {
			return c
		}
	}
	return nil
}

// probe lets somebody new write and gives how long it takes until an answer.
func (c *company) probe(ctx context.Context) time.Duration {
	began := time.Now()
	h := c.enter("Проба", 0)
	if err := h.act(simulator.Action{Do: "start"}); err != nil {
		c.note("%v", err)
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, storyPatience)
	defer cancel()
	if _, err := c.sim.Wait(ctx, h.Chat, func(simulator.Message) bool { return true }); err != nil && ctx.Err() == context.DeadlineExceeded {
		c.note("nobody answered a new person within %v after a fault", storyPatience)
	}
	return time.Since(began)
}

func (s *striker) seconds(least, most int) time.Duration {
	return time.Duration(least*1000+s.random.IntN((most-least)*1000+1)) * time.Millisecond
}

func (s *striker) replica(c *company) *replica { return c.replicas[s.random.IntN(len(c.replicas))] }

func (s *striker) kill(_ context.Context, c *company) (string, error) {
	r := s.replica(c)
	r.kill()
	return r.name, nil
}

func (s *striker) roll(ctx context.Context, c *company) (string, error) {
	for _, r := range c.replicas {
		r.stop()
		ready, cancel := context.WithTimeout(ctx, startPatience)
		until(ready, 100*time.Millisecond, func() bool { return r.runs() && r.ready() })
		cancel()
	}
	return fmt.Sprintf("%d replicas, one after another", len(c.replicas)), nil
}

func (s *striker) stall(ctx context.Context, c *company) (string, error) {
	r, d := s.replica(c), s.seconds(2, 9)
	p, _ := r.process()
	thaw, err := freeze(p.Pid)
	pause(ctx, d)
	thaw()
	return fmt.Sprintf("%s for %v", r.name, d), err
}

func (s *striker) baseKill(ctx context.Context, _ *company) (string, error) {
	if err := s.base.kill(ctx); err != nil {
		return "", err
	}
	d := s.seconds(0, 3)
	pause(ctx, d)
	return fmt.Sprintf("away for %v", d), s.base.start(context.WithoutCancel(ctx))
}

func (s *striker) baseStop(ctx context.Context, _ *company) (string, error) {
	s.base.stop(ctx)
	d := s.seconds(1, 8)
	pause(ctx, d)
	return fmt.Sprintf("away for %v", d), s.base.start(context.WithoutCancel(ctx))
}

func (s *striker) baseStall(ctx context.Context, _ *company) (string, error) {
	d := s.seconds(2, 8)
	thaw, err := freeze(family(s.base.running().PID())...)
	pause(ctx, d)
	thaw()
	return fmt.Sprintf("for %v", d), err
}

func (s *striker) diskFull(ctx context.Context, _ *company) (string, error) {
	if s.base.disk == nil {
		s.blocked["disk"] = true
		return "", fmt.Errorf(leftOut+": %s", s.base.why)
	}
	free, err := s.base.disk.fill()
	if err != nil {
		return "", err
	}
	d := s.seconds(3, 8)
	pause(ctx, d)
	free()
	ended, err := s.base.revive(context.WithoutCancel(ctx))
	if ended {
		return fmt.Sprintf("for %v; the server ended by itself and was started again", d), err
	}
	return fmt.Sprintf("for %v", d), err
}

func (s *striker) clockStep(ctx context.Context, c *company) (string, error) {
	r := s.replica(c)
	step := []string{"5m", "-1h", "90s", "-5m", "26h", "0s"}[s.random.IntN(6)]
	r.mu.Lock()
	r.clock = step
	r.mu.Unlock()
	r.kill()
	return fmt.Sprintf("%s by %s", r.name, step), nil
}
