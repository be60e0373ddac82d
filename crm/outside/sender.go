package outside

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"govorun/crm/postgres"
	"govorun/crm/seal"
)

const (
	// atOnce is how many calls are under way: slow addresses must not hold up others for long.
	atOnce = 8
	// tries is how often a call is made: with firstPause doubling to longPause, for about two days.
	tries      = 16
	firstPause = 10 * time.Second
	longPause  = 6 * time.Hour
	// tick is how often calls are looked for.
	tick = time.Second
	// maxAnswer is how much of an answer is read, so that the connection can be used again.
	maxAnswer = 64 << 10
)

// Hook is an address and the key with which what is sent there is signed.
type Hook struct {
	URL string
	Key []byte
}

// Config is what a Sender needs. Hooks are by the name that the kit gives them. Resolver, TLS and Public are for tests: nil means those of this
// machine, and the rule of this package.
type Config struct {
	Hooks    map[string]Hook
	Log      *slog.Logger
	Now      func() time.Time
	Resolver *net.Resolver
	TLS      *tls.Config
	Public   func(netip.Addr) bool
}

// Store keeps what is to be sent; *postgres.DB is one.
type Store interface {
	ClaimHooks(ctx context.Context, most int) ([]postgres.HookCall, error)
	HookSent(ctx context.Context, id int64) error
	HookAgain(ctx context.Context, id int64, after time.Duration, reason string) error
	HookFailed(ctx context.Context, id int64, reason string) error
}

// Sender makes the calls of hooks. Any number of processes may do so at once.
type Sender struct {
	Config
	store Store
	http  *http.Client
}

// New makes a sender.
func New(store Store, c Config) *Sender {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Public == nil {
		c.Public = Public
	}
	return &Sender{Config: c, store: store, http: client(c)}
}

// Run makes calls until ctx ends.
func (s *Sender) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := s.Once(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("calls of hooks wait", "err", err)
		}
		if n < atOnce {
			select {
			case <-ctx.Done():
			case <-time.After(tick):
			}
		}
	}
}

// Once makes the calls whose time has come, a few at most, and gives how many those were.
func (s *Sender) Once(ctx context.Context) (int, error) {
	calls, err := s.store.ClaimHooks(ctx, atOnce)
	if err != nil {
		return 0, err
	}
	errs := make([]error, len(calls))
	var under sync.WaitGroup
	for i, call := range calls {
		under.Go(func() { errs[i] = s.call(ctx, call) })
	}
	under.Wait()
	return len(calls), errors.Join(errs...)
}

// call makes one call and notes what came of it.
func (s *Sender) call(ctx context.Context, c postgres.HookCall) error {
	hook, known := s.Hooks[c.Hook]
	if !known {
		return s.store.HookFailed(ctx, c.ID, "no_such_hook")
	}
	reason, again := s.post(ctx, hook, c)
	switch {
	case ctx.Err() != nil:
		return nil // another process takes it up
	case reason == "":
		s.Log.Debug("hook_sent", "turn", int64(c.Message), "hook", c.Hook, "attempts", c.Attempts)
		return s.store.HookSent(ctx, c.ID)
	case !again || c.Attempts >= tries:
		s.Log.Warn("hook_failed", "turn", int64(c.Message), "hook", c.Hook, "deal", c.Deal, "attempts", c.Attempts, "reason", reason)
		return s.store.HookFailed(ctx, c.ID, reason)
	}
	s.Log.Info("hook_retry", "turn", int64(c.Message), "hook", c.Hook, "attempts", c.Attempts, "reason", reason)
	return s.store.HookAgain(ctx, c.ID, pause(c.Attempts), reason)
}

// pause is how long to wait after so many tries.
func pause(attempts int) time.Duration {
	if attempts > 12 {
		return longPause
	}
	return min(firstPause<<(attempts-1), longPause)
}

// post sends a call. The reason is empty when it was taken, else a short word: errors would tell the address, which may be a secret.
func (s *Sender) post(ctx context.Context, hook Hook, c postgres.HookCall) (reason string, again bool) {
	data := json.RawMessage(seal.Masked(string(c.Data))) // what is sealed stays in the house
	body, err := json.Marshal(map[string]any{"id": c.ID, "hook": c.Hook, "deal": c.Deal, "at": c.CreatedAt.UTC().Format(time.RFC3339), "data": data})
	if err != nil {
		return "unreadable_data", false
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil || req.URL.Scheme != "https" {
		return "wrong_address", false
	}
	at := s.Now().Unix()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "govorun")
	req.Header.Set("X-Govorun-Delivery", strconv.FormatInt(c.ID, 10))
	req.Header.Set("X-Govorun-Signature", fmt.Sprintf("t=%d,v1=%s", at, Signature(hook.Key, at, body)))
	answer, err := s.http.Do(req)
	if err != nil {
		return refusal(err)
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer))
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		return "", false
	case answer.StatusCode == http.StatusGone:
		return "gone", false
	}
	return "status_" + strconv.Itoa(answer.StatusCode), true
}

// refusal is the word for a request that got no answer. A name that leads to a forbidden address may lead elsewhere tomorrow, but whoever made it do
// so should see it fail.
func refusal(err error) (reason string, again bool) {
	var timeout net.Error
	switch {
	case errors.Is(err, ErrForbidden):
		return "forbidden_address", false
	case errors.Is(err, errElsewhere):
		return "redirected", false
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout", true
	}
	return "unreachable", true
}

// Signature is what signs a body sent at a Unix time: the receiver computes it anew with the key that both know, and refuses old times.
func Signature(key []byte, at int64, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%d.", at)
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
