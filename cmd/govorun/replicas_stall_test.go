//go:build unix

package main

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"govorun/bots/whatsapp"
)

// standsStill stops a process as a machine that hangs does: its connections stay, and nothing answers.
func (p *program) standsStill() {
	p.t.Helper()
	well(p.t, p.cmd.Process.Signal(syscall.SIGSTOP))
}

func (p *program) goesOn() {
	p.t.Helper()
	well(p.t, p.cmd.Process.Signal(syscall.SIGCONT))
}

func TestO12_ABotWhoseProcessStandsStillIsTakenOverAndItSaysNothingMoreWhenItGoesOn(t *testing.T) {
	t.Parallel()
	const words = 9
	w := newWorld(t)
	w.env = append(w.env, "GOVORUN_TELEGRAM_LIMITS=usual") // a message a second: most answers wait in the memory of the sender
	old := w.serve().ready()
	old.says("outbox_leads")
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	for n := range words {
		w.did(anna.Text(fmt.Sprintf("слово %d", n+1)))
	}
	w.becomes(words+1, `SELECT count(*) FROM messages WHERE direction = 'in'`)
	next := w.serve().ready()
	next.says("another copy is running")
	old.standsStill()
	began := time.Now()
	w.did(anna.Text(fmt.Sprintf("слово %d", words+1)))
	next.says("outbox_leads")
	w.becomes(words+2, `SELECT count(*) FROM messages WHERE direction = 'in'`)
	took := time.Since(began)
	t.Logf("another process listens and sends after %v", took.Round(time.Millisecond))
	if took > next.within(takeover) {
		t.Errorf("nobody listened and sent for %v", took)
	}
	old.goesOn()
	old.says("outbox_interrupted")
	w.quiet()
	w.inOrder(101, words+1)
	written, shown := one[int](w, `SELECT count(*) FROM messages WHERE direction = 'out' AND kind = 'message' AND status = 'sent'`), 0
	for _, m := range w.sim.Messages(101) {
		if m.From.IsBot {
			shown++
		}
	}
	if doubtful := one[int](w, `SELECT count(*) FROM messages WHERE maybe_duplicate`); shown < written || shown > written+min(doubtful, 1) {
		t.Errorf("%d messages are written to Anna, %d of them in doubt, and %d stand on her phone", written, doubtful, shown)
	}
}

func TestO12_ANumberWhoseProcessStandsStillIsTakenOverAndItDisturbsNobodyWhenItGoesOn(t *testing.T) {
	t.Parallel()
	n := numberOn(newWorld(t), 1)
	r := n.replicate(2, nil)
	n.online()
	anna := n.writers[0]
	well(t, anna.says("M-"+anna.payload))
	well(t, anna.reads("Что случилось?"))
	n.finished()
	old := r.leader()
	r.gone(old)
	old.standsStill()
	began := time.Now()
	well(t, anna.chooses("💸 Взял деньги, не выдал"))
	next := r.leader()
	led := time.Since(began)
	well(t, anna.reads("Заявка уже у нас"))
	t.Logf("another process sends after %v and has answered after %v", led.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	if led > next.within(takeover) {
		t.Errorf("nobody sent for %v", led)
	}
	old.goesOn()
	old.says("outbox_interrupted")
	well(t, anna.chooses("✅ Всё, спасибо"))
	well(t, anna.reads("Починим"))
	n.finished()
	n.onceAndInOrder()
	if now := one[string](n.world, `SELECT state FROM channels WHERE channel = 'whatsapp'`); now != string(whatsapp.Linked) {
		t.Errorf("the number is %s by what a former process said", now)
	}
}
