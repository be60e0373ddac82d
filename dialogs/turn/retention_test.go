package turn_test

import (
	"testing"
	"time"

	"govorun/dialogs"
	"govorun/dialogs/kits"
)

func TestX23_WhatTheKitKeepsForSomeTimeGoesWithAnActOfThatNight(t *testing.T) {
	h := newHouse(t)
	h.wantsRefund()
	files, err := kits.FS("vending")
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	pipeline := ""
	if err := h.db.Pool.QueryRow(t.Context(), `SELECT pipeline FROM deals WHERE fields ? 'refund' LIMIT 1`).Scan(&pipeline); err != nil {
		t.Fatal(err)
	}
	kit.Retention = []*dialogs.Retention{{Name: "idle", Basis: "idle: refund", After: 30 * 24 * time.Hour, Of: []string{"refund"}, Pipeline: pipeline, Status: "idle"}}
	h.startWith(kit)
	for _, night := range []struct{ days, acts int }{{29, 0}, {31, 1}, {31, 1}} {
		if err := h.runner.Retain(t.Context(), time.Now().AddDate(0, 0, night.days)); err != nil {
			t.Fatal(err)
		}
		h.is("acts", h.count(`SELECT count(*) FROM acts WHERE kind = 'retention' AND policy = 'idle'`), night.acts)
	}
	h.is("deals with the field", h.count(`SELECT count(*) FROM deals WHERE fields ? 'refund'`), 0)
}
