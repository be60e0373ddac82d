package simulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"govorun/bots/simulator"
	"govorun/bots/simulator/browsertest"
)

// pageRig is a page with phones and nobody behind the bot.
func pageRig(t *testing.T) (*simulator.Server, string) {
	t.Helper()
	s := simulator.New(simulator.Options{Token: token, Control: true})
	mux := http.NewServeMux()
	mux.Handle("/", simulator.Page())
	mux.Handle("/sim/", s)
	mux.Handle("/bot"+token+"/", s)
	server := httptest.NewServer(mux)
	t.Cleanup(func() { s.Close(); server.CloseClientConnections(); server.Close() })
	return s, server.URL
}

func TestThePageMayLoadNothingButItsOwnFiles(t *testing.T) {
	_, base := pageRig(t)
	for _, path := range []string{"/", "/main.js", "/base.css", "/pattern.svg"} {
		answer, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, answer.Status)
		}
		policy := answer.Header.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, rule) {
				t.Errorf("%s: the policy %q lacks %q", path, policy, rule)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: the policy %q lets others in", path, policy)
		}
		if answer.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be sniffed", path)
		}
	}
}

func TestX17_HostileNamesTextsAndFileNamesAreShownAsTheyAre(t *testing.T) {
	const evil = `"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`
	s, base := pageRig(t)
	eve := s.MustUser(simulator.NewUser{FirstName: evil, LanguageCode: "en"})
	do := func(a simulator.Action) {
		t.Helper()
		if _, err := eve.Do(a); err != nil {
			t.Fatal(err)
		}
	}
	do(simulator.Action{Do: "start"})
	do(simulator.Action{Do: "text", Text: evil})
	do(simulator.Action{Do: "document", Item: simulator.Item{FileName: evil + ".pdf"}})
	do(simulator.Action{Do: "contact", Phone: "77070000000", FirstName: evil})
	do(simulator.Action{Do: "forward", Text: evil, FirstName: evil})

	p := browsertest.Open(t, base+"/?lang=en", 1400, 900)
	p.Wait("document.querySelectorAll('.bubble').length === 5")
	shown, _ := json.Marshal(evil)
	for _, part := range []string{".bubble .text", ".bubble .doc b", ".card-contact b", ".forwarded b", ".owner b"} {
		where, _ := json.Marshal(part)
		p.Wait("[...document.querySelectorAll(" + string(where) + ")].some(n => n.textContent.includes(" + string(shown) + "))")
	}
	if p.Eval("window.hacked === 1 || !!document.querySelector('[onerror], body script')") == true {
		t.Error("markup of a stranger became part of the page")
	}
	if elsewhere := p.Requests(base); len(elsewhere) > 0 {
		t.Errorf("the page asked elsewhere: %q", elsewhere)
	}
	if troubles := p.Troubles(); len(troubles) > 0 {
		t.Errorf("exceptions: %q", troubles)
	}
}

func TestThePhonesAreThereWhileTheCRMDoesNotAnswer(t *testing.T) {
	s := simulator.New(simulator.Options{Control: true})
	for _, name := range []string{"Ann", "Bob", "Eve"} {
		if _, err := s.MustUser(simulator.NewUser{FirstName: name, LanguageCode: "en"}).Start(""); err != nil {
			t.Fatal(err)
		}
	}
	over := make(chan struct{})
	silent := func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/", simulator.Page())
	mux.Handle("/sim/", s)
	mux.HandleFunc("/try/", silent)
	mux.HandleFunc("/board/", silent)
	server := httptest.NewServer(mux)
	t.Cleanup(func() { close(over); s.Close(); server.CloseClientConnections(); server.Close() })

	p := browsertest.Open(t, server.URL+"/?lang=en", 1600, 900)
	p.Wait("document.querySelectorAll('.phone-wrap .bubble').length === 3")
	p.Eval("document.querySelector('.phone-wrap textarea').focus()")
	p.Keys("hello\r")
	p.Wait("[...document.querySelectorAll('.phone-wrap:first-child .bubble')].at(-1).textContent.includes('hello')")
	if p.Eval("document.querySelectorAll('.ghost').length") != 0.0 {
		t.Error("empty frames stay beside the phones")
	}
	if said := p.Eval("document.querySelector('.guide').innerText + [...document.querySelectorAll('.owner')].map(n => n.innerText)").(string); strings.Contains(said, "customer") || strings.Contains(strings.ToLower(said), "scan") {
		t.Errorf("the page guesses who has a phone and what is to be done: %q", said)
	}
}

func TestWhatTheBotHasTakenGetsTwoTicksAndALinkHidesItsPayload(t *testing.T) {
	s, base := pageRig(t)
	ann := s.MustUser(simulator.NewUser{FirstName: "Ann", LanguageCode: "en"})
	p := browsertest.Open(t, base+"/?lang=en", 1400, 900)
	p.Wait("document.querySelectorAll('.phone-wrap').length === 1")
	if _, err := ann.Start("m_secret"); err != nil {
		t.Fatal(err)
	}
	p.Wait("document.querySelector('.bubble .ticks:not(.seen)') !== null")
	if got := p.Eval("document.querySelector('.bubble .text').textContent"); got != "/start" {
		t.Errorf("the link is shown as %v", got)
	}
	taken := struct {
		Result []struct {
			ID int64 `json:"update_id"`
		}
	}{}
	for _, offset := range []int64{0, 1} { // asking for what comes after an update says that it was taken
		if len(taken.Result) > 0 {
			offset += taken.Result[0].ID
		}
		answer, err := http.Get(base + "/bot" + token + "/getUpdates?offset=" + strconv.FormatInt(offset, 10))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.NewDecoder(answer.Body).Decode(&taken); err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	p.Wait("document.querySelector('.bubble .ticks.seen') !== null")
}

func TestAMessageIsWrittenByKeyboardAlone(t *testing.T) {
	s, base := pageRig(t)
	ann := s.MustUser(simulator.NewUser{FirstName: "Ann"})
	if _, err := ann.Start(""); err != nil {
		t.Fatal(err)
	}
	p := browsertest.Open(t, base+"/?lang=en", 390, 844)
	p.Wait("!!document.querySelector('.phone-wrap.current .bubble')")
	p.Eval("document.querySelector('.phone-wrap.current textarea').focus()")
	p.Keys("hello\r")
	p.Wait("document.querySelectorAll('.bubble').length === 2")
	if got := s.Messages(ann.ID); len(got) != 2 || got[1].Text != "hello" {
		t.Fatalf("the simulator got %+v", got)
	}
	if unnamed := p.Eval("[...document.querySelectorAll('button, input, textarea, select')].filter(n => n.offsetParent && !(n.textContent.trim() || n.getAttribute('aria-label') || n.labels?.length)).map(n => n.outerHTML).join()"); unnamed != "" {
		t.Errorf("controls without a name for a screen reader: %v", unnamed)
	}
	if p.Eval("document.documentElement.scrollWidth > innerWidth") == true {
		t.Error("the page is wider than a phone")
	}
}
