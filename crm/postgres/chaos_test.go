package postgres_test

import (
	"strings"
	"testing"

	"govorun/crm/postgres/pgtest"
)

func TestTheLedgerHoldsWhatIsStoredAndPoisonRefusesOneTextUntilItIsLifted(t *testing.T) {
	db, ctx := pgtest.New(t), t.Context()
	const write = `INSERT INTO messages (conversation_id, direction, author, ref, kind, status, content)
		VALUES ((SELECT id FROM conversations), 'in', 'person', $1, 'text', 'received', jsonb_build_object('text', $2::text))`
	if _, err := db.Pool.Exec(ctx, `INSERT INTO conversations (channel, chat) VALUES ('telegram', '7')`); err != nil {
		t.Fatal(err)
	}
	if err := db.Poison(ctx, "poison"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool.Exec(ctx, write, "m:1", "poison"); err == nil || !strings.Contains(err.Error(), "can not be handled") {
		t.Errorf("poison was taken: %v", err)
	}
	if _, err := db.Pool.Exec(ctx, write, "m:2", "hello"); err != nil {
		t.Error(err)
	}
	if err := db.Poison(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool.Exec(ctx, write, "m:3", "poison"); err != nil {
		t.Error(err)
	}
	ledger, err := db.ReadLedger(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if m := ledger.Messages; len(m) != 2 || m[0].Ref != "m:2" || m[0].Text != "hello" || m[0].Chat != "7" || m[1].Ref != "m:3" || ledger.Now.IsZero() {
		t.Errorf("the ledger holds %+v", m)
	}
	messages, files, timers, err := db.Undone(ctx)
	if err != nil || messages+files+timers != 0 {
		t.Errorf("undone: %d messages, %d files, %d timers, %v", messages, files, timers, err)
	}
	if n, err := db.Clients(ctx); err != nil || n < 1 {
		t.Errorf("%d connections, %v", n, err)
	}
	if err := db.AllOnShift(ctx); err != nil {
		t.Error(err)
	}
}
