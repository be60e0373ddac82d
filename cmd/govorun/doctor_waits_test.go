package main

import (
	"testing"
	"time"
)

func TestTheDoctorSeesWhatIsLateLostAndUnsaved(t *testing.T) {
	p := newPatient(t)
	for _, sql := range []string{
		`INSERT INTO contacts (name) VALUES ('Anna')`,
		`INSERT INTO conversations (id, channel, chat) VALUES (7, 'telegram', '101')`,
		`INSERT INTO timers (kind, due_at) VALUES ('recall', now() - interval '20 minutes')`,
		`INSERT INTO attachments (conversation_id, message_id, kind, ref, status, hash) VALUES (7, 1, 'photo', 'r', 'stored', repeat('ab', 32))`,
		`INSERT INTO attachments (conversation_id, message_id, kind, ref, status, created_at) VALUES (7, 2, 'photo', 'r', 'pending', now() - interval '1 hour')`,
		`INSERT INTO hook_calls (hook, data, status) VALUES ('books', '{}', 'failed')`,
		`INSERT INTO channels (channel, state, since, heard_at, owner) VALUES ('telegram', 'listening', now(), now(), '777')`,
	} {
		_, err := p.db.Pool.Exec(t.Context(), sql)
		well(t, err)
	}
	p.finds(exitTrouble, "warning timers 1 timer due", "problem files 1 of the newest 1 file do not lie", "warning files 1 file still to be fetched",
		"warning hooks 1 call failed", "warning backup none was made", "problem token it is of bot 123456, and the talks of this database are with bot 777",
		"ok months", "ok time zones")
	well(t, p.db.NoteBackup(t.Context(), time.Now().Add(-30*time.Hour), 1))
	p.finds(exitTrouble, "warning backup the newest is 30h")
	well(t, p.db.NoteBackup(t.Context(), time.Now(), 1))
	p.finds(exitTrouble, "ok backup")
}

func TestTheDoctorSeesThatMonthsAreMissingAndMakesNone(t *testing.T) {
	p := newPatient(t)
	_, err := p.db.Pool.Exec(t.Context(), `DO $$ BEGIN EXECUTE 'DROP TABLE ' || month_part('events', month_number(now()) + 1); END $$`)
	well(t, err)
	p.finds(exitOK, "warning months messages and events have no tables for the next month")
	p.finds(exitOK, "warning months") // the first examination has not made them
}
