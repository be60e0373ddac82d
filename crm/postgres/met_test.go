package postgres_test

import (
	"context"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

func TestAChatThatMovedAwayIsMetAnewAtItsOldAddress(t *testing.T) {
	db := pgtest.New(t)
	ctx := context.Background()
	hear := func(key string) crm.ConversationID {
		t.Helper()
		tx, turns, err := db.BeginTurns(ctx, []crm.Inbound{{Address: crm.Address{Channel: "telegram", Chat: "7"}, From: crm.Person{ID: "7"}, Key: key, Kind: crm.InText}})
		if err != nil {
			t.Fatalf("message %s: %v", key, err)
		}
		if !turns[0].Fresh {
			t.Errorf("message %s counts as a redelivery", key)
		}
		if err := tx.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		return turns[0].Talk.ID
	}
	first := hear("m:1")
	if again := hear("m:2"); again != first {
		t.Fatalf("the second message came into conversation %d, want %d", again, first)
	}
	if _, err := db.Pool.Exec(ctx, `UPDATE conversations SET chat = '-1007' WHERE id = $1`, first); err != nil {
		t.Fatal(err)
	}
	if anew := hear("m:3"); anew == first {
		t.Error("a message from the old address came into the conversation that moved")
	}
}
