package kits_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/dialogs"
)

// step takes one input as the turn would, makes its effects true in the walker's world, and looks at what must always hold.
func (w *walker) step(t *testing.T, in crm.Inbound) {
	t.Helper()
	w.now = w.now.Add(10 * time.Second)
	in.Address.Channel, in.SentAt = "telegram", w.now
	input := dialogs.Input{Inbound: in, Facts: w.facts(in)}
	before, last := w.session, w.last
	result := w.know(&input)
	if same := w.same(result.Effects); same != nil {
		w.last, input.Facts.Same = last, same
		result = w.know(&input)
	}
	w.session, w.due = result.Session, result.DueAt
	if result.Lang != "" {
		w.lang = result.Lang
	}
	var follow []crm.DialogWanted
	for _, e := range result.Effects {
		w.apply(t, e)
		if wanted, ok := e.(crm.DialogWanted); ok {
			follow = append(follow, wanted)
		}
	}
	rendered := w.kit.Render(result.Say, w.env())
	for _, row := range rendered.Buttons {
		w.shown = append(w.shown, row...)
	}
	w.holds(t, in, before, result, rendered.Text)
	for _, f := range follow {
		w.step(t, crm.Inbound{Kind: crm.InSignal, Signal: &crm.Signal{ID: "walk", Dialog: f.Dialog, Slots: f.Slots, Deal: f.Deal}})
	}
}

// know takes the step, once more for each round of facts that it wants.
func (w *walker) know(input *dialogs.Input) (result dialogs.Result) {
	last := w.last
	for range 4 {
		w.last = last
		if result = w.kit.Step(w.session, *input, w.env()); len(result.Needs) == 0 {
			return result
		}
		for _, need := range result.Needs {
			if need.Kind == dialogs.NeedAnswer {
				input.Facts.Known = &dialogs.Known{Base: w.kit.Knowledge}
			}
		}
	}
	return result
}

func (w *walker) env() dialogs.Env {
	return dialogs.Env{Now: w.now, Lang: w.lang, Contact: w.contact, Channel: dialogs.Capabilities{Buttons: true, Contact: true}, Knows: true,
		NewDeal:  func() crm.DealID { w.last++; return w.last },
		NewNonce: func() string { w.nonces++; return "n" + strings.Repeat("0", 5-len(itoa(w.nonces))) + itoa(w.nonces) }}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

func (w *walker) facts(in crm.Inbound) (facts dialogs.Facts) {
	for _, need := range w.kit.Needs(w.session, in, w.lang) {
		if need.Kind == dialogs.NeedPerson {
			facts.Person = &dialogs.Person{Phone: need.Text, Own: need.Own}
		}
	}
	about := w.session.Deal
	if in.Signal != nil {
		about = in.Signal.Deal
	}
	if d := w.deals[about]; d != nil {
		deal := *d
		facts.Same = &deal
	}
	return facts
}

// same is the open deal that bears the key of one about to be opened.
func (w *walker) same(effects []crm.Effect) *crm.Deal {
	for _, e := range effects {
		opened, ok := e.(crm.DealOpened)
		if !ok || opened.Deal.UniqueKey == "" {
			continue
		}
		for _, d := range w.deals {
			if d.UniqueKey == opened.Deal.UniqueKey && d.Status == crm.DealOpen {
				deal := *d
				return &deal
			}
		}
	}
	return nil
}

// apply makes an effect true.
func (w *walker) apply(t *testing.T, e crm.Effect) {
	t.Helper()
	switch e := e.(type) {
	case crm.DealOpened:
		deal := e.Deal
		deal.Fields = maps.Clone(deal.Fields)
		for _, other := range w.deals {
			if other.Status == crm.DealOpen && other.UniqueKey == deal.UniqueKey && deal.UniqueKey != "" {
				t.Fatalf("deals %d and %d are open for %q after %q", other.ID, deal.ID, deal.UniqueKey, w.done)
			}
		}
		w.deals[deal.ID] = &deal
	case crm.DealMoved:
		if d := w.deals[e.Deal]; d != nil {
			d.Stage, d.Status, d.EnteredAt = e.Stage, e.Status, w.now
		}
		if e.Stage == "review" {
			w.handedIn(t, e.Deal)
		}
	case crm.DealChanged:
		if d := w.deals[e.Deal]; d != nil {
			maps.Copy(d.Fields, e.Fields)
		}
	case crm.Attached:
		if w.files[e.Deal] == nil {
			w.files[e.Deal] = map[string]int{}
		}
		w.files[e.Deal][e.Name] += len(e.Media)
	case crm.ContactChanged:
		if e.Phone != "" {
			w.contact.Phone = e.Phone
		}
		maps.Copy(w.contact.Fields, e.Fields)
	}
}

// handedIn compares what the driver saw in the summary with what is stored.
func (w *walker) handedIn(t *testing.T, id crm.DealID) {
	t.Helper()
	d, files := w.deals[id], w.files[id]
	if d.Fields["plate"] == nil || d.Fields["payout"] == nil || d.Fields["phone"] != w.contact.Phone || files["licence"] < 2 || files["certificate"] < 1 || files["selfie"] < 1 {
		t.Fatalf("request %d goes to review with %v and files %v after %q", id, d.Fields, files, w.done)
	}
	if (d.Fields["payout"] == "account") != (d.Fields["account"] != nil) {
		t.Fatalf("request %d is paid by %v with the account %v after %q", id, d.Fields["payout"], d.Fields["account"], w.done)
	}
}

// holds looks at one step: never silent, never lost, no text with a hole, no two open requests of a kind.
func (w *walker) holds(t *testing.T, in crm.Inbound, before dialogs.Session, result dialogs.Result, said string) {
	t.Helper()
	if w.session.Dialog != "" {
		if st := w.kit.State(w.session); st == nil || st.Ask == "" || w.session.Nonce == "" {
			t.Fatalf("the talk waits nowhere (%s.%s) after %q", w.session.Dialog, w.session.State, w.done)
		}
	}
	for _, hole := range []string{"{{", "…", "<no value>", "grammar.", "slot."} {
		if strings.Contains(said, hole) {
			t.Fatalf("a text is not whole after %q:\n%s", w.done, said)
		}
	}
	for _, e := range result.Effects {
		if r, ok := e.(crm.Recorded); ok && (r.Kind == "dialog_error" || r.Kind == "step_limit") {
			t.Fatalf("%s.%s: %v after %q", before.Dialog, before.State, r.Data, w.done)
		}
	}
	silent := said == "" && result.Toast == "" && !result.HandOver && in.Kind != crm.InTimeout && in.Kind != crm.InSignal && in.Kind != crm.InEdit && in.Album == ""
	if w.said++; silent {
		t.Fatalf("silence at %s.%s after %q", before.Dialog, before.State, w.done)
	}
	open := map[string]int{}
	for _, d := range w.deals {
		if d.Status == crm.DealOpen && d.ID > 1000 {
			if open[d.Pipeline]++; open[d.Pipeline] > 1 && d.Pipeline != "support" && !w.renumbered() {
				t.Fatalf("two requests are open in %s after %q", d.Pipeline, w.done)
			}
		}
	}
}

// renumbered tells whether the person gave another phone number on the way: those are two people.
func (w *walker) renumbered() bool {
	keys := map[string]bool{}
	for _, d := range w.deals {
		keys[d.Pipeline+d.UniqueKey] = true
	}
	return len(keys) > 3
}
