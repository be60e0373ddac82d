package turn

import (
	"govorun/crm"
	"govorun/crm/postgres"
)

// joined shows a talk to whoever has just taken it over: where they pressed, or, when that was in a group, in their own chat, since others write
// in the group as well. The call in the group tells who took it.
func (g *group) joined(t *postgres.Turn, name string, out crm.Outbound) error {
	if !t.Talk.Group {
		_, err := g.send(t, out)
		return err
	}
	if err := g.replace(t, crm.Outbound{Thread: t.In.Thread, Text: g.text(g.lang(t), "people.talk_taken", map[string]any{"name": name,
		"who": escaped(t.Employee.Name), "time": g.now.Format("15:04")})}); err != nil {
		return err
	}
	people, err := g.tx.ReachEmployee(g.ctx, t.Employee.ID)
	for _, p := range people {
		out.Conversation, out.Address = p.Conversation, p.Address
		if _, err := g.sendTo(t, out); err != nil {
			return err
		}
	}
	return err
}
