package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/bots/simulator"
)

func TestO01_TwoAnswersFiveMillisecondsApartAreAppliedInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	var pairs sync.WaitGroup
	people := make([]*simulator.Person, 50)
	for i := range people {
		people[i] = w.person(int64(1001+i), fmt.Sprintf("Человек %d", i))
		w.did(people[i].Start(""))
	}
	w.quiet()
	for i, p := range people {
		pairs.Go(func() {
			for _, text := range []string{"214", fmt.Sprintf("моргает экран %d", i)} { // which machine, then what is wrong with it
				if _, err := p.Text(text); err != nil {
					t.Error(err)
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	pairs.Wait()
	w.quiet()
	for i, p := range people {
		got := one[int](w, `SELECT count(*) FROM deals d JOIN conversations c ON c.id = d.conversation_id JOIN assets a ON a.id = d.asset_id
			WHERE c.chat = $1 AND a.code = '214' AND d.fields->>'details' = $2`, fmt.Sprint(p.ID), fmt.Sprintf("моргает экран %d", i))
		if got != 1 {
			t.Errorf("person %d has %d deals of two answers:\n%s", i, got, w.sim.Transcript(p.ID))
		}
	}
}

func TestO02_TwentyMessagesWrittenDuringAnOutageAreAppliedInOrderAndAnsweredTogether(t *testing.T) {
	t.Parallel()
	w, p, anna := greeted(t)
	p.stop()
	before := len(w.texts(101, ""))
	for n := 1; n <= 20; n++ {
		w.did(anna.Text(fmt.Sprintf("слово %d", n)))
	}
	time.Sleep(3 * time.Second) // an outage that a person notices
	w.serve().ready()
	if err := w.sim.WaitDelivered(waiting(t)); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.inOrder(101, 20)
	if got := len(w.texts(101, "")) - before; got < 1 || got > 2 {
		t.Errorf("20 messages got %d replies:\n%s", got, w.sim.Transcript(101))
	}
}

func TestO03_ADoubleTapIsOneStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(w.machines["214"]))
	question := w.sees(anna, "Что случилось?")
	w.quiet()
	first := w.did(anna.PressOn(question.ID, "⛔ Не работает"))
	toast := w.toast(anna.PressOn(question.ID, "⛔ Не работает"))
	if toast != "Уже принято." {
		t.Errorf("the second tap was answered %q", toast)
	}
	if press, err := w.sim.WaitPress(waiting(t), first.CallbackID); err != nil || press.Toast != "" {
		t.Errorf("the first tap was answered %q, %v", press.Toast, err)
	}
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM deals`); n != 1 {
		t.Errorf("%d deals", n)
	}
}

func TestO04_APressThatComesAfterTheTextThatAnsweredIsExplained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(w.machines["214"]))
	question := w.sees(anna, "Что случилось?")
	w.quiet()
	w.did(anna.Text("моргает экран"))
	if toast := w.toast(anna.PressOn(question.ID, "⛔ Не работает")); toast == "" {
		t.Error("the press was not explained")
	}
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM deals WHERE fields->>'problem' = 'other'`); n != 1 {
		t.Errorf("%d deals by text", n)
	}
	if n := one[int](w, `SELECT count(*) FROM deals`); n != 1 {
		t.Errorf("%d deals", n)
	}
}

func TestO05_OfTwoTechniciansWhoTakeAtOnceOneWinsAndTheOtherHearsWho(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	first, second := w.hired(ivan, "Иван"), w.hired(olga, "Ольга")
	anna := w.person(101, "Анна")
	w.report(anna, "214")
	w.sees(first, "автомат 214")
	w.sees(second, "автомат 214")
	w.quiet()
	toasts := make([]string, 2)
	var both sync.WaitGroup
	for i, p := range []*simulator.Person{first, second} {
		done := w.did(p.Press("✅ Беру"))
		both.Go(func() {
			press, err := w.sim.WaitPress(waiting(t), done.CallbackID)
			if err != nil {
				t.Error(err)
			}
			toasts[i] = press.Toast
		})
	}
	both.Wait()
	slices.Sort(toasts)
	if toasts[0] != "Заявка ваша." || !strings.HasPrefix(toasts[1], "Уже взято: ") {
		t.Errorf("toasts: %q", toasts)
	}
	w.quiet()
	owner := one[string](w, `SELECT e.name FROM deals d JOIN employees e ON e.id = d.owner_id`)
	for _, p := range []*simulator.Person{first, second} {
		w.sees(p, "👷\u00a0"+owner)
	}
	if n := one[int](w, `SELECT count(*) FROM events WHERE kind IN ('deal_owned', 'deal_owner', 'owner_set')`); n > 1 {
		t.Errorf("%d changes of owner", n)
	}
}

func TestO06_AChatThatHangsDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve().ready()
	slow := w.person(101, "Анна")
	w.did(slow.Start(""))
	people := make([]*simulator.Person, 20)
	for i := range people {
		people[i] = w.person(int64(1001+i), fmt.Sprintf("Человек %d", i))
		w.did(people[i].Start(""))
	}
	w.quiet()
	free := w.lockChat(101)
	w.did(slow.Text("214"))
	w.stuck(1)
	took := make([]time.Duration, len(people))
	var others sync.WaitGroup
	for i, p := range people {
		others.Go(func() {
			began := time.Now()
			if _, err := p.Text("214"); err != nil {
				t.Error(err)
			}
			if _, err := w.sim.Wait(waiting(t), p.Chat, simulator.Contains("Что случилось?")); err != nil {
				t.Error(err)
			}
			took[i] = time.Since(began)
		})
	}
	others.Wait()
	slices.Sort(took)
	if p95 := took[len(took)*95/100]; p95 > p.within(time.Second+300*time.Millisecond) {
		t.Errorf("p95 is %v, the slowest %v", p95, took[len(took)-1])
	}
	if got := w.texts(101, "Что случилось?"); len(got) != 0 {
		t.Fatal("the chat did not hang")
	}
	free()
	w.sees(slow, "Что случилось?")
}

func TestO07_O12_TwoProcessesKeepTheOrderOfAChatAndOneHandsItOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t).webhook()
	first, second := w.serve().ready(), w.serve().ready()
	w.door.leadTo(first.address, second.address)
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	for n := 1; n <= 500; n++ {
		w.did(anna.Text(fmt.Sprintf("слово %d", n)))
	}
	const stored = `SELECT count(*) FROM messages WHERE direction = 'in'`
	w.becomesMore(200, stored)
	first.kill() // perhaps while it holds the chat
	killed := time.Now()
	w.becomesMore(one[int](w, stored)+5, stored)
	if took := time.Since(killed); took > second.within(10*time.Second) {
		t.Errorf("the chat was handed over after %v", took)
	}
	if err := w.sim.WaitDelivered(waiting(t)); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.inOrder(101, 500)
	if !second.runs() {
		t.Error("the second process ended")
	}
}

func TestO08_ANewUserWhoForwardsThreeMessagesAtOnceIsOneContactWithOneGreeting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	for n := range 3 {
		w.did(anna.Do(simulator.Action{Do: "forward", Text: fmt.Sprintf("кофе не льётся %d", n), FirstName: "Сосед"}))
	}
	w.sees(anna, "Здравствуйте")
	w.becomes(4, `SELECT count(*) FROM messages WHERE direction = 'in'`)
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM contacts`); n != 1 {
		t.Errorf("%d contacts", n)
	}
	if n := one[int](w, `SELECT count(*) FROM deals`); n > 1 {
		t.Errorf("%d deals", n)
	}
	if got := w.texts(101, "Здравствуйте!"); len(got) != 1 {
		t.Errorf("%d greetings:\n%s", len(got), w.sim.Transcript(101))
	}
}

// becomesMore waits until a count is at least n.
func (w *world) becomesMore(n int, sql string, args ...any) {
	w.t.Helper()
	until(w.t, fmt.Sprintf("%q gives %d", sql, n), func() bool { return one[int](w, sql, args...) >= n })
}
