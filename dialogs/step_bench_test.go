package dialogs

import (
	"os"
	"sync"
	"testing"
	"time"

	"govorun/crm"
)

// benchEnv is a world without surprises.
func benchEnv(kit *Kit) Env {
	return Env{
		Now: time.Date(2026, 5, 12, 10, 0, 0, 0, kit.zone()), Lang: "ru", Contact: crm.Contact{ID: 7, Name: "Азамат"},
		Channel: Capabilities{Buttons: true, Contact: true},
		NewDeal: func() crm.DealID { return 5512 }, NewNonce: func() string { return "abcdef" },
	}
}

func text(s string) Input { return Input{Inbound: crm.Inbound{Kind: crm.InText, Text: s}} }

func pressed(s Session, id string) Input {
	return Input{Inbound: crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: s.Nonce + ":" + id}}}
}

// kitsOnce keeps the kits that tests share; nobody changes them.
var kitsOnce sync.Map

func kitOnce(tb testing.TB, dir string) *Kit {
	tb.Helper()
	if kit, ok := kitsOnce.Load(dir); ok {
		return kit.(*Kit)
	}
	kit, _ := kitsOnce.LoadOrStore(dir, kitOf(tb, dir))
	return kit.(*Kit)
}

// kitOf loads a kit of its own, for tests that change it.
func kitOf(tb testing.TB, dir string) *Kit {
	tb.Helper()
	kit, err := Load(os.DirFS(dir))
	if err != nil {
		tb.Fatal(err)
	}
	return kit
}

// BenchmarkStepText is an ordinary typed answer: a city, then the next question. Aim: under 10 µs and 20 allocations.
func BenchmarkStepText(b *testing.B) {
	kit := kitOf(b, "kits/lead")
	env := benchEnv(kit)
	s := kit.Step(Session{}, text("привет"), env).Session
	for _, answer := range []string{"Анна Петрова", "+7 707 123-45-67"} {
		s = kit.Step(s, text(answer), env).Session
	}
	in := text("Алматы")
	if got := kit.Step(s, in, env); got.Session.State != "photo" {
		b.Fatalf("the answer leads to %q", got.Session.State)
	}
	b.ReportAllocs()
	for b.Loop() {
		kit.Step(s, in, env)
	}
}

// BenchmarkStepChoice is a pressed button that opens a deal: the second tap of a report.
func BenchmarkStepChoice(b *testing.B) {
	kit := kitOf(b, "kits/vending")
	env := benchEnv(kit)
	start := Input{Inbound: crm.Inbound{Kind: crm.InText, Command: "start", Start: "m_1"}}
	start.Facts.Asset = &Asset{ID: 214, Kind: "machine", Code: "214", Name: "Кофейный автомат", Address: "БЦ «Москва»"}
	s := kit.Step(Session{}, start, env).Session
	in := pressed(s, "dead")
	if got := kit.Step(s, in, env); len(got.Effects) != 2 {
		b.Fatalf("the press has effects %v", got.Effects)
	}
	b.ReportAllocs()
	for b.Loop() {
		kit.Step(s, in, env)
	}
}

// BenchmarkRender is the first question of a report with its seven buttons.
func BenchmarkRender(b *testing.B) {
	kit := kitOf(b, "kits/vending")
	env := benchEnv(kit)
	start := Input{Inbound: crm.Inbound{Kind: crm.InText, Command: "start", Start: "m_1"}}
	start.Facts.Asset = &Asset{ID: 214, Kind: "machine", Code: "214", Name: "Кофейный автомат", Address: "БЦ «Москва»"}
	result := kit.Step(Session{}, start, env)
	if rendered := kit.Render(result.Say, env); len(rendered.Buttons) < 6 {
		b.Fatalf("rendered %+v", rendered)
	}
	b.ReportAllocs()
	for b.Loop() {
		kit.Render(result.Say, env)
	}
}

func TestAnOrdinaryAnswerCostsFewerThanTwentyAllocations(t *testing.T) {
	kit := kitOf(t, "kits/lead")
	env := benchEnv(kit)
	s := kit.Step(Session{}, Input{Inbound: crm.Inbound{Kind: crm.InText, Command: "start"}}, env).Session
	in := text("Анна Петрова")
	if n := testing.AllocsPerRun(200, func() { kit.Step(s, in, env) }); n >= 20 {
		t.Errorf("it costs %v allocations", n)
	}
}
