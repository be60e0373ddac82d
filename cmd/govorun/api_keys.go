package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// minKey is how long a key must be: nobody guesses it.
const minKey = 16

// apiKeys are the hashes of the keys by what they open: the name of a form, or “calls”. One thing may have several while they are changed.
type apiKeys map[string][][sha256.Size]byte

// readAPIKeys reads GOVORUN_API_KEYS: “site:KEY,calls:KEY”. Without it there is no API.
func readAPIKeys() (apiKeys, error) {
	keys := apiKeys{}
	for i, pair := range strings.FieldsFunc(os.Getenv("GOVORUN_API_KEYS"), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		name, key, ok := strings.Cut(pair, ":")
		if !ok || name == "" || len(key) < minKey { // the key itself is not repeated
			return nil, fmt.Errorf("entry %d of GOVORUN_API_KEYS is not NAME:KEY with a key of at least %d characters: write such as site:$(openssl rand -hex 16)", i+1, minKey)
		}
		keys[name] = append(keys[name], sha256.Sum256([]byte(key)))
	}
	return keys, nil
}

// match tells whether a key opens something, in the same time whatever is wrong with it.
func (k apiKeys) match(name, given string) bool {
	hash, found := sha256.Sum256([]byte(given)), 0
	for _, key := range k[name] {
		found |= subtle.ConstantTimeCompare(hash[:], key[:])
	}
	return found == 1 && given != ""
}

// Limits of one caller: a burst, and then so many a minute.
const (
	callerBurst  = 60
	callerMinute = 120
	// mostCallers bounds the memory of the limiter; beyond it all begin anew.
	mostCallers = 20_000
)

// limiter lets each caller ask so often. It is safe for concurrent use.
type limiter struct {
	now     func() time.Time
	mu      sync.Mutex
	callers map[string]*allowance
}

type allowance struct {
	left float64
	at   time.Time
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, callers: map[string]*allowance{}}
}

func (l *limiter) allow(who string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	c := l.callers[who]
	if c == nil {
		if len(l.callers) >= mostCallers {
			clear(l.callers)
		}
		c = &allowance{left: callerBurst, at: now}
		l.callers[who] = c
	}
	c.left = min(callerBurst, c.left+now.Sub(c.at).Minutes()*callerMinute)
	c.at = now
	if c.left < 1 {
		return false
	}
	c.left--
	return true
}

// caller is who asks: the address of the connection, or what a proxy on this machine says of it.
func caller(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		if last := strings.TrimSpace(hops[len(hops)-1]); net.ParseIP(last) != nil {
			return last
		}
	}
	return host
}
