package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govorun/bots/simulator"
	"govorun/crm"
	"govorun/crm/demo"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

const patientToken = "123456:of-the-patient-AAAA"

// patient is a setup that the doctor examines: a database with the demo company, a simulated Telegram, a data folder.
type patient struct {
	t   *testing.T
	dsn string
	db  *postgres.DB
	sim *simulator.Server
}

func newPatient(t *testing.T) *patient {
	t.Helper()
	p := &patient{t: t, dsn: pgtest.DSN(t)}
	p.db = openStored(t, p.dsn)
	_, err := demo.Load(t.Context(), p.db, "telegram")
	well(t, err)
	var api string
	p.sim, api = simulate(t, simulator.Options{Token: patientToken, Username: "vending_bot"}, nil)
	p.set("DATABASE_URL", p.dsn, "GOVORUN_DATA", openFolder(t), "GOVORUN_TELEGRAM_TOKEN", patientToken, "GOVORUN_TELEGRAM_API", api,
		"GOVORUN_TELEGRAM_WEBHOOK", "", "GOVORUN_TELEGRAM_SECRET", "", "GOVORUN_KIT", "vending", "GOVORUN_PGBIN", "")
	return p
}

// openFolder is a temporary folder that the account of a private PostgreSQL can reach.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "govorun-doctor-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (p *patient) set(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		p.t.Setenv(pairs[i], pairs[i+1])
	}
}

// examined gives what the doctor prints, with runs of spaces as one, and its exit code.
func examined(t *testing.T, args ...string) (says string, code int) {
	t.Helper()
	var out bytes.Buffer
	code = run(t.Context(), append([]string{"doctor"}, args...), stdio{strings.NewReader(""), &out, &out})
	return strings.Join(strings.Fields(out.String()), " "), code
}

// finds examines the patient and expects sentences, an exit code, and no secret.
func (p *patient) finds(code int, sentences ...string) {
	p.t.Helper()
	says, got := examined(p.t)
	for _, s := range sentences {
		if !strings.Contains(says, s) {
			p.t.Errorf("the doctor does not say %q", s)
		}
	}
	if got != code {
		p.t.Errorf("exit code %d, want %d", got, code)
	}
	if strings.Contains(says, "of-the-patient") {
		p.t.Error("the token is shown")
	}
	if p.t.Failed() {
		p.t.Logf("it says:\n%s", says)
	}
}

func TestASoundSetupIsInOrder(t *testing.T) {
	p := newPatient(t)
	p.finds(exitOK, "ok data folder", "ok disk", "ok kit vending", "ok postgres PostgreSQL", "ok role govorun is no superuser", "ok letters",
		"ok clock", "ok schema", "ok company", "ok dead letters none", "ok token it is @vending_bot's", "ok webhook none is registered",
		"Everything is in order.")
}

func TestTheDoctorSeesWhatWaitsInTheDatabase(t *testing.T) {
	p := newPatient(t)
	ctx := t.Context()
	well(t, p.db.SetChannelState(ctx, "telegram", "bad_credentials", "the token is refused"))
	well(t, p.db.Hold(ctx, crm.Address{Channel: "telegram"}, time.Minute, "flood"))
	_, err := p.db.Pool.Exec(ctx, `INSERT INTO dead_letters (source, channel, chat, payload, error, attempts) VALUES ('inbound', 'telegram', '7', '{}', 'poison', 5)`)
	well(t, err)
	_, err = p.db.Pool.Exec(ctx, `INSERT INTO deals (pipeline, stage, status) VALUES ('call_centre', 'gone', 'open')`)
	well(t, err)
	p.finds(exitTrouble, "problem telegram bad credentials since", "the token is refused", "warning telegram told to write nothing for another",
		"warning dead letters 1 message", "Fix: govorun dead", "problem stages 1 open deal on stage gone of pipeline call_centre")
}

func TestT10_TheDoctorFindsAWebhookThatHindersPolling(t *testing.T) {
	p := newPatient(t)
	p.webhook("http://127.0.0.1:1/elsewhere", "")
	p.finds(exitTrouble, "problem webhook a webhook is registered", "govorun serve --delete-webhook")
	p.set("GOVORUN_TELEGRAM_WEBHOOK", "http://127.0.0.1:1/telegram", "GOVORUN_TELEGRAM_SECRET", "short")
	p.finds(exitOK, "warning webhook another address is registered", "warning secret it has 5 letters")
	p.webhook("http://127.0.0.1:1/telegram", `,"allowed_updates":["message"]`)
	p.set("GOVORUN_TELEGRAM_SECRET", "0123456789abcdef0123456789abcdef")
	p.finds(exitTrouble, "ok webhook it is registered", "ok secret", "problem updates the registered webhook does not ask for")
}

// webhook registers a webhook at the simulated Telegram, as another program would.
func (p *patient) webhook(address, more string) {
	p.t.Helper()
	call := httptest.NewRequest("POST", "/bot"+patientToken+"/setWebhook", strings.NewReader(`{"url":"`+address+`"`+more+`}`))
	call.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	p.sim.ServeHTTP(answer, call)
	if answer.Code != 200 {
		p.t.Fatalf("setWebhook: %s", answer.Body)
	}
}

func TestT11_TheDoctorFindsARefusedToken(t *testing.T) {
	p := newPatient(t)
	p.sim.SetToken("999:another-token-altogether")
	p.finds(exitTrouble, "problem token the bot's token is refused by Telegram")
	p.set("GOVORUN_TELEGRAM_TOKEN", "")
	p.finds(exitTrouble, "problem token there is none", "@BotFather")
	p.set("GOVORUN_TELEGRAM_TOKEN", "hello")
	p.finds(exitTrouble, "problem telegram the Telegram token does not look like")
}

func TestX01_TheDoctorFindsAWebhookWithoutASecret(t *testing.T) {
	p := newPatient(t)
	p.set("GOVORUN_TELEGRAM_WEBHOOK", "https://bot.example/telegram")
	p.finds(exitTrouble, "webhook mode needs a secret")
}

func TestM03_TheDoctorFindsANewerSchema(t *testing.T) {
	p := newPatient(t)
	_, err := p.db.Pool.Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
	well(t, err)
	p.finds(exitTrouble, "problem schema database is at version 9999", "start the newer program")
}

func TestAnEmptyDatabaseStaysEmpty(t *testing.T) {
	p := newPatient(t)
	empty := pgtest.Empty(t)
	p.set("DATABASE_URL", empty)
	p.finds(exitOK, "warning schema the database is empty or of an older program", "1 warning, no problem: govorun can run.")
	p.finds(exitOK, "warning schema") // the first examination has not made a schema
}

func TestM08_ADatabaseWithAnotherTimeIsAFinding(t *testing.T) {
	for _, fast := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute} {
		var out bytes.Buffer
		d := &doctor{settings: &settings{Database: pgtest.DSN(t), Kit: "vending"}, out: &out, now: func() time.Time { return time.Now().Add(fast) }}
		d.database(t.Context())
		found := strings.Contains(out.String(), "timedatectl")
		if found != (fast != 0) || fast > 0 != strings.Contains(out.String(), "5m0s behind") || fast < 0 != strings.Contains(out.String(), "5m0s ahead of") {
			t.Errorf("with a clock that is %v fast the doctor says:\n%s", fast, &out)
		}
	}
}

func TestThePrivateDatabaseIsExaminedBeforeAfterAndBesideItsProgram(t *testing.T) {
	p := newPatient(t)
	data := filepath.Join(openFolder(t), "data")
	p.set("DATABASE_URL", "", "GOVORUN_DATA", data)
	p.finds(exitOK, "ok data folder "+data+" will be made at the first start", "makes a private database at the first start", "ok letters")
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("the doctor left %s behind", data)
	}
	db, err := postgres.Open(t.Context(), postgres.Config{DataDir: data})
	well(t, err)
	p.finds(exitOK, fmt.Sprintf("ok program process %d runs on this data folder", os.Getpid()), "ok schema", "warning company there are no machines")
	well(t, db.Close(context.Background()))
	p.finds(exitOK, "ok program no other program runs", "ok schema", "warning company there are no machines")
}

func TestADatabaseThatIsNotThereIsAProblemWithoutItsPassword(t *testing.T) {
	p := newPatient(t)
	u, err := url.Parse(p.dsn)
	well(t, err)
	u.User, u.Path = url.UserPassword("govorun", "hush-hush"), "/nowhere"
	p.set("DATABASE_URL", u.String())
	says, code := examined(t)
	if code != exitTrouble || !strings.Contains(says, "problem postgres there is no database nowhere") || strings.Contains(says, "hush-hush") {
		t.Errorf("exit code %d and:\n%s", code, says)
	}
}

func TestASuperuserInTheAddressIsAWarning(t *testing.T) {
	p := newPatient(t)
	u, err := url.Parse(p.dsn)
	well(t, err)
	u.User = url.User("postgres")
	p.set("DATABASE_URL", u.String())
	p.finds(exitOK, "warning role postgres is above row-level security; the program works as role govorun")
}

func TestWrongSettingsAreProblems(t *testing.T) {
	p := newPatient(t)
	file := filepath.Join(openFolder(t), "file")
	well(t, os.WriteFile(file, nil, 0o600))
	p.set("GOVORUN_DATA", file, "GOVORUN_KIT", "nosuchkit")
	p.finds(exitTrouble, "problem data folder "+file, "is a file", `problem kit there is no kit "nosuchkit"`)
	if says, code := examined(t, "--nosuchflag"); code != exitUsage || !strings.Contains(says, "unknown flag") {
		t.Errorf("an unknown flag gives code %d and %q", code, says)
	}
	if says, code := examined(t, "--help"); code != exitOK || !strings.Contains(says, "Examples:") {
		t.Errorf("--help gives code %d and %q", code, says)
	}
}

func well(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
