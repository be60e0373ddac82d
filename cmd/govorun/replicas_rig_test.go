package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// takeover bounds how long nobody may send or listen for an account after its process was killed, and handover after one that stopped in
// order: issue and README promise them.
const (
	takeover = 10 * time.Second
	handover = 2 * time.Second
)

// balancer leads a public address to replicas in turn, and turns to the next one when one is not there or says that it can't.
type balancer struct {
	mu      sync.Mutex
	targets []string
	turn    int
}

// balanced makes programs of a world listen by webhook behind a balancer.
func (w *world) balanced() *balancer {
	b := &balancer{}
	server := httptest.NewServer(b)
	w.t.Cleanup(server.Close)
	w.hook = server.URL + "/telegram"
	w.env = append(w.env, "GOVORUN_TELEGRAM_WEBHOOK="+w.hook, "GOVORUN_TELEGRAM_SECRET="+testSecret)
	return b
}

func (b *balancer) add(p *program) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.targets = append(b.targets, p.address)
}

func (b *balancer) remove(p *program) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.targets = slices.DeleteFunc(slices.Clone(b.targets), func(a string) bool { return a == p.address })
}

// order gives all targets, beginning with whose turn it is.
func (b *balancer) order() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.targets) == 0 {
		return nil
	}
	b.turn++
	first := b.turn % len(b.targets)
	return append(slices.Clone(b.targets[first:]), b.targets[:first]...)
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	for _, target := range b.order() {
		req := r.Clone(r.Context())
		req.URL.Scheme, req.URL.Host, req.RequestURI = "http", target, ""
		req.Body = io.NopCloser(bytes.NewReader(body))
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusServiceUnavailable {
			w.WriteHeader(resp.StatusCode)
			return
		}
	}
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusServiceUnavailable)
}

// replicas are the processes that run at a time.
type replicas struct {
	*world
	behind *balancer // nil: they poll
	all    []*program
}

// replicate starts n processes of a world.
func (w *world) replicate(n int, behind *balancer) *replicas {
	w.t.Helper()
	r := &replicas{world: w, behind: behind}
	for range n {
		r.start()
	}
	return r
}

func (r *replicas) start() *program {
	r.t.Helper()
	p := r.serve().ready()
	r.all = append(r.all, p)
	if r.behind != nil {
		r.behind.add(p)
	}
	return p
}

// gone forgets a process; the balancer still leads to it until it is told otherwise.
func (r *replicas) gone(p *program) {
	r.all = slices.DeleteFunc(r.all, func(one *program) bool { return one == p })
}

// leads tells whether a process has begun to send.
func (p *program) leads() bool { return strings.Contains(p.out.String(), "outbox_leads") }

// leader waits until one of them sends.
func (r *replicas) leader() (p *program) {
	r.t.Helper()
	until(r.t, "one of the processes sends", func() bool {
		i := slices.IndexFunc(r.all, (*program).leads)
		if i >= 0 {
			p = r.all[i]
		}
		return i >= 0
	})
	return p
}

// alone fails the test when several of them think that they send.
func (r *replicas) alone(t *testing.T) {
	t.Helper()
	leading := 0
	for _, p := range r.all {
		if p.leads() {
			leading++
		}
	}
	if leading != 1 {
		t.Errorf("%d of %d processes have begun to send", leading, len(r.all))
	}
}

// stopsInOrder asks a process to end, which it must do without a complaint.
func (p *program) stopsInOrder() {
	p.t.Helper()
	if code, _ := p.stop(); code != 0 {
		p.t.Errorf("it ended with code %d:\n%s", code, lastLines(p.out.String(), 20))
	}
}
