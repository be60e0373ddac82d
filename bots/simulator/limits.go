package simulator

import (
	"cmp"
	"encoding/json"
	"time"
)

// Limits are the flood limits of Telegram's FAQ; a zero field is not enforced. All are measured on Options.Clock.
type Limits struct {
	PerSecond         int `json:"per_second"`           // over all chats; Telegram: about 30
	PerChatPerSecond  int `json:"per_chat_per_second"`  // Telegram: about 1
	PerGroupPerMinute int `json:"per_group_per_minute"` // Telegram: 20
	SlackMS           int `json:"slack_ms,omitempty"`   // a window is this much shorter, for the jitter of the wire; 50 when 0
}

// TelegramLimits are the published ones: 30 a second, 1 a second in a chat, 20 a minute in a group.
func TelegramLimits() *Limits {
	return &Limits{PerSecond: 30, PerChatPerSecond: 1, PerGroupPerMinute: 20}
}

// flood is the state of the limits over all chats.
type flood struct {
	all     window
	refused int64
}

// window remembers the times of the last sends.
type window struct{ sent []time.Time }

// wait gives how long to wait before n more sends fit under limit per span; 0 means now.
func (w *window) wait(now time.Time, span time.Duration, limit, n int) time.Duration {
	if limit <= 0 {
		return 0
	}
	old := 0
	for old < len(w.sent) && now.Sub(w.sent[old]) >= span {
		old++
	}
	w.sent = append(w.sent[:0], w.sent[old:]...)
	over := len(w.sent) + n - limit
	if over <= 0 || len(w.sent) == 0 {
		return 0 // an album larger than the limit may go when nothing else went
	}
	return span - now.Sub(w.sent[min(over, len(w.sent))-1])
}

func (w *window) add(now time.Time, n int) {
	for range n {
		w.sent = append(w.sent, now)
	}
}

// SetLimits changes Options.Limits while the server runs; nil stops enforcing.
func (s *Server) SetLimits(l *Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.Limits = l
}

// FloodRefusals counts the calls answered 429 by Limits since the start or the last Reset.
func (s *Server) FloodRefusals() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flood.refused
}

// checkLimits answers 429 when the call comes too soon, and counts it otherwise.
func (s *Server) checkLimits(m method, a args) *apiError {
	l := s.opts.Limits
	if l == nil {
		return nil
	}
	c, refused := s.lookUp(a.str("chat_id"))
	if refused != nil {
		return nil // the method itself will say it
	}
	n := 1
	if m.name == "sendMediaGroup" {
		var items []json.RawMessage
		if json.Unmarshal([]byte(a.str("media")), &items) == nil {
			n = max(1, len(items))
		}
	}
	slack := time.Duration(cmp.Or(l.SlackMS, 50)) * time.Millisecond
	now := s.now()
	wait := max(
		s.flood.all.wait(now, time.Second-slack, l.PerSecond, n),
		c.window.wait(now, time.Second-slack, l.PerChatPerSecond, n),
	)
	if c.group() {
		wait = max(wait, c.minute.wait(now, time.Minute-slack, l.PerGroupPerMinute, n))
	}
	if wait > 0 {
		s.flood.refused++
		return tooManyRequests(int((wait + time.Second - 1) / time.Second))
	}
	s.flood.all.add(now, n)
	c.window.add(now, n)
	if c.group() {
		c.minute.add(now, n)
	}
	return nil
}
