package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

const (
	updateLife   = 24 * time.Hour // Telegram forgets an update nobody took
	maxPoll      = 50 * time.Second
	firstUpdate  = 800_000_001
	maxBatch     = 100
	keepUpdates  = 100_000 // a bot that never comes must not eat the memory
	callbackKind = "callback_query"
)

// update is one event for the bot, encoded when it happened: later edits don't change it.
type update struct {
	id       int64
	kind     string
	lane     int64 // the chat; webhook deliveries keep order within it
	payload  json.RawMessage
	raw      json.RawMessage // an injected update, sent as it is
	born     time.Time
	endBatch bool // a poll stops after it, so that an album can be torn apart
}

func (u *update) body() []byte {
	if u.raw != nil {
		return u.raw
	}
	b := make([]byte, 0, len(u.payload)+len(u.kind)+40)
	b = append(b, `{"update_id":`...)
	b = strconv.AppendInt(b, u.id, 10)
	b = append(b, `,"`...)
	b = append(b, u.kind...)
	b = append(b, `":`...)
	return append(append(b, u.payload...), '}')
}

func (u *update) expired(now time.Time) bool {
	life := updateLife
	if u.kind == callbackKind {
		life = pressLife
	}
	return now.Sub(u.born) > life
}

// queue holds updates until a poll confirms them; with a webhook set they wait in its lanes instead.
type queue struct {
	pending []*update
	nextID  int64
	allowed []string // nil: everything but what must be asked for
	poller  *poller
	held    *update // waits for its successor (fault reorder)
	delayed int     // on the way (fault delay)
	era     int     // grows with clear, so that a delayed update of before is dropped
}

// poller is a getUpdates that waits.
type poller struct {
	wake    chan struct{}
	refused *apiError
}

func (q *queue) init(above int64) { q.nextID = firstUpdate + above }

func (q *queue) clear() {
	q.pending, q.held, q.delayed = nil, nil, 0
	q.era++
}

// interrupt ends a waiting poll: with a refusal, or empty when refused is nil.
func (q *queue) interrupt(refused *apiError) {
	if q.poller != nil {
		q.poller.refused = refused
		close(q.poller.wake)
		q.poller = nil
	}
}

// onRequest are the kinds that come only when allowed_updates names them.
var onRequest = []string{"chat_member", "message_reaction", "message_reaction_count"}

func (q *queue) wants(kind string) bool {
	if len(q.allowed) == 0 {
		return !slices.Contains(onRequest, kind)
	}
	return slices.Contains(q.allowed, kind)
}

// emit sends an update to the bot, unless a fault interferes or the bot didn't ask for its kind.
func (s *Server) emit(kind string, chat int64, payload any, endBatch bool) {
	if !s.queue.wants(kind) {
		return
	}
	u := &update{kind: kind, lane: chat, payload: jsonOf(payload), born: s.now(), endBatch: endBatch}
	f, fired := s.faults.take(s.rand, callScope{update: kind, chat: chat})
	if !fired {
		s.push(u)
		return
	}
	s.changed("fault", chat, func() any { return f })
	switch f.Kind {
	case DropUpdate, DropPress:
	case Duplicate:
		s.push(u)
		again := *u
		s.place(&again)
	case DuplicateNewID:
		s.push(u)
		again := *u
		s.push(&again)
	case Reorder:
		if s.queue.held != nil {
			s.push(s.queue.held)
		}
		s.queue.held = u
	case Delay:
		s.queue.delayed++
		era := s.queue.era
		time.AfterFunc(f.delay(), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.queue.era == era {
				s.queue.delayed--
				s.push(u)
			}
		})
	}
}

// push gives the update its number and hands it over; an update held back for reordering follows it.
func (s *Server) push(u *update) {
	u.id = s.queue.nextID
	s.queue.nextID++
	s.place(u)
	if held := s.queue.held; held != nil && held != u {
		s.queue.held = nil
		s.push(held)
	}
}

func (s *Server) place(u *update) {
	if s.hook != nil {
		s.hook.push(u)
	} else if s.queue.pending = append(s.queue.pending, u); len(s.queue.pending) > keepUpdates {
		s.queue.pending = slices.Delete(s.queue.pending, 0, len(s.queue.pending)-keepUpdates)
	}
	if p := s.queue.poller; p != nil {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
	s.changed("update", u.lane, func() any { return json.RawMessage(u.body()) })
}

// pending counts the updates the bot hasn't taken.
func (s *Server) pending() int {
	n := len(s.queue.pending) + s.queue.delayed
	if s.queue.held != nil {
		n++
	}
	if s.hook != nil {
		n += s.hook.waiting()
	}
	return n
}

// Pending counts the updates the bot hasn't confirmed (or answered 2xx), those held by faults among them.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending()
}

// Inject sends any JSON to the bot as an update. An object without update_id gets the next one; anything else,
// however wrong, goes out as it is. Chat is the lane whose order it keeps; 0 is one of its own.
func (s *Server) Inject(raw []byte, chat int64) error {
	if !json.Valid(raw) {
		return badRequest("the update is no JSON: a poll could not carry it; post it to the webhook yourself")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var object map[string]json.RawMessage
	u := &update{lane: chat, raw: append(json.RawMessage{}, raw...), born: s.now(), id: s.queue.nextID}
	if json.Unmarshal(raw, &object) == nil && object != nil {
		if given, ok := object["update_id"]; ok {
			if n, err := strconv.ParseInt(string(given), 10, 64); err == nil {
				u.id = n
				s.queue.nextID = max(s.queue.nextID, n+1)
				s.place(u)
				return nil
			}
		} else {
			object["update_id"] = json.RawMessage(strconv.FormatInt(u.id, 10))
			u.raw = jsonOf(object)
		}
	}
	s.push(u)
	return nil
}

// setAllowed keeps allowed_updates until the next call that names it, as Telegram does.
func (s *Server) setAllowed(a args) *apiError {
	if a.str("allowed_updates") == "" {
		return nil
	}
	var list []string
	if _, refused := a.decode("allowed_updates", "allowed_updates", &list); refused != nil {
		return refused
	}
	s.queue.allowed = list
	return nil
}

// serveUpdates is getUpdates: confirm, then answer at once or wait for the first update.
func (s *Server) serveUpdates(w http.ResponseWriter, r *http.Request, m method, a args) {
	s.mu.Lock()
	broken := s.interfere(m, a)
	if broken.delay > 0 {
		s.mu.Unlock()
		sleep(r, broken.delay)
		s.mu.Lock()
	}
	var batch []*update
	refused := broken.refusal
	if refused == nil && !broken.dropBefore {
		batch, refused = s.poll(r, a)
	}
	answer := encodeBatch(batch)
	code := http.StatusOK
	if refused != nil {
		answer, code = refused.body(), refused.Code
	}
	dropped := broken.dropBefore || broken.dropAfter
	if dropped {
		code = 0
	}
	if len(batch) > 0 || refused != nil || dropped {
		s.record(m.name, a, code, answer, broken.kind)
	}
	s.mu.Unlock()
	switch {
	case dropped:
		panic(http.ErrAbortHandler)
	case refused != nil:
		writeError(w, refused)
	default:
		writeResult(w, answer)
	}
}

func encodeBatch(batch []*update) []byte {
	b := []byte{'['}
	for i, u := range batch {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, u.body()...)
	}
	return append(b, ']')
}

// poll runs with s.mu held and gives it up while it waits.
func (s *Server) poll(r *http.Request, a args) ([]*update, *apiError) {
	switch {
	case s.loggedOut:
		return nil, &apiError{Code: http.StatusBadRequest, Text: "Logged out"}
	case s.hook != nil:
		return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	if refused := s.setAllowed(a); refused != nil {
		return nil, refused
	}
	// The newcomer wins and the one that waited is told, as in Telegram.
	s.queue.interrupt(conflict("terminated by other getUpdates request; make sure that only one bot instance is running"))
	s.confirm(a.num("offset"))
	limit := int(a.num("limit"))
	if limit < 1 || limit > maxBatch {
		limit = maxBatch
	}
	batch := s.batch(limit)
	wait := min(time.Duration(max(0, a.num("timeout")))*time.Second, maxPoll)
	if len(batch) > 0 || wait == 0 {
		return batch, nil
	}
	p := &poller{wake: make(chan struct{}, 1)}
	s.queue.poller = p
	s.cond.Broadcast() // for WaitPolling
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for done := false; !done && len(batch) == 0 && s.queue.poller == p; batch = s.batch(limit) {
		s.mu.Unlock()
		select {
		case <-p.wake:
		case <-timer.C:
			done = true
		case <-r.Context().Done():
			done = true
		}
		s.mu.Lock()
	}
	if s.queue.poller != p {
		return nil, p.refused
	}
	s.queue.poller = nil
	return batch, nil
}

func conflict(text string) *apiError {
	return &apiError{Code: http.StatusConflict, Text: "Conflict: " + text}
}

// confirm forgets what the bot has seen: everything below a positive offset, everything but the last -n for a
// negative one.
func (s *Server) confirm(offset int64) {
	q := &s.queue
	before := len(q.pending)
	switch {
	case offset > 0:
		q.pending = slices.DeleteFunc(q.pending, func(u *update) bool { return u.id < offset })
	case offset < 0 && int64(len(q.pending)) > -offset:
		q.pending = slices.Delete(q.pending, 0, len(q.pending)+int(offset))
	}
	if len(q.pending) != before {
		s.changed("confirmed", 0, func() any { return map[string]int{"left": len(q.pending)} })
	}
}

// batch gives the oldest updates that are still alive.
func (s *Server) batch(limit int) []*update {
	now := s.now()
	q := &s.queue
	if len(q.pending) == 0 {
		return nil
	}
	q.pending = slices.DeleteFunc(q.pending, func(u *update) bool { return u.expired(now) })
	batch := q.pending[:min(limit, len(q.pending))]
	for i, u := range batch {
		if u.endBatch {
			batch = batch[:i+1]
			break
		}
	}
	return slices.Clone(batch)
}
