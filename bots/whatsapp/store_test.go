package whatsapp

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"go.mau.fi/libsignal/logger"
)

func TestX19_NothingOfPeopleStandsInWhatTheLibraryLogs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := libraryLog{slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})), ""}.Sub("Recv")
	secret := annJID.String()
	log.Errorf("Failed to handle %s: %v", secret, fmt.Errorf("store %s: %w", secret, sql.ErrNoRows))
	log.Warnf("Node %v took %d", secret, 7)
	log.Infof("Successfully paired %s", secret)
	log.Debugf("%s", secret)
	if got := out.String(); strings.Contains(got, annJID.User) || strings.Count(got, "\n") != 3 || !strings.Contains(got, "level=WARN") || !strings.Contains(got, "*fmt.wrapError") || !strings.Contains(got, "value=7") {
		t.Errorf("logged:\n%s", got)
	}
}

func TestTheLibrarysCiphersPrintNothing(t *testing.T) {
	library()
	read, write, err := os.Pipe()
	well(t, err)
	before := os.Stdout
	os.Stdout = write
	logger.Error("unable to decrypt for ", annJID.User)
	logger.Warning("old counter")
	os.Stdout = before
	well(t, write.Close())
	if printed, err := io.ReadAll(read); err != nil || len(printed) > 0 {
		t.Errorf("printed %q, %v", printed, err)
	}
}

func TestX20_WhatTheRealLibraryKeepsOfAPersonIsKnownToTheErasure(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.link(7, false)
	o.run()
	o.until(Linked)
	_, err := o.server.NewPeer("Ann", annJID, annLID).SendText(t.Context(), device(a), "hello")
	well(t, err)
	select {
	case <-o.inbox.in:
	case <-time.After(sendPatience):
		t.Fatal("nothing came")
	}
	if len(knownTo(t, o.config.Store)) == 0 {
		t.Fatal("the library knows nothing of Ann: the test looks in the wrong place")
	}
	deadline := time.Now().Add(sendPatience)
	for knows := knownTo(t, o.config.Store); len(knows) > 0; knows = knownTo(t, o.config.Store) { // it writes in the background, too
		if time.Now().After(deadline) {
			t.Fatalf("Ann stands in %v still: forget_whatsapp must learn these tables", knows)
		}
		_, err := o.config.Store.ExecContext(t.Context(), `SELECT public.forget_whatsapp(ARRAY[$1], ARRAY[$2])`, "+"+annJID.User, annLID.String())
		well(t, err)
	}
}

// knownTo names the tables in which Ann stands.
func knownTo(t *testing.T, store *sql.DB) (tables []string) {
	t.Helper()
	rows, err := store.QueryContext(t.Context(), `SELECT table_name FROM information_schema.tables WHERE table_schema = 'whatsapp'`)
	well(t, err)
	var all []string
	for rows.Next() {
		var name string
		well(t, rows.Scan(&name))
		all = append(all, name)
	}
	well(t, errors.Join(rows.Err(), rows.Close()))
	if len(all) < 15 {
		t.Fatalf("only %d tables", len(all))
	}
	for _, name := range all {
		var n int
		well(t, store.QueryRowContext(t.Context(), `SELECT count(*) FROM `+name+` r WHERE r::text ~ '`+annJID.User+`|`+annLID.User+`'`).Scan(&n))
		if n > 0 {
			tables = append(tables, name)
		}
	}
	return tables
}

func TestAStandInForWhatsAppIsTakenOnThisMachineOnly(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("ab", 32)
	for server, good := range map[Server]bool{
		{}:                                       true,
		{Address: "127.0.0.1:4443", Root: key}:   true,
		{Address: "[::1]:4443", Root: key}:       true,
		{Address: "10.0.0.7:4443", Root: key}:    false,
		{Address: "example.org:443", Root: key}:  false,
		{Address: "127.0.0.1:4443"}:              false,
		{Address: "127.0.0.1:4443", Root: "abc"}: false,
		{Root: key}:                              false,
	} {
		if err := server.Check(); (err == nil) != good {
			t.Errorf("%+v: %v", server, err)
		}
	}
}

func TestTheDayOfTheLibraryIsReadFromItsVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"v0.0.0-20260921121126-35ae40906e74": "2026-09-21", "v1.2.3-0.20270102030405-abcdefabcdef": "2027-01-02", "v1.2.3": "0001-01-01"} {
		if got := dateOf(version).Format(time.DateOnly); got != want {
			t.Errorf("%s is of %s", version, got)
		}
	}
}

func TestEveryStateIsOneSentenceWithWhatToDo(t *testing.T) {
	t.Parallel()
	for _, kind := range []StateKind{Unlinked, Connecting, Linked, PhoneUnseen, Offline, LoggedOut, Outdated, Banned, Replaced, StoreAway, Stopped} {
		if s := Sentence("whatsapp:second", kind, "", time.Now()); s == "" || strings.Contains(s, "\n") || (kind == Unlinked || kind == LoggedOut) && !strings.Contains(s, "`govorun pair --name second`") {
			t.Errorf("%s: %q", kind, s)
		}
	}
}
