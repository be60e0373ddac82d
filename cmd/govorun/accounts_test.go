package main

import (
	"testing"

	"govorun/crm"
)

func TestEachSenderGetsTheRowsOfItsChannelInTheirOrder(t *testing.T) {
	row := func(id crm.MessageID, channel string) crm.Outbound {
		return crm.Outbound{ID: id, Address: crm.Address{Channel: channel}}
	}
	rows := []crm.Outbound{row(1, "telegram"), row(2, "whatsapp"), row(3, "telegram"), row(4, "whatsapp:second"), row(5, "telegram")}
	for channel, want := range map[string][]crm.MessageID{"telegram": {1, 3, 5}, "whatsapp": {2}, "whatsapp:second": {4}, "mail": {}} {
		got := ofChannel(rows, channel)
		if len(got) != len(want) {
			t.Fatalf("%s gets %d rows, want %d", channel, len(got), len(want))
		}
		for i := range want {
			if got[i].ID != want[i] {
				t.Errorf("%s gets message %d, want %d", channel, got[i].ID, want[i])
			}
		}
	}
	if rows[1].ID != 2 || rows[4].ID != 5 {
		t.Error("the rows of the others were moved")
	}
}
