package turn

import (
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
)

// uniqueKeys are what makes each request that a step opens the same as another, in their order: the dialog says so, or the kit. None when no
// request has a key.
func (g *group) uniqueKeys(t *postgres.Turn, effects []crm.Effect) (keys []string) {
	contact, any := t.Contact, false
	for _, e := range effects {
		switch e := e.(type) {
		case crm.ContactChanged:
			contact.Phone, contact.Name = either(e.Phone, contact.Phone), either(e.Name, contact.Name)
		case crm.DealOpened:
			key := g.uniqueKey(t, e.Deal, contact)
			keys, any = append(keys, key), any || key != ""
		}
	}
	if !any {
		return nil
	}
	return keys
}

// uniqueKey is the key of one request; empty when it has none.
func (g *group) uniqueKey(t *postgres.Turn, d crm.Deal, contact crm.Contact) string {
	if d.UniqueKey != "" {
		return d.UniqueKey
	}
	scene := rules.Scene{View: rules.View{Deal: d, Contact: contact}, Now: g.now}
	if d.Asset != 0 && len(g.Kit.Book.Unique) > 0 {
		scene.Asset, _ = g.tx.Asset(g.ctx, d.Asset)
	}
	key, _, err := g.Kit.Book.UniqueKey(scene)
	if err != nil {
		g.event(t, postgres.EventRow{Kind: "rule_failed", Data: crm.Fields{"rule": "unique", "error": err.Error()}})
	}
	return key
}

// alreadyOpen are the open deals that bear one of the keys, in the order of the keys.
func (g *group) alreadyOpen(keys []string) (deals []*crm.Deal, err error) {
	for _, key := range keys {
		if key == "" {
			continue
		}
		same, err := g.tx.SameDeal(g.ctx, key)
		if err != nil {
			return nil, err
		}
		if same != nil {
			deals = append(deals, same)
		}
	}
	return deals, nil
}

// duplicate refuses an employee a request that is there already, and counts the attempt.
func (g *group) duplicate(t *postgres.Turn, same *crm.Deal) error {
	g.event(t, postgres.EventRow{Kind: "duplicate_refused", Deal: same.ID, Data: crm.Fields{"pipeline": same.Pipeline}})
	s, err := g.session(t.Talk)
	if err != nil {
		return err
	}
	*s, t.Talk.DueAt = dialogs.Session{Tour: s.Tour}, time.Time{}
	g.touch(t.Talk)
	return g.say(t, "staff.duplicate", map[string]any{"id": int(same.ID)})
}
