package postgres_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

func TestAnAccountIsKeptAndItsPhoneIsSeenOnlyLater(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pgtest.New(t)
	if _, err := db.Account(ctx, "whatsapp"); !errors.Is(err, crm.ErrNotFound) {
		t.Fatalf("an account that nobody linked: %v", err)
	}
	day := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	a := crm.Account{Channel: "whatsapp", Phone: "+77001112233", Device: "77001112233:7@s.whatsapp.net", Salt: bytes.Repeat([]byte{7}, 32), Since: day, LinkedAt: day, SeenAt: day}
	must(t, db.SaveAccount(ctx, a))
	must(t, db.SaveAccount(ctx, crm.Account{Channel: "whatsapp:second", Phone: "+77001112244", Salt: a.Salt, Since: day, LinkedAt: day, SeenAt: day}))
	a.SeenAt = day.Add(time.Hour)
	must(t, db.AccountSeen(ctx, "whatsapp", a.SeenAt))
	must(t, db.AccountSeen(ctx, "whatsapp", day.Add(-time.Hour)))
	all, err := db.Accounts(ctx)
	must(t, err)
	if len(all) != 2 {
		t.Fatalf("%d accounts", len(all))
	}
	got, err := db.Account(ctx, "whatsapp")
	must(t, err)
	if diff := cmp.Diff(a, got, cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Error(diff)
	}
}

func TestTheLibrarysTablesLieInASchemaOfTheirOwnAndOneProgramMakesThem(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pgtest.New(t)
	made := 0
	done := make(chan error)
	for range 3 {
		go func() {
			store, err := db.WhatsAppStore(ctx, func(ctx context.Context, store *sql.DB) error {
				var there bool
				if err := store.QueryRowContext(ctx, `SELECT to_regclass('things') IS NOT NULL`).Scan(&there); err != nil || there {
					return err
				}
				made++ // guarded by the database's lock
				_, err := store.ExecContext(ctx, `CREATE TABLE things (id int)`)
				return err
			})
			if err == nil {
				err = store.Close()
			}
			done <- err
		}()
	}
	for range 3 {
		must(t, <-done)
	}
	if made != 1 || number(t, db, `SELECT count(*) FROM whatsapp.things`) != 0 {
		t.Errorf("made %d times", made)
	}
}
