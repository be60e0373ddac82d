package dialogs

import (
	"fmt"
	"strings"

	"govorun/crm"
)

// print writes what a step says, and remembers the buttons.
func (p *player) print(result Result) string {
	var out strings.Builder
	if result.Toast != "" {
		out.WriteString("* " + p.kit.words(p.lang, result.Toast, nil) + "\n")
	}
	if len(result.Say) == 0 {
		return out.String()
	}
	env := p.env()
	rendered := p.kit.Render(result.Say, env)
	mark := "<"
	if result.Edit {
		mark = "~"
	}
	if rendered.Picture != "" {
		out.WriteString("  (picture " + rendered.Picture + ")\n")
	}
	for line := range strings.SplitSeq(rendered.Text, "\n") {
		out.WriteString(strings.TrimRight(mark+" "+line, " ") + "\n")
	}
	if rendered.Poll {
		out.WriteString("  (poll)\n")
	} else if rendered.Numbered {
		rendered.Buttons = nil // they are in the text
	}
	for _, row := range rendered.Buttons {
		p.shown = append(p.shown, row...)
		out.WriteString(" ")
		for _, button := range row {
			out.WriteString(" [" + button.Text + "]")
		}
		out.WriteString("\n")
	}
	p.keys = rendered.Keys
	for _, row := range rendered.Keys {
		out.WriteString(" ")
		for _, key := range row {
			out.WriteString(" {" + key.Text + "}")
		}
		out.WriteString("\n")
	}
	return out.String()
}

// effectLine tells an effect in a line; that a dialog began is seen anyway.
func effectLine(e crm.Effect) string {
	switch e := e.(type) {
	case crm.DealOpened:
		d := e.Deal
		return told("deal opened", "id", int(d.ID), "pipeline", d.Pipeline, "stage", d.Stage, "title", d.Title, "asset", int(d.Asset), "unique", d.UniqueKey) + fieldsLine(d.Fields)
	case crm.DealMoved:
		return told("deal moved", "id", int(e.Deal), "stage", e.Stage, "status", string(e.Status), "reason", e.Reason)
	case crm.DealChanged:
		return told("deal changed", "id", int(e.Deal)) + fieldsLine(e.Fields)
	case crm.DealOwned:
		return told("deal owned", "id", int(e.Deal), "owner", int(e.Owner))
	case crm.Commented:
		return told("commented", "deal", int(e.Deal), "text", e.Text)
	case crm.Attached:
		return told("attached", "deal", int(e.Deal), "name", e.Name, "files", len(e.Media))
	case crm.ContactChanged:
		return told("contact changed", "name", e.Name, "phone", e.Phone, "lang", e.Lang) + fieldsLine(e.Fields)
	case crm.TaskAdded:
		to := ""
		if e.Owner {
			to = "owner"
		}
		return told("task added", "deal", int(e.Deal), "to", to, "role", e.Role, "title", e.Title, "due", e.DueAt.Format("2006-01-02T15:04"), "points", e.Points, "card", e.Card)
	case crm.Notified:
		return told("notified", "deal", int(e.Deal), "to", string(e.To), "role", e.Role, "card", e.Card, "text", e.Key)
	case crm.DialogWanted:
		return told("dialog wanted", "deal", int(e.Deal), "dialog", e.Dialog)
	case crm.HandedOver:
		return told("handed over", "role", e.Role, "reason", e.Reason)
	case crm.DealLinked:
		return told("deals linked", "id", int(e.Deal), "other", int(e.Other), "kind", string(e.Kind), "name", e.Name)
	case crm.OwnerWanted:
		return told("owner wanted", "id", int(e.Deal), "role", e.Role, "city", e.City, "skill", e.Skill, "source", e.Source, "head", e.Head)
	case crm.TimerSet:
		return told("timer set", "deal", int(e.Deal), "kind", string(e.Kind), "rule", e.Rule, "step", e.Step, "due", e.DueAt.Format("2006-01-02T15:04"))
	case crm.Rated:
		return told("rated", "deal", int(e.Deal), "employee", int(e.Employee), "contact", int(e.Contact), "points", e.Points, "reason", e.Reason)
	case crm.Booked:
		return visitLine("booked", e.Booking)
	case crm.BookingMoved:
		return visitLine("booking moved", e.Booking)
	case crm.BookingCancelled:
		return visitLine("booking cancelled", e.Booking)
	case crm.BookingKept:
		return visitLine("booking kept", e.Booking)
	case crm.BookingMissed:
		return visitLine("booking missed", e.Booking)
	case crm.Agreed:
		return told("agreed", "", e.Name, "version", e.Version, "deal", int(e.Deal))
	case crm.DocumentWanted:
		return told("document sent", "", e.Name, "version", e.Version, "deal", int(e.Deal))
	case crm.HookCalled:
		return told("hook told", "", e.Hook, "deal", int(e.Deal)) + fieldsLine(e.Data)
	case crm.Recorded:
		if e.Kind == "dialog_started" {
			return ""
		}
		return told("recorded", "", e.Kind, "deal", int(e.Deal)) + fieldsLine(e.Data)
	}
	return fmt.Sprintf("%T", e)
}

// told writes what has a value: "deal moved id=5512 stage=done".
func told(what string, pairs ...any) string {
	var b strings.Builder
	b.WriteString(what)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" || pairs[i+1] == 0 {
			continue
		}
		b.WriteByte(' ')
		if pairs[i] != "" {
			b.WriteString(pairs[i].(string) + "=")
		}
		b.WriteString(worded(pairs[i+1]))
	}
	return b.String()
}

func fieldsLine(fields crm.Fields) string {
	var b strings.Builder
	for _, name := range sortedKeys(fields) {
		b.WriteString(" " + name + "=" + worded(fields[name]))
	}
	return b.String()
}

// worded writes a value, in quotes when it has spaces.
func worded(value any) string {
	text := fmt.Sprint(value)
	if strings.ContainsAny(text, " \n\"") {
		return fmt.Sprintf("%q", text)
	}
	return text
}
