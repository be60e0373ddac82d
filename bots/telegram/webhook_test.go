package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"govorun/bots"
	"govorun/crm"
)

// hooked is a channel in webhook mode whose Run is on.
func hooked(t testing.TB, d *desk) (*Channel, *watch, http.Handler) {
	t.Helper()
	listens := make(chan struct{})
	w := &watch{listens: listens}
	config := w.config(newServer())
	config.Webhook = &WebhookConfig{URL: "https://crm.example/hook", Secret: testSecret}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() { result <- c.Run(ctx, d) }()
	t.Cleanup(func() {
		cancel()
		if err := <-result; err != nil {
			t.Error(err)
		}
	})
	<-listens // Run has registered the webhook
	return c, w, c.Handler()
}

func post(handler http.Handler, key, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(body))
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", key)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestX01_WithoutTheSecretNothingIsReadOrLogged(t *testing.T) {
	d := &desk{}
	c, log, handler := hooked(t, d)
	for _, key := range []string{"", "wrong", testSecret[:len(testSecret)-1], testSecret + "x", strings.ToUpper(testSecret)} {
		body := &countingReader{Reader: strings.NewReader(`{"update_id":1,` + text(5, 1, "card 4276") + `}`)}
		r := httptest.NewRequest(http.MethodPost, "/hook", body)
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", key)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized || body.read.Load() != 0 {
			t.Errorf("%q: HTTP %d, %d bytes read", key, w.Code, body.read.Load())
		}
	}
	if len(d.taken) != 0 || c.Stats().Unauthorized != 5 || strings.Contains(log.logged(), "4276") {
		t.Errorf("%d taken, %d counted", len(d.taken), c.Stats().Unauthorized)
	}
}

type countingReader struct {
	io.Reader
	read atomic.Int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.read.Add(int64(n))
	return n, err
}

func TestX01_WebhookModeNeedsASecret(t *testing.T) {
	for secret, ok := range map[string]bool{"": false, "пароль": false, "with space": false, strings.Repeat("a", 257): false, "short": true, testSecret: true} {
		_, err := New(Config{Token: testToken, Webhook: &WebhookConfig{Secret: secret}})
		if (err == nil) != ok {
			t.Errorf("%q: %v", secret, err)
		}
		if err != nil && secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the secret is in the error: %v", err)
		}
	}
}

func TestT14_BrokenBodiesAreCountedAndNotLogged(t *testing.T) {
	d := &desk{}
	c, log, handler := hooked(t, d)
	bodies := []string{"", "null", "[]", "{}", `{"update_id":1,"message":{"text":"card 4276"`, "\x1f\x8b\x08\x00"}
	for _, body := range bodies {
		if w := post(handler, testSecret, body); w.Code != http.StatusBadRequest {
			t.Errorf("%q: HTTP %d", body, w.Code)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(`{"update_id":1}`))
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", testSecret)
	r.Header.Set("Content-Encoding", "gzip")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest {
		t.Errorf("gzip: HTTP %d", w.Code)
	}
	if got := c.Stats().Malformed; got != uint64(len(bodies))+1 {
		t.Errorf("%d counted", got)
	}
	if strings.Contains(log.logged(), "4276") {
		t.Error("a body is in the log")
	}
}

func TestT15_AnEndlessBodyIsRefusedAfterOneMiB(t *testing.T) {
	_, _, handler := hooked(t, &desk{})
	for _, known := range []bool{true, false} {
		body := &countingReader{Reader: io.MultiReader(strings.NewReader(`{"update_id":1,"x":"`), io.LimitReader(letters{}, 64<<20))}
		r := httptest.NewRequest(http.MethodPost, "/hook", body)
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", testSecret)
		r.ContentLength = -1
		if known {
			r.ContentLength = 64 << 20
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge || body.read.Load() > maxBody+512 {
			t.Errorf("HTTP %d after %d bytes", w.Code, body.read.Load())
		}
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("A"), len(p))), nil }

// slow is a connection that notes its read deadline and whose body never comes.
type slow struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (s *slow) SetReadDeadline(at time.Time) error { s.deadlines = append(s.deadlines, at); return nil }
func (s *slow) Read([]byte) (int, error)           { return 0, os.ErrDeadlineExceeded }

func TestT15_ASlowBodyHasTenSeconds(t *testing.T) {
	_, _, handler := hooked(t, &desk{})
	connection := &slow{ResponseRecorder: httptest.NewRecorder()}
	r := httptest.NewRequest(http.MethodPost, "/hook", connection)
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", testSecret)
	began := time.Now()
	handler.ServeHTTP(connection, r)
	if connection.Code != http.StatusRequestTimeout || len(connection.deadlines) != 1 {
		t.Fatalf("HTTP %d, deadlines %v", connection.Code, connection.deadlines)
	}
	if left := connection.deadlines[0].Sub(began); left < 9*time.Second || left > 11*time.Second {
		t.Errorf("the body had %s", left)
	}
}

func TestT06_WhileTheStoreIsAwayTelegramIsAskedToComeBack(t *testing.T) {
	var err error
	d := &desk{act: func(context.Context, crm.Inbound) (bots.Receipt, error) { return bots.Receipt{}, err }}
	_, _, handler := hooked(t, d)
	body := `{"update_id":1,` + text(5, 1, "a") + `}`
	for _, c := range []struct {
		err  error
		want int
	}{
		{fmt.Errorf("begin: %w", crm.ErrUnavailable), http.StatusServiceUnavailable},
		{errors.New("no such column"), http.StatusInternalServerError},
		{nil, http.StatusOK},
	} {
		err = c.err
		w := post(handler, testSecret, body)
		if w.Code != c.want || (w.Code == http.StatusServiceUnavailable) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%v: HTTP %d, Retry-After %q", c.err, w.Code, w.Header().Get("Retry-After"))
		}
	}
	if d.texts("5") != "a" {
		t.Errorf("taken: %q", d.texts("5"))
	}
}

func TestT01_EveryRedeliveryReachesTheInboxAndIsAcknowledged(t *testing.T) {
	d := &desk{}
	_, _, handler := hooked(t, d)
	var posts sync.WaitGroup
	for range 20 {
		posts.Go(func() {
			if w := post(handler, testSecret, `{"update_id":1,`+text(5, 17, "a")+`}`); w.Code != http.StatusOK {
				t.Errorf("HTTP %d", w.Code)
			}
		})
	}
	posts.Wait()
	for _, in := range d.taken {
		if in.Key != "m:17" {
			t.Errorf("a redelivery has the key %s: the inbox can't know it again", in.Key)
		}
	}
	if len(d.taken) != 20 {
		t.Errorf("%d taken", len(d.taken))
	}
}

func TestT16_AnUnknownKindIsAcknowledged(t *testing.T) {
	d := &desk{}
	_, log, handler := hooked(t, d)
	if w := post(handler, testSecret, `{"update_id":1,"guest_message":{"message_id":1,"chat":{"id":5},"holo":{}}}`); w.Code != http.StatusOK {
		t.Errorf("HTTP %d", w.Code)
	}
	if len(d.taken) != 1 || d.taken[0].Kind != crm.InIgnored || strings.Contains(log.logged(), "ERROR") {
		t.Errorf("taken %+v", d.taken)
	}
}

func TestBeforeRunAndAfterItTelegramIsAskedToComeBack(t *testing.T) {
	c, err := New(Config{Token: testToken, Transport: newServer(), Webhook: &WebhookConfig{Secret: testSecret}})
	if err != nil {
		t.Fatal(err)
	}
	body := `{"update_id":1,` + text(5, 1, "a") + `}`
	if w := post(c.Handler(), testSecret, body); w.Code != http.StatusServiceUnavailable {
		t.Errorf("HTTP %d", w.Code)
	}
	if w := httptest.NewRecorder(); true {
		c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/hook", nil))
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("GET: HTTP %d", w.Code)
		}
	}
}

func TestO01_PostsOfOneChatReachTheInboxInOrderOfArrivalOneAtATime(t *testing.T) {
	var working atomic.Int32
	gate := make(chan struct{})
	d := &desk{act: func(_ context.Context, in crm.Inbound) (bots.Receipt, error) {
		if in.Address.Chat == "5" {
			if working.Add(1) > 1 {
				t.Error("two calls for one chat at a time")
			}
			<-gate
			working.Add(-1)
		}
		return bots.Receipt{}, nil
	}}
	c, _, handler := hooked(t, d)
	var posts sync.WaitGroup
	var want []string
	for i := range 1000 {
		before := c.lanes.tail("5")
		posts.Go(func() { post(handler, testSecret, fmt.Sprintf(`{"update_id":%d,%s}`, i+1, text(5, i, fmt.Sprint(i)))) })
		want = append(want, fmt.Sprint(i))
		for c.lanes.tail("5") == before {
			runtime.Gosched() // until it stands in the queue
		}
	}
	post(handler, testSecret, `{"update_id":99,`+text(6, 1, "other")+`}`)
	if d.texts("6") != "other" {
		t.Error("another chat waits for this one")
	}
	close(gate)
	posts.Wait()
	if got := d.texts("5"); got != strings.Join(want, " ") {
		t.Errorf("order: %s", got)
	}
}

// tail is the last place in the queue of a chat, nil when nobody stands there.
func (l *lanes) tail(chat string) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last[chat]
}

func TestAPlaceGivenUpStillKeepsTheOrder(t *testing.T) {
	var l lanes
	first, second, third := l.enter("5"), l.enter("5"), l.enter("5")
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if second.wait(gone) == nil {
		t.Error("the second did not wait")
	}
	second.leave()
	select {
	case <-third.before:
		t.Error("the third overtook the first")
	default:
	}
	first.leave()
	if err := third.wait(context.Background()); err != nil {
		t.Error(err)
	}
	third.leave()
	if l.tail("5") != nil {
		t.Error("the lane is not forgotten")
	}
}

func TestRunRegistersTheWebhookWithItsSecretAndKinds(t *testing.T) {
	s := newServer()
	c, err := New(Config{Token: testToken, Transport: s, Webhook: &WebhookConfig{URL: "https://crm.example/hook", Secret: testSecret}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SetWebhook(t.Context()); err != nil {
		t.Fatal(err)
	}
	set := s.seen("setWebhook")[0]
	if set.text("url") != "https://crm.example/hook" || set.text("secret_token") != testSecret || !strings.Contains(set.text("allowed_updates"), "my_chat_member") {
		t.Errorf("registered: %v", set.params)
	}
	if err := c.DeleteWebhook(t.Context()); err != nil || len(s.seen("deleteWebhook")) != 1 {
		t.Error(err)
	}
}

func TestT11_ARefusalThatPassedLeavesNoWebhookUnready(t *testing.T) {
	c, _, _ := hooked(t, &desk{})
	c.states.set(BadCredentials, "refused once")
	if _, err := c.Send(t.Context(), crm.Outbound{Kind: crm.OutMessage, Address: crm.Address{Channel: "telegram", Chat: "5"}, Text: "hello"}); err != nil {
		t.Fatal(err)
	}
	if kind := c.State().Kind; kind != Listening {
		t.Errorf("after a message that went out the state is %s", kind)
	}
}
