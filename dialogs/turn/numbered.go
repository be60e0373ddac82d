package turn

import (
	"html"
	"slices"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// Channels without buttons show them as numbered lines. The row keeps the buttons: what a person types, or votes for, is turned into the press
// of one, and from there on everything is as it is in channels with buttons. What a press changes is sent anew below, since nobody scrolls
// back for an edit; what others change is edited in place.

// shows tells whether a channel has buttons.
func (g *group) shows(channel string) bool { return g.Capabilities(channel).Buttons }

// plainly makes of a message what a channel without buttons can show; false when nothing of it is left.
func (g *group) plainly(out *crm.Outbound) bool {
	if g.shows(out.Address.Channel) {
		return true
	}
	if out.Kind == crm.OutMenu || out.Kind == crm.OutEdit && out.Text == "" {
		return false
	}
	out.Keyboard, out.HideKeyboard = nil, false
	if len(out.Buttons) > 0 && !out.Numbered {
		out.Text, out.Numbered = dialogs.InNumbers(out.Text, out.Buttons), true
	}
	return true
}

// meant is the message a button of which the author of a turn named by its number.
type meant struct {
	postgres.Numbered
	anew crm.MessageID // what was sent in its place
}

// pressedBy gives the message that the author of a turn pressed by number, when out changes it; nil otherwise.
func (g *group) pressedBy(t *postgres.Turn, out crm.Outbound) *meant {
	m := g.meant[t]
	if m == nil || out.Kind != crm.OutEdit || out.Conversation != t.Talk.ID || out.Target != m.ID && (m.Ref == "" || out.TargetRef != m.Ref) {
		return nil
	}
	return m
}

// below makes of a change of the message that was pressed by number a new one, and takes the numbers from the old one. It gives true when this
// turn has sent one in its place before, which says now what this one would.
func (g *group) below(t *postgres.Turn, m *meant, out *crm.Outbound) (said bool) {
	g.tx.Changes.Edited = slices.DeleteFunc(g.tx.Changes.Edited, func(e postgres.Edited) bool {
		return e.Conversation == t.Talk.ID && (e.ID == m.ID || e.ID == out.Target)
	})
	g.worthless(t.Talk.ID, m.ID)
	if m.anew != 0 && g.rewrite(m.anew, *out) {
		return true
	}
	out.Kind, out.Target, out.TargetRef, out.IfThere = crm.OutMessage, 0, "", false
	out.Card = either(out.Card, m.Card)
	return false
}

// rewrite changes a message of this very turn.
func (g *group) rewrite(id crm.MessageID, as crm.Outbound) bool {
	for i := range g.tx.Changes.Out {
		if row := &g.tx.Changes.Out[i]; row.ID == id {
			row.Text, row.Buttons = as.Text, as.Buttons
			return true
		}
	}
	return false
}

// worthless takes the numbers from a message: what it says stays, and they mean nothing any more.
func (g *group) worthless(conversation crm.ConversationID, id crm.MessageID) {
	g.tx.Changes.Edited = append(g.tx.Changes.Edited, postgres.Edited{Conversation: conversation, ID: id,
		Content: mustJSON(map[string]any{"buttons": [][]crm.Button{}, "stub": true})})
}

// sayToast says what a channel with buttons shows for a moment: above the message that the press brought, or in one of its own when there is none.
func (g *group) sayToast(t *postgres.Turn, toast string) error {
	if toast == "" {
		return nil
	}
	if lang := g.lang(t); toast == html.UnescapeString(g.text(lang, "grammar.stale", nil)) { // there are no buttons
		toast = html.UnescapeString(g.text(lang, "numbered.stale", nil))
	}
	m := g.meant[t]
	for i := range g.tx.Changes.Out {
		row := &g.tx.Changes.Out[i]
		if m != nil && m.anew != 0 && row.ID == m.anew {
			row.Text = html.EscapeString(toast) + "\n\n" + row.Text
			return nil
		}
	}
	if slices.ContainsFunc(g.tx.Outbound(), func(row postgres.OutRow) bool {
		return row.Cause == t.Message && row.Conversation == t.Talk.ID && row.Kind == crm.OutMessage
	}) {
		return nil // the answer itself says it
	}
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: html.EscapeString(toast)})
	return err
}

// atOnce is how soon after its cause a signal still answers whoever caused it.
const atOnce = time.Minute

// answers tells whether what a turn writes into a conversation answers what its person has just done there; everything else comes of our own accord.
func (g *group) answers(t *postgres.Turn, conversation crm.ConversationID) bool {
	if conversation != t.Talk.ID || t.Message == 0 {
		return false
	}
	switch t.In.Kind {
	case crm.InText, crm.InPress, crm.InMedia, crm.InContact, crm.InLocation, crm.InEdit, crm.InReaction, crm.InOther:
		return true
	case crm.InSignal:
		return t.In.Signal != nil && t.In.Signal.Answer && g.now.Sub(t.In.SentAt) < atOnce
	}
	return false
}
