package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"govorun/bots/simulator"
	"govorun/bots/simulator/browsertest"
	"govorun/crm/demo"
	"govorun/dialogs"
)

// tried is a running try with a folder of its own.
type tried struct {
	*trial
	t    *testing.T
	base string
}

func startTry(t *testing.T) *tried {
	t.Helper()
	y := startTryIn(t, tryFolder(t))
	t.Cleanup(func() { y.close() })
	return y
}

func tryFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "govorun-try-") // not t.TempDir: as root, the database runs as another user, who must get through
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// startTryIn is a try with a folder that outlives it; it has to be closed.
func startTryIn(t *testing.T, dir string) *tried {
	t.Helper()
	listener, err := (&tryCommand{Listen: "127.0.0.1:0"}).listen()
	if err != nil {
		t.Fatal(err)
	}
	own, err := openTrial(context.Background(), filepath.Join(dir, "try"), &settings{Kit: "vending", Data: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := own.serve(listener); err != nil {
		t.Fatal(err)
	}
	if err := own.worker.start(); err != nil {
		t.Fatal(err)
	}
	return &tried{own, t, "http://" + listener.Addr().String()}
}

// call asks the page's server and gives status and body.
func (y *tried) call(method, path, body string, into any) int {
	y.t.Helper()
	r, err := http.NewRequest(method, y.base+path, strings.NewReader(body))
	if err != nil {
		y.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		y.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			y.t.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, text)
		}
	}
	return answer.StatusCode
}

// scan lets the customer scan the machine of the story and gives the bot's answer.
func (y *tried) scan() simulator.Message {
	y.t.Helper()
	_, _, payload, err := y.sticker(context.Background(), demo.MachineCode)
	if err != nil {
		y.t.Fatal(err)
	}
	done, err := y.sim.Person(demo.CustomerID).Start(payload)
	if err != nil {
		y.t.Fatal(err)
	}
	return y.answer(done.MessageID)
}

// answer waits for the bot's next message to the customer.
func (y *tried) answer(after int64) simulator.Message {
	y.t.Helper()
	return y.answerTo(demo.CustomerID, after)
}

func (y *tried) answerTo(chat, after int64) simulator.Message {
	y.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	m, err := y.sim.WaitAfter(ctx, chat, after, simulator.Contains(""))
	if err != nil {
		y.t.Fatalf("no answer: %v", err)
	}
	return m
}

func TestAReportIsPlayedThroughThePage(t *testing.T) {
	y := startTry(t)
	p := browsertest.Open(t, y.base+"/?lang=en&theme=light", 1600, 1000)
	p.Wait("document.querySelectorAll('.phone-wrap').length === 5")
	p.Click(".phone-wrap:first-child .scan")
	p.Wait("!!document.querySelector('.qr img') && document.querySelector('.qr img').naturalWidth > 100")
	p.Click("#scan-go")
	p.Press(".phone-wrap:first-child .inline", "Взял деньги")
	p.Wait("[...document.querySelectorAll('.deal')].some(d => d.textContent.includes('№ 1') && d.textContent.includes('214'))")

	p.Press(".phone-wrap:nth-child(2) .inline", "Беру")
	p.Wait("document.querySelector('.deal .stage').textContent === 'In work'")
	p.Press(".phone-wrap:nth-child(2) .inline", "Готово")
	p.Wait("[...document.querySelectorAll('.phone-wrap:first-child .bubble')].some(b => b.textContent.includes('починили'))")
	p.Wait("document.querySelector('.deal').classList.contains('won')")
	p.Wait("document.querySelectorAll('.guide .done').length === 3")

	p.Eval("[...document.querySelectorAll('.phone-wrap:first-child .bubble.out')].at(-1).click()")
	p.Wait("document.querySelector('#inspect').textContent.includes('messages')")
	p.Click("#tab-trace")
	p.Wait("!!document.querySelector('.turn .steps .call')")
	if elsewhere := p.Requests(y.base); len(elsewhere) > 0 {
		t.Errorf("the page asked elsewhere: %q", elsewhere)
	}
	if troubles := p.Troubles(); len(troubles) > 0 {
		t.Errorf("exceptions: %q", troubles)
	}
}

func TestWhatIsWrittenWhileTheProgramOrTheDatabaseIsAwayIsAnsweredLater(t *testing.T) {
	y := startTry(t)
	first := y.scan()
	if y.call("POST", "/try/worker", `{"do":"stop"}`, nil) != http.StatusOK {
		t.Fatal("the worker does not stop")
	}
	done, err := y.sim.Person(demo.CustomerID).Press(first.ReplyMarkup.Rows[0][0].Text)
	if err != nil {
		t.Fatal(err)
	}
	if y.call("POST", "/try/worker", `{"do":"start"}`, nil) != http.StatusOK {
		t.Fatal("the worker does not start")
	}
	received := y.answer(done.MessageID)
	if !strings.Contains(received.Text, "№ 1") {
		t.Fatalf("after the restart the bot says %q", received.Text)
	}

	changes, stop := y.traces.subscribe()
	defer stop()
	if y.call("POST", "/try/database", `{"away_seconds":1}`, nil) != http.StatusOK {
		t.Fatal("the database does not go away")
	}
	if y.call("POST", "/try/database", `{"away_seconds":1}`, nil) != http.StatusConflict {
		t.Error("an outage begins while there is one")
	}
	written, err := y.sim.Person(demo.CustomerID).Text("it is the left one")
	if err != nil {
		t.Fatal(err)
	}
	for c := range changes {
		if bytes.Contains(c, []byte(`"up":true`)) {
			break
		}
	}
	if got := y.answer(written.MessageID); got.Text == "" {
		t.Error("nothing was answered after the outage")
	}
	deals, err := y.db.Board().Deals(context.Background(), 0, 10)
	if err != nil || len(deals) != 1 {
		t.Errorf("%d deals, %v; want one", len(deals), err)
	}
}

func TestAKilledWorkerSaysNoMoreAndTheNextOneGoesOnWhereItWas(t *testing.T) {
	y := startTry(t)
	first := y.scan()
	killed := y.worker.running()
	y.worker.kill()
	if y.worker.running() != nil {
		t.Fatal("the worker lives")
	}
	if err := killed.db.Ping(context.Background()); err == nil {
		t.Error("a killed worker still reaches the database")
	}
	done, err := y.sim.Person(demo.CustomerID).Press(first.ReplyMarkup.Rows[0][0].Text)
	if err != nil {
		t.Fatal(err)
	}
	if y.call("POST", "/try/worker", `{"do":"kill"}`, nil) != http.StatusOK {
		t.Fatal("the worker does not start after a kill")
	}
	// What it had sent and not yet noted, the next one says once more: so the answer needn't come first.
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	if _, err := y.sim.WaitAfter(ctx, demo.CustomerID, done.MessageID, simulator.Contains("Принято: № 1")); err != nil {
		t.Fatalf("no answer after the kill: %v", err)
	}
	if y.call("POST", "/try/worker", `{"do":"explode"}`, nil) != http.StatusBadRequest {
		t.Error("an unknown order is obeyed")
	}
}

func TestTheClockGoesToTheHoursOfPeopleAndOfSilence(t *testing.T) {
	y := startTry(t)
	for range 2 {
		var s clockState
		y.call("GET", "/try/clock", "", &s)
		if s.Zone != "Europe/Moscow" {
			t.Fatalf("the zone is %q", s.Zone)
		}
		to := map[bool]string{true: "closed", false: "open"}[s.Open]
		var moved clockState
		if code := y.call("POST", "/try/clock", `{"until":"`+to+`"}`, &moved); code != http.StatusOK || moved.Open == s.Open {
			t.Fatalf("until %s: %d, people at work %v at %v", to, code, moved.Open, moved.Now)
		}
		if y.call("POST", "/try/clock", `{"until":"`+to+`"}`, nil) != http.StatusConflict {
			t.Error("the clock goes where it is")
		}
		to = map[bool]string{true: "awake", false: "quiet"}[moved.Quiet]
		if code := y.call("POST", "/try/clock", `{"until":"`+to+`"}`, &s); code != http.StatusOK || s.Quiet == moved.Quiet {
			t.Fatalf("until %s: %d, silent %v at %v", to, code, s.Quiet, s.Now)
		}
	}
}

func TestTheClockJumpsToTheNextTimerAndStaysThere(t *testing.T) {
	y := startTry(t)
	if y.call("POST", "/try/clock", `{"next":true}`, nil) != http.StatusConflict {
		t.Error("the clock jumps to a timer that nobody set")
	}
	first := y.scan()
	if _, err := y.sim.Person(demo.CustomerID).Press(first.ReplyMarkup.Rows[0][0].Text); err != nil {
		t.Fatal(err)
	}
	y.answer(first.ID)
	changes, stop := y.traces.subscribe()
	defer stop()
	var state clockState
	y.call("POST", "/try/clock", `{"next":true}`, &state)
	if state.Ahead < 20*60 {
		t.Fatalf("the clock is %v s ahead, want about half an hour", state.Ahead)
	}
	for c := range changes {
		if bytes.Contains(c, []byte(`"kind":"timeout"`)) {
			break
		}
	}
	if again := openClock(filepath.Join(y.dir, "clock")); again.shift() != y.clock.shift() {
		t.Errorf("the next try would be %v ahead, want %v", again.shift(), y.clock.shift())
	}
	if y.call("POST", "/try/clock", `{"forward_seconds":-5}`, nil) != http.StatusBadRequest {
		t.Error("the clock goes back")
	}
}

func TestX28_ATryAnswersItsOwnPageOnThisMachineOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":7777", "192.168.1.5:7777", "example.org:80", "nonsense"} {
		if l, err := (&tryCommand{Listen: address}).listen(); err == nil {
			l.Close()
			t.Errorf("try listens on %q", address)
		}
	}
	guarded := ownPageOnly(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: guarded}
	go server.Serve(listener)
	defer server.Close()
	own := listener.Addr().String()
	for _, c := range []struct {
		host, origin string
		want         int
	}{
		{own, "", 200}, {own, "http://" + own, 200}, {"localhost:1", "", 200},
		{"evil.example", "", 403}, {own, "http://evil.example", 403}, {own, "null", 403}, {"127.0.0.1.evil.example", "", 403},
	} {
		r, _ := http.NewRequest("GET", "http://"+own+"/board/deals", nil)
		r.Host = c.host
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != c.want {
			t.Errorf("host %q, origin %q: %d, want %d", c.host, c.origin, answer.StatusCode, c.want)
		}
	}
}

func TestATalkInEnglishReplaysToo(t *testing.T) {
	y := startTry(t)
	_, _, payload, err := y.sticker(context.Background(), demo.MachineCode)
	if err != nil {
		t.Fatal(err)
	}
	bob := y.sim.MustUser(simulator.NewUser{FirstName: "Bob", LanguageCode: "en"})
	scanned, err := bob.Start(payload)
	if err != nil {
		t.Fatal(err)
	}
	question := y.answerTo(bob.ID, scanned.MessageID)
	if _, err := bob.Press("💸 Took money, gave nothing"); err != nil {
		t.Fatal(err)
	}
	y.answerTo(bob.ID, question.ID)
	r, err := http.Get(y.base + "/try/talks/" + strconv.FormatInt(bob.ID, 10))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	saved, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	again, err := dialogs.Play(y.names.kit, string(saved))
	if err != nil || again != string(saved) || !strings.Contains(again, "< Received: No.") {
		t.Fatalf("the saved talk does not replay: %v\n%s", err, saved)
	}
}

func TestATalkPlayedByHandIsSavedAsATranscriptThatReplays(t *testing.T) {
	y := startTry(t)
	first := y.scan()
	customer := y.sim.Person(demo.CustomerID)
	if _, err := customer.Press("💸 Взял деньги, не выдал"); err != nil {
		t.Fatal(err)
	}
	accepted := y.answer(first.ID)
	if _, err := customer.Text("Съел 150 рублей, мой номер +7 916 123-45-67"); err != nil {
		t.Fatal(err)
	}
	y.answer(accepted.ID)
	r, err := http.Get(y.base + "/try/talks/" + strconv.Itoa(demo.CustomerID))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	saved, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	again, err := dialogs.Play(y.names.kit, string(saved))
	if err != nil || again != string(saved) {
		t.Fatalf("the saved talk does not replay: %v\n%s", err, saved)
	}
	for _, part := range []string{"> /start m_214", "= deal opened", "< Принято", "= commented"} {
		if !strings.Contains(again, part) {
			t.Errorf("no %q in the saved talk:\n%s", part, again)
		}
	}
	if strings.Contains(again, "123-45-67") {
		t.Errorf("a phone number is in the saved talk:\n%s", again)
	}
}
