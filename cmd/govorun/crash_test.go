package main

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// wantedKills is how often the crash test kills the program in each mode: 5, or as GOVORUN_CRASH_KILLS says for a longer run
// (GOVORUN_CRASH_KILLS=200 go test ./cmd/govorun -run TestCrash -timeout 1h -v).
func wantedKills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("GOVORUN_CRASH_KILLS")
	if text == "" {
		return 5
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("GOVORUN_CRASH_KILLS=%s is no number of kills", text)
	}
	return n
}

// playsAtOnce is how many plays run at a time. A play takes about five seconds, and three kills happen meanwhile.
const playsAtOnce = 3

// TestCrash_TheProgramIsKilledDuringTalksAndTheCRMIsThatOfAnUnkilledRun kills the program at random moments while people talk with
// it, and compares what it remembers, and what people saw, with a run in which nothing happened. It covers T04, T05 and S01
// at moments nobody chose; crash_points_test.go chooses them.
func TestCrash_TheProgramIsKilledDuringTalksAndTheCRMIsThatOfAnUnkilledRun(t *testing.T) {
	t.Parallel()
	kills := wantedKills(t)
	plays := max(4, kills)
	var calm *remembered
	ready := make(chan struct{})
	t.Run("nobody kills it", func(t *testing.T) {
		t.Parallel()
		defer close(ready)
		w := newWorld(t)
		casts := w.hire(plays)
		w.serve().ready()
		playAll(t, casts, playsAtOnce)
		calm = w.remember(casts)
		calm.compare(t, calm, 0, 0)
	})
	for mode, seed := range map[string]uint64{"polling": 1, "webhook": 2} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if mode == "webhook" {
				w.webhook()
			}
			casts := w.hire(plays)
			killed := w.killing(casts, playsAtOnce, kills, seed)
			if killed < kills {
				t.Errorf("the talks were over after %d of %d kills", killed, kills)
			}
			left := w.remember(casts)
			<-ready
			if calm == nil {
				t.Fatal("the run without kills failed: there is nothing to compare with")
			}
			left.compare(t, calm, killed, playsAtOnce)
		})
	}
}

// killing plays all casts, a few at once, while the program is killed at random moments, and gives how often it was.
func (w *world) killing(casts []*cast, atOnce, kills int, seed uint64) (killed int) {
	w.t.Helper()
	random := rand.New(rand.NewPCG(seed, 214))
	over, ended := make(chan struct{}), make(chan int)
	p := w.serve().ready()
	go func() {
		n := 0
		defer func() { ended <- n }()
		for n < kills {
			select {
			case <-over:
				return
			case <-time.After(time.Duration(100+random.IntN(800)) * time.Millisecond):
			}
			p.kill()
			n++
			p = w.serve()
			for code := 0; code != 200 && random.IntN(4) > 0; code, _ = p.get("/readyz") { // now and then it dies while it starts
				time.Sleep(10 * time.Millisecond)
			}
		}
	}()
	playAll(w.t, casts, atOnce)
	close(over)
	return <-ended
}
