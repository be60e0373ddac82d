package dialogs

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"govorun/crm"
)

// deeds are what people do, wisely and unwisely, besides pressing buttons.
var deeds = []string{
	"/start", "/start m_7Q2", "/start m_215", "/start m_nobody", "/start reg_x", "/report", "/register", "/foo", "/lang", "/lang en", "/lang xx",
	"/back", "/cancel", "/restart", "/help", "/human", "/skip", "/stop", "назад", "отмена", "заново", "помощь", "?", "язык", "оператор", "-", "дальше",
	"да", "нет", "0", "1", "2", "3", "9", "11", "214", "215", "999", "150", "сломался", "регистрация", "привет", "Анна Петрова", "<b>&\"'",
	"+7 707 123-45-67", "8 707", "123 abc 02", "KZ86125KZT5004100100", "Алматы", "\u200b\u202e", strings.Repeat("очень ", 400),
	"(photo)", "(photo 320x240)", "(photo) подпись", "(album 2)", "(album 3) подпись", "(file a.pdf)", "(file a.exe)", "(contact +77071234567)",
	"(contact other +77071234567)", "(location 43.2 76.9)", "(sticker)", "(voice)", "(edit) иначе", "(wait 20m)", "(wait 13h)", "(wait 80h)",
	"(signal outcome deal=5512 machine=214)", "(signal registration)", "(signal nothing)", "(signal demand.call_centre.refused deal=5512)",
	"(signal demand.call_centre.done deal=5513)", "(reaction)", "(later)",
}

func TestARandomWalkIsNeverStuckAndNeverSharesMemory(t *testing.T) {
	for _, dir := range []string{driver, vending, "kits/lead", service} {
		kit := kitOnce(t, dir)
		t.Run(dir, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p := newPlayer(kit)
				walkScene(t, p)
				for range rapid.IntRange(1, 60).Draw(t, "length") {
					p.walk(t)
				}
				p.leaves(t)
			})
		})
	}
}

func walkScene(t *rapid.T, p *player) {
	for _, scene := range []string{
		`asset 214 kind=machine name="Кофе" city=Москва address="БЦ" link=7Q2`, `asset 215 kind=machine name="Снеки" city=Москва address="БЦ" open=1`,
	} {
		if err := p.scene(scene); err != nil {
			t.Fatal(err)
		}
	}
	if rapid.Bool().Draw(t, "numbered") {
		p.channel = Capabilities{}
	}
}

// walk does one thing: a press of any button ever shown, or a deed.
func (p *player) walk(t *rapid.T) {
	var inputs []crm.Inbound
	deed := "(press)"
	if len(p.shown) > 0 && rapid.IntRange(0, 9).Draw(t, "press") < 5 {
		recent := p.shown[max(0, len(p.shown)-12):]
		if rapid.IntRange(0, 5).Draw(t, "old") == 0 {
			recent = p.shown
		}
		data := recent[rapid.IntRange(0, len(recent)-1).Draw(t, "button")].Data
		inputs = []crm.Inbound{{Kind: crm.InPress, Press: &crm.Press{Data: data, Message: "1"}}}
	} else {
		deed = rapid.SampledFrom(deeds).Draw(t, "deed")
		switch {
		case strings.HasPrefix(deed, "(wait"), deed == "(later)":
			if _, err := p.do(strings.Replace(deed, "(later)", "(wait 1000h)", 1)); err != nil {
				t.Fatal(err)
			}
			return
		case deed == "(reaction)":
			inputs = []crm.Inbound{{Kind: crm.InReaction, Text: "👍"}}
		default:
			var err error
			if inputs, err = p.inputs(deed); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, in := range inputs {
		p.now = p.now.Add(1e9 * 10)
		p.checked(t, deed, in, i > 0)
	}
}

// checked runs one input and holds the result against what must always be true.
func (p *player) checked(t *rapid.T, deed string, in crm.Inbound, later bool) {
	before, stored := p.session, asJSON(t, p.session)
	copied := *p
	twice := copied.kit.Step(before, Input{Inbound: in, Facts: p.facts(in)}, copied.env())
	again := *p
	if same := again.kit.Step(before, Input{Inbound: in, Facts: p.facts(in)}, again.env()); asJSON(t, same.Session) != asJSON(t, twice.Session) {
		t.Fatalf("%s: two equal steps differ:\n%s\n%s", deed, asJSON(t, same.Session), asJSON(t, twice.Session))
	}
	said, _, _ := p.step(in)
	if asJSON(t, before) != stored {
		t.Fatalf("%s changed the session that it was given:\n%s\n%s", deed, stored, asJSON(t, before))
	}
	s := p.session
	if s.Dialog != "" {
		st := p.kit.State(s)
		if st == nil || st.Ask == "" || s.Nonce == "" || s.Asked.IsZero() {
			t.Fatalf("%s: the session waits nowhere: %+v", deed, s)
		}
	} else if !p.due.IsZero() {
		t.Fatalf("%s: a timer after the end", deed)
	}
	if said == "" && !later && answerable(in) && !burstOfHome(p, s) {
		t.Fatalf("%s at %s.%s is answered by silence", deed, before.Dialog, before.State)
	}
	if strings.Contains(said, "…") || strings.Contains(said, "{{") || strings.Contains(said, "grammar.") || strings.Contains(said, "slot.") {
		t.Fatalf("%s: a text is not whole:\n%s", deed, said)
	}
	for _, e := range twice.Effects {
		if r, ok := e.(crm.Recorded); ok && (r.Kind == "dialog_error" && in.Kind != crm.InSignal || r.Kind == "step_limit") {
			t.Fatalf("%s at %s.%s: %v", deed, before.Dialog, before.State, r.Data)
		}
	}
	for _, button := range p.shown[max(0, len(p.shown)-12):] {
		if len(button.Data) > maxData || button.Text == "" {
			t.Fatalf("%s: button %+v", deed, button)
		}
	}
}

// answerable tells whether a person who does this has to be answered.
func answerable(in crm.Inbound) bool {
	switch in.Kind {
	case crm.InEdit, crm.InReaction, crm.InSignal:
		return false
	}
	return true
}

// burstOfHome tells whether the silence is that of a greeting just made.
func burstOfHome(p *player, s Session) bool {
	return s.Dialog == p.kit.Home && p.now.Sub(s.Asked) < burst
}

// leaves tells that one always gets out: by cancelling, once more when asked.
func (p *player) leaves(t *rapid.T) {
	for range 3 {
		if p.session.Dialog == "" {
			return
		}
		in := crm.Inbound{Kind: crm.InText, Command: "cancel", Text: "/cancel"}
		if p.session.Pending == "confirm_cancel" {
			in = crm.Inbound{Kind: crm.InText, Text: "да"}
		}
		p.step(in)
	}
	t.Fatalf("there is no way out of %+v", p.session)
}

func asJSON(t *rapid.T, value any) string {
	stored, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(stored)
}
