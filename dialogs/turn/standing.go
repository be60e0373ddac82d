package turn

import (
	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// recognise looks up what lists of the business say of the number that a person gives.
func (g *group) recognise(t *postgres.Turn, need dialogs.Need, in *dialogs.Input) error {
	known, err := g.tx.StandingOf(g.ctx, need.Text, t.Contact.ID)
	if err != nil {
		return err
	}
	if t.Contact.Fields.Text(crm.FieldCity) != "" { // what they told us counts
		known.City = ""
	}
	in.Facts.Person = &dialogs.Person{Standing: known, Phone: need.Text, Own: need.Own}
	return nil
}
