package demo

import (
	"context"
	"fmt"

	"govorun/crm"
	"govorun/crm/postgres"
)

// abilitiesOf says what an employee can do: heads answer for their city, a workshop is of two kinds, and the first people in each do
// machines. nth counts the people of one role in one city from 0. False when there is nothing to say.
func abilitiesOf(e crm.Employee, nth int) (postgres.Abilities, bool) {
	switch e.Role {
	case roleManager:
		return postgres.Abilities{Head: true}, true
	case roleTechnician:
		return postgres.Abilities{Skills: []string{"repair"}, Cap: 8}, true
	case rolePreparation:
		if nth%2 == 1 {
			return postgres.Abilities{Skills: []string{"micromarket"}}, true
		}
		return postgres.Abilities{Skills: []string{"machine"}}, true
	}
	return postgres.Abilities{}, false
}

// giveAbilities tells what everybody can do. It is done once, when the company is new: what was changed later stays.
func giveAbilities(ctx context.Context, db *postgres.DB) error {
	staff, err := db.Employees(ctx, false)
	if err != nil {
		return fmt.Errorf("list demo staff: %w", err)
	}
	seen := map[[2]string]int{}
	for _, e := range staff {
		place := [2]string{e.Role, e.City}
		can, some := abilitiesOf(e.Employee, seen[place])
		seen[place]++
		if !some {
			continue
		}
		if err := db.SetAbilities(ctx, e.ID, can); err != nil {
			return fmt.Errorf("set what %s can do: %w", e.Name, err)
		}
	}
	return nil
}
