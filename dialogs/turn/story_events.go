package turn

import (
	"fmt"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// event tells what happened. An event of the kit's own, that has no words, is told by its name.
func (s *story) event(l postgres.WhyLine) string {
	d := l.Data
	switch l.Kind {
	case "dialog_started", "dialog_finished", "dialog_cancelled", "contact_changed", "contact_met": // other lines say as much
		return ""
	case "deal_opened":
		s.pipeline = d.Text("pipeline")
		return s.text("why.deal_opened", map[string]any{"stage": s.stage(d.Text("stage"))})
	case "deal_moved":
		args := map[string]any{"stage": s.stage(d.Text("stage")), "reason": s.reason(d.Text("reason"))}
		if d.Text("reason") != "" {
			return s.text("why.deal_lost", args)
		}
		return s.text("why.deal_moved", args)
	case "deal_owned":
		if l.Other == "" {
			return s.text("why.deal_freed", nil)
		}
		return s.text("why.deal_owned", map[string]any{"name": l.Other})
	case "deal_changed":
		if changes := s.changes(d); changes != "" {
			return s.text("why.deal_changed", map[string]any{"fields": changes})
		}
		return ""
	case "comment":
		return s.text("why.comment", map[string]any{"text": quote(d.Text("text"), false)})
	case "deal_linked":
		return s.text("why.deal_linked", map[string]any{"other": fmt.Sprint(d["other"])})
	case "rated":
		if n, ok := d["points"].(float64); ok && n == 0 {
			return "" // nothing was given or taken
		}
		name := l.Other
		if name == "" {
			name = s.text("why.the_contact", nil)
		}
		return s.text("why.rated", map[string]any{"name": name, "points": fmt.Sprintf("%+v", d["points"]), "reason": s.named("", d.Text("reason"))})
	case "move_refused":
		return s.text("why.move_refused", map[string]any{"stage": s.stage(d.Text("stage"))})
	}
	if key := "why." + l.Kind; s.kit.Texts.Has(s.lang, key) {
		return s.text(key, s.told(l))
	}
	return l.Kind
}

// told are the arguments of events that have words of their own and nothing special.
func (s *story) told(l postgres.WhyLine) map[string]any {
	d := l.Data
	args := map[string]any{"name": l.Other}
	for _, name := range []string{"title", "rule", "error", "text", "role"} {
		args[name] = quote(d.Text(name), false)
	}
	args["title"] = s.named("", args["title"].(string))
	args["text"] = s.named("", args["text"].(string))
	args["role"] = s.role(d.Text("role"))
	args["reason"] = s.named("why.reason_", d.Text("reason"))
	args["field"] = s.fieldName(d)
	args["n"] = 1
	if n, ok := d["files"].(float64); ok {
		args["n"] = int(n)
	}
	return args
}

// fieldName is how the kit calls the field, or the files, that an event is about.
func (s *story) fieldName(d crm.Fields) string {
	name := d.Text("field") + d.Text("name")
	if key := "fields." + name; s.kit.Texts.Has(s.lang, key) {
		return s.text(key, nil)
	}
	return name
}

// role is how people call a role.
func (s *story) role(name string) string {
	if key := s.kit.Roles[name]; key != "" {
		return s.text(key, nil)
	}
	return name
}

// changes are fields with their values, in the words of the kit. What the kit calls secret is not told, and what has no words is the machine's own.
func (s *story) changes(fields crm.Fields) string {
	var all []string
	for name, value := range fields {
		if name == "cause" {
			continue
		}
		if s.secret(name) && value != nil {
			value = "•••"
		}
		if text, told := s.kit.FieldInWords(name, value, s.lang, s.now); told {
			all = append(all, quote(text, false))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// secret tells whether a field, or an answer of that name, is one that the kit calls secret.
func (s *story) secret(name string) bool {
	if f := s.kit.Fields[name]; f != nil && f.Secret {
		return true
	}
	for _, d := range s.kit.Dialogs {
		if slot := d.Slots[name]; slot != nil && slot.Secret {
			return true
		}
	}
	return false
}
