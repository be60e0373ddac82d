package jobs_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"testing"
	"time"

	"govorun/crm/jobs"
	"govorun/crm/postgres"
)

func TestX20_FilesOfWhoIsForgottenLeaveTheDiskUnlessSomebodyElseSentTheSame(t *testing.T) {
	h := newHouse(t)
	h.fetcher.files["selfie"], h.fetcher.files["form"] = []byte("%PDF-1.7\nselfie"), []byte("%PDF-1.7\nthe same form for all")
	selfie, form, same := h.add("selfie", 0), h.add("form", 0), h.add("form", 0)
	h.work()
	hash := func(id any) (hash string) {
		if err := h.db.Pool.QueryRow(ctx, `SELECT hash FROM attachments WHERE id = $1`, id).Scan(&hash); err != nil {
			t.Fatal(err)
		}
		return hash
	}
	gone, shared := hash(selfie), hash(form)
	for _, sql := range []string{`INSERT INTO contacts (id, name) VALUES (10, 'Bob'), (11, 'Ann')`, `UPDATE attachments SET contact_id = 11, conversation_id = 99`} {
		if _, err := h.db.Pool.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.db.Pool.Exec(ctx, `UPDATE attachments SET contact_id = 10 WHERE id <> $1`, same); err != nil {
		t.Fatal(err)
	}
	if err := h.db.AskErasure(ctx, postgres.Erasure{Contact: 10}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.db.Erase(ctx, 10, time.Now()); err != nil {
		t.Fatal(err)
	}
	eraser := &jobs.Eraser{DB: h.db, Files: h.files, Log: slog.New(slog.DiscardHandler)}
	if n, err := eraser.RunDue(ctx); n != 1 || err != nil {
		t.Fatalf("%d files removed, %v", n, err)
	}
	if _, err := h.files.Open(gone); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the selfie is still there: %v", err)
	}
	kept, err := h.files.Open(shared)
	if err != nil {
		t.Fatalf("what Ann sent too is gone: %v", err)
	}
	kept.Close()
}
