package bots

import (
	"testing"

	"govorun/crm"
)

func TestW11_WhatIsShelvedIsForgottenAndComesFromTheTableAgain(t *testing.T) {
	l := open(DefaultLimits())
	hand(l, noon, message(1, "ann", crm.Notice), message(2, "ann", crm.Reply))
	it, _ := l.take(noon)
	l.spare(it)
	l.shelve(it, noon)
	wantIDs(t, drain(l, noon), 2)
	if len(l.known) != 0 || l.room != roomFor || len(l.lanes) != 0 {
		t.Fatalf("remembers %d rows, room %v, %d lanes", len(l.known), l.room, len(l.lanes))
	}
	room, _, _ := l.startRead(noon, false)
	l.finishRead([]handed{{out: message(1, "ann", crm.Notice)}}, room, true, noon)
	wantIDs(t, drain(l, noon), 1)
}
