package postgres_test

import (
	"testing"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestAReminderAboutALeadOfAFormGoesByTheNewestTalkOfItsContact(t *testing.T) {
	t.Parallel()
	db, ctx := pgtest.New(t), t.Context()
	who, lead := contact(t, db)
	exec(t, db, `INSERT INTO conversations (id, channel, chat, contact_id, updated_at) VALUES (70, 'form:site', '+7', $1, now()),
		(71, 'telegram', '1', $1, now() - interval '1 hour'), (72, 'telegram', '2', $1, now() - interval '1 day'), (73, 'call', '+7', $1, now())`, who)
	exec(t, db, `INSERT INTO messages (conversation_id, direction, author, ref, kind, status, content) VALUES (71, 'in', 'person', 'm:1', 'text', 'received', '{}')`)
	remind := func() postgres.DueTimer {
		t.Helper()
		exec(t, db, `DELETE FROM timers`)
		exec(t, db, `INSERT INTO timers (deal_id, kind, due_at, created_at) VALUES ($1, 'remind', now() - interval '1 minute', now() - interval '1 hour')`, lead)
		tx, due, err := db.BeginTimers(ctx, 0, 10)
		must(t, err)
		defer tx.Rollback(ctx)
		if len(due) != 1 {
			t.Fatalf("%d timers claimed", len(due))
		}
		view, err := tx.Deal(ctx, lead)
		must(t, err)
		if view.Talk != 71 && view.Talk != 0 {
			t.Errorf("the contact is written to in talk %d", view.Talk)
		}
		return due[0]
	}
	if d := remind(); d.Blocked || d.Held || d.Heard == 0 || !d.Answered() {
		t.Errorf("a contact who wrote: %+v", d)
	}
	exec(t, db, `UPDATE messages SET kind = 'revoke'`)
	if d := remind(); d.Heard != 0 || d.Answered() {
		t.Errorf("a message that was taken back counts as a word: %+v", d)
	}
	exec(t, db, `UPDATE conversations SET blocked = true WHERE id = 71`)
	if d := remind(); !d.Blocked {
		t.Error("who blocked the bot in their newest talk is taken for somebody who can be written to")
	}
	exec(t, db, `DELETE FROM messages; DELETE FROM conversations WHERE channel = 'telegram'`)
	if d := remind(); !d.Blocked || d.Heard != 0 {
		t.Errorf("somebody known by a form only: %+v", d)
	}
}
