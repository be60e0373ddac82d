package main

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"govorun/bots/whatsapp"
	walled "govorun/bots/whatsapp/simulator"
	"govorun/crm/postgres/cluster"
)

// reporters is how many people write at a time.
const reporters = 3

// whatsappKills is how often the program is killed, unless GOVORUN_CRASH_KILLS says otherwise.
const whatsappKills = 4

func TestCrash_KilledDuringTalksOnWhatsAppEveryMessageIsStoredOnceAndEveryAnswerStandsOnThePhoneOnce(t *testing.T) {
	t.Parallel()
	kills := whatsappKills
	if os.Getenv("GOVORUN_CRASH_KILLS") != "" {
		kills = wantedKills(t)
	}
	writers := max(reporters, kills/2)
	var deals, read []string
	t.Run("nobody kills it", func(t *testing.T) { deals, read = calmReports(t, writers) })
	t.Run("it is killed", func(t *testing.T) {
		n := numberOn(newWorld(t), writers)
		over, ended := make(chan struct{}), make(chan int)
		p := n.serve()
		go func() { ended <- n.killing(p, kills, over) }()
		n.reports()()
		close(over)
		killed := <-ended
		if killed < kills/2 {
			t.Errorf("the talks were over after %d of %d kills", killed, kills)
		}
		n.finished()
		t.Logf("%d kills, %d messages went out twice under their ids", killed, n.onceAndInOrder())
		n.sameAs(deals, read)
	})
}

func TestW24_KilledBetweenWhatsAppsAnswerAndOurMarkTheMessageGoesOutAgainUnderItsIDAndIsSeenOnce(t *testing.T) {
	t.Parallel()
	n := numberOn(newWorld(t), 1)
	p := n.serve().ready()
	n.online()
	anna := n.writers[0]
	well(t, n.wa.FaultNextSend(n.own, walled.SendFault{NoAck: true})) // the phone has it, we do not know
	well(t, anna.says("M-"+anna.payload))
	well(t, anna.reads("Что случилось?"))
	p.kill()
	n.keptWhatItAcknowledged()
	n.serve().ready()
	n.finished()
	if copies := n.onceAndInOrder(); copies != 1 {
		t.Errorf("it went out %d times more, want once: the point was missed", copies)
	}
	if n := one[int](n.world, `SELECT count(*) FROM messages WHERE maybe_duplicate`) + one[int](n.world, `SELECT count(*) FROM events WHERE kind = 'alert_doubtful'`); n != 0 {
		t.Error("people are told of doubles that nobody sees")
	}
	well(t, anna.chooses("💸 Взял деньги, не выдал")) // the number of either is good
	well(t, anna.reads("Заявка уже у нас"))
	n.finished()
	n.onceAndInOrder()
}

func TestW02_ThePostgresServerIsStoppedAndKilledDuringTalksOnWhatsAppAndAllIsStoredOnceAndAnsweredOnce(t *testing.T) {
	t.Parallel()
	base := newBase(t)
	n := numberOn(worldOn(t, base.c.DSN(cluster.Database)), reporters)
	p := n.serve().ready()
	n.online()
	over := n.reports()
	well(t, n.writers[0].reads("Что случилось?"))
	base.stop()
	time.Sleep(time.Second) // people write on
	base.start()
	well(t, n.writers[0].reads("Голосовое"))
	base.kill()
	base.start()
	over()
	n.db.Pool.Reset()
	n.finished()
	n.onceAndInOrder()
	p.ready()
	if n := one[int](n.world, `SELECT count(*) FROM deals`); n != reporters {
		t.Errorf("%d deals of %d reports", n, reporters)
	}
}

func TestW07_UnlinkedByItsPhoneTheNumberIsLinkedAgainAndWhatWaitedGoesOutOnce(t *testing.T) {
	t.Parallel()
	n := numberOn(newWorld(t), 1)
	p := n.serve().ready()
	n.online()
	anna := n.writers[0]
	well(t, anna.says("M-"+anna.payload))
	well(t, anna.reads("Что случилось?"))
	n.finished()
	well(t, n.wa.FaultNextSend(n.own, walled.SendFault{Slow: patience})) // the answer does not get away before the link ends
	well(t, anna.chooses("💸 Взял деньги, не выдал"))
	n.becomes(1, `SELECT count(*) FROM deals`)
	well(t, n.wa.Unlink(n.own))
	n.becomesState(whatsapp.LoggedOut)
	p.kill() // what waits is not in its memory alone
	p = n.serve()
	p.says("web server listens")
	if says := n.pair(8); !strings.Contains(says, "has it") {
		t.Errorf("the program that serves does not take the number over:\n%s", says)
	}
	well(t, anna.reads("Заявка уже у нас"))
	n.finished()
	if copies := n.onceAndInOrder(); copies > 0 {
		t.Errorf("%d messages went out twice", copies)
	}
	well(t, anna.chooses("✅ Всё, спасибо"))
	well(t, anna.reads("Починим"))
	n.finished()
	n.onceAndInOrder()
	p.ready()
}

func TestW08_OfTwoProgramsOnOneNumberTheSecondStandsByUntilTheFirstIsKilledAndNothingIsDoubled(t *testing.T) {
	t.Parallel()
	n := numberOn(newWorld(t), reporters)
	first := n.serve().ready()
	n.online()
	second := n.serve().ready()
	over := n.reports()
	well(t, n.writers[0].reads("Голосовое"))
	if strings.Contains(second.out.String(), "outbox_leads") {
		t.Error("both programs send")
	}
	first.kill()
	well(t, n.wa.WaitOffline(waiting(t), n.own))
	if took := n.online(); took > second.within(10*time.Second) {
		t.Errorf("the second program took over after %v", took)
	}
	over()
	n.finished()
	n.onceAndInOrder()
	if strings.Contains(first.out.String()+second.out.String(), "state="+string(whatsapp.Replaced)) {
		t.Error("one of them took the connection from the other")
	}
}

// killing kills the program at random moments until it did so often enough or everything is over, and gives how often it did. Now and then the
// program dies while it starts.
func (n *number) killing(p *program, kills int, over <-chan struct{}) (killed int) {
	random := rand.New(rand.NewPCG(6, 214))
	for killed < kills {
		if random.IntN(4) > 0 {
			n.wa.WaitOnline(n.t.Context(), n.own)
		}
		select {
		case <-over:
			return killed
		case <-time.After(time.Duration(20+random.IntN(400)) * time.Millisecond):
		}
		p.kill()
		killed++
		n.keptWhatItAcknowledged()
		p = n.serve()
	}
	return killed
}
