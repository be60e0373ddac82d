package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
	"govorun/migrations"
)

// pieces hands rows out one table after the other.
func pieces(tables ...string) func() (string, io.Reader, error) {
	return func() (string, io.Reader, error) {
		if len(tables) == 0 {
			return "", nil, io.EOF
		}
		name, lines := tables[0], tables[1]
		tables = tables[2:]
		return name, strings.NewReader(lines), nil
	}
}

// copied is a backup in memory.
func copied(t *testing.T, db *postgres.DB) (postgres.Contents, func() (string, io.Reader, error)) {
	t.Helper()
	s, err := db.Snapshot(t.Context())
	must(t, err)
	defer s.Close()
	var all []string
	for _, table := range s.Tables {
		var lines bytes.Buffer
		_, err := s.Copy(t.Context(), table, &lines)
		must(t, err)
		all = append(all, table.Name, lines.String())
	}
	return s.Contents, pieces(all...)
}

func TestM05_AWholeWorldIsRestoredAsItWasAndItsNumbersGoOnBehindAGap(t *testing.T) {
	t.Parallel()
	db, again := pgtest.New(t), pgtest.New(t)
	world(t, db)
	for _, sql := range []string{ // a month that stands apart
		`CREATE TABLE events_2019_07 (LIKE events INCLUDING ALL)`, `COMMENT ON TABLE events_2019_07 IS 'FOR VALUES FROM (''1'') TO (''2'')'`,
		`INSERT INTO events_2019_07 (id, at, kind, author) VALUES (1, now(), 'comment', 'bot')`,
	} {
		if _, err := db.Pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	contents, rows := copied(t, db)
	last := number(t, db, `SELECT max(id) FROM deals`)
	_, err := again.Restore(t.Context(), postgres.Restoring{Contents: contents, Rows: rows})
	must(t, err)
	for _, table := range contents.Tables {
		if table.Name == "backups" {
			continue
		}
		if before, after := number(t, db, "SELECT count(*) FROM "+table.Name), number(t, again, "SELECT count(*) FROM "+table.Name); before != after {
			t.Errorf("of %d rows of %s %d are restored", before, table.Name, after)
		}
	}
	for _, what := range []string{
		`SELECT string_agg(format('%s %s %s', conrelid::regclass, conname, convalidated), ', ' ORDER BY conname) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = 'f'`,
		`SELECT string_agg(format('%s %s', tgname, tgenabled), ', ' ORDER BY tgname, tgrelid::regclass::text) FROM pg_trigger WHERE NOT tgisinternal`,
		`SELECT string_agg(format('%s %s %s', relname, relrowsecurity, relforcerowsecurity), ', ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`,
		`SELECT md5(string_agg(d::text, '' ORDER BY id)) FROM deals d`,
	} {
		if before, after := value(t, db, what), value(t, again, what); before != after {
			t.Errorf("%s\ngave  %s\nand now %s", what, before, after)
		}
	}
	if next := number(t, again, `SELECT nextval(pg_get_serial_sequence('deals', 'id'))`); next < last+1000 {
		t.Errorf("after deal %d comes deal %d, whose old buttons people may still have", last, next)
	}
}

func TestM05_MessagesGoOnInTheMonthOfTodayBehindAllThatWereLost(t *testing.T) {
	t.Parallel()
	db, again := pgtest.New(t), pgtest.New(t)
	exec(t, db, `SELECT setval('messages_id_seq', ((month_number(now()) - 1) << 36) + 40), setval('events_id_seq', month_number(now()) << 36, false)`) // around the turn of a month
	contents, rows := copied(t, db)
	_, err := again.Restore(t.Context(), postgres.Restoring{Contents: contents, Rows: rows})
	must(t, err)
	for _, table := range []string{"messages", "events"} {
		if n := number(t, again, `SELECT nextval($1::text::regclass) - (month_number(now()) << 36)`, table+"_id_seq"); n < 1<<30 || n > 1<<31 {
			t.Errorf("%s go on with number %d of this month", table, n)
		}
	}
	if _, fresh := come(t, again, "7", "m:1"); !fresh {
		t.Error("nobody can write any more")
	}
}

func TestARestoreRefusesADatabaseInWhichAnotherProgramKeepsTables(t *testing.T) {
	t.Parallel()
	db, other := pgtest.New(t), pgtest.New(t)
	exec(t, db, `CREATE TABLE invoices (id bigint)`)
	contents, rows := copied(t, other)
	_, err := db.Restore(t.Context(), postgres.Restoring{Contents: contents, Rows: rows, Replace: true})
	if err == nil || !strings.Contains(err.Error(), "(invoices)") {
		t.Errorf("got %v", err)
	}
	if n := number(t, db, `SELECT count(*) FROM invoices`); n != 0 {
		t.Errorf("%d invoices", n)
	}
}

func TestM05_ARestoreThatFailsInTheMiddleChangesNothing(t *testing.T) {
	t.Parallel()
	db, other := pgtest.New(t), pgtest.New(t)
	world(t, db)
	deals := number(t, db, `SELECT count(*) FROM deals`)
	contents, _ := copied(t, other)
	broken := errors.New("the backup is damaged")
	_, err := db.Restore(t.Context(), postgres.Restoring{Contents: contents, Replace: true, Rows: func() (string, io.Reader, error) { return "", nil, broken }})
	if !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if n := number(t, db, `SELECT count(*) FROM deals`); n != deals {
		t.Errorf("%d of %d deals are left", n, deals)
	}
	var held *postgres.NotEmptyError
	if _, err := db.Restore(t.Context(), postgres.Restoring{Contents: contents, Rows: pieces()}); !errors.As(err, &held) || held.Deals != int64(deals) {
		t.Errorf("a database with deals: %v", err)
	}
}

func TestM03_ABackupOfANewerProgramIsRefusedAndAnOlderOneIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var newer *migrations.NewerError
	if _, err := db.Restore(t.Context(), postgres.Restoring{Contents: postgres.Contents{Schema: 90_000}, Rows: pieces()}); !errors.As(err, &newer) {
		t.Fatalf("got %v", err)
	}
	var versions strings.Builder
	for v := range 21 {
		fmt.Fprintf(&versions, "%d\t%d\tt\n", v+1, v)
	}
	done, err := db.Restore(t.Context(), postgres.Restoring{Contents: postgres.Contents{At: time.Now(), Schema: 20,
		Tables: []postgres.SavedTable{
			{Name: "contacts", Columns: []string{"id", "name"}},
			{Name: "conversations", Columns: []string{"id", "channel", "chat", "contact_id"}},
			{Name: "goose_db_version", Columns: []string{"id", "version_id", "is_applied"}},
			{Name: "messages", Columns: []string{"id", "conversation_id", "direction", "author", "kind", "status", "content"}},
		},
		Sequences: []postgres.SavedSequence{{Name: "contacts_id_seq", Last: 7}, {Name: "goose_db_version_id_seq", Last: 21}},
	}, Rows: pieces("contacts", "7\tAnn\n", "conversations", "3\ttelegram\t101\t7\n", "goose_db_version", versions.String(),
		"messages", "1\t3\tin\tperson\ttext\treceived\t{}\n2\t3\tout\tbot\ttext\tqueued\t{\"text\": \"Hello\"}\n")})
	must(t, err)
	if done.Aside != 1 || done.Rows != 25 {
		t.Errorf("restored %+v", done)
	}
	if got := value(t, db, `SELECT string_agg(status, ' ' ORDER BY id) FROM messages`); got != "received cancelled" {
		t.Errorf("messages are %s", got)
	}
	again := opened(t, db.Pool.Config().ConnString()) // it has nothing to migrate
	if got := value(t, again, `SELECT name FROM contacts`); got != "Ann" {
		t.Errorf("the contact is called %q", got)
	}
	if err := again.NoteBackup(context.Background(), time.Now(), 1); err != nil {
		t.Errorf("the schema is not of today: %v", err)
	}
}
