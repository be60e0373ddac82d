package dialogs

import (
	"slices"
	"time"

	"govorun/crm"
	"govorun/crm/seal"
	"govorun/dialogs/slot"
)

// args are the values of a text's placeholders, as the person reads them; nil when it has none. own are placeholders that the
// state declares itself.
func (t *step) args(key string, own map[string]*Expr) map[string]any {
	if key == "" {
		return nil
	}
	places := t.kit.Texts.Placeholders(key)
	if len(places) == 0 {
		return nil
	}
	args := make(map[string]any, len(places))
	for _, path := range places {
		name := path[0]
		if _, there := args[name]; there {
			continue
		}
		if e := own[name]; e != nil {
			args[name] = t.readable(t.eval(e))
			continue
		}
		if value := t.arg(name, places); value != nil {
			args[name] = value
		}
	}
	return args
}

// arg is one thing that a text with these placeholders may name; nil when there is none.
func (t *step) arg(name string, places [][]string) any {
	switch name {
	case "deal":
		args := t.dealVariable(t.deal)
		if slices.ContainsFunc(places, func(path []string) bool { return len(path) == 2 && asksMore(path[1]) }) {
			t.describe(args, t.deal, t.city())
		}
		return t.dealText(t.deal, args)
	case "parent":
		if t.parent == nil {
			return nil
		}
		return t.dealText(t.parent.Deal, t.parentVariable().(map[string]any))
	case "contact":
		return t.contactText()
	case "asset", "me":
		return t.base(name)
	case "flags":
		if t.def == nil {
			return t.flagTexts()
		}
	case "now":
		return t.readable(t.now)
	case "lang", "channel":
		return t.base(name)
	}
	value, filled := t.values[name]
	sl := t.slot(name)
	if !filled || sl == nil {
		return nil
	}
	return t.show(sl, value)
}

// dealText is a deal as texts show it: pipeline, stage and the reason of a loss by their names, fields that the kit declares as
// people read them.
func (v *view) dealText(deal crm.Deal, args map[string]any) map[string]any {
	args["fields"] = v.fieldTexts(deal.Fields)
	pipeline := v.kit.Pipelines[deal.Pipeline]
	if pipeline == nil {
		return args
	}
	args["pipeline"], _ = v.kit.Texts.Text(v.lang, pipeline.Key, nil)
	if stage := pipeline.stage(v.kit.StageNow(deal.Pipeline, deal.Stage)); stage != nil {
		args["stage"], _ = v.kit.Texts.Text(v.lang, stage.Key, nil)
	}
	for _, reason := range pipeline.Reasons {
		if afterDot(reason) == deal.LostReason {
			args["reason"], _ = v.kit.Texts.Text(v.lang, reason, nil)
		}
	}
	return args
}

// fieldTexts are the fields of a deal in words: those that the kit declares by their type, others as they are.
func (v *view) fieldTexts(fields crm.Fields) map[string]any {
	texts := make(map[string]any, len(fields))
	for name, value := range fields {
		texts[name] = masked(value)
		field := v.kit.Fields[name]
		if field == nil {
			continue
		}
		if answer, ok := answerFrom(value, &field.Slot); ok {
			if shown := v.show(&field.Slot, answer); shown != nil && shown != "" {
				texts[name] = shown
			}
		}
	}
	return texts
}

// stage finds a stage by name, nil when the pipeline has none such.
func (p *Pipeline) stage(name string) *Stage {
	for i := range p.Stages {
		if p.Stages[i].Name == name {
			return &p.Stages[i]
		}
	}
	return nil
}

// show gives an answer as the person reads it.
func (v *view) show(sl *Slot, value Value) any {
	spec := v.specOf(sl)
	switch sl.Type {
	case "choice":
		spec.Options = v.chosen(sl, value.Text)
	case "many":
		for _, id := range value.Many {
			spec.Options = append(spec.Options, v.chosen(sl, id)...)
		}
	}
	if seal.Holds(value.Text) {
		return seal.Masked(value.Text)
	}
	return slot.Show(spec, value)
}

// chosen is the option with this id, from the slot or from a state that asks for it.
func (v *view) chosen(sl *Slot, id string) []slot.Option {
	for _, key := range sl.Options {
		if afterDot(key) == id {
			return v.optionText(id, key)
		}
	}
	asks, key := "", ""
	if v.def == nil {
		return nil
	}
	for name, st := range v.def.States {
		if st.Slot != sl.Name || asks != "" && asks < name {
			continue // of several states that offer it the first by name
		}
		for i := range st.Options {
			if st.Options[i].ID == id {
				asks, key = name, st.Options[i].Key
			}
		}
	}
	if key == "" {
		return nil
	}
	return v.optionText(id, key)
}

func (v *view) optionText(id, key string) []slot.Option {
	text, _ := v.kit.Texts.Text(v.lang, key, nil)
	return []slot.Option{{ID: id, Text: text}}
}

// readable makes a value of an expression fit for a text: times become words.
func (v *view) readable(value any) any {
	switch x := value.(type) {
	case time.Time:
		return slot.Show(slot.Spec{Type: "datetime", Lang: v.lang, Now: v.now}, Value{Time: x})
	case time.Duration:
		return x.Round(time.Minute).String()
	}
	return masked(value)
}
