package turn_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"govorun/crm/guard"
)

// days lets days pass and gives what was wrong in them.
func (p *fleet) days(n int) []string {
	for range n * 24 {
		p.hour()
	}
	return append(p.log.judge(), p.unheard()...)
}

// unheard looks for people to whom robots are silent and whom nobody has a task to call, or two.
func (p *fleet) unheard() (wrong []string) {
	rows, err := p.db.Pool.Query(context.Background(), `SELECT k.conversation_id - 100, (SELECT count(*) FROM tasks t WHERE t.contact_id = k.conversation_id AND t.done_at IS NULL AND t.title LIKE 'Позвонить%'),
			EXISTS (SELECT FROM tasks t WHERE t.id = k.task_id)
		FROM guard_calls k WHERE k.silent`)
	p.must(err)
	var person, open int
	var made bool
	tasked := map[int]bool{}
	_, err = pgx.ForEachRow(rows, []any{&person, &open, &made}, func() error {
		if tasked[person] = made; open > 1 {
			wrong = append(wrong, fmt.Sprintf("person %d is to be called by %d tasks", person, open))
		}
		return nil
	})
	p.must(err)
	for person := range p.log.silent() {
		if !tasked[person] {
			wrong = append(wrong, fmt.Sprintf("robots are silent to person %d and nobody calls them", person))
		}
	}
	return wrong
}

func TestW11_NinetyDaysOfAParkWhoseManagersParkPeopleGetNobodyNaggedAndNoNumberBanned(t *testing.T) {
	drivers, days := 40, 90 // GOVORUN_GUARD_DRIVERS=4000 is the whole park; it takes an hour
	if all, err := strconv.Atoi(os.Getenv("GOVORUN_GUARD_DRIVERS")); err == nil {
		drivers = all
	}
	p := newFleet(t, drivers, "")
	wrong := p.days(days)
	for _, w := range wrong[:min(len(wrong), 10)] {
		t.Error(w)
	}
	t.Log(p.log.figures(drivers, days, p.checks))
	if p.log.count.own < drivers || p.log.count.cancelled["guard_unanswered"] == 0 || len(p.log.silent()) == 0 {
		t.Fatalf("too little happened for a test: %+v", p.log.count)
	}
}

func TestW11_AGuardThatForgetsARuleIsFoundOut(t *testing.T) {
	for _, c := range []struct {
		forgets guard.Reason
		days    int
	}{{guard.Unanswered, 12}, {guard.Quiet, 6}, {guard.Pace, 4}, {guard.Hour, 11}, {guard.Stranger, 12}, {guard.OptedOut, 20}} {
		t.Run(string(c.forgets), func(t *testing.T) {
			if wrong := newFleet(t, 80, c.forgets).days(c.days); len(wrong) == 0 {
				t.Error("nobody noticed")
			}
		})
	}
}
