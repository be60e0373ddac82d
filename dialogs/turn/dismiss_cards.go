package turn

import (
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// cardsTaken is how many cards in the chats of somebody who leaves are edited away. Older ones are refused all the same.
const cardsTaken = 100

// takeCards edits away the cards in somebody's own chats: of some deals, or all with a nil list. What waited to be sent there is not sent.
func (g *group) takeCards(t *postgres.Turn, who crm.Employee, deals []crm.DealID) error {
	if deals != nil && len(deals) == 0 {
		return nil
	}
	cards, err := g.tx.TakeCards(g.ctx, who.ID, deals, cardsTaken)
	if err != nil {
		return err
	}
	for _, c := range cards {
		if c.Queued {
			g.unsend(c.Conversation, c.ID)
			continue
		}
		text := g.text(g.speaks(either(c.Lang, who.Lang)), "people.card_gone", map[string]any{"what": shownName(c.Card)})
		out := crm.Outbound{Conversation: c.Conversation, Address: c.Address, Kind: crm.OutEdit, Priority: crm.Notice, Text: text, Target: c.ID}
		g.edited(c.Conversation, out)
		if _, err := g.sendTo(t, out); err != nil {
			return err
		}
	}
	return nil
}

// shownName is what is left to say of a card that is taken away: the number of its deal.
func shownName(card string) string {
	parts := strings.Split(card, ":")
	if len(parts) > 1 && parts[0] == "deal" {
		return "№ " + parts[1]
	}
	return "💬"
}
