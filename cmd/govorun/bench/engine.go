package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"govorun/cmd/govorun/bench/report"
	"govorun/crm"
	"govorun/dialogs"
	"govorun/dialogs/kits"
)

// engineFigures are those of the dialog engine alone: one step of the kit "lead", repeated in this process.
func engineFigures(steps int) fresh {
	return func(ctx context.Context, _ Config) ([]report.Figure, error) {
		files, err := kits.FS("lead")
		if err != nil {
			return nil, fmt.Errorf("open the kit of the measurement: %w", err)
		}
		kit, err := dialogs.Load(files)
		if err != nil {
			return nil, fmt.Errorf("read the kit of the measurement: %w", err)
		}
		env := dialogs.Env{Now: time.Now(), Lang: "en", Contact: crm.Contact{ID: 7, Name: "Ann"}, Channel: dialogs.Capabilities{Buttons: true, Contact: true},
			NewDeal: func() crm.DealID { return 5512 }, NewNonce: func() string { return "abcdef" }}
		said := func(text string) dialogs.Input {
			return dialogs.Input{Inbound: crm.Inbound{Kind: crm.InText, Text: text}}
		}
		session := dialogs.Session{}
		for _, text := range []string{"hello", "Ann Lee", "+79161234567"} {
			session = kit.Step(session, said(text), env).Session
		}
		in := said("Kazan")
		if next := kit.Step(session, in, env).Session.State; next == session.State {
			return nil, fmt.Errorf("the measured step leads from %q nowhere", next)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		for n := 0; n < steps && ctx.Err() == nil; n++ {
			kit.Step(session, in, env)
		}
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		var f figures
		f.key("one step", "µs", micros(took)/float64(steps), report.AtMost(10, aimOfSpine))
		f.key("allocations of a step", "", float64(after.Mallocs-before.Mallocs)/float64(steps), report.AtMost(20, aimOfSpine))
		return f, ctx.Err()
	}
}
