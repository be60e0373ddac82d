package main

import (
	"strings"
	"testing"
)

// The named points at which a power cut hurts most. Each test kills the program exactly there.

func TestT04_KilledAfterFetchingAndBeforeTheCommitTheMessageComesAgain(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"polling", "webhook"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if mode == "webhook" {
				w.webhook()
			}
			p := w.serve().ready()
			anna := w.person(101, "Анна")
			w.did(anna.Start(""))
			w.sees(anna, "Здравствуйте")
			w.quiet()
			free := w.lockChat(101)
			w.did(anna.Text("214"))
			w.stuck(1) // it is in its transaction
			p.kill()
			free()
			if n := one[int](w, `SELECT count(*) FROM messages WHERE direction = 'in' AND content->>'text' = '214'`); n != 0 {
				t.Fatal("it was committed: the point was missed")
			}
			w.serve().ready()
			w.sees(anna, "Что случилось?")
			w.onceEach(anna.ID, "214", "Что случилось?")
		})
	}
}

func TestT05_KilledAfterTheCommitAndBeforeTheNextPollTheMessageIsAppliedOnce(t *testing.T) {
	t.Parallel()
	w, p, anna := greeted(t)
	if err := w.sim.WaitPolling(waiting(t)); err != nil {
		t.Fatal(err)
	}
	next := w.gate.hold("getUpdates", false, nil) // the one that would confirm
	w.did(anna.Text("214"))
	<-next.caught
	w.becomes(1, `SELECT count(*) FROM messages WHERE direction = 'in' AND content->>'text' = '214'`)
	w.sees(anna, "Что случилось?")
	w.becomes(0, `SELECT count(*) FROM messages WHERE status = 'queued'`)
	p.kill()
	if w.sim.Pending() == 0 {
		t.Fatal("it was confirmed: the point was missed")
	}
	w.serve().ready()
	w.quiet()
	w.onceEach(anna.ID, "214", "Что случилось?")
}

func TestT05_KilledAfterTheCommitAndBeforeThe2xxTheMessageIsAppliedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t).webhook()
	p := w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	w.quiet()
	lost := w.door.loseAnswers(1)
	w.did(anna.Text("214"))
	<-lost
	w.sees(anna, "Что случилось?")
	w.becomes(0, `SELECT count(*) FROM messages WHERE status = 'queued'`)
	p.kill()
	w.serve().ready()
	w.sees(anna, "Что случилось?")
	w.quiet()
	w.onceEach(anna.ID, "214", "Что случилось?")
}

func TestS01_KilledBetweenTelegrams200AndOurMarkOneMessageIsSentTwice(t *testing.T) {
	t.Parallel()
	w, p, anna := greeted(t)
	answer := w.gate.hold("sendMessage", true, nil)
	w.did(anna.Text("214"))
	<-answer.caught // Telegram has it, we do not know
	p.kill()
	w.serve().ready()
	w.quiet()
	if got := w.texts(101, "Что случилось?"); len(got) != 2 {
		t.Errorf("seen %d times, want one duplicate", len(got))
	}
	if n := one[int](w, `SELECT count(*) FROM messages WHERE direction = 'out' AND content->>'text' LIKE '%Что случилось?%'`); n != 1 {
		t.Errorf("%d outbox rows of one message", n)
	}
	if n := one[int](w, `SELECT count(*) FROM messages WHERE maybe_duplicate AND kind = 'message'`); n != 1 {
		t.Errorf("%d messages say that they may be duplicates", n)
	}
	w.did(anna.Press("⛔ Не работает")) // the button of either is good
	w.sees(anna, "Заявка уже у нас")
}

func TestCrash_KilledBeforeTelegramActsTheMessageIsSentOnce(t *testing.T) {
	t.Parallel()
	w, p, anna := greeted(t)
	call := w.gate.hold("sendMessage", false, nil)
	w.did(anna.Text("214"))
	<-call.caught
	p.kill()
	w.serve().ready()
	w.quiet()
	w.onceEach(anna.ID, "214", "Что случилось?")
}

func TestCrash_KilledBeforeAPressIsAnsweredItIsAppliedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(w.machines["214"]))
	w.sees(anna, "Что случилось?")
	w.quiet()
	call := w.gate.hold("answerCallbackQuery", false, nil)
	w.did(anna.Press("⛔ Не работает"))
	<-call.caught
	p.kill()
	w.serve().ready()
	w.sees(anna, "Заявка уже у нас")
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM deals`); n != 1 {
		t.Errorf("%d deals", n)
	}
	if n := one[int](w, `SELECT count(*) FROM messages WHERE kind = 'press'`); n != 1 {
		t.Errorf("%d rows of one press", n)
	}
}

func TestCrash_KilledWhileItStartsForTheFirstTimeTheNextStartFinishes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, words := range []string{"web server listens", "outbox_leads"} {
		p := w.serve()
		p.says(words)
		p.kill()
	}
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
}

// onceEach checks that a text came in once and that its answer was seen once.
func (w *world) onceEach(person int64, text, answer string) {
	w.t.Helper()
	if n := strings.Count("\n"+strings.Join(w.heard(person), "\n")+"\n", "\n"+text+"\n"); n != 1 {
		w.t.Errorf("%q is stored %d times", text, n)
	}
	if got := w.texts(person, answer); len(got) != 1 {
		w.t.Errorf("the answer was seen %d times:\n%s", len(got), w.sim.Transcript(person))
	}
}
