package dialogs

import (
	"strings"

	"govorun/crm"
)

// flagField is where a deal keeps what a reviewer should know of an answer.
func flagField(name string) string { return "flags." + name }

// raised are the flags of an answer that a reviewer should know of: nil when none are.
func raised(value Value) []any {
	var flags []any
	for _, flag := range value.Flags {
		if flag != "normalised" {
			flags = append(flags, flag)
		}
	}
	return flags
}

// raise keeps the flags of an answer on the deal, or takes away those of the answer before.
func (t *step) raise(name string) {
	flags := raised(t.values[name])
	_, had := t.deal.Fields[flagField(name)]
	switch {
	case len(flags) > 0:
		t.setDeal(crm.Fields{flagField(name): flags})
	case had:
		t.setDeal(crm.Fields{flagField(name): nil})
	}
}

// flagTexts tells the flags of a deal in words, on a line of their own; empty when there are none.
func (v *view) flagTexts() string {
	var told []string
	for _, field := range sortedKeys(v.deal.Fields) {
		name, is := strings.CutPrefix(field, "flags.")
		list, _ := v.deal.Fields[field].([]any)
		if !is || len(list) == 0 {
			continue
		}
		words := make([]string, 0, len(list))
		for _, flag := range textsOf(list) {
			text, _ := v.kit.Texts.Text(v.lang, "staff.flag_"+flag, nil)
			words = append(words, text)
		}
		if key := fieldNames + name; v.kit.Texts.Has(v.lang, key) {
			name, _ = v.kit.Texts.Text(v.lang, key, nil)
		}
		told = append(told, name+": "+strings.Join(words, ", "))
	}
	if len(told) == 0 {
		return ""
	}
	return "\n⚠️ " + strings.Join(told, "; ")
}

// otherPictures are those in the other answers of the dialog, to which a new one is compared.
func (v *view) otherPictures(sl *Slot) (unique []string) {
	if v.def == nil || !isMedia(sl.Type) {
		return nil
	}
	for name, value := range v.values {
		for _, m := range value.Media {
			if name != sl.Name && m.Unique != "" {
				unique = append(unique, m.Unique)
			}
		}
	}
	return unique
}

// flagAnswers notes in the fields of a new deal what a reviewer should know of the answers that were typed; files bring theirs when they are attached.
func (t *step) flagAnswers(fields crm.Fields) {
	for name, value := range t.values {
		if flags := raised(value); len(flags) > 0 && len(value.Media) == 0 {
			fields[flagField(name)] = flags
		}
	}
}

// WithFlag gives the change of a deal's fields that adds a flag to one of its answers; is when the flag stands there already.
func WithFlag(fields crm.Fields, name, flag string) (change crm.Fields, is bool) {
	list, _ := fields[flagField(name)].([]any)
	for _, have := range list {
		if have == flag {
			return nil, true
		}
	}
	return crm.Fields{flagField(name): append(list[:len(list):len(list)], flag)}, false
}
