package bench_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"govorun/cmd/govorun/bench"
	"govorun/crm/postgres/pgtest"
)

func TestAShortRunOverWhatsAppLosesAndDoublesNothing(t *testing.T) {
	var report, trouble bytes.Buffer
	w := bench.WhatsApp{Talks: bench.Talks{Chats: []int{3}, Measure: time.Second, Warm: 200 * time.Millisecond, Rounds: 1}, Starts: 1}
	result, err := w.Run(t.Context(), bench.Config{Program: build(t), Database: pgtest.Empty(t), Out: &report, Err: &trouble})
	if err != nil {
		t.Fatalf("%v\n%s", err, &trouble)
	}
	if result.Lost != 0 || result.Doubled != 0 {
		t.Errorf("lost %d, doubled %d: played %+v, stored %+v", result.Lost, result.Doubled, result.Played, result.Stored)
	}
	if result.Played.Dialogs < 1 || result.Stored.Deals != result.Played.Dialogs || result.Stored.Inbound != result.Played.Acknowledged {
		t.Errorf("played %+v, stored %+v", result.Played, result.Stored)
	}
	cell := result.Cells[0][0]
	if cell.Pace.Turns <= 0 || cell.Echo.Turns <= 0 || len(result.Cold) != 1 || result.Cold[0] <= 0 {
		t.Errorf("measured %+v, cold %v", cell, result.Cold)
	}
	for _, words := range []string{"turns/floor", "first answer of its number", "Lost 0, doubled 0"} {
		if !strings.Contains(report.String(), words) {
			t.Errorf("the report does not say %q:\n%s", words, &report)
		}
	}
}
