package dialogs

import (
	"fmt"
	"html"

	"govorun/crm"
)

// State gives the state in which a session waits, nil when none.
func (k *Kit) State(s Session) *State {
	if d := k.Dialogs[s.Dialog]; d != nil {
		return d.States[s.State]
	}
	return nil
}

// Asks tells whether the open question is answered by a slot of this type.
func (k *Kit) Asks(s Session, slotType string) bool {
	st := k.State(s)
	if st == nil {
		return false
	}
	sl := k.Dialogs[s.Dialog].Slots[st.Slot]
	return sl != nil && sl.Type == slotType
}

// Offers tells whether the open question shows choices of its own, whose buttons are worthless once it is answered.
func (k *Kit) Offers(s Session) bool {
	st := k.State(s)
	if st == nil {
		return false
	}
	sl := k.Dialogs[s.Dialog].Slots[st.Slot]
	return len(st.Options) > 0 || sl != nil && len(sl.Options) > 0
}

// OptionText is what the button of a choice says; empty for buttons of the grammar.
func (k *Kit) OptionText(s Session, option, lang string) string {
	st := k.State(s)
	if st == nil || option == "" {
		return ""
	}
	for i := range st.Options {
		if st.Options[i].ID == option {
			return k.words(lang, st.Options[i].Key, nil)
		}
	}
	if sl := k.Dialogs[s.Dialog].Slots[st.Slot]; sl != nil {
		for _, key := range sl.Options {
			if afterDot(key) == option {
				return k.words(lang, key, nil)
			}
		}
	}
	return ""
}

// Escape makes values of placeholders safe inside markup, nested maps and lists included.
func Escape(args map[string]any) map[string]any {
	if args == nil {
		return nil
	}
	safe := make(map[string]any, len(args))
	for name, value := range args {
		safe[name] = escaped(value)
	}
	return safe
}

func escaped(value any) any {
	switch v := value.(type) {
	case string:
		return html.EscapeString(v)
	case map[string]any:
		return Escape(v)
	case crm.Fields:
		return Escape(v)
	case fmt.Stringer:
		return html.EscapeString(v.String())
	case []any:
		safe := make([]any, len(v))
		for i, item := range v {
			safe[i] = escaped(item)
		}
		return safe
	case []string:
		safe := make([]string, len(v))
		for i, s := range v {
			safe[i] = html.EscapeString(s)
		}
		return safe
	}
	return value
}
