package postgres_test

import (
	"errors"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

func TestT19_AReplayThatFindsNothingSaysSoAndLeavesTheLetterOpen(t *testing.T) {
	db := pgtest.New(t)
	exec(t, db, `INSERT INTO dead_letters (id, channel, chat, source, conversation_id, message_id, payload, error, attempts) VALUES (1, 'telegram', '5', 'outbound', 1, 77, '{}', 'refused', 5)`)
	if err := db.ReplayDead(t.Context(), 1); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("replayed: %v", err)
	}
	if n := number(t, db, `SELECT count(*) FROM dead_letters WHERE status = 'open'`); n != 1 {
		t.Error("the letter was closed though nothing was done")
	}
	if err := db.DropDead(t.Context(), 1); err != nil {
		t.Errorf("dropped: %v", err)
	}
}
