package dialogs

import (
	"slices"
	"strings"

	"govorun/crm"
	"govorun/dialogs/slot"
	"govorun/locales"
)

// command takes a typed command: of the grammar, of an entry, or a start with or without a code.
func (t *step) command() {
	if t.in.Command == "start" {
		t.start()
		return
	}
	if intent := intentOf(t.in.Command); intent != "" && t.intent(intent) {
		return
	}
	if def := t.kit.entry(func(e Entry) bool { return e.Command != "" && e.Command == t.in.Command }); def != nil {
		t.want(def, nil)
		return
	}
	if t.s.Dialog == "" {
		t.startHome()
		return
	}
	t.refuse(&slot.Wrong{Key: "grammar.not_understood"})
}

// start takes a start command: a code that a link or a sticker carries chooses the dialog, none means home. An unknown, revoked,
// forged or mistyped code always gets the same answer.
func (t *step) start() {
	t.wants(false)
	home := t.kit.Dialogs[t.kit.Home]
	if t.in.Start == "" {
		if home != nil {
			t.want(home, nil)
		}
		return
	}
	if t.in.Facts.Slowed {
		t.tell("grammar.slow_down", nil)
		return
	}
	def, entry, rest := t.kit.link(t.in.Start)
	if def == nil {
		t.unknownCode()
		return
	}
	sl := def.Slots[entry.Slot]
	if sl == nil {
		t.cameBy(rest)
		t.want(def, nil)
		return
	}
	if sl.Type == "asset" {
		if t.in.Facts.Asset == nil {
			t.unknownCode()
			return
		}
		asset := *t.in.Facts.Asset
		t.want(def, map[string]Value{entry.Slot: {Asset: &asset, Text: asset.Code}})
		return
	}
	value, wrong := slot.Parse(t.specOf(sl), slot.Given{Text: rest})
	if wrong != nil {
		t.unknownCode()
		return
	}
	t.want(def, map[string]Value{entry.Slot: value})
}

// link finds the entry for a payload, and the rest of the payload after the entry's prefix.
func (k *Kit) link(payload string) (*Definition, Entry, string) {
	prefix, rest, _ := strings.Cut(payload, "_")
	var found Entry
	def := k.entry(func(e Entry) bool {
		if e.Link == "" || e.Link != prefix {
			return false
		}
		found = e
		return true
	})
	return def, found, rest
}

// entry finds the dialog with such an entry; of several the first by name.
func (k *Kit) entry(is func(Entry) bool) *Definition {
	var found *Definition
	for _, def := range k.Dialogs {
		if (found == nil || def.Name < found.Name) && slices.ContainsFunc(def.Entries, is) {
			found = def
		}
	}
	return found
}

// byWords finds the dialog that a whole message starts, in any language of the kit.
func (t *step) byWords() *Definition {
	if t.in.Kind != crm.InText || t.in.Text == "" {
		return nil
	}
	folded := locales.Fold(t.in.Text)
	return t.kit.entry(func(e Entry) bool {
		return e.Words != "" && slices.ContainsFunc(t.kit.Languages, func(lang string) bool {
			return slices.Contains(t.kit.Texts.Words(lang, e.Words), folded)
		})
	})
}

// unknownCode gives the neutral answer in place of the home question, or before the question that is open.
func (t *step) unknownCode() {
	if t.started() {
		t.tell("grammar.unknown_code", nil)
		t.prompt(t.state())
		return
	}
	t.startHome()
	for i := range t.out.Say {
		if t.out.Say[i].Nonce != "" {
			t.out.Say[i].Key, t.out.Say[i].Args, t.out.Say[i].Picture = "grammar.unknown_code", nil, ""
			return
		}
	}
	t.tell("grammar.unknown_code", nil)
}

// startHome starts the home dialog.
func (t *step) startHome() {
	if home := t.kit.Dialogs[t.kit.Home]; home != nil {
		t.begin(home, nil, 0)
	}
}

// want starts a dialog, unless answers to another would be lost: then the person chooses. The same dialog about the same thing
// goes on where it stands.
func (t *step) want(def *Definition, values map[string]Value) {
	if t.forced || !t.started() {
		t.begin(def, values, 0)
		return
	}
	if t.inside(def, values) {
		t.resume()
		return
	}
	another := t.in
	another.Facts = Facts{}
	t.s.Switch = &another
	t.pend("switch", "grammar.switch", nil)
}

// inside tells whether the dialog, or one that called it, is this one about the same thing.
func (t *step) inside(def *Definition, values map[string]Value) bool {
	same := func(dialog string, have map[string]Value) bool {
		if dialog != def.Name {
			return false
		}
		for name, value := range values {
			if have[name].Text != value.Text {
				return false
			}
		}
		return true
	}
	if len(values) == 0 && def.Name == t.kit.Home {
		return false // a plain start asks for something else than what is going on
	}
	return same(t.s.Dialog, t.values) || slices.ContainsFunc(t.s.Stack, func(f Frame) bool { return same(f.Dialog, f.Slots) })
}

// begin starts a dialog in place of what is going on.
func (t *step) begin(def *Definition, values map[string]Value, deal crm.DealID) {
	if t.s.Dialog != "" && t.s.Dialog != t.kit.Home && !insists(t.s.Dialog) {
		t.record("dialog_cancelled", crm.Fields{"state": t.s.State, "reason": "another"})
	}
	t.launch(def, values, deal)
}

func (t *step) launch(def *Definition, values map[string]Value, deal crm.DealID) {
	waiting := t.insisted()
	t.s = Session{Previous: t.was.Nonce, Nonce: t.s.Nonce, Deal: deal, Stack: waiting}
	t.deal = dealOf(deal, t.in.Facts)
	t.open(def, values)
	t.owned = false
	if len(waiting) > 0 {
		t.tell("retake.waits", map[string]any{"id": int(waiting[len(waiting)-1].Deal)})
	}
	t.enter(def.Start)
}
