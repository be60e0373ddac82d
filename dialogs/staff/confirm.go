package staff

import (
	"fmt"
	"hash/fnv"
	"html"
	"strconv"
	"time"

	"govorun/crm"
	"govorun/dialogs"
)

const (
	// confirmSoonest is how long a confirmation must have been there to be read: two presses in a row are one finger too quick.
	confirmSoonest = time.Second
	// confirmLatest is when nobody remembers what they were about to confirm.
	confirmLatest = 10 * time.Minute
)

// RenderConfirm is a card that waits for the second press: it says the same, and has a button that says what is going to happen, such
// as “Pay 150 ₽”, and one that goes back.
func RenderConfirm(kit *dialogs.Kit, card string, a *dialogs.CardAction, v View, who Viewer) (string, [][]crm.Button) {
	p := Press{Deal: v.ID, Card: card, Action: a.ID}
	no, _ := kit.Texts.Text(who.Lang, "card.confirm_no", nil)
	yes, back := p, p
	yes.Arg, back.Arg = confirmMark+seal(kit, card, a, v)+moment(who.Now), argBack
	return textOf(kit, kit.Cards[card], v, who), [][]crm.Button{{{Text: label(kit, a, v, who), Data: yes.Data()}, {Text: no, Data: back.Data()}}}
}

// Confirmed is the second press of an action, as somebody makes it who has read what they confirm.
func Confirmed(kit *dialogs.Kit, p Press, a *dialogs.CardAction, v View, who Viewer) Press {
	p.Arg = confirmMark + seal(kit, p.Card, a, v) + moment(who.Now.Add(-confirmSoonest-time.Second))
	return p
}

// broken tells why a second press doesn't count, as a text key: what is confirmed must be what was seen.
func broken(kit *dialogs.Kit, a *dialogs.CardAction, p Press, v View, who Viewer) string {
	sealed := confirmMark + seal(kit, p.Card, a, v)
	if len(p.Arg) < len(sealed) || p.Arg[:len(sealed)] != sealed {
		return "card.confirm_changed"
	}
	tenths, err := strconv.ParseInt(p.Arg[len(sealed):], 36, 64)
	seen := time.UnixMilli(tenths * 100)
	switch {
	case err != nil || who.Now.Sub(seen) > confirmLatest || who.Now.Sub(seen) < -confirmLatest:
		return "card.confirm_old"
	case who.Now.Sub(seen) < confirmSoonest:
		return "card.confirm_read"
	}
	return ""
}

// seal is a short form of everything that was seen, in the kit's first language whoever looks.
func seal(kit *dialogs.Kit, card string, a *dialogs.CardAction, v View) string {
	who := Viewer{Lang: kit.Languages[0]}
	h := fnv.New32a()
	text, _ := kit.Texts.Text(who.Lang, kit.Cards[card].Key, dialogs.Escape(kit.Args(kit.Cards[card].Key, scopeOf(kit, v, who))))
	fmt.Fprint(h, text, "\x00", label(kit, a, v, who)) // a hash takes everything
	return fmt.Sprintf("%08x", h.Sum32())
}

func moment(now time.Time) string { return strconv.FormatInt(now.UnixMilli()/100, 36) }

func label(kit *dialogs.Kit, a *dialogs.CardAction, v View, who Viewer) string {
	text, _ := kit.Texts.Text(who.Lang, a.Confirm, dialogs.Escape(kit.Args(a.Confirm, scopeOf(kit, v, who))))
	return html.UnescapeString(text)
}
