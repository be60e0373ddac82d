package dialogs

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"govorun/crm"
)

// accepted counts kits that were, so that a property that is never tried fails.
type accepted struct{ kits, refused int }

func (a *accepted) enough(t *testing.T) {
	t.Helper()
	if a.kits < a.refused/4 || a.kits < 10 {
		t.Errorf("of the kits drawn %d were accepted and %d refused: too few to say anything", a.kits, a.refused)
	}
}

// draws makes properties of this test draw so often, unless the command line says how often: reading a kit takes its time.
func draws(t *testing.T, checks string) {
	t.Helper()
	if set := flag.Lookup("rapid.checks"); set.Value.String() == set.DefValue {
		if err := set.Value.Set(checks); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = set.Value.Set(set.DefValue) })
	}
}

func TestARandomKitIsRefusedWithItsPlaceOrNeverGetsStuck(t *testing.T) {
	draws(t, "40")
	var seen accepted
	rapid.Check(t, func(t *rapid.T) {
		files := anyKit(t)
		kit, err := Load(files)
		if err != nil {
			refusedWell(t, files, err)
			seen.refused++
			return
		}
		seen.kits++
		p := newPlayer(kit)
		if rapid.Bool().Draw(t, "numbered") {
			p.channel = Capabilities{}
		}
		for range rapid.IntRange(1, 20).Draw(t, "length") {
			p.walk(t)
			p.holds(t)
		}
		p.leaves(t)
	})
	seen.enough(t)
}

// holds checks what must be true wherever a talk stands.
func (p *player) holds(t *rapid.T) {
	p.stored(t)
	p.grammarWorks(t)
	p.oldPressesDoNothing(t)
	p.timersEnd(t)
	if !p.channel.Buttons {
		p.onlyItsNumbers(t)
	}
}

// tries runs an input on the session as it is, and leaves the session alone.
func (p *player) tries(s Session, in crm.Inbound) Result {
	copied := *p
	in.Address.Channel, in.SentAt = "telegram", p.now
	if !p.channel.Buttons {
		in.Address.Channel = "whatsapp"
	}
	facts := Facts{}
	if in.Kind != crm.InTimeout {
		facts = copied.facts(in)
	}
	return p.kit.Step(s, Input{Inbound: in, Facts: facts}, copied.env())
}

// stored checks that a session goes on the same after it was stored and loaded.
func (p *player) stored(t *rapid.T) {
	var loaded Session
	if err := json.Unmarshal([]byte(asJSON(t, p.session)), &loaded); err != nil {
		t.Fatal(err)
	}
	if asJSON(t, loaded) != asJSON(t, p.session) {
		t.Fatalf("a stored session is another one:\n%s\n%s", asJSON(t, p.session), asJSON(t, loaded))
	}
	for _, in := range []crm.Inbound{{Kind: crm.InText, Text: "2"}, {Kind: crm.InText, Command: "back", Text: "/back"}} {
		if a, b := p.tries(p.session, in), p.tries(loaded, in); asJSON(t, a.Session) != asJSON(t, b.Session) || len(a.Say) != len(b.Say) {
			t.Fatalf("after it was stored %q leads elsewhere:\n%s\n%s", in.Text, asJSON(t, a.Session), asJSON(t, b.Session))
		}
	}
}

// grammarWorks checks that what works at every step is answered, and what it promises.
func (p *player) grammarWorks(t *rapid.T) {
	p.now = p.now.Add(10 * time.Second)
	for _, command := range []string{"back", "cancel", "restart", "help", "lang", "human", "skip"} {
		was := p.session
		got := p.tries(was, crm.Inbound{Kind: crm.InText, Command: command, Text: "/" + command})
		if len(got.Say) == 0 && got.Toast == "" {
			t.Fatalf("/%s at %s.%s is answered by silence", command, was.Dialog, was.State)
		}
		for _, e := range got.Effects {
			if r, is := e.(crm.Recorded); is && (r.Kind == "dialog_error" || r.Kind == "step_limit") {
				t.Fatalf("/%s at %s.%s ends in %v", command, was.Dialog, was.State, r.Data)
			}
		}
		if was.Dialog == "" {
			continue
		}
		switch {
		case command == "human" && !got.HandOver:
			t.Fatalf("/human at %s.%s calls nobody", was.Dialog, was.State)
		case (command == "help" || command == "lang") && (got.Session.State != was.State || asJSON(t, Session{Slots: got.Session.Slots}) != asJSON(t, Session{Slots: was.Slots})):
			t.Fatalf("/%s at %s.%s leads to %s.%s", command, was.Dialog, was.State, got.Session.Dialog, got.Session.State)
		case command == "cancel" && got.Session.Dialog == was.Dialog && got.Session.Pending == "" && len(was.Stack) == 0 && got.Session.Nonce == was.Nonce:
			t.Fatalf("/cancel at %s.%s changes nothing", was.Dialog, was.State)
		}
	}
}

// oldPressesDoNothing checks that a button of another question than the one that is open changes no answer and no deal.
func (p *player) oldPressesDoNothing(t *rapid.T) {
	was := p.session
	if was.Unheard = 0; was.Dialog == "" {
		return
	}
	for _, button := range p.shown {
		if nonce, _, _ := strings.Cut(button.Data, ":"); nonce == was.Nonce || !strings.HasPrefix(nonce, "n0") {
			continue
		}
		got := p.tries(was, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: button.Data, Message: "1"}})
		if got.Toast == "" || len(got.Effects) > 0 || asJSON(t, got.Session) != asJSON(t, was) {
			t.Fatalf("the old button %+v at %s.%s does %v and leads to\n%s\nfrom\n%s", button, was.Dialog, was.State, got.Effects, asJSON(t, got.Session), asJSON(t, was))
		}
	}
}

// timersEnd checks that who says nothing more is left in peace some day.
func (p *player) timersEnd(t *rapid.T) {
	silent := *p
	fired := 0
	for ; !silent.due.IsZero(); fired++ {
		if fired > 60 {
			t.Fatalf("timers fire for ever at %s.%s, from %s.%s", silent.session.Dialog, silent.session.State, p.session.Dialog, p.session.State)
		}
		silent.now = later(silent.now, silent.due)
		got := silent.tries(silent.session, crm.Inbound{Kind: crm.InTimeout})
		silent.session, silent.due = got.Session, got.DueAt
	}
}

// onlyItsNumbers checks that of the numbers a question is answered by, on channels without buttons, all are taken and no other.
func (p *player) onlyItsNumbers(t *rapid.T) {
	s := p.session
	st := p.kit.State(s)
	if st == nil || s.Pending != "" || len(st.Accept) > 0 || len(st.Options) == 0 || st.Slot != "" && st.Slot != "pick" {
		return
	}
	if slices.ContainsFunc(st.Options, func(o StateOption) bool { return o.If != nil }) {
		return // what is offered changes with the clock
	}
	any := crm.Inbound{Kind: crm.InText, Text: "1", Address: crm.Address{Channel: "whatsapp"}}
	now := newStep(p.kit, s, Input{Inbound: any, Facts: p.facts(any)}, p.env())
	now.load()
	options := now.choices(nil, now.state())
	defer func(now time.Time) { p.now = now }(p.now)
	p.now = s.Asked.Add(10 * time.Second) // later the question is put anew
	for n := 1; n <= len(options)+3; n++ {
		if n == 9 && n > len(options) {
			continue // a person
		}
		got := p.tries(s, crm.Inbound{Kind: crm.InText, Text: fmt.Sprint(n)})
		taken := got.Session.State != s.State || got.Session.Dialog != s.Dialog || got.Session.Nonce != s.Nonce && got.Session.Failures == 0
		if n <= len(options) && (!taken || got.Session.Failures > 0 && got.Session.State == s.State) {
			t.Fatalf("the number %d of %d at %s.%s is not taken: %s", n, len(options), s.Dialog, s.State, asJSON(t, got.Session))
		}
		if n > len(options) && (got.Session.State != s.State || len(got.Effects) > 0 || got.Session.Failures != s.Failures+1 && got.Session.Pending == "") {
			t.Fatalf("the number %d of %d at %s.%s is taken: %s", n, len(options), s.Dialog, s.State, asJSON(t, got.Session))
		}
	}
}
