package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"govorun/bots/simulator"
	"govorun/dialogs/kits"
)

// wakeful makes programs of this world run a copy of the kit whose quiet hours are a minute, half a day away: tests run at night too.
func (w *world) wakeful() *world {
	w.t.Helper()
	files, err := kits.FS("vending")
	well(w.t, err)
	dir := filepath.Join(w.t.TempDir(), "kit")
	well(w.t, os.CopyFS(dir, files))
	name := filepath.Join(dir, "kit.yaml")
	text, err := os.ReadFile(name)
	well(w.t, err)
	zone, err := time.LoadLocation("Europe/Moscow")
	well(w.t, err)
	far := time.Now().In(zone).Add(12 * time.Hour)
	quiet := fmt.Sprintf(`quiet: "%s-%s"`, far.Format("15:04"), far.Add(time.Minute).Format("15:04"))
	loud := bytes.Replace(text, []byte(`quiet: "22:00-09:00"`), []byte(quiet), 1)
	if bytes.Equal(loud, text) {
		w.t.Fatal("the kit has other quiet hours")
	}
	well(w.t, os.WriteFile(name, loud, 0o600))
	w.env = append(w.env, "GOVORUN_KIT="+dir)
	return w
}

const (
	newsFirst = 50_000 // the number before that of the first person who is to get a broadcast
	newsText  = "Скидка в пятницу"
)

// news lets people have chats with the bot, and a broadcast to them be sent.
func (w *world) news(people int) {
	w.t.Helper()
	for i := 1; i <= people; i++ {
		p := w.person(int64(newsFirst+i), fmt.Sprint("Водитель ", i))
		w.did(p.Start(""))
	}
	w.quiet()
	w.exec(`INSERT INTO broadcasts (employee_id, conversation_id, status, langs, texts, cities, started_at)
		SELECT min(id), 1, 'sending', '{ru}', jsonb_build_object('ru', jsonb_build_object('text', $1::text)), '{""}', now() FROM employees`, newsText)
	w.exec(`INSERT INTO broadcast_people (broadcast_id, contact_id, conversation_id, status, lang)
		SELECT 1, contact_id, id, 'waiting', 'ru' FROM conversations WHERE contact_id IS NOT NULL AND length(chat) = 5 AND chat > $1`, fmt.Sprint(newsFirst))
}

func TestCrash_ABroadcastIsKilledAgainAndAgainAndEverybodyHasOneMessage(t *testing.T) {
	t.Parallel()
	const people = 150
	w := newWorld(t).wakeful()
	p := w.serve().ready()
	w.news(people)
	random := rand.New(rand.NewPCG(5, 16))
	kills := 0
	for ; kills < 4 && one[int](w, `SELECT count(*) FROM broadcast_people WHERE status = 'sent'`) < people; kills++ {
		w.becomesMore(kills*20, `SELECT count(*) FROM broadcast_people WHERE status IN ('queued', 'sent')`)
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond) // a moment that nobody chose
		p.kill()
		p = w.serve().ready()
	}
	w.becomes(1, `SELECT count(*) FROM broadcasts WHERE status = 'done'`)
	w.quiet()
	if n := one[int](w, `SELECT count(DISTINCT conversation_id) FROM messages WHERE priority = 2 AND status = 'sent'`); n != people {
		t.Errorf("%d of %d people have the message", n, people)
	}
	if n := one[int](w, `SELECT count(*) FROM messages WHERE priority = 2`); n != people {
		t.Errorf("%d messages were written for %d people", n, people)
	}
	doubled := 0
	for i := 1; i <= people; i++ {
		switch n := len(w.texts(int64(newsFirst+i), newsText)); {
		case n == 0:
			t.Errorf("person %d saw nothing", i)
		case n > 1+kills: // each kill may double what was under way
			t.Errorf("person %d saw it %d times after %d kills", i, n, kills)
		case n > 1:
			doubled++
		}
	}
	// A call that was under way when the program died is made again, once: the provider has no key to know it by. Such rows are marked.
	if marked := one[int](w, `SELECT count(*) FROM messages WHERE priority = 2 AND maybe_duplicate`); doubled > marked {
		t.Errorf("%d messages came twice, and only %d are marked so", doubled, marked)
	}
	t.Logf("%d kills, %d messages came twice", kills, doubled)
}

func TestS16_WhileABroadcastGoesOutAnswersComeAtOnceAndTheRateIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t).wakeful()
	w.env = append(w.env, "GOVORUN_TELEGRAM_LIMITS=usual")
	p := w.serve().ready()
	var askers []*simulator.Person // several, so that none of them writes too fast
	for id := range int64(12) {
		askers = append(askers, w.person(101+id, "Анна"))
		w.did(askers[id].Start(""))
	}
	w.news(120)
	began, bot := time.Now(), w.sim.Bot().ID
	var took []time.Duration
	for n := 0; one[int](w, `SELECT count(*) FROM broadcasts WHERE status = 'done'`) == 0; n++ {
		if time.Since(began) > patience {
			t.Fatalf("it goes on after %v", patience)
		}
		asker, asked := askers[n%len(askers)], time.Now()
		done := w.did(asker.Text("/help"))
		if _, err := w.sim.WaitAfter(waiting(t), asker.Chat, done.MessageID, func(m simulator.Message) bool { return m.From.ID == bot }); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(asked))
		time.Sleep(150 * time.Millisecond)
	}
	if all := time.Since(began); all < 120/25*time.Second-time.Second {
		t.Errorf("120 messages went out in %v: more than 25 a second", all)
	}
	slices.Sort(took)
	if p95 := took[len(took)*95/100]; len(took) < 10 || p95 > p.within(2*time.Second) {
		t.Errorf("of %d answers 95 %% came within %v", len(took), p95)
	}
}
