package turn

import (
	"errors"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// editedAfter passes on what a person changed in a message about a deal that others look at already: a line of its timeline, and a word to whoever
// checks it. It reports true when that is all there is to say; else the step is told what the message said before. Nothing is ever run again.
func (g *group) editedAfter(t *postgres.Turn, s dialogs.Session, in *dialogs.Input) (bool, error) {
	if t.In.Kind != crm.InEdit || t.Employee != nil || t.In.Text == "" {
		return false, nil
	}
	was, err := g.tx.SaidBefore(g.ctx, t.Talk.ID, t.Message, t.In.Edits)
	if errors.Is(err, crm.ErrNotFound) || err == nil && was == t.In.Text {
		return false, nil
	}
	in.Facts.Was = was
	id := crm.DealID(0)
	if err == nil {
		id, err = g.editedDeal(t, s)
	}
	if err != nil || id == 0 {
		return false, err
	}
	d, err := g.tx.Deal(g.ctx, id)
	if err != nil {
		return false, err
	}
	args := crm.Fields{"id": int(id), "was": oneLine(was), "now": oneLine(t.In.Text)}
	line := g.text(g.Kit.Languages[0], "review.edited", args)
	told := crm.Notified{Deal: id, To: crm.ToEmployee, Employee: d.Deal.Owner, Key: "review.edited_told", Args: args}
	if err := g.effects(t, crm.Recorded{Kind: "message_edited", Deal: id}, crm.Commented{Deal: id, Text: line}, told); err != nil {
		return false, err
	}
	return true, g.say(t, "review.edit_passed", map[string]any{"id": int(id)})
}

// editedDeal is the open deal that an edited message may be about; zero when others look at none, or when a dialog is going on that has opened
// none yet.
func (g *group) editedDeal(t *postgres.Turn, s dialogs.Session) (crm.DealID, error) {
	if about := t.Talk.Deal; about != nil && about.Status == crm.DealOpen {
		return about.ID, nil
	}
	if t.Contact.ID == 0 || s.Dialog != "" && s.Dialog != g.Kit.Home {
		return 0, nil
	}
	return g.tx.OpenDealOf(g.ctx, t.Contact.ID, t.Talk.ID)
}

// oneLine is what a person wrote in one line that is not too long.
func oneLine(text string) string {
	const most = 200
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > most {
		line = append(line[:most], '…')
	}
	return string(line)
}
