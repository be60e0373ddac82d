package staff

import (
	"govorun/crm"
	"govorun/dialogs"
)

// Choice is one answer to what a card asks: the text of its button, and the argument of its press.
type Choice struct{ Text, Arg string }

// RenderChoices is a card that asks a question, already in the viewer's language and safe inside markup, with a button for each answer and one
// that shows the card as it was. Press is that of the card's own button.
func RenderChoices(kit *dialogs.Kit, p Press, v View, who Viewer, question string, choices []Choice) (string, [][]crm.Button) {
	buttons := make([]crm.Button, len(choices))
	for i, c := range choices {
		p.Arg = c.Arg
		buttons[i] = crm.Button{Text: c.Text, Data: p.Data()}
	}
	p.Arg = argBack
	no, _ := kit.Texts.Text(who.Lang, "card.confirm_no", nil)
	return textOf(kit, kit.Cards[p.Card], v, who) + "\n\n" + question, append(inRows(buttons), []crm.Button{{Text: no, Data: p.Data()}})
}
