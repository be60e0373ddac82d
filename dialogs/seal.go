package dialogs

import (
	"slices"
	"strings"
	"unicode"

	"govorun/crm"
	"govorun/crm/seal"
)

// sealable are the types of slots whose answer is one text, which a token can stand for. Files are sealed where they are stored.
var sealable = []string{"text", "name", "phone", "email", "plate", "bank", "iin"}

// Sealed tells whether the answer in a slot is kept sealed: every account number, and what the kit calls secret.
func (s *Slot) Sealed() bool {
	return s.Type == "bank" || s.Secret && slices.Contains(sealable, s.Type)
}

// AsksSecret tells whether the open question may be answered by something that is kept sealed: what is typed now must not be kept as it is.
func (k *Kit) AsksSecret(s Session) bool {
	st := k.State(s)
	if st == nil {
		return false
	}
	slots := k.Dialogs[s.Dialog].Slots
	secret := func(name string) bool { sl := slots[name]; return sl != nil && sl.Sealed() }
	return secret(st.Slot) || slices.ContainsFunc(st.Accept, func(a Accept) bool { return secret(a.Slot) })
}

// Reveals tells whether people of a role may see a field, or the files of that name, of deals in a pipeline in plain.
func (k *Kit) Reveals(role, pipeline, name string) bool {
	for _, card := range k.Cards {
		if len(card.Roles) > 0 && !slices.Contains(card.Roles, role) || len(card.Pipelines) > 0 && !slices.Contains(card.Pipelines, pipeline) {
			continue
		}
		if slices.ContainsFunc(card.Actions, func(a CardAction) bool { return slices.Contains(a.Reveal, name) }) {
			return true
		}
	}
	return false
}

// SecretInWords is a field of a deal for somebody who may see it in plain: its name, and its value with the token left in, which only the sender
// opens. It reports false when there is nothing to show.
func (k *Kit) SecretInWords(name string, value any, lang string) (label, token string, ok bool) {
	token, ok = value.(string)
	if !ok || token == "" {
		return "", "", false
	}
	label = name
	if k.Texts.Has(lang, fieldNames+name) {
		label, _ = k.Texts.Text(lang, fieldNames+name, nil)
	}
	return label, token, true
}

// sealed is the answer in a slot as it is kept. Of the number of a card there is nothing left to seal.
func (t *step) sealed(name string, value Value) Value {
	sl := t.slot(name)
	if t.env.Seal == nil || sl == nil || !sl.Sealed() || value.Text == "" || sl.Type == "bank" && strings.Contains(value.Text, "•") {
		return value
	}
	value.Text = t.env.Seal(value.Text, maskOf(sl, value.Text))
	return value
}

// maskOf is how an answer is shown to those who may not see it.
func maskOf(sl *Slot, plain string) string {
	if sl.Type == "bank" || sl.Type == "phone" {
		return seal.Ends(plain)
	}
	return seal.Hidden
}

// fewestDigits is how many digits make a text an account number, with a mistake in it perhaps.
const fewestDigits = 8

// mayBeSecret tells whether another slot must not take an input, because it looks like a secret with a mistake in it.
func (t *step) mayBeSecret(sl *Slot) bool { return !sl.Sealed() && t.looksSecret() }

// looksSecret tells whether a secret is asked for and something like an account number was typed, which was no answer to it.
func (t *step) looksSecret() bool {
	st := t.state()
	if st == nil {
		return false
	}
	if asked := t.def.Slots[st.Slot]; asked == nil || !asked.Sealed() {
		return false
	}
	digits := 0
	for _, c := range t.in.Text {
		if unicode.IsDigit(c) {
			digits++
		}
	}
	return digits >= fewestDigits
}

// masked shows a value of the kit as people read it: tokens as their masks, also those in fields.
func masked(value any) any {
	switch v := value.(type) {
	case string:
		return seal.Masked(v)
	case map[string]any:
		return maskedFields(v)
	case crm.Fields:
		return maskedFields(v)
	}
	return value
}

// maskedFields is a copy of fields with masks in place of tokens; the fields themselves when there is none.
func maskedFields(fields map[string]any) map[string]any {
	var copied map[string]any
	for name, value := range fields {
		text, is := value.(string)
		if !is || !seal.Holds(text) {
			continue
		}
		if copied == nil {
			copied = make(map[string]any, len(fields))
			for other, same := range fields {
				copied[other] = same
			}
		}
		copied[name] = seal.Masked(text)
	}
	if copied == nil {
		return fields
	}
	return copied
}

// revealRead is one name in “reveal” with its place.
type revealRead struct {
	place
	by, name string
}

// checkSecrets reports what can't be kept secret, and what a card would reveal although nothing fills it.
func (d *draft) checkSecrets() {
	for _, name := range sortedKeys(d.kit.Dialogs) {
		for _, slotName := range sortedKeys(d.kit.Dialogs[name].Slots) {
			d.checkSecret(d.kit.Dialogs[name].Slots[slotName], d.declared["slot "+name+" "+slotName])
		}
	}
	names := sortedKeys(d.changed)
	for _, name := range sortedKeys(d.kit.Dialogs) {
		for _, sl := range d.kit.Dialogs[name].Slots {
			if isMedia(sl.Type) {
				names = append(names, sl.Name)
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, r := range d.reveals {
		if slices.Contains(names, r.name) {
			continue
		}
		fix := "Name a field that a dialog or stage fills, or the slot of attached files."
		if best := suggest(r.name, names); best != "" {
			fix = "Write “" + best + "”."
		}
		d.add(r.place, fix, "%s reveals “%s”, which no deal has", r.by, r.name)
	}
}

// checkSecret reports a secret slot whose answer is no text: it would be kept as it is.
func (d *draft) checkSecret(sl *Slot, at place) {
	if sl.Secret && !sl.Sealed() && !isMedia(sl.Type) && sl.Type != "" {
		d.add(at, "Remove “secret”, or ask for a text.", "slot “%s” of type %s is secret, which only texts, numbers of phones and accounts, plates and files can be", sl.Name, sl.Type)
	}
}
