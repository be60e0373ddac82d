package simulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/bots/simulator"
)

// hook is a bot's webhook that notes what came and answers as told.
type hook struct {
	mu      sync.Mutex
	got     []update
	secrets []string
	answer  func(w http.ResponseWriter, u update, n int)
	url     string
}

func newHook(t *testing.T, answer func(w http.ResponseWriter, u update, n int)) *hook {
	h := &hook{answer: answer}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var u update
		if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
			t.Error(err)
		}
		h.mu.Lock()
		h.got = append(h.got, u)
		h.secrets = append(h.secrets, r.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
		n := len(h.got)
		h.mu.Unlock()
		if h.answer != nil {
			h.answer(w, u, n)
		}
	}))
	t.Cleanup(web.Close)
	h.url = web.URL
	return h
}

func (h *hook) texts(chat int64) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []string
	for _, u := range h.got {
		if u.Message != nil && u.Message.Chat.ID == chat {
			list = append(list, u.Message.Text)
		}
	}
	return strings.Join(list, " ")
}

func TestAWebhookGetsWhatWaitedAndWhatComesInOrderWithItsSecret(t *testing.T) {
	r := newRig(t)
	h := newHook(t, nil)
	r.must(r.ann.Text("1"))
	r.ok("setWebhook", params{"url": h.url, "secret_token": "s3-cret_", "max_connections": 3})
	for _, text := range []string{"2", "3", "4", "5"} {
		r.must(r.ann.Text(text))
		r.must(r.bob.Text(text))
	}
	if err := r.s.WaitDelivered(soon(t)); err != nil {
		t.Fatal(err)
	}
	if a, b := h.texts(r.ann.ID), h.texts(r.bob.ID); a != "1 2 3 4 5" || b != "2 3 4 5" || h.secrets[0] != "s3-cret_" {
		t.Fatal(a, b, h.secrets)
	}
	for _, c := range r.s.Calls("setWebhook") {
		if c.Params["secret_token"] != "***" {
			t.Fatal("the secret is in the log of calls")
		}
	}
}

func TestT06_AFailingWebhookIsTriedAgainWithoutOvertaking(t *testing.T) {
	r := newRig(t)
	failed := 0
	h := newHook(t, func(w http.ResponseWriter, u update, _ int) {
		if u.Message.Text == "1" && failed < 3 {
			failed++
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	r.ok("setWebhook", params{"url": h.url})
	r.must(r.ann.Text("1"))
	r.must(r.ann.Text("2"))
	r.must(r.bob.Text("free"))
	if err := r.s.WaitDelivered(soon(t)); err != nil {
		t.Fatal(err)
	}
	if a := h.texts(r.ann.ID); a != "1 1 1 1 2" {
		t.Fatal(a)
	}
	info := decode[map[string]any](t, r.ok("getWebhookInfo", params{}))
	if info["last_error_message"] != "Wrong response from the webhook: 503 Service Unavailable" || info["last_error_date"] == nil ||
		info["pending_update_count"] != 0.0 || info["max_connections"] != 40.0 {
		t.Fatal(info)
	}
}

func TestRetryAfterOfTheWebhookIsHonoured(t *testing.T) {
	r := newRig(t)
	var first time.Time
	var waited time.Duration
	h := newHook(t, func(w http.ResponseWriter, _ update, n int) {
		if n == 1 {
			first = time.Now()
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		waited = time.Since(first)
	})
	r.ok("setWebhook", params{"url": h.url})
	r.must(r.ann.Text("1"))
	if err := r.s.WaitDelivered(soon(t)); err != nil {
		t.Fatal(err)
	}
	if waited < 900*time.Millisecond {
		t.Fatalf("came back after %s, asked for 1 s", waited)
	}
}

func TestMaxConnectionsBoundsParallelDeliveries(t *testing.T) {
	r := newRig(t)
	var mu sync.Mutex
	now, most := 0, 0
	entered, leave := make(chan bool, 3), make(chan bool)
	h := newHook(t, func(http.ResponseWriter, update, int) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		entered <- true
		<-leave
		mu.Lock()
		now--
		mu.Unlock()
	})
	r.ok("setWebhook", params{"url": h.url, "max_connections": 2})
	third := r.s.MustUser(simulator.NewUser{FirstName: "Cid"})
	r.must(r.ann.Text("1"))
	r.must(r.bob.Text("1"))
	r.must(third.Start(""))
	<-entered
	<-entered // two at once, or the test hangs
	close(leave)
	if err := r.s.WaitDelivered(soon(t)); err != nil {
		t.Fatal(err)
	}
	if most != 2 {
		t.Fatalf("%d deliveries at once, want 2", most)
	}
}

func TestT01_ALostAnswerOfTheWebhookMeansASecondDelivery(t *testing.T) {
	r := newRig(t)
	h := newHook(t, nil)
	r.ok("setWebhook", params{"url": h.url})
	r.s.AddFault(simulator.Fault{Kind: simulator.DropAfter, Method: "webhook", Times: 1})
	r.must(r.ann.Text("1"))
	if err := r.s.WaitDelivered(soon(t)); err != nil {
		t.Fatal(err)
	}
	if a := h.texts(r.ann.ID); a != "1 1" {
		t.Fatal(a)
	}
}

func TestOnlyLoopbackWebhooksAreTaken(t *testing.T) {
	r := newRig(t)
	for address, words := range map[string]string{
		"https://example.com/hook": "loopback addresses only", "http://10.0.0.1/": "loopback addresses only",
		"ftp://127.0.0.1/": "invalid webhook URL", "nonsense": "invalid webhook URL",
	} {
		r.refused(400, words, "setWebhook", params{"url": address})
	}
	r.refused(400, "secret token contains unallowed characters", "setWebhook", params{"url": "http://127.0.0.1/", "secret_token": "a b"})
	r.refused(400, "secret token is too long", "setWebhook", params{"url": "http://127.0.0.1/", "secret_token": strings.Repeat("x", 257)})
}

func TestUndeliveredUpdatesGoBackToPolling(t *testing.T) {
	r := newRig(t)
	h := newHook(t, func(w http.ResponseWriter, _ update, _ int) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	r.ok("setWebhook", params{"url": h.url})
	r.must(r.ann.Text("1"))
	r.must(r.bob.Text("2"))
	r.must(r.ann.Text("3"))
	r.ok("setWebhook", params{"url": ""})
	u := r.updates()
	if len(u) != 3 || u[0].Message.Text != "1" || u[2].Message.Text != "3" {
		t.Fatalf("got %+v", u)
	}
	r.must(r.ann.Text("4"))
	r.ok("deleteWebhook", params{"drop_pending_updates": true})
	if u := r.updates(); len(u) != 0 {
		t.Fatalf("got %+v", u)
	}
}
