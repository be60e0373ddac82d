package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
	"govorun/dialogs/turn"
)

const (
	siteKey  = "site-key-0123456789"
	callsKey = "calls-key-0123456789"
)

// counter is the API of a small park, with its database.
type counter struct {
	t   *testing.T
	db  *postgres.DB
	api *api
	mux *http.ServeMux
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	t.Setenv("GOVORUN_API_KEYS", "site:"+siteKey+", site:another-key-0123456789,calls:"+callsKey)
	db := pgtest.New(t)
	kit, err := dialogs.Load(os.DirFS("../../dialogs/turn/testdata/park"))
	well(t, err)
	keys, err := readAPIKeys()
	well(t, err)
	runner := turn.New(turn.Config{DB: db, Kit: kit, Log: slog.New(slog.DiscardHandler), Groups: 1, Nonce: nonce,
		Verify:       func(string) (crm.AssetID, int, error) { return 0, 0, errors.New("no codes here") },
		Capabilities: func(string) dialogs.Capabilities { return dialogs.Capabilities{} }})
	g := &counter{t: t, db: db, mux: http.NewServeMux(),
		api: &api{kit: kit, keys: keys, accept: runner.Accept, lead: db.FormLead, next: db.NextCallee, now: time.Now, limits: newLimiter(time.Now)}}
	g.api.routes(g.mux)
	t.Cleanup(runner.Wait)
	return g
}

// send posts a body with headers “Name: value”.
func (g *counter) send(path, body string, headers ...string) (int, map[string]any) {
	g.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Api-Key", siteKey)
	if strings.HasPrefix(path, "/api/calls") {
		r.Header.Set("X-Api-Key", callsKey)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	said := map[string]any{}
	json.Unmarshal(w.Body.Bytes(), &said)
	return w.Code, said
}

func (g *counter) count(sql string) (n int) {
	g.t.Helper()
	well(g.t, g.db.Pool.QueryRow(context.Background(), sql).Scan(&n))
	return n
}

const lead = `{"name": "Азамат", "phone": 87071234567, "city": "Алматы", "utm_term": "x"}`

func TestAWebFormIsALeadAndTheSameKeyAgainIsTheSameLead(t *testing.T) {
	g := newCounter(t)
	code, said := g.send("/api/leads/site", lead, "Idempotency-Key: 1")
	number := said["number"]
	if code != http.StatusOK || number == nil {
		t.Fatalf("%d %v", code, said)
	}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if code, said := g.send("/api/leads/site", lead, "Idempotency-Key: 1"); code != http.StatusOK || said["number"] != number {
				t.Errorf("again: %d %v", code, said)
			}
		})
	}
	all.Wait()
	if code, said := g.send("/api/leads/site", `{"phone": "+77010000000"}`, "Idempotency-Key: 1"); code != http.StatusConflict {
		t.Errorf("another form under that key: %d %v", code, said)
	}
	for range 2 { // a double click of a page without keys
		if code, _ := g.send("/api/leads/site", "phone=%2B77010000000&topic=support&about=x", "Content-Type: application/x-www-form-urlencoded"); code != http.StatusOK {
			t.Errorf("a plain form: %d", code)
		}
	}
	if n := g.count(`SELECT count(*) FROM deals`); n != 2 {
		t.Errorf("%d deals", n)
	}
}

func TestX26_WhoHasNoKeyOrTheWrongOneOrOneInTheAddressIsRefused(t *testing.T) {
	g := newCounter(t)
	for _, c := range []struct {
		path, key string
		want      int
	}{
		{"/api/leads/site", "", http.StatusUnauthorized}, {"/api/leads/site", "site-key-0123456780", http.StatusUnauthorized},
		{"/api/leads/site", callsKey, http.StatusUnauthorized}, {"/api/calls", siteKey, http.StatusUnauthorized},
		{"/api/leads/site?api_key=" + siteKey, siteKey, http.StatusBadRequest}, {"/api/leads/nothing", siteKey, http.StatusUnauthorized},
		{"/api/leads/site?X-API-KEY=" + siteKey, siteKey, http.StatusBadRequest}, {"/api/leads/site?token=" + siteKey, "", http.StatusBadRequest}, {"/api/calls?apikey=" + callsKey, callsKey, http.StatusBadRequest},
		{"/api/leads/site", "another-key-0123456789", http.StatusOK}, // while keys are changed both open
	} {
		if code, said := g.send(c.path, lead, "X-Api-Key: "+c.key); code != c.want {
			t.Errorf("%s with %q: %d %v", c.path, c.key, code, said)
		}
	}
	if code, _ := g.send("/api/leads/site", lead, "X-Api-Key: ", "Authorization: Bearer "+siteKey); code != http.StatusOK {
		t.Errorf("as a bearer: %d", code)
	}
	t.Setenv("GOVORUN_API_KEYS", "site:short")
	if _, err := readAPIKeys(); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("a short key: %v", err)
	}
}

func TestWhatIsTooLargeOrNoFormIsRefusedAndNothingIsStored(t *testing.T) {
	g := newCounter(t)
	for _, c := range []struct {
		body, kind string
		want       int
	}{
		{`{"about": "` + strings.Repeat("я", maxBody) + `", "phone": "+77071234567"}`, "application/json", http.StatusRequestEntityTooLarge},
		{`{"phone": `, "application/json", http.StatusBadRequest},
		{`[1]`, "application/json", http.StatusBadRequest},
		{`{"phone": {"a": 1}}`, "application/json", http.StatusBadRequest},
		{`phone=%zz`, "application/x-www-form-urlencoded", http.StatusBadRequest},
		{lead, "text/plain", http.StatusUnsupportedMediaType},
		{`{"name": "Азамат"}`, "application/json", http.StatusUnprocessableEntity},
		{`{"phone": "12345", "city": "Атлантида"}`, "application/json", http.StatusUnprocessableEntity},
	} {
		if code, said := g.send("/api/leads/site", c.body, "Content-Type: "+c.kind); code != c.want || said["error"] == nil {
			t.Errorf("%.40s: %d %v", c.body, code, said)
		}
	}
	_, said := g.send("/api/leads/site", `{"phone": "12345", "city": "Атлантида"}`)
	if problems, _ := said["problems"].([]any); len(problems) != 2 {
		t.Errorf("problems %v", said)
	}
	if code, _ := g.send("/api/leads/site", lead, "Idempotency-Key: "+strings.Repeat("k", 201)); code != http.StatusBadRequest {
		t.Errorf("a long key: %d", code)
	}
	if n := g.count(`SELECT count(*) FROM messages`) + g.count(`SELECT count(*) FROM deals`); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestTextsOfFormsCantHurtTheDatabaseOrBringCardNumbersIn(t *testing.T) {
	g := newCounter(t)
	body := `{"phone": "+77071234567", "name": "Az\u0000amat'; DROP TABLE deals;--", "about": "карта 4111 1111 1111 1111", "topic": "support"}`
	if code, said := g.send("/api/leads/site", body); code != http.StatusOK {
		t.Fatalf("%d %v", code, said)
	}
	if n := g.count(`SELECT count(*) FROM messages WHERE content::text LIKE '%4111 1111 1111%'`) + g.count(`SELECT count(*) FROM deals WHERE title LIKE '%4111 1111 1111%'`); n != 0 {
		t.Error("the number of a card is stored")
	}
	if n := g.count(`SELECT count(*) FROM dead_letters`); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestOnlyPagesOfTheFormsOwnSitesMaySendIt(t *testing.T) {
	g := newCounter(t)
	if code, _ := g.send("/api/leads/site", lead, "Origin: https://evil.example"); code != http.StatusForbidden {
		t.Errorf("another site: %d", code)
	}
	for origin, want := range map[string]int{"https://park.example": http.StatusNoContent, "https://park.example.evil.example": http.StatusForbidden} {
		r := httptest.NewRequest(http.MethodOptions, "/api/leads/site", nil)
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		g.mux.ServeHTTP(w, r)
		if allowed := w.Header().Get("Access-Control-Allow-Origin"); w.Code != want || (allowed == origin) != (want == http.StatusNoContent) {
			t.Errorf("%s: %d, allows %q", origin, w.Code, allowed)
		}
	}
}

func TestX26_WhoGuessesKeysIsSlowedDownAndTheRightOneOpensNothingMeanwhile(t *testing.T) {
	g := newCounter(t)
	now := time.Unix(1000, 0)
	g.api.limits = newLimiter(func() time.Time { return now })
	guesses := 0
	for ; guesses < 10*callerBurst; guesses++ {
		code, _ := g.send("/api/leads/site", lead, fmt.Sprintf("X-Api-Key: guess-%012d", guesses))
		if code == http.StatusTooManyRequests {
			break
		}
		if code != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d", guesses, code)
		}
	}
	if guesses != callerBurst {
		t.Errorf("%d keys were tried at once", guesses)
	}
	if code, said := g.send("/api/leads/site", lead); code != http.StatusTooManyRequests || strings.Contains(fmt.Sprint(said), "key") {
		t.Errorf("a guess that is right meanwhile: %d %v", code, said)
	}
	tried := 0
	for range 60 {
		now = now.Add(time.Second)
		for range 10 {
			if code, _ := g.send("/api/leads/site", lead, "X-Api-Key: guess-000000000000"); code == http.StatusUnauthorized {
				tried++
			}
		}
	}
	if tried > callerMinute {
		t.Errorf("%d keys were tried in a minute", tried)
	}
	if n := g.count("SELECT count(*) FROM deals"); n != 0 {
		t.Errorf("%d deals", n)
	}
}

func TestX26_WhoAsksTooOftenWaits(t *testing.T) {
	now := time.Unix(1000, 0)
	l := newLimiter(func() time.Time { return now })
	for range callerBurst {
		if !l.allow("a") {
			t.Fatal("refused too early")
		}
	}
	if l.allow("a") || !l.allow("b") {
		t.Error("a burst has no end, or counts for all")
	}
	if now = now.Add(time.Second); !l.allow("a") {
		t.Error("a second later nothing is allowed yet")
	}
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.RemoteAddr = "203.0.113.7:1"
	r.Header.Set("X-Forwarded-For", "1.1.1.1")
	if who := caller(r); who != "203.0.113.7" {
		t.Errorf("a stranger says who they are: %s", who)
	}
	if r.RemoteAddr = "127.0.0.1:1"; caller(r) != "1.1.1.1" {
		t.Error("the proxy of this machine is not believed")
	}
}

func TestACallIsTakenOnceAndAWrongOneIsToldWhatIsWrong(t *testing.T) {
	g := newCounter(t)
	now := time.Now().Format(time.RFC3339)
	for range 3 {
		if code, said := g.send("/api/calls", `{"id": "a1", "phone": "87071234567", "status": "missed", "at": "`+now+`", "line": "main"}`); code != http.StatusOK {
			t.Fatalf("%d %v", code, said)
		}
	}
	for _, body := range []string{`{}`, `{"id": "1", "status": "lost", "at": "` + now + `"}`, `{"id": "1", "status": "missed", "at": "yesterday"}`,
		`{"id": "1", "status": "missed", "at": "` + now + `", "phone": "12"}`, `{"id": "1", "status": "missed", "at": "` + now + `", "seconds": -1}`,
		`{"id": "1", "status": "missed", "at": "` + now + `", "direction": "up"}`} {
		if code, said := g.send("/api/calls", body); code != http.StatusUnprocessableEntity || said["error"] == nil {
			t.Errorf("%s: %d %v", body, code, said)
		}
	}
	if n := g.count(`SELECT count(*) FROM calls`) + 10*g.count(`SELECT (fields->>'missed_calls')::int FROM deals`); n != 11 {
		t.Errorf("calls and missed calls: %d", n)
	}
}

func TestAMissedCallNamesWhoseTelephoneRingsNextAndAtLastTheNumberOfTheKit(t *testing.T) {
	g := newCounter(t)
	_, err := g.db.Pool.Exec(t.Context(), `INSERT INTO employees (name, role, phone, on_shift, open_deals) VALUES ('Aliya', 'manager', '+77010000001', true, 5),
		('Erlan', 'manager', '+77010000002', true, 2), ('Saken', 'head', '+77010000003', true, 9), ('Silent', 'manager', NULL, true, 0),
		('Away', 'manager', '+77010000004', false, 0), ('Other', 'support', '+77010000005', true, 0)`)
	well(t, err)
	n := 0
	ring := func(more string) any {
		t.Helper()
		n++
		code, said := g.send("/api/calls", fmt.Sprintf(`{"id": "n%d", "phone": "87071234567", "at": "%s"%s}`, n, time.Now().Format(time.RFC3339), more))
		if code != http.StatusOK {
			t.Fatalf("%d %v", code, said)
		}
		return said["next"]
	}
	if next := ring(`, "status": "answered", "employee": "+77010000001"`); next != nil {
		t.Errorf("after an answered call: %v", next)
	}
	var asked []string
	for tried := ""; ; {
		next, _ := ring(`, "status": "missed"` + tried).(map[string]any)
		if next == nil {
			t.Fatalf("nobody after %v, not even the kit's number", asked)
		}
		if next["name"] == nil {
			if next["phone"] != "+77010009999" {
				t.Errorf("the kit's number is %v", next)
			}
			break
		}
		asked = append(asked, fmt.Sprint(next["phone"]))
		tried = `, "employee": "` + asked[len(asked)-1] + `"`
	}
	if want := []string{"+77010000002", "+77010000001", "+77010000003"}; !slices.Equal(asked, want) {
		t.Errorf("asked %v, want %v", asked, want)
	}
	if next := ring(`, "status": "missed", "direction": "out"`); next != nil {
		t.Errorf("after a call of ours: %v", next)
	}
}

func TestWhenTheDatabaseIsAwayTheSiteIsToSendItAgain(t *testing.T) {
	g := newCounter(t)
	g.api.accept = func(context.Context, crm.Inbound) (turn.Receipt, error) { return turn.Receipt{}, crm.ErrUnavailable }
	r := httptest.NewRequest(http.MethodPost, "/api/leads/site", strings.NewReader(lead))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Api-Key", siteKey)
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d, retry after %q", w.Code, w.Header().Get("Retry-After"))
	}
}
