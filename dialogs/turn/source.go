package turn

import (
	"errors"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// sourceOf looks up the code of a link among those that were added to the database. One that nobody knows is no mistake: whoever came by it is
// welcome, their source is unknown.
func (g *group) sourceOf(need dialogs.Need, in *dialogs.Input) error {
	found, err := g.tx.Source(g.ctx, need.Text)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	in.Facts.Source = &dialogs.Origin{Code: found.Code, Source: found.Source, City: found.City}
	return nil
}

// firstSource keeps the source of a person's request as theirs when they had none: whoever came by a form of the site and follows an advertisement
// later, came from the site.
func (g *group) firstSource(t *postgres.Turn, d crm.Deal) {
	source := d.Fields.Text(dialogs.FieldSource)
	person := &t.Contact
	if known := g.people[t.Talk.ID]; known != nil {
		person = known
	}
	if source == "" || t.Employee != nil || d.Contact == 0 || d.Contact != person.ID || person.Fields.Text(dialogs.FieldSource) != "" {
		return
	}
	learnt := crm.Fields{dialogs.FieldSource: source}
	g.tx.Changes.KnownBetter = append(g.tx.Changes.KnownBetter, postgres.ContactRow{ID: d.Contact, Fields: learnt})
	knownFields(person, learnt)
}

// knownFields lets the turns of this group see what one of them has learnt of a person.
func knownFields(p *crm.Contact, learnt crm.Fields) {
	if len(learnt) == 0 {
		return
	}
	fields := make(crm.Fields, len(p.Fields)+len(learnt))
	for _, from := range []crm.Fields{p.Fields, learnt} {
		for name, value := range from {
			fields[name] = value
		}
	}
	p.Fields = fields
}
