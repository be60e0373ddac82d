package dialogs

import (
	"slices"

	"govorun/crm"
	"govorun/dialogs/slot"
	"govorun/locales"
)

// intents are what works at every step, each with its list of words.
var intents = [...]struct{ name, words string }{
	{"back", "grammar.back_words"}, {"cancel", "grammar.cancel_words"}, {"restart", "grammar.restart_words"},
	{"help", "grammar.help_words"}, {"lang", "grammar.language_words"}, {"human", "grammar.human_words"}, {"skip", "grammar.skip_words"},
}

// word finds the intent that a whole message is, in any language of the kit. A label of an option that says the same goes first,
// and so does an answer: "-" where nothing may be skipped, "9" where a number is asked for.
func (t *step) word() string {
	if t.in.Kind != crm.InText || t.in.Text == "" || len(t.in.Text) > 100 {
		return ""
	}
	folded := locales.Fold(t.in.Text)
	name := t.digit(folded)
	for _, intent := range intents {
		if name != "" {
			break
		}
		for _, lang := range t.kit.Languages {
			if slices.Contains(t.kit.Texts.Words(lang, intent.words), folded) {
				name = intent.name
				break
			}
		}
	}
	if name == "" || t.def == nil {
		return name
	}
	st := t.state()
	if name == "skip" && !st.Optional && t.takesText(st) || t.isLabel(st, folded) {
		return ""
	}
	return name
}

// digit is what 0 and 9 mean on channels without buttons, unless the question takes them as an answer.
func (t *step) digit(folded string) string {
	if t.env.Channel.Buttons || folded != "0" && folded != "9" || t.def == nil || t.s.Pending != "" {
		return ""
	}
	st := t.state()
	if len(t.choices(nil, st)) >= 9 && folded == "9" {
		return ""
	}
	if sl := t.def.Slots[st.Slot]; sl != nil && (sl.Type == "number" || sl.Type == "money" || sl.Type == "asset") {
		if _, wrong := slot.Parse(t.specOf(sl), t.given()); wrong == nil {
			return ""
		}
	}
	if folded == "0" {
		return "back"
	}
	return "human"
}

func (t *step) isLabel(st *State, folded string) bool {
	for _, option := range t.choices(nil, st) {
		if locales.Fold(t.label(option)) == folded {
			return true
		}
	}
	return false
}

// commands are the typed forms of intents.
func intentOf(command string) string {
	switch command {
	case "back", "cancel", "restart", "help", "human", "skip", "lang":
		return command
	case "stop":
		return "cancel"
	case "language":
		return "lang"
	case "operator":
		return "human"
	}
	return ""
}

// intent does what works at every step; false when it means nothing here.
func (t *step) intent(name string) bool {
	if t.s.Dialog == "" {
		return t.intentIdle(name)
	}
	t.s.Pending, t.s.Switch = "", nil
	st := t.state()
	switch name {
	case "back":
		t.back(st)
	case "cancel":
		if len(t.s.Trail) > 2 {
			t.pend("confirm_cancel", "grammar.cancel_confirm", nil)
		} else {
			t.cancel()
		}
	case "restart":
		if len(t.s.Trail) > 2 {
			t.pend("confirm_restart", "grammar.restart_confirm", nil)
		} else {
			t.restart()
		}
	case "help":
		t.help(st)
	case "lang":
		return t.chooseLanguage()
	case "human":
		t.human()
	case "skip":
		t.skip(st)
	default:
		return false
	}
	return true
}

// intentIdle does the same when nothing is going on.
func (t *step) intentIdle(name string) bool {
	switch name {
	case "cancel":
		t.tell("grammar.nothing_to_cancel", nil)
	case "help":
		t.tell("grammar.help_idle", nil)
		t.tell("grammar.help_text", nil)
	case "human":
		t.human()
	case "lang":
		if t.otherLanguage() == "" {
			t.startHome()
		}
		return t.chooseLanguage()
	default:
		t.startHome()
	}
	return true
}

// canGoBack tells whether there is a question to go back to, in this dialog or in one that called it.
func (t *step) canGoBack() bool {
	return len(t.s.Trail) > 0 || slices.ContainsFunc(t.s.Stack, func(f Frame) bool { return len(f.Trail) > 0 })
}

// back puts the question before this one. Answers stay, also those to later questions: they can be kept by a press.
func (t *step) back(st *State) {
	if !t.canGoBack() {
		t.tell("grammar.no_way_back", nil)
		t.prompt(st)
		return
	}
	for len(t.s.Trail) == 0 {
		t.record("dialog_cancelled", crm.Fields{"state": t.s.State, "reason": "back"})
		if t.comeBack() == nil {
			return
		}
	}
	last := len(t.s.Trail) - 1
	t.s.State, t.s.Trail = t.s.Trail[last], t.s.Trail[:last:last]
	t.s.Failures, t.s.Timeout = 0, 0
	if st = t.state(); st == nil || st.Ask == "" {
		t.restart() // the definition has changed under the trail
		return
	}
	t.ask(st)
}

// cancel ends the dialog and those that called it.
func (t *step) cancel() {
	t.record("dialog_cancelled", crm.Fields{"state": t.s.State, "reason": "asked"})
	t.over()
	t.tell("grammar.cancelled", nil)
}

// restart begins the outermost dialog anew. What a link had filled in stays.
func (t *step) restart() {
	t.record("dialog_cancelled", crm.Fields{"state": t.s.State, "reason": "restart"})
	name, values := t.s.Dialog, t.values
	if len(t.s.Stack) > 0 {
		name, values = t.s.Stack[0].Dialog, t.s.Stack[0].Slots
	}
	def := t.kit.Dialogs[name]
	if def == nil {
		t.over()
		return
	}
	t.launch(def, linked(def, values), 0)
}

// linked keeps of the answers those that a link gives.
func linked(def *Definition, values map[string]Value) map[string]Value {
	kept := map[string]Value{}
	for _, entry := range def.Entries {
		if value, ok := values[entry.Slot]; ok && entry.Link != "" {
			kept[entry.Slot] = value
		}
	}
	return kept
}

// help says where one is and what is needed, with a person within reach.
func (t *step) help(st *State) {
	t.tell("grammar.help_text", nil)
	if at := t.progress(); at[1] > 0 {
		t.tell("grammar.help_step", map[string]any{"step": at[0], "steps": at[1]})
	} else {
		t.tell("grammar.help_here", nil)
	}
	t.prompt(st)
	question := &t.out.Say[len(t.out.Say)-1]
	question.Progress = [2]int{}
	if !slices.ContainsFunc(question.Options, func(o Option) bool { return o.ID == ":human" }) {
		question.Options = append(question.Options, Option{ID: ":human", Key: "grammar.human"})
	}
}

// human asks for a person. The dialog waits where it stands.
func (t *step) human() {
	t.out.HandOver = true
	t.effect(crm.HandedOver{Role: t.kit.Human, Reason: "staff.human_wanted"})
	if t.kit.isOpen(t.now) {
		t.tell("grammar.handed_over", nil)
		return
	}
	t.tell("grammar.handed_over_closed", map[string]any{"opens": t.kit.opens(t.now).Format("15:04")})
}

// skip goes on without an answer where that is allowed.
func (t *step) skip(st *State) {
	if !st.Optional {
		t.tell("grammar.cannot_skip", nil)
		t.prompt(st)
		return
	}
	if st.Slot != "" {
		t.unset(st.Slot)
	}
	t.leave(st, "")
}

// chooseLanguage changes to the other of two languages at once, or asks which.
func (t *step) chooseLanguage() bool {
	if t.in.Command != "" && t.in.Args != "" {
		if t.speak(locales.Fold(t.in.Args)) {
			return true
		}
	}
	if other := t.otherLanguage(); other != "" {
		return t.speak(other)
	}
	t.pend("language", "grammar.language_ask", nil)
	return true
}

// speak changes the language and puts the open question in it; false for a language that the kit doesn't have.
func (t *step) speak(lang string) bool {
	if !slices.Contains(t.kit.Languages, lang) {
		return false
	}
	t.lang, t.env.Lang, t.out.Lang, t.contact.Lang = lang, lang, lang, lang
	t.vars = nil
	st := t.state()
	if st == nil {
		t.tell("grammar.language_set", nil)
		return true
	}
	t.s.Pending, t.s.Switch = "", nil
	t.prompt(st)
	t.out.Edit = t.in.Press != nil
	return true
}
