package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// archiveWorld is a month that is over: Bob's and Ann's talks with a deal each, and a card of Bob's in a group of employees.
func archiveWorld(t *testing.T) (db *postgres.DB, month string, bob crm.MessageID) {
	t.Helper()
	db = pgtest.New(t)
	bob, _ = come(t, db, "7", "m:1")
	come(t, db, "8", "m:1")
	exec(t, db, `INSERT INTO contacts (id, name, phone) VALUES (10, 'Bob Marley', '+77071234567'), (11, 'Ann Lee', '+77070000000');
		UPDATE conversations SET contact_id = CASE WHEN chat = '7' THEN 10 ELSE 11 END;
		INSERT INTO identities (channel, address, contact_id) VALUES ('telegram', '7', 10), ('telegram', '8', 11);
		INSERT INTO deals (id, pipeline, stage, status, contact_id, conversation_id) SELECT contact_id, 'p', 's', 'open', contact_id, id FROM conversations;
		INSERT INTO events (at, kind, author, deal_id, contact_id, message_id, data) SELECT now(), 'comment', 'bot', d.id, d.contact_id, m.id, '{"text": "said"}'
			FROM deals d JOIN messages m ON m.conversation_id = d.conversation_id;
		INSERT INTO conversations (id, channel, chat, grouped) VALUES (900, 'telegram', '-1', true);
		INSERT INTO messages (conversation_id, direction, author, kind, status, content, card) VALUES (900, 'out', 'bot', 'message', 'sent', '{"text": "Bob Marley calls"}', 'deal:10')`)
	keepMonths(t, db, nextMonth(1))
	return db, time.Now().UTC().Format("2006-01"), bob
}

func TestAMonthIsTakenOutAndBroughtBackAndWhatPointsThereGoesOn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, month, bob := archiveWorld(t)
	if err := db.DetachMonth(ctx, nextMonth(1).Format("2006-01")); err == nil {
		t.Error("the month into which messages fall is taken out")
	}
	must(t, db.DetachMonth(ctx, month))
	must(t, db.DetachMonth(ctx, month)) // again changes nothing
	if n := number(t, db, `SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM events)`); n != 0 {
		t.Errorf("%d rows are still read", n)
	}
	if _, fresh := come(t, db, "7", "m:1"); fresh {
		t.Error("a late redelivery of that month is taken for a new message")
	}
	if id, fresh := come(t, db, "7", "m:2"); !fresh || id <= bob {
		t.Errorf("the talk does not go on: %d, %v", id, fresh)
	}
	board := db.Board()
	if d, err := board.Deal(ctx, 10); err != nil || d.ID != 10 {
		t.Errorf("the deal: %+v, %v", d, err)
	}
	if _, err := board.DealEvents(ctx, 10); err != nil {
		t.Errorf("the timeline: %v", err)
	}
	if _, err := board.Caused(ctx, bob); err != nil {
		t.Errorf("what a message caused: %v", err)
	}
	if ref, waits, err := db.Outbox().Target(ctx, 1, bob); err != nil || waits || ref != "" {
		t.Errorf("a message that is not there: %q, %v, %v", ref, waits, err)
	}
	must(t, db.AttachMonth(ctx, month))
	if n := number(t, db, `SELECT count(*) FROM messages WHERE ref = 'm:1'`); n != 2 {
		t.Errorf("%d of 2 messages came back", n)
	}
	if n := number(t, db, `SELECT count(*) FROM events`); n < 2 {
		t.Errorf("%d lines came back", n)
	}
}

func TestAMonthStaysAsLongAsSomethingInItWaits(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, month, bob := archiveWorld(t)
	exec(t, db, `UPDATE messages SET status = 'queued' WHERE conversation_id = 900`)
	if err := db.DetachMonth(ctx, month); !errors.Is(err, crm.ErrRefused) || !strings.Contains(err.Error(), "wait to be sent") {
		t.Errorf("with a message that waits: %v", err)
	}
	exec(t, db, `UPDATE messages SET status = 'sent' WHERE conversation_id = 900`)
	exec(t, db, `UPDATE conversations SET prompt_id = $1, session = '{"dialog": "lead"}' WHERE chat = '7'`, bob)
	if err := db.DetachMonth(ctx, month); !errors.Is(err, crm.ErrRefused) || !strings.Contains(err.Error(), "open talks") {
		t.Errorf("with an open talk: %v", err)
	}
	exec(t, db, `UPDATE conversations SET session = NULL`)
	exec(t, db, `INSERT INTO dead_letters (source, channel, chat, conversation_id, message_id, payload, error, attempts)
		SELECT 'inbound', 'telegram', '7', conversation_id, id, '{}', 'broken', 5 FROM messages WHERE id = $1`, bob)
	if err := db.DetachMonth(ctx, month); !errors.Is(err, crm.ErrRefused) || !strings.Contains(err.Error(), "dead letters") {
		t.Errorf("with a dead letter that may be tried again: %v", err)
	}
	exec(t, db, `UPDATE dead_letters SET status = 'dropped'`)
	backup, err := db.Snapshot(ctx)
	must(t, err)
	if err := db.DetachMonth(ctx, month); !errors.Is(err, crm.ErrRefused) || !strings.Contains(err.Error(), "a backup is being written") {
		t.Errorf("beside a backup: %v", err)
	}
	backup.Close()
	must(t, db.DetachMonth(ctx, month))
}

func forget(t *testing.T, db *postgres.DB, contact crm.ContactID) {
	t.Helper()
	must(t, db.AskErasure(context.Background(), postgres.Erasure{Contact: contact}))
	_, err := db.Erase(context.Background(), contact, time.Now())
	must(t, err)
}

// halfDetach leaves a month as a program does that is killed while it detaches.
func halfDetach(t *testing.T, db *postgres.DB, month string) {
	t.Helper()
	ctx := context.Background()
	reader, err := db.Pool.Begin(ctx)
	must(t, err)
	_, err = reader.Exec(ctx, `SELECT count(*) FROM messages`)
	must(t, err)
	part := "messages_" + strings.ReplaceAll(month, "-", "_")
	conn, err := db.Pool.Acquire(ctx)
	must(t, err)
	for _, sql := range []string{`SET lock_timeout = '100ms'`,
		`DO $$ BEGIN EXECUTE format('COMMENT ON TABLE ` + part + ` IS %L', (SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = '` + part + `')); END $$`} {
		_, err := conn.Exec(ctx, sql)
		must(t, err)
	}
	if _, err := conn.Exec(ctx, `ALTER TABLE messages DETACH PARTITION `+part+` CONCURRENTLY`, pgx.QueryExecModeSimpleProtocol); err == nil {
		t.Fatal("the month is detached")
	}
	must(t, conn.Conn().Close(ctx))
	conn.Release()
	must(t, reader.Rollback(ctx))
	if n := number(t, db, `SELECT count(*) FROM pg_inherits WHERE inhdetachpending`); n != 1 {
		t.Fatalf("%d parts are half detached", n)
	}
}

func TestX20_AMonthThatIsHalfDetachedIsInBackupsAndHidesNobody(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, month, _ := archiveWorld(t)
	halfDetach(t, db, month)
	if err := db.AttachMonth(ctx, month); err == nil || !strings.Contains(err.Error(), "half detached") {
		t.Errorf("to bring it back: %v", err)
	}
	contents, rows := copied(t, db)
	again := pgtest.New(t)
	_, err := again.Restore(ctx, postgres.Restoring{Contents: contents, Rows: rows})
	must(t, err)
	must(t, again.DetachMonth(ctx, month)) // the other half
	must(t, again.AttachMonth(ctx, month))
	if n := number(t, again, `SELECT count(*) FROM messages`); n != 3 {
		t.Errorf("%d of 3 messages are in a backup", n)
	}
	forget(t, db, 10)
	must(t, db.DetachMonth(ctx, month))
	must(t, db.AttachMonth(ctx, month))
	if n := number(t, db, `SELECT count(*) FROM messages WHERE content::text LIKE '%Marley%' OR conversation_id NOT IN (SELECT id FROM conversations)`); n != 0 {
		t.Errorf("%d messages tell of who was forgotten", n)
	}
}

func TestX20_WhoIsForgottenIsForgottenInMonthsApart(t *testing.T) {
	t.Parallel()
	db, month, _ := archiveWorld(t)
	must(t, db.DetachMonth(context.Background(), month))
	forget(t, db, 10)
	if n := number(t, db, `SELECT count(*) FROM deal_words WHERE deal_id = 10 AND event_id > 0`); n != 0 {
		t.Errorf("%d comments on the deal are found by their words", n)
	}
	must(t, db.AttachMonth(context.Background(), month))
	if n := number(t, db, `SELECT count(*) FROM messages WHERE content::text LIKE '%Marley%' OR conversation_id NOT IN (SELECT id FROM conversations)`); n != 0 {
		t.Errorf("%d messages tell of who was forgotten", n)
	}
	if n := number(t, db, `SELECT count(*) FROM messages WHERE ref = 'm:1'`); n != 1 {
		t.Errorf("%d of Ann's messages are there", n)
	}
	if n := number(t, db, `SELECT count(*) FROM events WHERE contact_id = 10 OR deal_id = 10 AND data <> '{}'`); n != 0 {
		t.Errorf("%d lines tell of who was forgotten", n)
	}
}

func TestX20_AMonthComesBackFromAFileWithoutThoseWhoWereForgottenMeanwhile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, month, _ := archiveWorld(t)
	must(t, db.DetachMonth(ctx, month))
	file := map[string]*bytes.Buffer{}
	head, err := db.WriteMonth(ctx, month, func(table string) (io.Writer, error) {
		file[table] = &bytes.Buffer{}
		return file[table], nil
	})
	must(t, err)
	if head.Messages != 3 || !strings.HasPrefix(file["messages"].String(), "id,conversation_id,") {
		t.Fatalf("the file: %+v %.80q", head, file["messages"])
	}
	must(t, db.DropMonth(ctx, head, "march.zip"))
	months, err := db.Months(ctx)
	must(t, err)
	if i := len(months); i == 0 || !strings.Contains(monthsText(months), month+" march.zip") {
		t.Errorf("months: %s", monthsText(months))
	}
	if _, fresh := come(t, db, "8", "m:1"); fresh {
		t.Error("a late redelivery of that month is taken for a new message")
	}
	forget(t, db, 10)
	if n := number(t, db, `SELECT count(*) FROM acts WHERE items::text LIKE '%months in files%'`); n != 1 {
		t.Error("the act does not say that a file may hold the person")
	}
	exec(t, db, `ALTER TABLE messages ADD COLUMN later text NOT NULL DEFAULT 'x'`) // a newer program
	left, err := db.ReadMonth(ctx, head, func(table string) (io.Reader, error) { return file[table], nil })
	must(t, err)
	if left == 0 {
		t.Error("nothing was left out")
	}
	if n := number(t, db, `SELECT count(*) FROM messages WHERE content::text LIKE '%Marley%' OR conversation_id NOT IN (SELECT id FROM conversations)`); n != 0 {
		t.Errorf("%d messages tell of who was forgotten", n)
	}
	if n := number(t, db, `SELECT count(*) FROM messages WHERE ref = 'm:1'`); n != 1 {
		t.Errorf("%d of Ann's messages came back", n)
	}
	must(t, db.DetachMonth(ctx, month)) // it is a month as any other
}

func monthsText(months []postgres.ArchiveMonth) string {
	var b strings.Builder
	for _, m := range months {
		b.WriteString(m.Name + " " + m.File + "\n")
	}
	return b.String()
}
