package play

import (
	"fmt"
	"slices"
	"strings"

	"govorun/crm"
)

// note is a message on somebody's phone.
type note struct {
	id      crm.MessageID
	ref     string // the provider's id
	text    string
	card    string
	buttons []crm.Button
	past    []crm.Button // all it ever had
}

// ref is what the provider of a play calls a message of ours.
func ref(id crm.MessageID) string { return fmt.Sprintf("b%d", id) }

// take shows what was sent on the phone. It tells the mark of a line about it, empty when nothing of it is to be seen.
func (who *person) take(o crm.Outbound) (mark string) {
	switch o.Kind {
	case crm.OutMessage, crm.OutMedia, crm.OutAlbum:
		n := &note{id: o.ID, ref: ref(o.ID), card: o.Card}
		n.show(o)
		who.notes = append(who.notes, n)
		if o.HideKeyboard || len(o.Keyboard) > 0 {
			who.keys = o.Keyboard
		}
		return "<"
	case crm.OutEdit:
		return who.edit(o)
	case crm.OutReaction, crm.OutDelete:
		return "<"
	}
	return ""
}

// edit changes a message. That an answered question loses its buttons and shows what was picked, nobody needs to read.
func (who *person) edit(o crm.Outbound) (mark string) {
	i := slices.IndexFunc(who.notes, func(n *note) bool { return n.id == o.Target && o.Target != 0 || n.ref == o.TargetRef })
	if i < 0 {
		return "~"
	}
	n := who.notes[i]
	answered := len(o.Buttons) == 0 && (o.Text == "" || strings.HasPrefix(o.Text, n.text+"\n\n✓ "))
	same := o.Text == n.text && slices.Equal(slices.Concat(o.Buttons...), n.buttons)
	n.show(o)
	if answered || same {
		return ""
	}
	return "~"
}

func (n *note) show(o crm.Outbound) {
	if o.Text != "" {
		n.text = o.Text
	}
	n.buttons = slices.Concat(o.Buttons...)
	n.past = append(n.past, n.buttons...)
}

// press finds a button: [label], then "on 2", "(old)" or "(again)".
func (who *person) press(line string) ([]crm.Inbound, error) {
	label, how, closed := strings.Cut(typed(line[1:]), "]")
	how = strings.TrimSpace(how)
	if !closed {
		return nil, fmt.Errorf("the bracket is not closed")
	}
	deal, onCard := strings.CutPrefix(how, "on ")
	if how != "" && how != "(old)" && how != "(again)" && !onCard {
		return nil, fmt.Errorf("after a button stands nothing, or: on DEAL, (old), (again)")
	}
	if !onCard {
		deal = ""
	}
	press := who.pressed
	if how != "(again)" {
		press = who.find(label, deal, how == "(old)")
	}
	if press != nil {
		who.pressed = press
		again := *press
		return []crm.Inbound{{Kind: crm.InPress, Press: &again}}, nil
	}
	for _, key := range slices.Concat(who.keys...) {
		if strings.Contains(typed(key.Text), label) && !key.Contact && !key.Location {
			return []crm.Inbound{{Kind: crm.InText, Text: key.Text}}, nil
		}
	}
	return nil, fmt.Errorf("%s has no such button; there are: %s", who.handle, strings.Join(who.labels(), " "))
}

// find looks for a button by its text in the newest message that has it, or with old in the oldest that ever had it. Within a message
// the whole text goes before a part.
func (who *person) find(label, deal string, old bool) *crm.Press {
	notes := slices.Clone(who.notes)
	if !old {
		slices.Reverse(notes)
	}
	for _, n := range notes {
		if deal != "" && !strings.HasPrefix(n.card, "deal:"+deal+":") {
			continue
		}
		buttons := n.buttons
		if old {
			buttons = n.past
		}
		whole := func(b crm.Button) bool { return b.Data != "" && typed(b.Text) == label }
		part := func(b crm.Button) bool { return b.Data != "" && strings.Contains(typed(b.Text), label) }
		i := slices.IndexFunc(buttons, whole)
		if i < 0 {
			i = slices.IndexFunc(buttons, part)
		}
		if i >= 0 {
			return &crm.Press{Data: buttons[i].Data, Message: n.ref}
		}
	}
	return nil
}

// typed is a text as people type it: without the spaces that keep words together.
func typed(text string) string { return strings.ReplaceAll(text, "\u00a0", " ") }

// labels are the buttons that can be pressed, for a message about one that can't.
func (who *person) labels() []string {
	var labels []string
	for _, n := range slices.Backward(who.notes) {
		for _, b := range n.buttons {
			labels = append(labels, "["+b.Text+"]")
		}
	}
	return labels
}
