package turn

import (
	"maps"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/staff"
)

// A deal stands in a chat once: it is edited where it stands, and when it is sent there again the older message becomes one line that
// points down. So nobody presses a button of yesterday, and nobody scrolls past five cards of one deal.

// mark is what a message bears that shows a deal as a card.
func mark(id crm.DealID, card string) string { return staff.Mark(id, card) }

// marks are what messages bear that show a deal, on whichever card.
func (g *group) marks(id crm.DealID) []string {
	marks := make([]string, 0, len(g.Kit.Cards))
	for _, name := range slices.Sorted(maps.Keys(g.Kit.Cards)) {
		marks = append(marks, staff.Mark(id, name))
	}
	return marks
}

// standing lists where a deal stands, one message of each chat.
func (g *group) standing(id crm.DealID) ([]postgres.Shown, error) {
	if shown, known := g.telling.stands[id]; known {
		return shown, nil
	}
	if slices.ContainsFunc(g.tx.Changes.Out, func(o postgres.OutRow) bool { return o.Card != "" }) { // sent by this very transaction
		if err := g.tx.Flush(g.ctx); err != nil {
			return nil, err
		}
	}
	return g.tx.Shown(g.ctx, g.marks(id))
}

// sendCard sends a card, and makes a stub of the message in the same chat that showed the deal before.
func (g *group) sendCard(t *postgres.Turn, out crm.Outbound) error {
	id, _, _ := staff.ParseMark(out.Card)
	var before []postgres.Shown
	if g.memory == nil || !g.memory.opened[id] { // what was opened just now stands nowhere yet
		var err error
		if before, err = g.standing(id); err != nil {
			return err
		}
	}
	return g.sendBelow(t, out, before)
}

// sendBelow sends a card into a chat where the deal may stand already. While the new card waits for its time, the older one stays in use.
func (g *group) sendBelow(t *postgres.Turn, out crm.Outbound, before []postgres.Shown) error {
	id, _, _ := staff.ParseMark(out.Card)
	for _, s := range before {
		if s.Conversation != out.Conversation || s.Thread != out.Thread {
			continue
		}
		if s.Held { // nobody has seen it
			g.telling.left(id, s.ID)
			g.unsend(s.Conversation, s.ID)
			continue
		}
		text := g.text(g.speaks(either(s.Lang, s.Employee.Lang)), "card.below", map[string]any{"id": int(id)})
		if out.NotBefore.IsZero() {
			g.telling.left(id, s.ID)
			g.tx.Changes.Edited = append(g.tx.Changes.Edited, postgres.Edited{Conversation: s.Conversation, ID: s.ID,
				Content: mustJSON(map[string]any{"text": text, "buttons": [][]crm.Button{}, "stub": true})})
		}
		if _, err := g.sendTo(t, crm.Outbound{Conversation: s.Conversation, Address: s.Address, Kind: crm.OutEdit, Priority: crm.Notice, Text: text, Target: s.ID, Thread: s.Thread, IfThere: true,
			NotBefore: out.NotBefore}); err != nil {
			return err
		}
	}
	_, err := g.sendTo(t, out)
	return err
}

// redraw edits the cards of the deals that changed wherever they stand, for each who sees them.
func (g *group) redraw(t *postgres.Turn, changed map[crm.DealID]bool) error {
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		if err := g.redrawAll(t, id, g.telling.stands[id]); err != nil {
			return err
		}
	}
	return nil
}

// redrawDeal looks where a deal stands, and edits its cards there.
func (g *group) redrawDeal(t *postgres.Turn, id crm.DealID) error {
	shown, err := g.standing(id)
	if err != nil {
		return err
	}
	return g.redrawAll(t, id, shown)
}

func (g *group) redrawAll(t *postgres.Turn, id crm.DealID, shown []postgres.Shown) error {
	if len(shown) == 0 {
		return nil
	}
	d, err := g.tx.Deal(g.ctx, id)
	if err != nil {
		return err
	}
	for _, s := range shown {
		if err := g.redrawOne(t, s, view(d)); err != nil {
			return err
		}
	}
	return nil
}

// redrawHere shows the deal as it is in the chat of this turn, in place of whatever its card asked.
func (g *group) redrawHere(t *postgres.Turn, id crm.DealID) error {
	if err := g.tx.FlushDeals(g.ctx); err != nil {
		return err
	}
	s, there, err := g.here(t, id)
	if err != nil || !there {
		return err
	}
	d, err := g.tx.Deal(g.ctx, id)
	if err != nil {
		return err
	}
	return g.redrawOne(t, s, view(d))
}

// here finds the message that shows a deal in the chat of this turn.
func (g *group) here(t *postgres.Turn, id crm.DealID) (postgres.Shown, bool, error) {
	shown, err := g.standing(id)
	i := slices.IndexFunc(shown, func(s postgres.Shown) bool {
		return s.Conversation == t.Talk.ID && (t.In.Press == nil || s.Thread == t.In.Thread)
	})
	if err != nil || i < 0 {
		return postgres.Shown{}, false, err
	}
	return shown[i], true, nil
}

// replaceCard puts a question into the place of the card whose button was pressed, until it is answered or the card is drawn again.
func (g *group) replaceCard(t *postgres.Turn, p staff.Press, text string, buttons [][]crm.Button) error {
	s, there, err := g.here(t, p.Deal)
	if err != nil {
		return err
	}
	if !there { // a message that we know nothing of: sent by a program of before
		return g.sendCard(t, crm.Outbound{Conversation: t.Talk.ID, Address: t.Talk.Address, Kind: crm.OutMessage, Text: text, Buttons: buttons, Card: staff.Mark(p.Deal, p.Card)})
	}
	return g.editCard(t, s, text, buttons)
}

// redrawOne shows a deal as it is now to whoever reads this chat. Who may see it no more, or a crew whose deal it is no more, is left with
// its number.
func (g *group) redrawOne(t *postgres.Turn, s postgres.Shown, v staff.View) error {
	_, card, _ := staff.ParseMark(s.Card)
	who := staff.Viewer{Me: s.Employee, Now: g.now, Lang: g.speaks(either(s.Lang, s.Employee.Lang))}
	switch {
	case g.Kit.Cards[card] == nil || s.Employee.ID == 0 && !s.Group:
		return nil // a card that is gone, and somebody who works here no more
	case s.Group && (s.Crew == 0 || v.Crew == 0 || s.Crew == v.Crew):
		who.Me = g.member(card, v)
	case s.Group || !staff.Sees(g.Kit, v, s.Employee):
		return g.editCard(t, s, g.text(who.Lang, "card.elsewhere", map[string]any{"id": int(v.ID)}), nil)
	}
	who.Undo = t.Employee != nil && s.Employee.ID == t.Employee.ID && slices.Contains(g.undoable, v.ID)
	text, buttons, err := g.render(t, card, v, who)
	if err != nil {
		return err
	}
	return g.editCard(t, s, text, buttons)
}

// anybody is a number that no employee has.
const anybody crm.EmployeeID = -1

// member is who presses the buttons of a card in a group: whoever owns the deal, else one of its crew. Anybody else hears that it is not theirs.
func (g *group) member(card string, v staff.View) crm.Employee {
	me := crm.Employee{ID: v.Deal.Owner, Name: v.Owner, City: v.Asset.City, Crew: v.Crew}
	if me.ID == 0 {
		me.ID = anybody // no owner is not the owner
	}
	if roles := g.Kit.Cards[card].Roles; len(roles) > 0 {
		me.Role = roles[0]
	}
	return me
}

// editCard changes a card, unless it says so already.
func (g *group) editCard(t *postgres.Turn, s postgres.Shown, text string, buttons [][]crm.Button) error {
	out := crm.Outbound{Conversation: s.Conversation, Address: s.Address, Thread: s.Thread, Kind: crm.OutEdit, Text: text, Buttons: buttons, Target: s.ID}
	g.plainly(&out)
	if strings.HasSuffix(s.Text, out.Text) && slices.EqualFunc(s.Buttons, buttons, slices.Equal) { // words may stand above a card
		return nil // sent by this very turn, or nothing that it shows has changed
	}
	g.editedFrom(s.Conversation, out, s.Buttons)
	if s.Held {
		return nil // it is sent as it is then
	}
	_, err := g.sendTo(t, out)
	return err
}
