package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestAbilitiesDecideWhoGetsADeal(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann := employee(t, db, "Ann", "technician", "")
	want := postgres.Abilities{Skills: []string{"repair"}, Sources: []string{"chat"}, Cap: 1, Head: true}
	must(t, db.SetAbilities(ctx, ann, want))
	if got, err := db.Abilities(ctx, ann); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("abilities %+v, %v", got, err)
	}
	within(t, db, func(tx *postgres.Turns) bool {
		w := postgres.Wanted{OwnerWanted: crm.OwnerWanted{Role: "technician", Skill: "repair", Source: "chat"}}
		if first, second := pick(t, tx, w), pick(t, tx, w); first != ann || second != 0 {
			t.Errorf("picked %d, then %d; want %d, then nobody above the cap", first, second, ann)
		}
		return false
	})
	must(t, db.SetAbilities(ctx, ann, postgres.Abilities{}))
	if got, err := db.Abilities(ctx, ann); err != nil || got.Cap != 0 || len(got.Skills) != 0 || got.Head {
		t.Errorf("without abilities: %+v, %v", got, err)
	}
	if err := db.SetAbilities(ctx, 999, want); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("abilities of nobody: %v", err)
	}
}
