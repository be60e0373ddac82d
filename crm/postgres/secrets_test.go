package postgres_test

import (
	"bytes"
	"crypto/rand"
	"sync"
	"testing"

	"govorun/crm/postgres/pgtest"
)

func TestTheFirstKeyOfQRCodesIsMadeOnceHoweverManyAsk(t *testing.T) {
	db := pgtest.New(t)
	const programs = 4
	got := make([][][]byte, programs)
	var all sync.WaitGroup
	for i := range programs {
		all.Go(func() {
			keys, err := db.QRKeys(t.Context(), rand.Reader)
			if err != nil {
				t.Error(err)
			}
			got[i] = keys
		})
	}
	all.Wait()
	for _, keys := range got {
		if len(keys) != 1 || len(keys[0]) != 32 || !bytes.Equal(keys[0], got[0][0]) {
			t.Errorf("programs have different keys: %x", got)
		}
	}
}

func TestX04_ARotatedKeySignsAndTheOlderOnesVerifyUntilRetired(t *testing.T) {
	db := pgtest.New(t)
	ctx := t.Context()
	first, err := db.QRKeys(ctx, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := db.RotateQRKey(ctx, rand.Reader)
	if err != nil || len(rotated) != 2 || bytes.Equal(rotated[0], first[0]) || !bytes.Equal(rotated[1], first[0]) {
		t.Fatalf("after a rotation: %x, %v", rotated, err)
	}
	if again, err := db.QRKeys(ctx, rand.Reader); err != nil || !bytes.Equal(again[0], rotated[0]) || len(again) != 2 {
		t.Errorf("read again: %x, %v", again, err)
	}
	if n, err := db.RetireQRKeys(ctx); err != nil || n != 1 {
		t.Errorf("retired %d, %v", n, err)
	}
	if left, err := db.QRKeys(ctx, rand.Reader); err != nil || len(left) != 1 || !bytes.Equal(left[0], rotated[0]) {
		t.Errorf("left: %x, %v", left, err)
	}
}

func TestAKeyIsNotMadeOfTooLittleRandomness(t *testing.T) {
	db := pgtest.New(t)
	if keys, err := db.QRKeys(t.Context(), bytes.NewReader([]byte("short"))); err == nil {
		t.Errorf("a key of five bytes: %x", keys)
	}
}
