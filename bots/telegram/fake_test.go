package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/bots"
	"govorun/crm"
)

const (
	testToken  = "123456:Ann-Bob-Eve-SECRET-part"
	testSecret = "a-secret-of-the-webhook"
)

// call is one request that the fake server saw. Files holds the bytes of uploads by form field.
type call struct {
	method string
	params map[string]any
	files  map[string]string
	at     time.Time
}

func (c call) text(name string) string {
	value, ok := c.params[name]
	if !ok {
		return ""
	}
	if text, ok := value.(string); ok {
		return text
	}
	raw, _ := json.Marshal(value)
	return string(raw)
}

// server is a Bot API server in memory, written from the documentation: it keeps updates until a poll confirms them.
type server struct {
	mu      sync.Mutex
	calls   []call
	queue   []queued
	arrived chan struct{}
	// answer overrides what a method does; an empty body falls through to the default.
	answer func(c call) (status int, body string)
	// file serves downloads.
	file func(path string) *http.Response
}

type queued struct {
	id  int64
	raw string
}

func newServer() *server { return &server{arrived: make(chan struct{}, 1)} }

// post puts an update in the queue; body is without the braces and the id.
func (s *server) post(id int64, body string) {
	s.mu.Lock()
	s.queue = append(s.queue, queued{id, fmt.Sprintf(`{"update_id":%d,%s}`, id, body)})
	s.mu.Unlock()
	select {
	case s.arrived <- struct{}{}:
	default:
	}
}

func (s *server) pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}

func (s *server) seen(method string) []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []call
	for _, c := range s.calls {
		if method == "" || c.method == method {
			found = append(found, c)
		}
	}
	return found
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, "/file/bot") {
		return s.file(r.URL.Path), nil
	}
	c := readCall(r)
	s.mu.Lock()
	s.calls = append(s.calls, c)
	answer := s.answer
	s.mu.Unlock()
	if answer != nil {
		if status, body := answer(c); body != "" {
			return response(status, body), nil
		}
	}
	switch c.method {
	case "getUpdates":
		return s.getUpdates(r.Context(), c)
	case "getMe":
		return response(200, `{"ok":true,"result":{"id":123456,"is_bot":true,"first_name":"Govorun","username":"Govorun_Bot"}}`), nil
	case "sendMediaGroup":
		return response(200, `{"ok":true,"result":[{"message_id":77,"date":1,"chat":{"id":5}},{"message_id":78,"date":1,"chat":{"id":5}}]}`), nil
	case "getWebhookInfo":
		return response(200, `{"ok":true,"result":{"url":"","pending_update_count":3,"last_error_date":1700000000}}`), nil
	}
	if strings.HasPrefix(c.method, "send") || strings.HasPrefix(c.method, "edit") {
		return response(200, `{"ok":true,"result":{"message_id":77,"date":1,"chat":{"id":5,"type":"private"}}}`), nil
	}
	return response(200, `{"ok":true,"result":true}`), nil
}

func (s *server) getUpdates(ctx context.Context, c call) (*http.Response, error) {
	offset, _ := c.params["offset"].(float64)
	hold, _ := c.params["timeout"].(float64)
	limit := c.params["limit"].(float64)
	deadline := time.NewTimer(time.Duration(hold) * time.Second)
	defer deadline.Stop()
	for {
		s.mu.Lock()
		// A poll confirms what stands before its offset; an offset that is not in the queue confirms what is smaller.
		for len(s.queue) > 0 && offset > 0 && s.queue[0].id < int64(offset) {
			s.queue = s.queue[1:]
		}
		var batch []string
		for _, q := range s.queue {
			if len(batch) < int(limit) {
				batch = append(batch, q.raw)
			}
		}
		s.mu.Unlock()
		if len(batch) > 0 || hold == 0 {
			return response(200, `{"ok":true,"result":[`+strings.Join(batch, ",")+`]}`), nil
		}
		select {
		case <-s.arrived:
		case <-deadline.C:
			hold = 0
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func readCall(r *http.Request) call {
	c := call{method: path.Base(r.URL.Path), params: map[string]any{}, files: map[string]string{}, at: time.Now()}
	if r.Body == nil {
		return c
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	kind, options, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/json" {
		_ = json.Unmarshal(body, &c.params)
		return c
	}
	form := multipart.NewReader(bytes.NewReader(body), options["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return c
		}
		content, _ := io.ReadAll(part)
		if part.FileName() != "" {
			c.files[part.FormName()] = string(content)
			c.params[part.FormName()+"_name"] = part.FileName()
		} else {
			c.params[part.FormName()] = string(content)
		}
	}
}

func response(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}
}

func refuse(code int, description, parameters string) func(call) (int, string) {
	return func(c call) (int, string) {
		if c.method == "getMe" || c.method == "getUpdates" {
			return 0, ""
		}
		return code, fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q,"parameters":{%s}}`, code, description, parameters)
	}
}

// desk is an inbox that writes down what it took. act, when set, decides what Accept returns.
type desk struct {
	mu    sync.Mutex
	taken []crm.Inbound
	act   func(ctx context.Context, in crm.Inbound) (bots.Receipt, error)
}

func (d *desk) Accept(ctx context.Context, in crm.Inbound) (bots.Receipt, error) {
	var receipt bots.Receipt
	if d.act != nil {
		var err error
		if receipt, err = d.act(ctx, in); err != nil {
			return receipt, err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken = append(d.taken, in)
	return receipt, nil
}

func (d *desk) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.taken)
}

func (d *desk) texts(chat string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var texts []string
	for _, in := range d.taken {
		if in.Address.Chat == chat {
			texts = append(texts, in.Text)
		}
	}
	return strings.Join(texts, " ")
}

// watch collects states and the log of a channel.
type watch struct {
	mu      sync.Mutex
	states  []StateKind
	log     bytes.Buffer
	listens chan struct{} // closed when the channel listens for the first time
}

func (w *watch) report(s State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states = append(w.states, s.Kind)
	if s.Kind == Listening && w.listens != nil {
		close(w.listens)
		w.listens = nil
	}
}

func (w *watch) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(line)
}

func (w *watch) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

func (w *watch) kinds() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Trim(fmt.Sprint(w.states), "[]")
}

func (w *watch) config(s *server) Config {
	return Config{
		Token: testToken, API: "https://bot-api.test", Transport: s, Report: w.report,
		Log:    slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Random: func() float64 { return 0 },
		Now:    time.Now,
	}
}

func open(t testing.TB, s *server) (*Channel, *watch) {
	t.Helper()
	w := &watch{}
	c, err := New(w.config(s))
	if err != nil {
		t.Fatal(err)
	}
	return c, w
}

func text(chat, message int, words string) string {
	return fmt.Sprintf(`"message":{"message_id":%d,"date":1700000000,"from":{"id":%d,"first_name":"Ann"},"chat":{"id":%d,"type":"private"},"text":%q}`, message, chat, chat, words)
}
