package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestACallOfAHookIsTakenByOneProcessTriedAgainAndEndsInTheTimeline(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	if _, err := db.Pool.Exec(ctx, `INSERT INTO hook_calls (hook, deal_id, data) VALUES ('books', 7, '{"a": 1}'), ('crm', 8, '{}')`); err != nil {
		t.Fatal(err)
	}
	claim := func() []postgres.HookCall {
		t.Helper()
		calls, err := db.ClaimHooks(ctx, 10)
		if err != nil {
			t.Fatal(err)
		}
		return calls
	}
	first := claim()
	if len(first) != 2 || first[0].Attempts != 1 || len(claim()) != 0 {
		t.Fatalf("claimed %+v, and then more", first)
	}
	if err := db.HookAgain(ctx, first[0].ID, -time.Second, "status_500"); err != nil {
		t.Fatal(err)
	}
	if again := claim(); len(again) != 1 || again[0].Attempts != 2 {
		t.Fatalf("claimed again %+v", again)
	}
	if err := db.HookFailed(ctx, first[0].ID, "status_500"); err != nil {
		t.Fatal(err)
	}
	if err := db.HookSent(ctx, first[1].ID); err != nil {
		t.Fatal(err)
	}
	states, err := db.HookStates(ctx)
	if err != nil || len(states) != 1 || states[0].Status != "failed" || states[0].Reason != "status_500" {
		t.Errorf("states %+v, %v", states, err)
	}
	var lines int
	if err := db.Pool.QueryRow(ctx, `SELECT count(*) FROM events WHERE kind = 'hook_failed' AND data->>'reason' = 'status_500' AND deal_id IS NOT NULL`).Scan(&lines); err != nil || lines != 1 {
		t.Errorf("%d lines in the timeline, %v", lines, err)
	}
	if n, err := db.RetryHooks(ctx, ""); n != 1 || err != nil {
		t.Errorf("%d to be tried again, %v", n, err)
	}
	if again := claim(); len(again) != 1 || again[0].Attempts != 1 {
		t.Errorf("after that %+v", again)
	}
}

func TestAFormThatNeverCameIsNotFound(t *testing.T) {
	db := pgtest.New(t)
	if _, err := db.FormLead(t.Context(), "site", "1"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("%v", err)
	}
}
