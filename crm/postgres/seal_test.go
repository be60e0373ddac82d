package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func wrappedKey(fill byte, master string) postgres.SealKey {
	return postgres.SealKey{Wrapped: bytes.Repeat([]byte{fill}, 60), Master: master}
}

func TestProgramsThatStartAtOnceMakeOneSealKey(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var all sync.WaitGroup
	for n := range 6 {
		all.Go(func() {
			if list, err := db.AddFirstSealKey(context.Background(), wrappedKey(byte(n), "0000000a")); err != nil || len(list) != 1 {
				t.Errorf("%d keys, %v", len(list), err)
			}
		})
	}
	all.Wait()
	if list, err := db.SealKeys(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("%d keys in the end, %v", len(list), err)
	}
}

func TestARotationWrapsAllKeysOrNone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	_, err := db.AddFirstSealKey(t.Context(), wrappedKey(1, "0000000a"))
	must(t, err)
	broken := errors.New("no such master")
	if _, err := db.RotateSealKeys(t.Context(), func() (postgres.SealKey, error) { return wrappedKey(2, "0000000b"), nil }, func(k postgres.SealKey) (postgres.SealKey, error) { return k, broken }); !errors.Is(err, broken) {
		t.Errorf("a rotation without the old master: %v", err)
	}
	list, err := db.SealKeys(t.Context())
	must(t, err)
	if len(list) != 1 || list[0].Master != "0000000a" {
		t.Errorf("it left %+v", list)
	}
	list, err = db.RotateSealKeys(t.Context(), func() (postgres.SealKey, error) { return wrappedKey(2, "0000000b"), nil }, func(k postgres.SealKey) (postgres.SealKey, error) { return wrappedKey(3, "0000000b"), nil })
	must(t, err)
	if len(list) != 2 || list[0].ID != 2 || list[1].ID != 1 || list[1].Master != "0000000b" || list[1].Wrapped[0] != 3 {
		t.Errorf("after the rotation %+v", list)
	}
}

func TestX21_AFileIsShownToWhomItsDealIsShownAndRecordedBeforeThat(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, sql := range []string{
		`INSERT INTO employees (id, name, role, active) VALUES (1, 'Ann', 'accountant', true), (2, 'Bob', 'accountant', true), (3, 'Eve', 'accountant', false)`,
		`INSERT INTO role_scopes (role, sees) VALUES ('accountant', 'own')`,
		`INSERT INTO contacts (id, name) VALUES (1, 'Driver')`,
		`INSERT INTO deals (id, pipeline, stage, status, title, contact_id, owner_id) VALUES (1, 'payouts', 'check', 'open', 'Payout', 1, 1)`,
		`INSERT INTO attachments (id, conversation_id, message_id, deal_id, name, kind, ref, mime, hash, status)
			VALUES (7, 1, 1, 1, 'selfie', 'photo', 'r', 'image/jpeg', repeat('a', 64), 'stored'), (8, 1, 1, 1, 'selfie', 'photo', 'r2', '', NULL, 'pending')`,
	} {
		if _, err := db.Pool.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	yes := func(string, postgres.ViewedFile) bool { return true }
	f, err := db.ViewFile(t.Context(), 1, 7, yes)
	if err != nil || f.Name != "selfie" || f.Deal != 1 || f.Pipeline != "payouts" || len(f.Hash) != 64 {
		t.Errorf("the owner gets %+v, %v", f, err)
	}
	for name, c := range map[string]struct {
		me   crm.EmployeeID
		file crm.AttachmentID
		may  func(string, postgres.ViewedFile) bool
	}{
		"a colleague": {2, 7, yes}, "somebody dismissed": {3, 7, yes}, "nobody": {0, 7, yes}, "a stranger": {99, 7, yes},
		"a file that is not there yet": {1, 8, yes}, "no file": {1, 9, yes}, "another role": {1, 7, func(string, postgres.ViewedFile) bool { return false }},
	} {
		if f, err := db.ViewFile(t.Context(), c.me, c.file, c.may); !errors.Is(err, crm.ErrNotFound) || f.Hash != "" {
			t.Errorf("%s gets %+v, %v", name, f, err)
		}
	}
	if n := number(t, db, `SELECT count(*) FROM events WHERE kind = 'file_viewed' AND employee_id = 1 AND deal_id = 1`); n != 1 {
		t.Errorf("%v views are recorded, want 1", n)
	}
}
