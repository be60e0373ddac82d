package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"govorun/bots/telegram"
)

// offline is a system that nobody starts, for what needs no database.
func offline(t *testing.T, webhook string) *system {
	t.Helper()
	y := &system{webhook: &telegram.WebhookConfig{URL: webhook, Secret: testSecret}}
	var err error
	y.telegram, err = telegram.New(telegram.Config{Token: testToken, Webhook: y.webhook})
	well(t, err)
	return y
}

func TestTheWebhookIsServedWhereTelegramPostsToWhateverThePath(t *testing.T) {
	for address, path := range map[string]string{
		"https://bot.example.org":              "/",
		"https://bot.example.org/":             "/",
		"https://bot.example.org/hook/tg":      "/hook/tg",
		"https://bot.example.org/{secret}":     "/%7Bsecret%7D",
		"https://bot.example.org/{a...}//b c/": "/%7Ba...%7D//b%20c/",
		"https://bot.example.org/healthz":      "/healthz",
	} {
		elsewhere := http.NotFoundHandler()
		handler := offline(t, address).hooked(elsewhere)
		for method, want := range map[string]int{http.MethodPost: http.StatusUnauthorized, http.MethodGet: http.StatusNotFound} {
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, httptest.NewRequest(method, path, nil))
			if answer.Code != want {
				t.Errorf("%s: %s %s got %d, want %d", address, method, path, answer.Code, want)
			}
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/somewhere/else", nil))
		if answer.Code != http.StatusNotFound {
			t.Errorf("%s: another path got %d", address, answer.Code)
		}
	}
}

func TestASecretWithoutAWebhookIsRefusedWithWhatToDo(t *testing.T) {
	out, code := runOnce(t, []string{"GOVORUN_TELEGRAM_TOKEN=" + testToken, "GOVORUN_TELEGRAM_SECRET=" + testSecret, "GOVORUN_DATA=" + t.TempDir()}, "serve")
	if code != exitTrouble || !strings.Contains(out, "set that to the public https address") || !strings.Contains(out, "unset the secret to poll") {
		t.Errorf("exit %d, printed:\n%s", code, out)
	}
	if strings.Contains(out, testSecret) {
		t.Error("the secret is shown")
	}
}

func TestX28_FiguresAreForThisMachineOnlyAlsoBehindAProxy(t *testing.T) {
	guarded := thisMachineOnly(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for _, c := range []struct {
		from, header string
		want         int
	}{
		{"127.0.0.1:5000", "", 200}, {"[::1]:5000", "", 200}, {"[::ffff:127.0.0.1]:5000", "", 200},
		{"10.0.0.7:5000", "", 404}, {"[2001:db8::1]:5000", "", 404}, {"[::ffff:10.0.0.7]:5000", "", 404}, {"nonsense", "", 404},
		{"127.0.0.1:5000", "X-Forwarded-For", 404}, {"127.0.0.1:5000", "Forwarded", 404}, {"127.0.0.1:5000", "X-Real-IP", 404}, {"127.0.0.1:5000", "Via", 404},
	} {
		call := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		call.RemoteAddr = c.from
		if c.header != "" {
			call.Header.Set(c.header, "203.0.113.9")
		}
		answer := httptest.NewRecorder()
		guarded.ServeHTTP(answer, call)
		if answer.Code != c.want {
			t.Errorf("from %s with %q: %d, want %d", c.from, c.header, answer.Code, c.want)
		}
	}
}

func TestFiguresWithAnAddressOfTheirOwnAreNowhereElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	figures := freeAddress(t)
	w.env = append(w.env, "GOVORUN_METRICS="+figures)
	p := w.serve().ready()
	if code, _ := p.get("/metrics"); code != http.StatusNotFound {
		t.Errorf("the web server gives the figures: %d", code)
	}
	for path, want := range map[string]int{"/metrics": http.StatusOK, "/readyz": http.StatusNotFound} {
		resp, err := http.Get("http://" + figures + path)
		well(t, err)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s of the figures' own address: %d, want %d", path, resp.StatusCode, want)
		}
	}
	out, code := runOnce(t, append(w.env, "GOVORUN_LISTEN="+freeAddress(t)), "serve")
	if code != exitTrouble || !strings.Contains(out, "GOVORUN_METRICS") {
		t.Errorf("a taken address: exit %d, printed:\n%s", code, out)
	}
}

func TestThePoolOfConnectionsFollowsTheProcessorsWithinBounds(t *testing.T) {
	for processors, want := range map[int]int32{1: 16, 2: 16, 4: 16, 5: 20, 12: 48, 16: 64, 128: 64} {
		if got := connections(processors); got != want {
			t.Errorf("%d connections for %d processors, want %d", got, processors, want)
		}
	}
}
