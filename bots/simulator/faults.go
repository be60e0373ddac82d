package simulator

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
)

// FaultKind is a way in which things go wrong.
type FaultKind string

// Faults of calls: what the bot asks of Telegram.
const (
	TooMany      FaultKind = "too_many_requests" // 429 with retry_after
	Blocked      FaultKind = "blocked"           // 403 bot was blocked by the user
	Unauthorized FaultKind = "unauthorized"      // 401
	Conflict     FaultKind = "conflict"          // 409 another getUpdates
	ServerError  FaultKind = "server_error"      // 5xx, Code says which (500)
	Refuse       FaultKind = "refuse"            // Code and Description as given
	DropBefore   FaultKind = "drop_before"       // the connection breaks before anything happened
	DropAfter    FaultKind = "drop_after"        // it happened, but the answer is lost
	Slow         FaultKind = "slow"              // the answer takes DelayMS longer
)

// Faults of updates: what Telegram tells the bot.
const (
	Duplicate      FaultKind = "duplicate"        // the same update twice
	DuplicateNewID FaultKind = "duplicate_new_id" // the same message under a second update_id
	Reorder        FaultKind = "reorder"          // comes after the update that follows it
	Delay          FaultKind = "delay"            // comes DelayMS later
	DropPress      FaultKind = "drop_press"       // a press that never arrives
	DropUpdate     FaultKind = "drop_update"      // any update that never arrives
)

// Fault is something that will go wrong. Only what fits Method, Update and Chat is touched, Times times, each time
// with the given Probability. Method "webhook" means deliveries to the webhook (drop_before, drop_after), "file"
// downloads; a fault of calls without Method leaves getUpdates, webhook and downloads alone.
type Fault struct {
	ID          int       `json:"id"`
	Kind        FaultKind `json:"kind"`
	Method      string    `json:"method,omitempty"`      // of a call, any case
	Update      string    `json:"update,omitempty"`      // kind of update: "message", "callback_query", …
	Chat        int64     `json:"chat,omitempty"`        // 0: any
	Times       int       `json:"times,omitempty"`       // 0: until removed
	Probability float64   `json:"probability,omitempty"` // 0 means 1
	RetryAfter  int       `json:"retry_after,omitempty"` // seconds, for too_many_requests; 1 when 0
	Sticky      bool      `json:"sticky,omitempty"`      // too_many_requests: refuse the chat (or all) until retry_after is over
	Code        int       `json:"code,omitempty"`
	Description string    `json:"description,omitempty"`
	MigrateTo   int64     `json:"migrate_to_chat_id,omitempty"`
	DelayMS     int       `json:"delay_ms,omitempty"`
	Fired       int       `json:"fired"` // how often it happened

	left  int       // times still to strike; -1: until removed
	until time.Time // sticky: end of the refusal
}

func (f Fault) delay() time.Duration { return time.Duration(f.DelayMS) * time.Millisecond }

func (f Fault) ofUpdates() bool {
	switch f.Kind {
	case Duplicate, DuplicateNewID, Reorder, Delay, DropPress, DropUpdate:
		return true
	}
	return false
}

type faults struct {
	active []*Fault
	nextID int
}

// AddFault arms a fault and gives its id.
func (s *Server) AddFault(f Fault) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.nextID++
	f.ID, f.Fired = s.faults.nextID, 0
	if f.left = f.Times; f.Times == 0 {
		f.left = -1
	}
	s.faults.active = append(s.faults.active, &f)
	s.changed("fault", f.Chat, func() any { return f })
	return f.ID
}

// RemoveFault disarms a fault; 0 disarms all.
func (s *Server) RemoveFault(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.active = slices.DeleteFunc(s.faults.active, func(f *Fault) bool { return id == 0 || f.ID == id })
	s.changed("fault", 0, nil)
}

// Faults lists what is armed.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.list()
}

func (l *faults) list() []Fault {
	list := make([]Fault, len(l.active))
	for i, f := range l.active {
		list[i] = *f
	}
	return list
}

// callScope is what a fault is matched against: a call by method, or an update by kind.
type callScope struct {
	method string
	update string
	chat   int64
}

func (f *Fault) fits(at callScope) bool {
	if f.ofUpdates() != (at.update != "") || f.Chat != 0 && f.Chat != at.chat {
		return false
	}
	if at.update != "" {
		return (f.Update == "" || f.Update == at.update) && (f.Kind != DropPress || at.update == callbackKind)
	}
	if f.Method == "" {
		return !slices.Contains([]string{"webhook", "file", "getupdates"}, strings.ToLower(at.method))
	}
	return strings.EqualFold(f.Method, at.method)
}

// take gives the first fault that strikes now, and uses up one of its times.
func (l *faults) take(r *rand.Rand, at callScope) (Fault, bool) {
	for i, f := range l.active {
		if f.left == 0 || !f.fits(at) || f.Probability > 0 && r.Float64() >= f.Probability {
			continue
		}
		f.Fired++
		if f.left > 0 {
			f.left--
		}
		hit := *f
		if f.left == 0 && !f.Sticky {
			l.active = slices.Delete(l.active, i, i+1)
		}
		return hit, true
	}
	return Fault{}, false
}

// interference is what becomes of one call.
type interference struct {
	kind                  FaultKind
	delay                 time.Duration
	refusal               *apiError
	dropBefore, dropAfter bool
}

// interfere decides about a call; a slow answer may go wrong in a second way as well.
func (s *Server) interfere(m method, a args) interference {
	var in interference
	if len(s.faults.active) == 0 {
		return in
	}
	at := callScope{method: m.name}
	if c, refused := s.lookUp(a.str("chat_id")); refused == nil {
		at.chat = c.ID
	}
	if left := s.faults.sticking(at, s.now()); left > 0 {
		return interference{kind: TooMany, refusal: tooManyRequests(left)}
	}
	for range 2 {
		f, fired := s.faults.take(s.rand, at)
		if !fired {
			break
		}
		in.kind = f.Kind
		s.changed("fault", at.chat, func() any { return f })
		if f.Kind == Slow {
			in.delay += f.delay()
			continue
		}
		switch f.Kind {
		case DropBefore:
			in.dropBefore = true
		case DropAfter:
			in.dropAfter = true
		case TooMany:
			in.refusal = s.faults.flood(f, s.now())
		default:
			in.refusal = f.refusal()
		}
		break
	}
	return in
}

// flood answers 429, and for a sticky fault remembers until when.
func (l *faults) flood(hit Fault, now time.Time) *apiError {
	seconds := max(1, hit.RetryAfter)
	for _, f := range l.active {
		if f.ID == hit.ID && f.Sticky {
			f.until = now.Add(time.Duration(seconds) * time.Second)
		}
	}
	return tooManyRequests(seconds)
}

// sticking gives the seconds left of a sticky 429; a used-up fault goes when its time is over.
func (l *faults) sticking(at callScope, now time.Time) int {
	left := 0
	l.active = slices.DeleteFunc(l.active, func(f *Fault) bool {
		if f.Kind != TooMany || !f.Sticky || f.Fired == 0 {
			return false
		}
		d := f.until.Sub(now)
		if d <= 0 {
			return f.left == 0
		}
		if f.fits(at) {
			left = max(left, int((d+time.Second-1)/time.Second))
		}
		return false
	})
	return left
}

func (f Fault) refusal() *apiError {
	e := &apiError{Code: f.Code, Text: f.Description, MigrateTo: f.MigrateTo, RetryAfter: f.RetryAfter}
	switch f.Kind {
	case Blocked:
		return forbidden("bot was blocked by the user")
	case Unauthorized:
		return &apiError{Code: http.StatusUnauthorized, Text: "Unauthorized"}
	case Conflict:
		return conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
	case ServerError:
		e.Code = cmp.Or(f.Code, http.StatusInternalServerError)
	}
	e.Code = cmp.Or(e.Code, http.StatusBadRequest)
	e.Text = cmp.Or(e.Text, http.StatusText(e.Code))
	return e
}

// applyToFile plays a fault of a download; true means: go on as usual.
func applyToFile(w http.ResponseWriter, f Fault) bool {
	switch f.Kind {
	case Slow:
		time.Sleep(f.delay())
		return true
	case DropBefore, DropAfter:
		panic(http.ErrAbortHandler)
	case TooMany:
		writeError(w, tooManyRequests(max(1, f.RetryAfter)))
	default:
		writeError(w, f.refusal())
	}
	return false
}
