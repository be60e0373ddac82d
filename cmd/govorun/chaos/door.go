package chaos

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// door is the public address of a company's webhook: it leads to its replicas in turn, as a load balancer does, and leaves one that
// does not answer alone for a while.
type door struct {
	mu      sync.Mutex
	targets []string
	bad     map[string]time.Time
	turn    int
	lose    int // answers still to be lost on their way back
	lost    int
}

const (
	doorPatience = 8 * time.Second // for an answer of a replica
	doorAvoids   = 3 * time.Second
)

// losing lets the next n good answers get lost.
func (d *door) losing(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lose += n
}

// next gives whom to ask: the next one that has not failed lately.
func (d *door) next() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.turn++
	for i := range d.targets {
		if t := d.targets[(d.turn+i)%len(d.targets)]; time.Since(d.bad[t]) > doorAvoids {
			return t
		}
	}
	return d.targets[d.turn%len(d.targets)]
}

func (d *door) failed(target string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bad[target] = time.Now()
}

// ServeHTTP hands an update to a replica. One that can't be reached or is silent gets nothing for a while, and Telegram comes back.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target := d.next()
	ctx, cancel := context.WithTimeout(r.Context(), doorPatience)
	defer cancel()
	req := r.Clone(ctx)
	req.URL.Scheme, req.URL.Host, req.RequestURI = "http", target, ""
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		d.failed(target)
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	answer.Body.Close()
	d.answer(w, answer)
}

func (d *door) answer(w http.ResponseWriter, answer *http.Response) {
	d.mu.Lock()
	losing := d.lose > 0 && answer.StatusCode == http.StatusOK
	if losing {
		d.lose--
		d.lost++
	}
	d.mu.Unlock()
	if losing {
		panic(http.ErrAbortHandler)
	}
	if after := answer.Header.Get("Retry-After"); after != "" {
		w.Header().Set("Retry-After", after)
	}
	w.WriteHeader(answer.StatusCode)
}
