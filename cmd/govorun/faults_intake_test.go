package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/bots/simulator"
)

func TestT01_AnUpdatePostedTwentyTimesAtOnceIsOneMessageAndOneReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t).webhook()
	p := w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	w.quiet()

	body := written(900_001, 900_001, 101, "214")
	var wave sync.WaitGroup
	codes := make(chan int, 20)
	for range 20 {
		wave.Go(func() {
			resp, err := tryPost(waiting(t), p.address, body)
			if err != nil {
				t.Error(err)
				return
			}
			codes <- resp.StatusCode
		})
	}
	wave.Wait()
	close(codes)
	for code := range codes {
		if code/100 != 2 {
			t.Errorf("a POST got %d", code)
		}
	}
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM messages WHERE direction = 'in' AND ref = 'm:900001'`); n != 1 {
		t.Errorf("%d rows of one message", n)
	}
	if got := w.texts(101, "Что случилось?"); len(got) != 1 {
		t.Errorf("%d replies:\n%s", len(got), w.sim.Transcript(101))
	}
}

func TestT02_AMessageUnderASecondUpdateIDIsTheSameMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	w.sim.AddFault(simulator.Fault{Kind: simulator.DuplicateNewID, Update: "message", Times: 1})
	w.did(anna.Text("214"))
	w.sees(anna, "Что случилось?")
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM messages WHERE direction = 'in'`); n != 2 {
		t.Errorf("%d messages came in, 2 were written", n)
	}
	if got := w.texts(101, "Что случилось?"); len(got) != 1 {
		t.Errorf("%d replies", len(got))
	}
}

func TestT09_ASecondProcessStandsByAndTakesOverFromAKilledOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.serve().ready()
	second := w.serve().ready()
	second.says("another copy is running")
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	w.quiet()

	first.kill()
	began := time.Now()
	w.did(anna.Text("214"))
	w.sees(anna, "Что случилось?")
	if took := time.Since(began); took > second.within(10*time.Second) {
		t.Errorf("the second took over after %v", took)
	}
	for _, c := range w.sim.Calls("getUpdates") {
		if c.Code == http.StatusConflict {
			t.Error("two processes polled at once")
		}
	}
	if !second.runs() {
		t.Error("the second process ended")
	}
}

func TestT10_PollingOfABotWithAWebhookEndsWithTheCommandThatFixesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	api := w.setting("GOVORUN_TELEGRAM_API")
	resp, err := http.PostForm(api+"/bot"+testToken+"/setWebhook", url.Values{"url": {"http://127.0.0.1:1/elsewhere"}})
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("set a webhook: %v, %v", resp, err)
	}
	resp.Body.Close()
	p := w.serve()
	if code := p.ended(); code != exitTrouble || !strings.Contains(p.out.String(), "govorun serve --delete-webhook") {
		t.Errorf("exit %d, printed:\n%s", code, p.out)
	}
	w.serve("--delete-webhook").ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
}

func TestT11_M09_ARevokedTokenStopsPollingAndPausesSendingWithOneAlert(t *testing.T) {
	t.Parallel()
	w, p, anna := greeted(t)

	w.sim.SetToken("1000000001:another-token")
	w.did(anna.Text("214")) // reaches the poll that waits already; its answer does not get out
	w.becomes(1, `SELECT count(*) FROM channels WHERE channel = 'telegram' AND state = 'bad_credentials'`)
	w.becomes(1, `SELECT count(*) FROM messages WHERE direction = 'in' AND content->>'text' = '214'`)
	w.becomes(1, `SELECT count(*) FROM events WHERE kind = 'alert_paused'`)
	until(t, "the poller has ended", func() bool { code, _ := p.get("/readyz"); return code == http.StatusServiceUnavailable })
	if !p.runs() {
		t.Fatal("the program ended: a supervisor would start it again and again")
	}
	if code, _ := p.get("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz answers %d, but the process lives", code)
	}
	if _, body := p.get("/readyz"); !strings.Contains(body, "bad_credentials") {
		t.Errorf("/readyz says %q", body)
	}
	if n := one[int](w, `SELECT count(*) FROM messages WHERE direction = 'out' AND status = 'queued' AND attempts = 0`); n == 0 {
		t.Error("the answer does not wait")
	}
	if n := one[int](w, `SELECT count(*) FROM events WHERE kind LIKE 'alert_%'`); n > 2 {
		t.Errorf("%d alerts", n)
	}
	for _, name := range []string{"channel_listening", `outbox_depth{channel="telegram"}`, `outbox_oldest_seconds{channel="telegram"}`, "dead_letters_open", "updates_received_total"} {
		if p.metric(name) == "" {
			t.Errorf("there is no metric %s", name)
		}
	}
	if p.metric("channel_listening") != "0" {
		t.Error("the metric says that the channel listens")
	}

	w.sim.SetToken(testToken)
	p.stop()
	w.serve().ready()
	w.sees(anna, "Что случилось?")
}

func TestT12_APollThatIsToldToWaitWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sim.AddFault(simulator.Fault{Kind: simulator.TooMany, Method: "getUpdates", RetryAfter: 3, Times: 1})
	first, second := w.gate.hold("getUpdates", false, nil), w.gate.hold("getUpdates", false, nil)
	first.release()
	second.release()
	p := w.serve()
	<-first.caught
	began := time.Now()
	select {
	case <-second.caught:
	case <-time.After(patience):
		t.Fatal("it never polled again")
	}
	if waited := time.Since(began); waited < 3*time.Second {
		t.Errorf("it polled again after %v, it was told to wait 3 s", waited)
	}
	p.ready()
}

func TestT13_AStopUnderLoadEndsCleanlyAndLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve().ready()
	people := make([]*simulator.Person, 20)
	for i := range people {
		people[i] = w.person(int64(101+i), fmt.Sprintf("Человек %d", i))
		w.did(people[i].Start(""))
	}
	loading, stopLoad := context.WithCancel(t.Context())
	var load sync.WaitGroup
	wrote := make([]int, len(people))
	for i, person := range people {
		load.Go(func() {
			for n := 1; loading.Err() == nil && n <= 30; n++ {
				if _, err := person.Text(fmt.Sprintf("слово %d", n)); err != nil {
					t.Error(err)
				}
				wrote[i] = n
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	until(t, "there is load", func() bool {
		return one[int](w, `SELECT count(*) FROM messages WHERE direction = 'in'`) > 60
	})
	code, took := p.stop()
	stopLoad()
	load.Wait()
	if code != exitOK || took > p.within(10*time.Second) {
		t.Errorf("exit %d after %v:\n%s", code, took, lastLines(p.out.String(), 10))
	}
	if n := one[int](w, `SELECT count(*) FROM channels WHERE channel = 'telegram/outbox' AND state = 'stopped'`); n != 1 {
		t.Error("the sender did not leave cleanly: the next one will doubt what was sent")
	}
	w.serve().ready()
	w.quiet()
	for i := range people {
		if got := w.heard(people[i].ID); len(got) != wrote[i] || !slices.IsSortedFunc(got, byNumber) {
			t.Errorf("person %d wrote %d texts, stored are: %v", i, wrote[i], got)
		}
	}
}

func TestT13_TheSecondSignalEndsTheProgramAtOnce(t *testing.T) {
	t.Parallel()
	w, p, anna := greeted(t)
	free := w.lockChat(101)
	defer free()
	w.did(anna.Text("214"))
	w.stuck(1)
	p.cmd.Process.Signal(stopSignal)
	time.Sleep(300 * time.Millisecond) // what is under way is waited for
	if !p.runs() {
		t.Fatal("the program did not wait for what it had begun")
	}
	began := time.Now()
	p.cmd.Process.Signal(stopSignal)
	p.ended()
	if took := time.Since(began); took > p.within(time.Second) {
		t.Errorf("it took %v", took)
	}
}

func TestT20_APersonWhoBlocksTheBotIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.report(anna, "214")
	w.quiet()
	w.becomes(1, `SELECT count(*) FROM conversations WHERE chat = '101' AND due_at IS NOT NULL`)
	w.did(anna.Do(simulator.Action{Do: "block"}))
	w.becomes(1, `SELECT count(*) FROM conversations WHERE chat = '101' AND blocked AND due_at IS NULL`)
	before := len(w.sim.Calls("sendMessage"))
	w.did(anna.Do(simulator.Action{Do: "unblock"}))
	w.becomes(1, `SELECT count(*) FROM conversations WHERE chat = '101' AND NOT blocked`)
	w.quiet()
	if after := len(w.sim.Calls("sendMessage")); after != before {
		t.Error("the bot wrote by itself after it was let in again")
	}
}

// setting is a variable of the program's environment.
func (w *world) setting(name string) string {
	for _, line := range w.env {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value
		}
	}
	return ""
}

// heard are the texts that are stored of a person, without commands, in the order of their rows.
func (w *world) heard(person int64) (texts []string) {
	w.t.Helper()
	rows, err := w.db.Pool.Query(waiting(w.t), `SELECT m.content->>'text' FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE m.direction = 'in' AND m.kind = 'text' AND c.chat = $1 AND m.content->>'command' IS NULL ORDER BY m.id`, fmt.Sprint(person))
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			w.t.Fatal(err)
		}
		texts = append(texts, text)
	}
	return texts
}

var lastNumber = regexp.MustCompile(`\d+$`)

func byNumber(a, b string) int {
	x, _ := strconv.Atoi(lastNumber.FindString(a))
	y, _ := strconv.Atoi(lastNumber.FindString(b))
	return x - y
}

// lockChat holds a conversation's row, so that its turns stand still, until free is called.
func (w *world) lockChat(person int64) (free func()) {
	w.t.Helper()
	tx, err := w.db.Pool.Begin(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	var id int64
	if err := tx.QueryRow(waiting(w.t), `SELECT id FROM conversations WHERE chat = $1 FOR UPDATE`, fmt.Sprint(person)).Scan(&id); err != nil {
		w.t.Fatal(err)
	}
	var once sync.Once
	free = func() { once.Do(func() { tx.Rollback(context.Background()) }) }
	w.t.Cleanup(free)
	return free
}

// stuck waits until so many turns stand still at a lock.
func (w *world) stuck(n int) {
	w.t.Helper()
	w.becomes(n, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
}

func TestT08_AfterAnAbsenceLongerThanTelegramKeepsMessagesTheHeadIsToldTheWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve().ready()
	head := w.hired(aigul, "Айгуль")
	w.quiet()
	p.stop()
	w.exec(`UPDATE channels SET heard_at = now() - interval '50 hours' WHERE channel = 'telegram'`)
	w.serve().ready()
	w.sees(head, "часть сообщений могла не дойти")
	w.becomes(1, `SELECT count(*) FROM events WHERE kind = 'alert_gap'`)
}
