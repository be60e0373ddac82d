package play

import (
	"context"
	"fmt"

	"govorun/crm"
	"govorun/dialogs/turn"
)

const sqlEmployeeOf = `SELECT employee_id FROM identities WHERE channel = $1 AND address = $2 AND employee_id IS NOT NULL`

// slot makes a place of work and gives it to its first holder.
func (p *player) slot(ctx context.Context, name string, w *words) error {
	wanted := turn.InviteWanted{Role: w.next(), City: w.value("city", ""), Crew: w.value("crew", "")}
	holder := p.person(w.value("holder", ""))
	if err := w.left(); err != nil {
		return err
	}
	if holder == nil {
		return fmt.Errorf("say who holds the place first: holder=NAME")
	}
	s, err := p.runner.AddSlot(ctx, name, wanted)
	if err != nil {
		return err
	}
	var id crm.EmployeeID
	if err := p.db.Pool.QueryRow(ctx, sqlEmployeeOf, channel, holder.ID).Scan(&id); err != nil {
		return fmt.Errorf("look who %s is: %w", holder.handle, err)
	}
	if _, err := p.runner.GiveSlot(ctx, s.ID, id); err != nil {
		return err
	}
	return p.hush(ctx)
}

// stolen presses a button that stands on somebody else's phone, as a forwarded card or a forged press would.
func (p *player) stolen(owner, line string) ([]crm.Inbound, error) {
	victim := p.person(owner)
	if victim == nil {
		return nil, fmt.Errorf("there is no %q to steal from", owner)
	}
	pressed := victim.pressed
	defer func() { victim.pressed = pressed }()
	return victim.press(line)
}
