package dialogs

import (
	"slices"

	"govorun/crm"
	"govorun/locales"
)

// pend puts a question of the grammar itself over the one that waits. It has the same nonce: whoever presses a button of the
// question below has answered that one, and whoever writes something else too.
func (t *step) pend(what, key string, args map[string]any) {
	t.s.Pending = what
	t.s.Asked = t.now
	t.out.Say = append(t.out.Say, Say{Key: key, Args: args, Options: t.pendingOptions(), Nonce: t.s.Nonce})
}

// pendingOptions are the answers to the grammar's own question.
func (t *step) pendingOptions() []Option {
	switch t.s.Pending {
	case "confirm_cancel":
		return []Option{{ID: ":cancel_yes", Key: "grammar.cancel_yes"}, {ID: ":cancel_no", Key: "grammar.cancel_no"}}
	case "confirm_restart":
		return []Option{{ID: ":restart_yes", Key: "grammar.restart"}, {ID: ":continue", Key: "grammar.continue"}}
	case "resume":
		return []Option{{ID: ":continue", Key: "grammar.continue"}, {ID: ":restart_yes", Key: "grammar.restart"}, {ID: ":human", Key: "grammar.human"}}
	case "switch":
		return []Option{{ID: ":continue", Key: "grammar.switch_continue"}, {ID: ":switch", Key: "grammar.switch_start"}}
	case "confirm":
		return []Option{{ID: ":yes", Key: "grammar.yes"}, {ID: ":fix", Key: "grammar.fix"}}
	case "edit":
		return []Option{{ID: ":edit_yes", Key: "grammar.yes"}, {ID: ":edit_no", Key: "grammar.cancel_no"}}
	case "language":
		options := make([]Option, 0, len(t.kit.Languages))
		for _, lang := range t.kit.Languages {
			name, _ := t.kit.Texts.Text(lang, "grammar.language_name", nil)
			options = append(options, Option{ID: ":lang:" + lang, Text: name})
		}
		return options
	}
	return nil
}

// pendingWords are what may be typed instead of pressing the grammar's own buttons.
func pendingWords(id string) string {
	switch id {
	case ":cancel_yes", ":yes", ":edit_yes":
		return "grammar.yes_words"
	case ":cancel_no", ":continue":
		return "grammar.continue_words"
	case ":restart_yes":
		return "grammar.restart_words"
	case ":fix":
		return "grammar.fix_words"
	case ":human":
		return "grammar.human_words"
	}
	return ""
}

// answerPending takes a text as the answer to the grammar's own question; false when it is none, and then the question is off.
func (t *step) answerPending() bool {
	if t.in.Kind == crm.InText {
		if id := t.pendingInText(t.pendingOptions()); id != "" {
			t.decide(id)
			return true
		}
	}
	t.s.Pending, t.s.Switch = "", nil
	return false
}

func (t *step) pendingInText(options []Option) string {
	folded := locales.Fold(t.in.Text)
	for _, option := range options {
		if locales.Fold(t.label(option)) == folded {
			return option.ID
		}
		words := pendingWords(option.ID)
		for _, lang := range t.kit.Languages {
			if words != "" && slices.Contains(t.kit.Texts.Words(lang, words), folded) {
				return option.ID
			}
		}
	}
	if slices.Contains(t.kit.Texts.Words(t.lang, "grammar.no_words"), folded) && len(options) == 2 {
		return options[1].ID // no: don't cancel; no: mend it
	}
	return t.numbered(options)
}

// decide does what was chosen at the grammar's own question.
func (t *step) decide(id string) {
	st := t.state()
	another := t.s.Switch
	t.s.Pending, t.s.Switch = "", nil
	switch id {
	case ":cancel_yes":
		t.cancel()
	case ":restart_yes":
		t.restart()
	case ":switch":
		t.startAnother(another)
	case ":human":
		t.human()
	case ":yes":
		t.leave(st, "")
	case ":fix":
		t.unset(st.Slot)
		t.ask(st)
	case ":edit_yes":
		t.correct(another)
	case ":continue", ":cancel_no", ":edit_no":
		t.prompt(st)
	default:
		t.speak(id[len(":lang:"):])
	}
}

// startAnother runs the input that would start another dialog, now that the person wants it.
func (t *step) startAnother(in *Input) {
	if in == nil {
		t.prompt(t.state())
		return
	}
	facts := t.in.Facts
	t.in, t.payload, t.forced = *in, in.Start, true
	t.in.Facts = facts
	t.s.Trail = nil
	if in.Command != "" {
		t.command()
		return
	}
	if def := t.byWords(); def != nil {
		t.want(def, nil)
	}
}
