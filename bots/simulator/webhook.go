package simulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	defaultConnections = 40
	maxConnections     = 100
	maxPause           = time.Minute
	maxRetryAfter      = time.Hour
	webhookTimeout     = time.Minute
)

// webhook delivers updates by POST: one lane per chat, in order, up to max requests at once over all lanes.
type webhook struct {
	s        *Server
	url      string
	secret   string
	max      int
	client   *http.Client
	ctx      context.Context
	stop     context.CancelFunc
	lanes    map[int64]*lane
	ready    []*lane // lanes whose first update may go now
	inFlight int

	lastErrorDate int64
	lastError     string
}

// lane is the queue of one chat. It is in ready, in flight, or pausing after a failure, never two of them.
type lane struct {
	chat    int64
	updates []*update
	fails   int
}

// deliveryError is what getWebhookInfo shows as last_error_message, in Telegram's words.
type deliveryError string

func (e deliveryError) Error() string { return string(e) }

var errNotLoopback = errors.New("the simulator delivers to loopback addresses only")

func setWebhook(s *Server, a args) (any, *apiError) {
	address := a.str("url")
	if address == "" {
		return deleteWebhook(s, a)
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, badRequest("invalid webhook URL specified")
	}
	if !isLoopback(u.Hostname()) {
		return nil, badRequest("bad webhook: %v", errNotLoopback)
	}
	secret := a.str("secret_token")
	if len(secret) > 256 {
		return nil, badRequest("secret token is too long")
	}
	for i := range len(secret) {
		if !isWordByte(secret[i]) && secret[i] != '-' {
			return nil, badRequest("secret token contains unallowed characters")
		}
	}
	if refused := s.setAllowed(a); refused != nil {
		return nil, refused
	}
	s.queue.interrupt(conflict("terminated by setWebhook request"))
	s.stopWebhook()
	if a.flag("drop_pending_updates") {
		s.queue.clear()
	}
	connections := int(a.num("max_connections"))
	if connections < 1 || connections > maxConnections {
		connections = defaultConnections
	}
	s.startWebhook(address, secret, connections)
	return true, nil
}

func deleteWebhook(s *Server, a args) (any, *apiError) {
	s.stopWebhook()
	if a.flag("drop_pending_updates") {
		s.queue.clear()
	}
	return true, nil
}

func getWebhookInfo(s *Server, _ args) (any, *apiError) {
	info := map[string]any{"url": "", "has_custom_certificate": false, "pending_update_count": s.pending()}
	if len(s.queue.allowed) > 0 {
		info["allowed_updates"] = s.queue.allowed
	}
	if h := s.hook; h != nil {
		info["url"], info["max_connections"], info["ip_address"] = h.url, h.max, "127.0.0.1"
		if h.lastError != "" {
			info["last_error_date"], info["last_error_message"] = h.lastErrorDate, h.lastError
		}
	}
	return info, nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// startWebhook takes over the pending updates; s.mu is held.
func (s *Server) startWebhook(address, secret string, connections int) {
	dialer := net.Dialer{Timeout: 10 * time.Second, Control: func(_, target string, _ syscall.RawConn) error {
		// A name may resolve to anything: the address really dialled is what counts.
		if host, _, err := net.SplitHostPort(target); err != nil || !isLoopback(host) {
			return errNotLoopback
		}
		return nil
	}}
	h := &webhook{s: s, url: address, secret: secret, max: connections, lanes: map[int64]*lane{}}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.client = &http.Client{
		Timeout:       webhookTimeout,
		Transport:     &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: connections, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	s.hook = h
	waiting := s.queue.pending
	s.queue.pending = nil
	for _, u := range waiting {
		h.push(u)
	}
	s.changed("webhook", 0, func() any { return map[string]string{"url": address} })
}

// stopWebhook puts what wasn't delivered back into the queue; s.mu is held.
func (s *Server) stopWebhook() {
	h := s.hook
	if h == nil {
		return
	}
	h.stop()
	h.client.CloseIdleConnections()
	for _, l := range h.lanes {
		s.queue.pending = append(s.queue.pending, l.updates...)
	}
	slices.SortStableFunc(s.queue.pending, func(a, b *update) int { return int(a.id - b.id) })
	s.hook = nil
	s.changed("webhook", 0, nil)
}

func (h *webhook) clear() {
	for _, l := range h.lanes {
		l.updates = nil
	}
}

func (h *webhook) waiting() int {
	n := 0
	for _, l := range h.lanes {
		n += len(l.updates)
	}
	return n
}

func (h *webhook) push(u *update) {
	l := h.lanes[u.lane]
	if l == nil {
		l = &lane{chat: u.lane}
		h.lanes[u.lane] = l
		h.ready = append(h.ready, l)
	}
	l.updates = append(l.updates, u)
	h.dispatch()
}

// dispatch starts deliveries while there are lanes and connections.
func (h *webhook) dispatch() {
	for h.inFlight < h.max && len(h.ready) > 0 && h.ctx.Err() == nil {
		l := h.ready[0]
		h.ready = h.ready[1:]
		now := h.s.now()
		l.updates = slices.DeleteFunc(l.updates, func(u *update) bool { return u.expired(now) })
		if len(l.updates) == 0 {
			delete(h.lanes, l.chat)
			continue
		}
		h.inFlight++
		go h.deliver(l, l.updates[0])
	}
}

// deliver posts one update and decides what comes next in its lane.
func (h *webhook) deliver(l *lane, u *update) {
	retryAfter, err := h.attempt(u)
	s := h.s
	s.mu.Lock()
	defer s.mu.Unlock()
	h.inFlight--
	if h.ctx.Err() != nil {
		return // stopped meanwhile: the update went back into the queue
	}
	if err == nil {
		l.fails = 0
		if len(l.updates) > 0 && l.updates[0] == u {
			l.updates = l.updates[1:]
		}
		if len(l.updates) == 0 {
			delete(h.lanes, l.chat)
		} else {
			h.ready = append(h.ready, l)
		}
		s.changed("confirmed", u.lane, func() any { return map[string]int64{"update_id": u.id} })
		h.dispatch()
		return
	}
	h.lastErrorDate, h.lastError = s.unix(), err.Error()
	l.fails++
	pause := min(s.opts.WebhookPause<<min(l.fails-1, 10), maxPause)
	if retryAfter > 0 {
		pause = retryAfter
	}
	s.changed("webhook", u.lane, func() any { return map[string]string{"error": h.lastError} })
	time.AfterFunc(pause, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if h.ctx.Err() == nil {
			h.ready = append(h.ready, l)
			h.dispatch()
		}
	})
	h.dispatch()
}

// attempt is one POST; an error is what getWebhookInfo will show.
func (h *webhook) attempt(u *update) (retryAfter time.Duration, err error) {
	h.s.mu.Lock()
	f, fired := h.s.faults.take(h.s.rand, callScope{method: "webhook", chat: u.lane})
	h.s.mu.Unlock()
	if fired && f.Kind == DropBefore {
		return 0, deliveryError("Connection timed out")
	}
	req, err := http.NewRequestWithContext(h.ctx, http.MethodPost, h.url, bytes.NewReader(u.body()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	res, err := h.client.Do(req)
	if err != nil {
		return 0, deliveryError(strings.TrimPrefix(err.Error(), `Post "`+h.url+`": `))
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	_ = res.Body.Close()
	if fired && f.Kind == DropAfter {
		return 0, deliveryError("Webhook connection closed")
	}
	if res.StatusCode/100 == 2 {
		return 0, nil
	}
	if n, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && n > 0 {
		retryAfter = min(time.Duration(n)*time.Second, maxRetryAfter)
	}
	return retryAfter, deliveryError("Wrong response from the webhook: " + res.Status)
}
