package turn_test

import (
	"testing"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
	"govorun/dialogs/kits"
)

// lead holds the talk of the kit "lead" and tells of each of its turns.
func (h *house) lead(person int64, after func(step string)) {
	h.t.Helper()
	for _, text := range []string{"/start", "Ann Lee", "+77071234567", "Kazan", "photo", "yes"} {
		if text == "photo" {
			h.accept(h.from(person, crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: h.t.Name(), Unique: "u", Width: 800, Height: 600}}}))
		} else {
			h.text(person, text)
		}
		after(text)
	}
}

// TestAPlainTurnIsTwoRoundTrips bounds what a turn sends: it reads once and writes once, also the one that opens a deal with files, since
// nobody has been shown the new deal and nothing of it has to be drawn anew. Who needs the number of a new contact or deal may have to draw it.
func TestAPlainTurnIsTwoRoundTrips(t *testing.T) {
	files, err := kits.FS("lead")
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: pgtest.New(t)}
	traffic := pgtest.Watch(t, h.db)
	h.startWith(kit)
	h.lead(71, func(string) {}) // prepares what is prepared once a connection
	traffic.Take()
	h.lead(72, func(step string) {
		statements, trips := traffic.Take()
		most, ways := 9, 2
		switch step {
		case "/start":
			most, ways = 12, 3
		case "yes":
			most, ways = 15, 3
		}
		if trips > ways || statements > most {
			t.Errorf("%q took %d statements in %d round trips, want at most %d in %d", step, statements, trips, most, ways)
		}
	})
	if n := h.count(`SELECT count(*) FROM deals d JOIN attachments a ON a.deal_id = d.id`); n != 2 {
		t.Errorf("%d deals with their photo, want 2", n)
	}
}
