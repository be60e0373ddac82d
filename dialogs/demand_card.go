package dialogs

import (
	"fmt"
	"strings"
)

// commentDemand asks an employee for a line of a deal's timeline.
const commentDemand = demandPrefix + "comment"

// AskOf names the dialog that asks who pressed a button of a card for its fields, in a chat of their own; empty when it asks for nothing.
func (k *Kit) AskOf(card, action string) string {
	if name := demandPrefix + "card." + card + "." + action; k.Dialogs[name] != nil {
		return name
	}
	return ""
}

// CommentDialog names the dialog that asks for a line of a deal's timeline.
func (k *Kit) CommentDialog() string { return commentDemand }

// addAsks adds a dialog for every button that asks for fields, and one that asks for comments.
func (d *draft) addAsks() {
	comments := false
	for _, name := range sortedKeys(d.kit.Cards) {
		for _, a := range d.kit.Cards[name].Actions {
			comments = comments || a.Comment
			if len(a.Ask) > 0 {
				dialog := demandPrefix + "card." + name + "." + a.ID
				d.addDemand("dialogs/"+dialog+".yaml", asking(dialog, a.Ask, d.kit.Fields))
			}
		}
	}
	if comments {
		d.addDemand("dialogs/"+commentDemand+".yaml", "dialog: "+commentDemand+`
start: ask
slots:
  line: {type: text, min: 1, max: 1000}
states:
  ask: {ask: card.comment_ask, slot: line, next: kept}
  kept:
    do:
      - comment: line
    say: card.comment_kept
    end: done
`)
	}
}

// asking writes a dialog that asks for fields one after the other, whatever the deal has, and fills them in.
func asking(name string, asked []string, fields map[string]*Field) string {
	var slots, states, attach strings.Builder
	for i, field := range asked {
		next := "kept"
		if i+1 < len(asked) {
			next = "ask_" + asked[i+1]
		}
		f := fields[field]
		fmt.Fprintf(&slots, "  %s: %s\n", field, f.source())
		fmt.Fprintf(&states, "  ask_%s: {ask: %q, slot: %s, next: %s%s}\n", field, f.Ask, field, next, f.share())
		if isMedia(f.Type) {
			fmt.Fprintf(&attach, "      - attach: %s\n", field)
		}
		if f.Type == "window" {
			fmt.Fprintf(&attach, "      - book: %s\n", field)
		}
	}
	return fmt.Sprintf("dialog: %s\nstart: ask_%s\nslots:\n%sstates:\n%s  kept:\n    do:\n      - fill_deal: [%s]\n%s    say: staff.done\n    end: done\n",
		name, asked[0], slots.String(), states.String(), strings.Join(asked, ", "), attach.String())
}
