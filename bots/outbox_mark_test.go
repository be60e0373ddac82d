package bots_test

import (
	"testing"
	"time"

	"govorun/bots"
)

func TestM07_WhenMarksCannotBeWrittenTheyAreWrittenLaterAndNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	o.store.away.Store(true)
	rows := h.queue(talk, text("one"), text("two"))
	o.Push(rows, nil)
	h.until("both reached the provider", func() bool { return len(h.texts()) == 2 })
	o.store.away.Store(false)
	h.untilStatus("sent", rows...)
	if n := len(h.texts()); n != 2 {
		t.Fatalf("%d calls", n)
	}
}

func TestM07_MarksThatAKilledDatabaseForgotAreWrittenAgainAndNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]time.Duration{"it is back at once": 0, "it is away for longer than a sender waits": 11 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forgets(t, away)
		})
	}
}

// forgets kills what the database has not written yet, and then the right to send; nothing can be marked for a time.
func forgets(t *testing.T, away time.Duration) {
	t.Helper()
	h := newHouse(t)
	talk := h.talk("7", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(talk, text("one"), text("replaced before it is known to be sent"))
	o.Push(rows, nil)
	h.untilStatus("sent", rows...)
	refs := []string{h.row(rows[0].ID).Ref, h.row(rows[1].ID).Ref}
	// What a server forgets that is killed: marks alone do not wait for its disk. A turn came before the sender was back.
	h.exec(`WITH marks AS (UPDATE messages SET status = CASE id WHEN $1 THEN 'queued' ELSE 'superseded' END, ref = NULL, sent_at = NULL WHERE id IN ($1, $2))
		DELETE FROM message_refs WHERE message_id IN ($1, $2)`, rows[0].ID, rows[1].ID)
	if away > 0 {
		o.store.away.Store(true)
		time.AfterFunc(away, func() { o.store.away.Store(false) })
	}
	h.exec(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1735357812
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	h.untilStatus("sent", rows...)
	after := h.queue(talk, text("of the next reign"))
	o.Push(after, nil)
	h.untilStatus("sent", after...)
	if sent := h.texts(); len(sent) != 3 {
		t.Errorf("sent %q", sent)
	}
	for i, out := range rows {
		if row := h.row(out.ID); row.Ref != refs[i] {
			t.Errorf("message %d has the id %q, want %q", i, row.Ref, refs[i])
		}
	}
}
