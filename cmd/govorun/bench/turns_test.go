package bench_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/cmd/govorun/bench"
	"govorun/crm/postgres/pgtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(beABot) != "" {
		fmt.Fprintln(os.Stderr, echo())
		os.Exit(1)
	}
	code := pgtest.Run(m)
	os.RemoveAll(folder())
	os.Exit(code)
}

// folder is where the program lies that is to be measured.
var folder = sync.OnceValue(func() string {
	dir, _ := os.MkdirTemp("", "govorun-bench-") // without a folder the program is not built, which is told
	return dir
})

// built makes the program, once for all tests.
var built = sync.OnceValues(func() (string, error) {
	file := filepath.Join(folder(), "govorun")
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", file, "govorun/cmd/govorun").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return file, nil
})

// build gives the program that is to be measured.
func build(t *testing.T) string {
	t.Helper()
	file, err := built()
	if err != nil {
		t.Fatalf("build the program: %v", err)
	}
	return file
}

func TestAShortRunOfTurnsLosesAndDoublesNothing(t *testing.T) {
	var report, trouble bytes.Buffer
	turns := bench.Turns{Talks: bench.Talks{Chats: []int{4}, Measure: time.Second, Warm: 200 * time.Millisecond, Rounds: 1}, Floors: true}
	result, err := turns.Run(t.Context(), bench.Config{Program: build(t), Database: pgtest.Empty(t), Out: &report, Err: &trouble})
	if err != nil {
		t.Fatalf("%v\n%s", err, &trouble)
	}
	if result.Lost != 0 || result.Doubled != 0 {
		t.Errorf("lost %d, doubled %d: played %+v, stored %+v", result.Lost, result.Doubled, result.Played, result.Stored)
	}
	if result.Played.Dialogs < 2 || result.Stored.Deals != result.Played.Dialogs || result.Stored.Inbound != result.Played.Acknowledged {
		t.Errorf("played %+v, stored %+v", result.Played, result.Stored)
	}
	for _, want := range []string{"turns/s", "p99 ms", "F2", "Lost 0, doubled 0"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, &report)
		}
	}
}

func TestADatabaseWithConversationsIsNotMeasured(t *testing.T) {
	db := pgtest.New(t)
	if _, err := db.Pool.Exec(t.Context(), `INSERT INTO conversations (channel, chat) VALUES ('telegram', '7')`); err != nil {
		t.Fatal(err)
	}
	address := db.Pool.Config().ConnString()
	err := bench.Cold(t.Context(), bench.Config{Program: "/nowhere/govorun", Database: address, Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}, 1)
	if err == nil || !strings.Contains(err.Error(), "give an empty database") {
		t.Errorf("the answer is %v", err)
	}
}
