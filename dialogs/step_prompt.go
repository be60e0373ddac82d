package dialogs

import (
	"slices"
	"strings"

	"govorun/dialogs/slot"
)

// say states a text.
func (t *step) say(key string, own map[string]*Expr, picture string) {
	t.out.Say = append(t.out.Say, Say{Key: key, Args: t.args(key, own), Picture: picture})
}

// tell states a text of the product.
func (t *step) tell(key string, args map[string]any) {
	t.out.Say = append(t.out.Say, Say{Key: key, Args: args})
}

// ask puts the question of a state that was come to: under a new nonce, so that buttons of the one before are out of date.
func (t *step) ask(st *State) {
	t.s.Pending, t.s.Switch = "", nil
	if t.nonce == "" {
		t.nonce = t.env.NewNonce()
		t.s.Previous = t.was.Nonce
	}
	t.s.Nonce = t.nonce
	if last := len(t.s.Trail) - 1; last >= 0 && t.s.Trail[last] == st.Name {
		t.s.Trail = t.s.Trail[:last:last] // "terms" was read and led back here
	}
	t.prompt(st)
	t.out.Edit = st.Edit && t.in.Press != nil
}

// prompt puts the question of the state once more. The nonce stays: its buttons do the same wherever they are pressed.
func (t *step) prompt(st *State) {
	key, args := st.Ask, t.args(st.Ask, st.Args)
	if kind := t.windowOf(st); kind != "" {
		key, args = t.windowQuestion(kind, key, args)
	}
	t.reask(st, key, args)
	last := &t.out.Say[len(t.out.Say)-1]
	last.Progress, last.Picture = t.progress(), st.pictureOf(st.Ask)
}

// reask says a sentence in place of the question, with the buttons of the question.
func (t *step) reask(st *State, key string, args map[string]any) {
	t.s.Asked = t.now
	sl := t.def.Slots[st.Slot]
	t.out.Say = append(t.out.Say, Say{Key: key, Args: args, Options: t.options(st), Share: st.Share, Nonce: t.s.Nonce, Several: sl != nil && sl.Type == "many"})
}

// Reprompt says that the bot has the talk again, and puts the open question once more: when a person hands the talk back.
func (k *Kit) Reprompt(s Session, env Env) Result {
	t := newStep(k, s, Input{}, env)
	t.load()
	if t.err == nil && !t.asked() {
		t.tell(t.backAgain())
		if st := t.state(); st != nil {
			t.s.Pending, t.s.Switch = "", nil
			t.prompt(st)
		}
	}
	return t.result()
}

// backAgain is how the bot says that it has the talk again. Only who has answered something hears that answers are kept.
func (t *step) backAgain() (key string, args map[string]any) {
	if !t.started() {
		return "grammar.bot_is_back_plain", nil
	}
	if at := t.progress(); at[1] > 0 {
		return "grammar.bot_is_back_step", map[string]any{"step": at[0]}
	}
	return "grammar.bot_is_back", nil
}

// progress is the place of the state among the counted ones.
func (t *step) progress() [2]int {
	if i := slices.Index(t.def.Steps, t.s.State); i >= 0 {
		return [2]int{i + 1, len(t.def.Steps)}
	}
	return [2]int{}
}

// Place is where a session stands among the counted steps of its dialog, from 1, and how many there are; zeros when its state is none of them.
func (k *Kit) Place(s Session) (at, of int) {
	d := k.Dialogs[s.Dialog]
	if d == nil {
		return 0, 0
	}
	if i := slices.Index(d.Steps, s.State); i >= 0 {
		return i + 1, len(d.Steps)
	}
	return 0, 0
}

// options are what may be pressed at the state: its own, then those of the grammar.
func (t *step) options(st *State) []Option {
	list := make([]Option, 0, len(st.Options)+4)
	list = t.choices(list, st)
	human := t.offersHuman(list)
	if t.canGoBack() {
		list = append(list, Option{ID: ":back", Key: "grammar.back"})
	}
	if st.Optional {
		list = append(list, Option{ID: ":skip", Key: "grammar.skip"})
	}
	if t.s.Failures > 0 && !human {
		list = append(list, Option{ID: ":human", Key: "grammar.human"})
	}
	if t.firstPrompt() {
		list = append(list, t.languageOption())
	}
	return list
}

// offersHuman tells whether a person can be asked for already: by the grammar's button, or by one of the kit that reads the same.
func (t *step) offersHuman(options []Option) bool {
	return slices.ContainsFunc(options, func(o Option) bool { return o.ID == ":human" || o.Key == "grammar.human" })
}

// choices are the options of the state itself, in the order in which they are numbered.
func (t *step) choices(list []Option, st *State) []Option {
	sl := t.def.Slots[st.Slot]
	many := sl != nil && sl.Type == "many"
	for i := range st.Options {
		option := &st.Options[i]
		if option.If != nil && !t.holds(option.If) {
			continue
		}
		list = append(list, t.marked(Option{ID: option.ID, Key: option.Key, Args: t.args(option.Key, st.Args)}, st, many))
	}
	if len(st.Options) == 0 && sl != nil && (many || sl.Type == "choice") {
		for _, key := range sl.Options {
			list = append(list, t.marked(Option{ID: afterDot(key), Key: key}, st, many))
		}
	}
	value, filled := t.values[st.Slot]
	switch {
	case sl != nil && sl.Type == "window":
		list = t.windowOptions(list, sl.Visit)
	case sl == nil || !filled || sl.Type == "choice":
	case many:
		if len(value.Many) > 0 {
			list = append(list, Option{ID: ":done", Key: "grammar.done"})
		}
	case enough(sl, value):
		list = append(list, Option{ID: ":keep", Key: "grammar.keep", Args: map[string]any{"value": t.kept(sl, value)}})
	}
	return list
}

// marked shows which of several choices are chosen.
func (t *step) marked(option Option, st *State, many bool) Option {
	if many && slices.Contains(t.values[st.Slot].Many, option.ID) {
		option.Text = "✅ " + t.label(option)
		option.Key, option.Args = "", nil
	}
	return option
}

// kept is how an answer is named on the button that keeps it.
func (t *step) kept(sl *Slot, value Value) any {
	if sl.Secret || len(value.Media) > 0 {
		return "✓"
	}
	return t.show(sl, value)
}

// label is the text of an option as it stands on a button.
func (t *step) label(option Option) string {
	if option.Key == "" {
		return option.Text
	}
	text, _ := t.kit.Texts.Text(t.lang, option.Key, option.Args) // the best that could be done is good enough for a button
	return text
}

// enough tells whether an answer is complete: two photos where two are needed.
func enough(sl *Slot, value Value) bool {
	if sl.Type != "photos" {
		return true
	}
	return len(value.Media) >= max(1, int(sl.Min))
}

// full tells whether no more photos fit into a slot.
func full(sl *Slot, value Value) bool {
	return sl.Type == "photos" && sl.Max > 0 && len(value.Media) >= int(sl.Max)
}

// spec is what the parser of the slot has to know.
func (t *step) spec(sl *Slot, st *State) slot.Spec {
	spec := t.specOf(sl)
	if sl.Type == "choice" || sl.Type == "many" {
		spec.Options = t.labels(t.choices(nil, st))
	}
	return spec
}

// labels are options as the parser of choices takes them. The grammar's own don't belong to the answer.
func (t *step) labels(options []Option) []slot.Option {
	labels := make([]slot.Option, 0, len(options))
	for _, option := range options {
		if strings.HasPrefix(option.ID, ":") {
			continue
		}
		labels = append(labels, slot.Option{ID: option.ID, Text: strings.TrimPrefix(t.label(option), "✅ ")})
	}
	return labels
}
