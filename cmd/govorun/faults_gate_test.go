package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// gate stands between the program and the simulator. A trap holds one call at a point that can be named: before Telegram
// acts on it, or after, while the answer is on its way. That is where a test kills the program.
type gate struct {
	next  http.Handler
	mu    sync.Mutex
	traps []*trap
}

// trap catches the first call of a method that fits.
type trap struct {
	method string
	after  bool                   // Telegram has acted
	fits   func(body string) bool // nil fits all
	caught chan struct{}          // closed when a call is in the trap
	let    chan struct{}          // closed when it may go on
	once   sync.Once
}

// hold arms a trap.
func (g *gate) hold(method string, after bool, fits func(body string) bool) *trap {
	t := &trap{method: method, after: after, fits: fits, caught: make(chan struct{}), let: make(chan struct{})}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.traps = append(g.traps, t)
	return t
}

// release lets the caught call go on, if its caller still lives.
func (t *trap) release() { t.once.Do(func() { close(t.let) }) }

// open disarms all traps.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, t := range g.traps {
		t.release()
	}
	g.traps = nil
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	t := g.take(method, string(body))
	if t == nil {
		g.next.ServeHTTP(w, r)
		return
	}
	if t.after {
		record := httptest.NewRecorder()
		g.next.ServeHTTP(record, r)
		t.catch(r)
		for name, values := range record.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(record.Code)
		w.Write(record.Body.Bytes())
		return
	}
	t.catch(r)
	if r.Context().Err() == nil {
		g.next.ServeHTTP(w, r)
	}
}

// take gives the trap that a call falls into, and disarms it.
func (g *gate) take(method, body string) *trap {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, t := range g.traps {
		if strings.EqualFold(t.method, method) && (t.fits == nil || t.fits(body)) {
			g.traps = append(g.traps[:i:i], g.traps[i+1:]...)
			return t
		}
	}
	return nil
}

func (t *trap) catch(r *http.Request) {
	close(t.caught)
	select {
	case <-t.let:
	case <-r.Context().Done(): // the caller is dead
	}
}

// door is the public address of the webhook. It leads to the program that runs at the moment, or to nobody.
type door struct {
	mu      sync.Mutex
	targets []string
	turn    int
	lost    int // answers still to be lost on the way back to Telegram
	silent  chan struct{}
}

// leadTo changes where the door leads; with several addresses deliveries go to them in turn.
func (d *door) leadTo(addresses ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.targets = addresses
}

// loseAnswers lets the next n answers get lost; told is closed when the last of them was.
func (d *door) loseAnswers(n int) (told chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lost, d.silent = n, make(chan struct{})
	return d.silent
}

func (d *door) next() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.targets) == 0 {
		return ""
	}
	d.turn++
	return d.targets[d.turn%len(d.targets)]
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := r.Clone(r.Context())
	req.URL.Scheme, req.URL.Host, req.RequestURI = "http", d.next(), ""
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	d.mu.Lock()
	losing := d.lost > 0 && resp.StatusCode == http.StatusOK
	if losing {
		if d.lost--; d.lost == 0 {
			close(d.silent)
		}
	}
	d.mu.Unlock()
	if losing {
		panic(http.ErrAbortHandler)
	}
	if after := resp.Header.Get("Retry-After"); after != "" {
		w.Header().Set("Retry-After", after)
	}
	w.WriteHeader(resp.StatusCode)
}
