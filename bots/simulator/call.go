package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Call is one request of the bot, with the token masked wherever it appeared.
type Call struct {
	Seq    int64             `json:"seq"`
	At     time.Time         `json:"at"`
	Method string            `json:"method"`
	Chat   string            `json:"chat,omitempty"` // chat_id as it was given
	Params map[string]string `json:"params,omitempty"`
	Files  map[string]int    `json:"files,omitempty"` // uploaded parts: bytes
	Code   int               `json:"code"`            // HTTP status; 0 when the connection was dropped
	Answer json.RawMessage   `json:"answer,omitempty"`
	Fault  string            `json:"fault,omitempty"` // the kind of fault that interfered
}

// callLog remembers the last keep calls.
type callLog struct {
	list []Call
	keep int
}

const maxLoggedParam = 8 << 10

// record keeps a call; s.mu is held.
func (s *Server) record(method string, a args, code int, answer []byte, fault FaultKind) {
	c := Call{
		At: s.now(), Method: method, Chat: a.str("chat_id"), Code: code, Answer: answer, Fault: string(fault),
		Params: make(map[string]string, len(a.values)),
	}
	for key, value := range a.values {
		if key == "secret_token" {
			value = "***"
		} else if strings.Contains(value, s.token) {
			value = strings.ReplaceAll(value, s.token, "***")
		}
		if len(value) > maxLoggedParam {
			value = value[:maxLoggedParam] + "…"
		}
		c.Params[key] = value
	}
	for key, f := range a.files {
		if c.Files == nil {
			c.Files = map[string]int{}
		}
		c.Files[key] = len(f.data)
	}
	c.Seq = s.seq + 1
	if l := &s.calls; len(l.list) >= 2*l.keep {
		l.list = append(l.list[:0], l.list[len(l.list)-l.keep:]...)
	}
	s.calls.list = append(s.calls.list, c)
	s.changed("call", 0, func() any { return c })
}

// Calls gives the remembered calls of a method ("" for all), oldest first. Empty polls are not remembered.
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.calls.list
	if len(list) > s.calls.keep {
		list = list[len(list)-s.calls.keep:]
	}
	found := []Call{}
	for _, c := range list {
		if method == "" || strings.EqualFold(c.Method, method) {
			found = append(found, c)
		}
	}
	return found
}

// serveMethod runs one API call with its faults: read, interfere, act, answer, record.
func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request, token, name string) {
	if refused := s.checkToken(token); refused != nil {
		writeError(w, refused)
		return
	}
	a, refused := readArgs(w, r)
	if refused != nil {
		s.mu.Lock()
		s.record(name, a, refused.Code, refused.body(), "")
		s.mu.Unlock()
		writeError(w, refused)
		return
	}
	m, known := methods[strings.ToLower(name)]
	if !known {
		writeError(w, &apiError{Code: http.StatusNotFound, Text: "Not Found: method not found"})
		return
	}
	if m.poll {
		s.serveUpdates(w, r, m, a)
		return
	}
	s.mu.Lock()
	broken := s.interfere(m, a)
	if broken.delay > 0 {
		s.mu.Unlock()
		sleep(r, broken.delay)
		s.mu.Lock()
	}
	var result any
	acts := broken.refusal == nil && !broken.dropBefore
	if acts {
		refused = s.admit(m, a)
		if refused == nil {
			result, refused = m.run(s, a)
		}
	} else {
		refused = broken.refusal
	}
	answer, code := encodeAnswer(result, refused)
	dropped := broken.dropBefore || broken.dropAfter
	if dropped {
		code = 0
	}
	s.record(m.name, a, code, answer, broken.kind)
	s.mu.Unlock()
	switch {
	case dropped:
		panic(http.ErrAbortHandler) // net/http cuts the connection without an answer
	case refused != nil:
		writeError(w, refused)
	default:
		writeResult(w, answer)
	}
}

// admit says no before the method sees the call: after logOut and above the limits.
func (s *Server) admit(m method, a args) *apiError {
	if s.loggedOut {
		return &apiError{Code: http.StatusBadRequest, Text: "Logged out"}
	}
	if m.sends {
		return s.checkLimits(m, a)
	}
	return nil
}

// encodeAnswer gives the JSON of the result, or of the whole refusal, with the HTTP status.
func encodeAnswer(result any, refused *apiError) ([]byte, int) {
	if refused != nil {
		return refused.body(), refused.Code
	}
	if ok, isBool := result.(bool); isBool && ok {
		return []byte("true"), http.StatusOK
	}
	b, err := json.Marshal(result)
	if err != nil {
		e := &apiError{Code: http.StatusInternalServerError, Text: "Internal Server Error: " + err.Error()}
		return e.body(), e.Code
	}
	return b, http.StatusOK
}

// sleep waits for d or until the client is gone.
func sleep(r *http.Request, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	}
}
