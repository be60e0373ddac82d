package dialogs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/dialogs/slot"
	"govorun/locales"
)

// Form is what a web page may send: its answers, which sites may send it from a browser, and what follows. It is a dialog of one step.
type Form struct {
	Name    string
	Origins []string
	Need    []string // slots that must be filled, sorted
	Then    []FormBranch
	def     *Definition // its slots
}

// FormBranch is what follows when its condition holds.
type FormBranch struct {
	If *Expr
	Do []Action
}

// CallNext is whose telephone rings when nobody takes a call: people of these roles, one after the other, then a number (E.164, empty for none).
type CallNext struct {
	Roles []string
	Phone string
}

// Hook is an address outside that is told of deals. Secret names the environment variable with the key that signs what is sent.
type Hook struct {
	Name   string
	URL    string
	Secret string
}

// CallMe is an action that tells a hook. Data are expressions: nothing else leaves the house.
type CallMe struct {
	To   string
	Data map[string]*Expr
}

// FormProblem says what is wrong with one answer of a form, in words for the person who fills it in.
type FormProblem struct {
	Field string `json:"field"`
	What  string `json:"what"`
}

// Form finds a form by its name, nil when the kit has none such.
func (k *Kit) Form(name string) *Form { return k.Forms[name] }

// Read makes answers of what was typed into a form, and says what is wrong with them; ignored are names that the form doesn't know.
// Texts are in a language of the kit, now in the zone of whoever fills it in.
func (k *Kit) Read(f *Form, typed map[string]string, lang string, now time.Time) (values map[string]Value, problems []FormProblem, ignored []string) {
	values = map[string]Value{}
	for _, name := range sortedKeys(typed) {
		sl, text := f.def.Slots[name], strings.TrimSpace(typed[name])
		if sl == nil {
			ignored = append(ignored, name)
			continue
		}
		if text == "" {
			continue
		}
		value, wrong := k.readField(sl, text, lang, now)
		if wrong != "" {
			problems = append(problems, FormProblem{Field: name, What: wrong})
			continue
		}
		values[name] = value
	}
	for _, name := range f.Need {
		_, filled := values[name]
		bad := slices.ContainsFunc(problems, func(p FormProblem) bool { return p.Field == name })
		if !filled && !bad {
			what, _ := k.Texts.Text(lang, "intake.needed", nil)
			problems = append(problems, FormProblem{Field: name, What: what})
		}
	}
	return values, problems, ignored
}

func (k *Kit) readField(sl *Slot, text, lang string, now time.Time) (value Value, wrong string) {
	if sl.Type == "choice" {
		if id := k.choiceNamed(sl, text); id != "" {
			return Value{Text: id}, ""
		}
		ids := make([]string, len(sl.Options))
		for i, key := range sl.Options {
			ids[i] = afterDot(key)
		}
		wrong, _ = k.Texts.Text(lang, "intake.choose", map[string]any{"options": strings.Join(ids, ", ")})
		return Value{}, wrong
	}
	v := view{kit: k, lang: lang, now: now}
	value, reason := slot.Parse(v.specOf(sl), slot.Given{Text: text})
	if reason == nil || reason.Keep {
		return value, ""
	}
	wrong, _ = k.Texts.Text(lang, reason.Key, reason.Args)
	return Value{}, wrong
}

// choiceNamed finds an option by its id or by its text in any language.
func (k *Kit) choiceNamed(sl *Slot, text string) string {
	folded := locales.Fold(text)
	for _, key := range sl.Options {
		if afterDot(key) == text {
			return text
		}
		for _, lang := range k.Languages {
			if shown, err := k.Texts.Text(lang, key, nil); err == nil && locales.Fold(shown) == folded {
				return afterDot(key)
			}
		}
	}
	return ""
}

// Submit gives what follows from a form that was filled in right. The facts are those of a step: which open deal is the same request.
// The error is a mistake of the kit; nothing may be done then.
func (k *Kit) Submit(f *Form, values map[string]Value, facts Facts, env Env) ([]crm.Effect, error) {
	t := step{
		view: view{kit: k, def: f.def, values: values, contact: env.Contact, person: facts.Person, now: env.Now, lang: env.Lang, channel: "form"},
		in:   Input{Facts: facts}, env: env, owned: true,
	}
	for i := range f.Then {
		if b := &f.Then[i]; b.If == nil || t.holds(b.If) {
			t.act(b.Do)
			break
		}
	}
	if t.err != nil {
		return nil, fmt.Errorf("form %s: %w", f.Name, t.err)
	}
	return t.out.Effects, nil
}

// Summary is what was filled in, a line each, for people of the company.
func (k *Kit) Summary(f *Form, values map[string]Value, now time.Time) string {
	v := view{kit: k, def: f.def, values: values, lang: k.Languages[0], now: now}
	var lines []string
	for _, name := range sortedKeys(values) {
		lines = append(lines, name+": "+textOf(v.show(f.def.Slots[name], values[name])))
	}
	return strings.Join(lines, "\n")
}

// PhoneOf is the number in a form: that of its first slot for one, by name. Empty when there is none.
func (f *Form) PhoneOf(values map[string]Value) string {
	for _, name := range sortedKeys(values) {
		if f.def.Slots[name].Type == "phone" {
			return values[name].Text
		}
	}
	return ""
}
