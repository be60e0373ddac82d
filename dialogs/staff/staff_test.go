package staff_test

import (
	"fmt"
	"net/url"
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

func TestADealThatWasClosedWhereItStoodOffersNoWayOn(t *testing.T) {
	v := job()
	v.Status = crm.DealLost
	text, buttons, err := staff.Render(vending(t), "job", v, viewer(7, 3))
	if err != nil || !strings.Contains(text, "<s>") {
		t.Errorf("the card says %q (%v)", text, err)
	}
	for _, row := range buttons {
		for _, b := range row {
			if strings.Contains(b.Text, "Беру") {
				t.Errorf("a closed deal can be taken: %v", buttons)
			}
		}
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
	if out, err := staff.Act(kit, take, job(), manager); err != nil || len(out.Effects) != 0 || !out.NotFound() {
		t.Errorf("another role: %+v %v", out, err)
	}
	if stranger := viewer(8, 4); staff.Sees(kit, job(), stranger.Me) || staff.Sees(kit, job(), manager.Me) {
		t.Error("another crew or another role is told of the job")
	}
	if out, _ := staff.Act(kit, staff.Press{Deal: 5512, Card: "nothing", Action: "take"}, job(), viewer(7, 3)); out.Toast != "staff.deal_not_found" {
		t.Errorf("an unknown card: %+v", out)
	}
	if out, _ := staff.Act(kit, staff.Press{Deal: 5512, Card: "job", Action: "fire"}, job(), viewer(7, 3)); len(out.Effects) != 0 {
		t.Errorf("an unknown action: %+v", out)
	}
}

func FuzzParsePress(f *testing.F) {
	for _, seed := range []string{"k:5512:job:take", "k:-1:job:take", "k:::", "k:1:job", "t:5:take", "ABC123:money", "k:99999999999999999999:a:b", "k:5:job:pay:y01abc", "k:5:job:assign:e7", "k:5:job:a:b:c", "deal:5512", "deal:5512:job", "deal:-1:a:b", "deal:+5:x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		if p, ok := staff.ParsePress(data); ok {
			again, same := staff.ParsePress(p.Data())
			if p.Deal <= 0 || strings.Contains(p.Card+p.Action+p.Arg, ":") || !same || again != p || p.Person() < 0 {
				t.Errorf("%q is read as %+v, and written anew as %+v", data, p, again)
			}
		}
		if id, card, ok := staff.ParseMark(data); ok {
			again, name, same := staff.ParseMark(staff.Mark(id, card))
			if id <= 0 || !same || again != id || name != card {
				t.Errorf("the mark %q is of deal %d on card %q, and then of %d on %q", data, id, card, again, name)
			}
		}
	})
}

func TestARouteOpensAMapThatGetsTheAddressAndNothingElse(t *testing.T) {
	_, buttons, err := staff.Render(vending(t), "job", job(), viewer(7, 3))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range buttons {
		for _, b := range row {
			if b.URL != "" {
				u, err := url.Parse(b.URL)
				if err != nil || u.Scheme != "https" || u.Query().Get("text") != `БЦ "Москва" & Ко` || len(u.Query()) != 1 || b.Data != "" {
					t.Errorf("the route leads to %s (%v), and the button carries %q", b.URL, err, b.Data)
				}
				return
			}
		}
	}
	t.Fatalf("no route among %v", buttons)
}

func TestWhoOpensNoPhoneIsNotOfferedToCall(t *testing.T) {
	v := job()
	v.Pipeline, v.Stage, v.Deal.Owner = "technicians", "in_work", 7
	for phone, offered := range map[string]bool{"": false, "+79161234567": true} {
		v.Contact.Phone = phone
		_, buttons, err := staff.Render(vending(t), "job", v, viewer(7, 3))
		if err != nil {
			t.Fatal(err)
		}
		has := strings.Contains(fmt.Sprint(buttons), "Клиент")
		if has != offered {
			t.Errorf("with the phone %q: %v", phone, buttons)
		}
	}
}

func TestAHeadWithSeveralCardsMayDoWhatAnyOfThemOffers(t *testing.T) {
	v := job()
	head := viewer(9, 0)
	head.Me.Role = "manager"
	_, buttons, err := staff.Render(vending(t), "refund", v, head) // nobody wants money back, but the job is free
	if err != nil || !strings.Contains(fmt.Sprint(buttons), "Беру") {
		t.Errorf("the head may press %v %v", buttons, err)
	}
}

func TestATitleIsReadInTheLanguageOfTheReader(t *testing.T) {
	v := job()
	v.Title = "💸 Взял деньги, не выдал"
	who := viewer(7, 3)
	who.Lang = "en"
	text, _, err := staff.Render(vending(t), "job", v, who)
	if err != nil || !strings.Contains(text, "Took money, gave nothing") {
		t.Errorf("in English: %s %v", text, err)
	}
	if v.Title = "ул. Ленина, 1"; true { // what somebody typed stays
		if text, _, _ = staff.Render(vending(t), "job", v, who); !strings.Contains(text, "ул. Ленина, 1") {
			t.Errorf("typed: %s", text)
		}
	}
}

func TestAPersonIsPickedByTheBeginningOfAnyName(t *testing.T) {
	people := []staff.Candidate{{ID: 1, Name: "Иван Петров"}, {ID: 2, Name: "Пётр Иванов"}, {ID: 3, Name: "Вера"}}
	for typed, want := range map[string]int{"иван": 2, "Иван П": 1, "петр": 2, "Пётр": 2, "вера": 1, "Олег": 0, "": 0, "  ": 0, "иван петров": 1} {
		if got := staff.Pick(people, typed); len(got) != want {
			t.Errorf("%q fits %v, want %d", typed, got, want)
		}
	}
}

func TestAQuestionWhoGetsTheDealShowsLoadsAndFitsIntoButtons(t *testing.T) {
	kit := vending(t)
	p := staff.Press{Deal: 99999999999, Card: "invoice_pay", Action: "reassign"}
	_, rows := staff.RenderPeople(kit, p, job(), viewer(7, 3), []staff.Candidate{{ID: 123456789, Name: "Иван", Load: 3}, {ID: 8, Name: "Олег", Away: true}})
	if rows[0][0].Text != "Иван · 3" || rows[0][1].Text != "Олег · 0 🌙" {
		t.Errorf("offered: %v", rows)
	}
	for _, b := range rows[0] {
		back, ok := staff.ParsePress(b.Data)
		if len(b.Data) > 64 || !ok || back.Person() == 0 || back.Back() {
			t.Errorf("%q is read as %+v", b.Data, back)
		}
	}
	if back, _ := staff.ParsePress(rows[1][0].Data); !back.Back() || back.Person() != 0 {
		t.Errorf("the way back is %+v", back)
	}
}
