package staff_test

import (
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/dialogs"
	"govorun/dialogs/kits"
	"govorun/dialogs/staff"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func vending(t *testing.T) *dialogs.Kit {
	t.Helper()
	files, err := kits.FS("vending")
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return kit
}

// job is a free deal of crew 3 about a machine with a hostile name.
func job() staff.View {
	return staff.View{Deal: crm.Deal{ID: 5512, Pipeline: "call_centre", Stage: "unsorted", Status: crm.DealOpen, Title: "Взял деньги", Crew: 3},
		Contact: crm.Contact{ID: 1, Name: `<a href="tg://user?id=1">Bob</a>`},
		Asset:   dialogs.Asset{ID: 9, Kind: "machine", Code: "214", Name: "<b>Автомат</b>", Address: `БЦ "Москва" & Ко`}}
}

func viewer(id crm.EmployeeID, crew crm.CrewID) staff.Viewer {
	return staff.Viewer{Me: crm.Employee{ID: id, Name: "Иван", Role: "technician", Crew: crew, Active: true}, Now: noon, Lang: "ru"}
}

func press(t *testing.T, buttons [][]crm.Button, label string) staff.Press {
	t.Helper()
	for _, row := range buttons {
		for _, b := range row {
			if strings.Contains(b.Text, label) {
				if len(b.Data) > 64 {
					t.Errorf("button %q carries %d bytes, Telegram takes 64", b.Text, len(b.Data))
				}
				p, ok := staff.ParsePress(b.Data)
				if !ok {
					t.Fatalf("button %q can't be read back: %q", b.Text, b.Data)
				}
				return p
			}
		}
	}
	t.Fatalf("no button %q in %v", label, buttons)
	return staff.Press{}
}

func TestX16_ACardShowsNamesLiterally(t *testing.T) {
	text, _, err := staff.Render(vending(t), "job", job(), viewer(7, 3))
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"<b>Автомат", "<a href", " & Ко"} {
		if strings.Contains(text, raw) {
			t.Errorf("the card holds the markup %q: %s", raw, text)
		}
	}
	if !strings.Contains(text, "5512") || !strings.Contains(text, "214") {
		t.Errorf("the card names neither deal nor machine: %s", text)
	}
}

func TestTheFirstWhoTakesOwnsTheDealAndALaterOneHearsWhoAndWhen(t *testing.T) {
	kit := vending(t)
	v := job()
	_, buttons, err := staff.Render(kit, "job", v, viewer(7, 3))
	if err != nil {
		t.Fatal(err)
	}
	take := press(t, buttons, "Беру")
	won, err := staff.Act(kit, take, v, viewer(7, 3))
	if err != nil {
		t.Fatal(err)
	}
	owned := false
	for _, e := range won.Effects {
		if o, ok := e.(crm.DealOwned); ok && o.Owner == 7 {
			owned = true
		}
	}
	if !owned {
		t.Fatalf("taking gives %v, want the deal owned by 7", won.Effects)
	}
	v.Deal.Owner, v.Deal.Stage, v.Owner, v.Moved = 7, "in_work", "Иван", noon.Add(-time.Hour)
	late, err := staff.Act(kit, take, v, viewer(8, 3))
	if err != nil {
		t.Fatal(err)
	}
	if len(late.Effects) != 0 || late.Toast != "staff.taken" || late.Args["name"] != "Иван" || late.Args["time"] != "11:00" {
		t.Errorf("who is too late gets %+v", late)
	}
}

func TestX06_AGuessedOrForeignCardIsTheSameAsNone(t *testing.T) {
	kit := vending(t)
	take := staff.Press{Deal: 5512, Card: "job", Action: "take"}
	manager := viewer(9, 0)
	manager.Me.Role = "accountant"
	for name, who := range map[string]staff.Viewer{"another crew": viewer(8, 4), "another role": manager} {
		out, err := staff.Act(kit, take, job(), who)
		if err != nil || len(out.Effects) != 0 || out.Toast != "staff.deal_not_found" {
			t.Errorf("%s: %+v %v", name, out, err)
		}
	}
	if out, _ := staff.Act(kit, staff.Press{Deal: 5512, Card: "nothing", Action: "take"}, job(), viewer(7, 3)); out.Toast != "staff.deal_not_found" {
		t.Errorf("an unknown card: %+v", out)
	}
	if out, _ := staff.Act(kit, staff.Press{Deal: 5512, Card: "job", Action: "fire"}, job(), viewer(7, 3)); len(out.Effects) != 0 {
		t.Errorf("an unknown action: %+v", out)
	}
}

func FuzzParsePress(f *testing.F) {
	for _, seed := range []string{"k:5512:job:take", "k:-1:job:take", "k:::", "k:1:job", "t:5:take", "ABC123:money", "k:99999999999999999999:a:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		if p, ok := staff.ParsePress(data); ok && (p.Deal <= 0 || strings.Contains(p.Card+p.Action, ":")) {
			t.Errorf("%q is read as %+v", data, p)
		}
	})
}
