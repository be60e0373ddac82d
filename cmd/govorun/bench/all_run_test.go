package bench_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govorun/cmd/govorun/bench"
	"govorun/cmd/govorun/bench/report"
	"govorun/crm/postgres/pgtest"
)

func TestARunOfColdStartsWritesATableAndRawValuesAndLeavesNothing(t *testing.T) {
	program, file := build(t), filepath.Join(t.TempDir(), "report.md")
	place, err := os.MkdirTemp("", "govorun-bench-test-")
	if err == nil {
		err = os.Chmod(place, 0o711) // a private Postgres has an account of its own, which gets into no t.TempDir
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(place) })
	t.Setenv("TMPDIR", place)
	var out, progress bytes.Buffer
	all := bench.All{Rounds: 2, Only: []string{"cold", "engine"}, Calm: 99, Output: file, Command: "govorun bench all", Version: "v1"}
	run, err := all.RunTiny(t.Context(), bench.Config{Program: program, Out: &out, Err: &progress})
	if err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	if len(run.Parts) != 2 || len(run.Parts[1].Rounds) != 2 || run.Parts[1].Lines()[0].Median <= 0 {
		t.Errorf("found was %+v", run.Parts)
	}
	for _, want := range []string{"2 rounds of engine, cold: about", "round 2 of 2: cold"} {
		if !strings.Contains(progress.String(), want) {
			t.Errorf("it was not said that %q:\n%s", want, &progress)
		}
	}
	table, err := os.ReadFile(file)
	if err != nil || out.String() != string(table) || !strings.Contains(out.String(), "of it the program") || !strings.Contains(out.String(), "PostgreSQL 1") {
		t.Errorf("printed was\n%s\nthe file holds\n%s%v", &out, table, err)
	}
	raw, err := os.ReadFile(report.RawFile(file))
	if err != nil || !json.Valid(raw) {
		t.Errorf("the raw values are %s: %v", raw, err)
	}
	if left, _ := filepath.Glob(filepath.Join(place, "govorun-bench-*")); len(left) > 0 {
		t.Errorf("left behind is %v", left)
	}
}

func TestPartsThatKeepABaseAreMeasuredInEveryRound(t *testing.T) {
	var out, progress bytes.Buffer
	all := bench.All{Rounds: 2, Calm: 99, Only: []string{"rules"}}
	run, err := all.RunTiny(t.Context(), bench.Config{Program: build(t), Out: &out, Err: &progress})
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, &progress, &out)
	}
	for _, p := range run.Parts {
		lines := p.Lines()
		if len(lines) == 0 {
			t.Errorf("%s found nothing", p.Name)
		}
		for _, l := range lines {
			if l.Values != 2 {
				t.Errorf("%s: %s has %d values of 2 rounds", p.Name, l.Name, l.Values)
			}
			if l.Aim != nil && l.Aim.Limit == 0 && !l.Met() {
				t.Errorf("%s: %s is %v", p.Name, l.Name, l.Median)
			}
		}
	}
}

func TestAnotherBotIsMeasuredBesideTheProgram(t *testing.T) {
	var report, trouble bytes.Buffer
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	turns := bench.Turns{Talks: bench.Talks{Chats: []int{2}, Measure: 500 * time.Millisecond, Rounds: 1}, Against: []bench.Bot{{Name: "echo", Command: "env " + beABot + "=1 '" + self + "'"}}}
	result, err := turns.Run(t.Context(), bench.Config{Program: build(t), Database: pgtest.Empty(t), Out: &report, Err: &trouble})
	if err != nil {
		t.Fatalf("%v\n%s", err, &trouble)
	}
	if its := result.Cells[0][0].Peers; len(its) != 1 || its[0].Pace.Turns <= 0 {
		t.Errorf("of the other bot was found %+v", its)
	}
	if !strings.Contains(report.String(), "echo in the same rounds") {
		t.Errorf("the report lacks the other bot:\n%s", &report)
	}
}

func TestADatabaseWhoseUserMayNotMakeOthersIsToldSo(t *testing.T) {
	all := bench.All{Rounds: 1, Only: []string{"cold"}}
	err := all.Run(t.Context(), bench.Config{Program: "/nowhere/govorun", Database: pgtest.Empty(t), Out: io.Discard, Err: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "ALTER ROLE … CREATEDB") {
		t.Errorf("the answer is %v", err)
	}
}

func TestAReportThatCannotBeWrittenIsToldBeforeAnythingIsMeasured(t *testing.T) {
	all := bench.All{Rounds: 1, Only: []string{"cold"}, Output: filepath.Join(t.TempDir(), "nowhere", "report.md")}
	began := time.Now()
	err := all.Run(t.Context(), bench.Config{Program: "/nowhere/govorun", Out: io.Discard, Err: io.Discard})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after %s the answer is %v", time.Since(began), err)
	}
}

// beABot makes the test binary a bot that answers each message by one: see TestMain.
const beABot = "GOVORUN_BENCH_TEST_BOT"

// echo is that bot.
func echo() error {
	http.HandleFunc("POST /tg", func(w http.ResponseWriter, r *http.Request) {
		var update struct {
			Message struct {
				Chat struct {
					ID int64 `json:"id"`
				} `json:"chat"`
			} `json:"message"`
		}
		if r.Header.Get("X-Telegram-Bot-Api-Secret-Token") != "s3cret" || json.NewDecoder(r.Body).Decode(&update) != nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		body := fmt.Sprintf(`{"chat_id": %d, "text": "yes?"}`, update.Message.Chat.ID)
		answer, err := http.Post(os.Getenv("API")+"/bot42:token/sendMessage", "application/json", strings.NewReader(body))
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		answer.Body.Close()
	})
	if os.Getenv("PGHOST") == "" || os.Getenv("PGDATABASE") == "" || !strings.HasPrefix(os.Getenv("DATABASE_URL"), "postgres://") {
		return errors.New("no database was offered")
	}
	return http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
