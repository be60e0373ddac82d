package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"govorun/bots/whatsapp"
)

func TestO12_ThreeReplicasWhoseSenderIsKilledGoOnTalkingAndAnotherSendsSoon(t *testing.T) {
	t.Parallel()
	const plays, kills = 4, 2
	calm := calmPlays(t, plays)
	w := newWorld(t)
	b := w.balanced()
	r := w.replicate(3, b)
	casts := w.hire(plays)
	over := make(chan struct{})
	go func() { defer close(over); playAll(t, casts, 2) }()
	for range kills {
		time.Sleep(500 * time.Millisecond) // somewhere in the talks
		old := r.leader()
		r.alone(t)
		old.kill()
		killed := time.Now()
		r.gone(old)
		next := r.leader()
		took := time.Since(killed)
		t.Logf("another process sends %v after the kill", took.Round(time.Millisecond))
		if took > next.within(takeover) {
			t.Errorf("nobody sent for %v", took)
		}
		b.remove(old)
		r.start()
	}
	<-over
	w.remember(casts).compare(t, calm, kills, 2)
}

// calmPlays is what so many plays leave when nothing happens.
func calmPlays(t *testing.T, plays int) *remembered {
	t.Helper()
	w := newWorld(t)
	casts := w.hire(plays)
	w.serve().ready()
	playAll(t, casts, 2)
	return w.remember(casts)
}

func TestO12_ARollingRestartOfThreeReplicasLosesAndDoublesNothingAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	const plays = 6
	calm := calmPlays(t, plays)
	w := newWorld(t)
	b := w.balanced()
	r := w.replicate(3, b)
	casts := w.hire(plays)
	over, words := make(chan struct{}), make(chan int)
	go func() { defer close(over); playAll(t, casts, 2) }()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	stop := make(chan struct{})
	go func() {
		n := 0
		defer func() { words <- n }()
		for ; ; time.Sleep(30 * time.Millisecond) {
			select {
			case <-stop:
				return
			default:
			}
			n++
			if _, err := anna.Text(fmt.Sprintf("слово %d", n)); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for range 3 {
		r.replace()
	}
	close(stop)
	written := <-words
	<-over
	w.quiet()
	w.inOrder(101, written)
	left := w.remember(casts)
	left.memory = slices.DeleteFunc(left.memory, func(line string) bool { // of those who were not there on the calm day
		return strings.Contains(line, "| 101 |") || strings.Contains(line, "| 4004 |") || strings.Contains(line, "Анна |") || strings.Contains(line, "Азамат")
	})
	left.compare(t, calm, 0, 0)
	if n := one[int](w, `SELECT count(*) FROM messages WHERE maybe_duplicate`); n != 0 {
		t.Errorf("%d messages may be doubled after restarts in order", n)
	}
}

// replace starts another process and stops the one that sends, as a deployment does: first it says that it is not ready, then it takes
// nothing more, then another one sends.
func (r *replicas) replace() {
	r.t.Helper()
	old := r.leader()
	r.start()
	began := time.Now()
	if err := old.cmd.Process.Signal(stopSignal); err != nil {
		r.t.Fatal(err)
	}
	until(r.t, "the stopping process says that it is not ready", func() bool { code, _ := old.get("/readyz"); return code != http.StatusOK })
	if code, _ := old.get("/readyz"); code != http.StatusServiceUnavailable {
		r.t.Errorf("a stopping process answers %d on /readyz", code)
	}
	if resp, err := tryPost(r.t.Context(), old.address, written(800_000+len(r.all), 800_000+int(began.UnixNano()%100_000), 4004, "слово")); err != nil || resp.StatusCode != http.StatusOK {
		r.t.Errorf("a process that is not ready any more took no message: %v", err)
	}
	r.gone(old)
	r.leader()
	led := time.Since(began) - time.Second // the time that a balancer is given
	if code := old.ended(); code != 0 {
		r.t.Errorf("exit code %d", code)
	}
	r.behind.remove(old)
	r.t.Logf("another process sends %v after the intake ended, the old one ended after %v", led.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	if led > old.within(handover) {
		r.t.Errorf("nobody sent for %v though the process stopped in order", led)
	}
}

func TestO12_ThePollingBotIsTakenOverFromAKilledProcessAndHandedOverByOneThatStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.replicate(3, nil)
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	w.quiet()
	for n, end := range []struct {
		how  string
		do   func(*program)
		most time.Duration
	}{{"killed", (*program).kill, takeover}, {"stopped", (*program).stopsInOrder, handover}} {
		old := r.poller()
		r.gone(old)
		end.do(old)
		ended := time.Now()
		next := r.poller()
		took := time.Since(ended)
		t.Logf("another process polls %v after the first was %s", took.Round(time.Millisecond), end.how)
		if took > next.within(end.most) {
			t.Errorf("%s: nobody listened for %v", end.how, took)
		}
		w.did(anna.Text(fmt.Sprintf("слово %d", n+1)))
		w.becomes(n+2, `SELECT count(*) FROM messages WHERE direction = 'in'`)
		w.quiet()
		w.becomes(1, `SELECT count(*) FROM channels WHERE channel = 'telegram' AND state = 'listening'`)
	}
	w.inOrder(101, 2)
}

func TestT11_WhoStoodByWhenTheTokenWasRevokedStaysAndIsNotStartedAgainAndAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.serve().ready()
	second := w.serve().ready()
	second.says("another copy is running")
	w.sim.SetToken("1000000001:another-token")
	refused := func(p *program) {
		t.Helper()
		until(t, "the token is refused", func() bool { _, why := p.get("/readyz"); return strings.Contains(why, "bad_credentials") })
	}
	w.did(w.person(101, "Анна").Start("")) // ends the poll that waits
	refused(first)
	refused(second)
	if !first.runs() || !second.runs() {
		t.Error("a process ended: a supervisor would start it again and again")
	}
	w.sim.SetToken(testToken) // rotated: who is started anew listens, though the others still run
	third := w.serve().ready()
	w.did(w.person(102, "Болат").Start(""))
	until(t, "a message is taken", func() bool { n := third.metric("updates_accepted_total"); return n != "" && n != "0" })
}

// poller waits until one of them polls.
func (r *replicas) poller() (p *program) {
	r.t.Helper()
	until(r.t, "one of the processes polls", func() bool {
		for _, one := range r.all {
			if one.metric("channel_listening") == "1" {
				p = one
			}
		}
		return p != nil
	})
	return p
}

func TestO12_ANumberOfWhatsAppIsTakenOverAndAFormerSenderSaysNothingOverTheNewOne(t *testing.T) {
	t.Parallel()
	n := numberOn(newWorld(t), 1)
	r := n.replicate(3, nil)
	n.online()
	anna := n.writers[0]
	well(t, anna.says("M-"+anna.payload))
	well(t, anna.reads("Что случилось?"))
	n.finished()
	for _, end := range []struct {
		how, press, then string
		do               func(*program)
		most             time.Duration
	}{
		{"killed", "💸 Взял деньги, не выдал", "Заявка уже у нас", (*program).kill, takeover},
		{"stopped", "✅ Всё, спасибо", "Починим", (*program).stopsInOrder, handover},
	} {
		old := r.leader()
		r.gone(old)
		end.do(old)
		ended := time.Now()
		next := r.leader()
		led := time.Since(ended)
		well(t, anna.chooses(end.press))
		well(t, anna.reads(end.then))
		t.Logf("another process sends %v after the first was %s, and has connected and answered after %v", led.Round(time.Millisecond), end.how, time.Since(ended).Round(time.Millisecond))
		if led > next.within(end.most) {
			t.Errorf("%s: nobody sent for %v", end.how, led)
		}
		n.finished()
		n.becomesState(whatsapp.Linked)
	}
	n.onceAndInOrder()
	if now := one[string](n.world, `SELECT state FROM channels WHERE channel = 'whatsapp'`); now != string(whatsapp.Linked) {
		t.Errorf("the number is %s by what a former process said", now)
	}
}
