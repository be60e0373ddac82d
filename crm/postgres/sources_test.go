package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestACodeOfALinkStandsForOneSourceForGood(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ig := postgres.Source{Code: "ig1", Source: "instagram", City: "Almaty", Title: "November"}
	must(t, db.AddSource(ctx, ig))
	for _, other := range []postgres.Source{{Code: "ig1", Source: "site", City: "Almaty"}, {Code: "ig1", Source: "instagram", City: "Astana"}} {
		if err := db.AddSource(ctx, other); !errors.Is(err, crm.ErrDuplicate) {
			t.Errorf("the code was given to %v: %v", other, err)
		}
	}
	find := func() string {
		tx, err := db.Begin(ctx)
		must(t, err)
		defer tx.Rollback(ctx)
		s, err := tx.Source(ctx, "ig1")
		if errors.Is(err, crm.ErrNotFound) {
			return "none"
		}
		must(t, err)
		return fmt.Sprint(s)
	}
	if got := find(); got != "{ig1 instagram Almaty November false}" {
		t.Errorf("the link brings %s", got)
	}
	must(t, db.RetireSource(ctx, "ig1"))
	if got := find(); got != "none" {
		t.Errorf("a retired code brings %s", got)
	}
	if err := db.RetireSource(ctx, "ig1"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("it was retired twice: %v", err)
	}
	must(t, db.AddSource(ctx, ig))
	if got := find(); got != "{ig1 instagram Almaty November false}" {
		t.Errorf("the code that was taken back brings %s", got)
	}
	for _, bad := range []string{"", "a b", "Ig", "ig_1", "-ig"} {
		if err := db.AddSource(ctx, postgres.Source{Code: bad, Source: "site"}); err == nil {
			t.Errorf("the code %q was taken", bad)
		}
	}
}

func TestCostsMayBeImportedAgainAndADryRunStoresNothing(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	day := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	costs := []postgres.SourceCost{{Day: day, Source: "instagram", City: "Almaty", Code: "ig1", Cost: 100}, {Day: day, Source: "instagram", City: "Almaty", Cost: 50}, {Day: day, Source: "site", Cost: 70}}
	for _, step := range []struct {
		dry  bool
		want string
	}{{true, "{3 0 0}"}, {false, "{3 0 0}"}, {false, "{0 0 3}"}} {
		n, err := db.ImportCosts(ctx, costs, postgres.ImportOptions{Dry: step.dry})
		if got := fmt.Sprint(n); err != nil || got != step.want {
			t.Errorf("dry %t: %s, %v; want %s", step.dry, got, err, step.want)
		}
	}
	costs[2].Cost = 71
	n, err := db.ImportCosts(ctx, costs, postgres.ImportOptions{})
	if got := fmt.Sprint(n); err != nil || got != "{0 1 2}" {
		t.Errorf("what has changed: %s, %v", got, err)
	}
	if _, err := db.ImportCosts(ctx, []postgres.SourceCost{{Day: day, Source: "site", Cost: -1}}, postgres.ImportOptions{}); err == nil {
		t.Error("a cost below zero was stored")
	}
}
