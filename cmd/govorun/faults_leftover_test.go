package main

import (
	"testing"
	"time"

	"govorun/bots/simulator"
)

// later moves Telegram's clock on.
func (w *world) later(d time.Duration) { w.ahead.Add(int64(d)) }

func TestT07_APressLostInAnOutageOfThreeMinutesIsMadeAgainOrAnsweredInText(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(w *world, p *simulator.Person, question int64){
		"the same button": func(w *world, p *simulator.Person, question int64) {
			w.did(p.PressOn(question, "⛔ Не работает"))
		},
		"its words": func(w *world, p *simulator.Person, _ int64) { w.did(p.Text("не работает")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.serve().ready()
			anna := w.person(101, "Анна")
			w.did(anna.Start(w.machines["214"]))
			question := w.sees(anna, "Что случилось?")
			w.quiet()
			p.stop()
			w.did(anna.PressOn(question.ID, "⛔ Не работает"))
			w.later(3 * time.Minute)
			w.serve().ready()
			if err := w.sim.WaitPolling(waiting(t)); err != nil {
				t.Fatal(err)
			}
			w.quiet()
			if n := one[int](w, `SELECT count(*) FROM messages WHERE kind = 'press'`); n != 0 {
				t.Fatal("the press arrived after all: this test tests nothing")
			}
			again(w, anna, question.ID)
			w.sees(anna, "Заявка уже у нас")
			w.quiet()
			if n := one[int](w, `SELECT count(*) FROM deals`); n != 1 {
				t.Errorf("%d deals", n)
			}
			if got := w.texts(101, "Что случилось?"); len(got) != 1 {
				t.Errorf("the question was put %d times", len(got))
			}
		})
	}
}

func TestD28_OfALiveLocationTheFirstPointIsKeptAndNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.report(anna, "214")
	w.quiet()
	stored := one[int](w, `SELECT count(*) FROM messages WHERE direction = 'in'`)
	live := w.did(anna.Do(simulator.Action{Do: "location", Latitude: 55.75, Longitude: 37.61, LivePeriod: 900}))
	w.becomes(stored+1, `SELECT count(*) FROM messages WHERE direction = 'in'`)
	w.quiet()
	said := len(w.texts(101, ""))
	for step := range 30 {
		w.did(anna.Do(simulator.Action{Do: "move", MessageID: live.MessageID, Latitude: 55.75 + float64(step+1)/1000, Longitude: 37.61}))
		w.later(10 * time.Second)
	}
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM messages WHERE direction = 'in'`); n != stored+1 {
		t.Errorf("%d rows of 30 moves", n-stored-1)
	}
	if n := one[int](w, `SELECT count(*) FROM messages WHERE kind = 'location' AND content->'location'->>'latitude' = '55.75'`); n != 1 {
		t.Errorf("%d rows hold the first point", n)
	}
	if n := len(w.texts(101, "")); n != said {
		t.Errorf("the bot said something %d times to moves", n-said)
	}
}

func TestS20_TheKeyboardOfAStepGoesWithItAndItsWordsAreStillUnderstood(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *world, p *simulator.Person){
		"answered": func(w *world, p *simulator.Person) { w.did(p.OwnContact()); w.sees(p, "Записал возврат") },
		"answered in text": func(w *world, p *simulator.Person) {
			w.did(p.Text("+7 916 123-45-67"))
			w.sees(p, "Записал возврат")
		},
		"left by a command": func(w *world, p *simulator.Person) { w.did(p.Text("/cancel")); w.quiet() },
		"left backwards":    func(w *world, p *simulator.Person) { w.did(p.Text("назад")); w.quiet() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.serve().ready()
			anna := w.person(101, "Анна")
			w.report(anna, "214")
			w.quiet()
			w.did(anna.Press("💸 Вернуть деньги"))
			w.sees(anna, "Сколько вернуть?")
			w.quiet()
			w.did(anna.Press("150 ₽"))
			w.sees(anna, "Номер телефона для возврата?")
			w.quiet()
			view, _ := w.sim.View(anna.Chat)
			if view.Keyboard == nil {
				t.Fatal("there is no keyboard to be removed")
			}
			end(w, anna)
			w.quiet()
			if view, _ = w.sim.View(anna.Chat); view.Keyboard != nil {
				t.Errorf("the keyboard is still there:\n%s", w.sim.Transcript(anna.Chat))
			}
			before := len(w.texts(101, ""))
			w.did(anna.Text("⬅️ Назад")) // a key of the old keyboard, which another phone still shows
			until(t, "the old key is answered", func() bool { return len(w.texts(101, "")) > before })
			w.quiet()
			if n := one[int](w, `SELECT count(*) FROM events WHERE kind = 'comment'`); n != 0 {
				t.Errorf("the key was taken for a comment:\n%s", w.sim.Transcript(anna.Chat))
			}
		})
	}
}

func TestS01_AMessageWhoseAnswerWasLostIsSentOnceMoreAndMarked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	w.quiet()
	w.sim.AddFault(simulator.Fault{Kind: simulator.DropAfter, Method: "sendMessage", Chat: 101, Times: 1})
	w.did(anna.Text("214"))
	w.becomes(1, `SELECT count(*) FROM messages WHERE direction = 'out' AND maybe_duplicate`)
	w.quiet()
	if got := w.texts(101, "Что случилось?"); len(got) != 2 {
		t.Errorf("sent %d times, want twice", len(got))
	}
	if n := one[int](w, `SELECT count(*) FROM messages WHERE direction = 'out' AND content->>'text' LIKE '%Что случилось%'`); n != 1 {
		t.Errorf("%d rows of one message", n)
	}
}
