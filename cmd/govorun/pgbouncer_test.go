package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"govorun/bots/simulator"
)

// behind makes programs of a world reach their database through a pooler; with direct they know the way past it.
func (w *world) behind(p *pooler, direct bool) {
	w.env = slices.DeleteFunc(w.env, func(setting string) bool { return strings.HasPrefix(setting, "DATABASE_URL=") })
	w.env = append(w.env, "DATABASE_URL="+p.address)
	if direct {
		w.env = append(w.env, "GOVORUN_DATABASE_DIRECT="+w.dsn)
	}
}

func TestBehindAPoolerWithThreeConnectionsTwoReplicasHoldTalksAndListsShowEmployeesTheirOwn(t *testing.T) {
	t.Parallel()
	calm := calmPlays(t, 4)
	w := newWorld(t)
	w.behind(pooled(t, w.dsn, 3), true)
	casts := w.hire(4)
	r := w.replicate(2, w.balanced())
	playAll(t, casts, 4)
	w.remember(casts).compare(t, calm, 0, 0)
	r.alone(t)

	w.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, city) SELECT 'technicians', 'in_work', 'open', e.name || ' ' || n, e.id, 'Москва'
		FROM (VALUES ('Иван Петров', 12), ('Ольга Соколова', 3)) v(name, many) JOIN employees e USING (name), generate_series(1, v.many) n`)
	var both sync.WaitGroup
	for _, who := range []struct {
		person *simulator.Person
		sees   string
	}{{w.hired(ivan, "Иван"), "Мои заявки: 12"}, {w.hired(olga, "Ольга"), "Мои заявки: 3"}} {
		both.Go(func() { // connections go from one to the other meanwhile
			for n := 1; n <= 10; n++ {
				if _, err := who.person.Text("/my"); err != nil {
					t.Error(err)
				}
				until(t, "the list is there", func() bool { return len(w.texts(who.person.ID, "Мои заявки: ")) == n })
			}
			if n := len(w.texts(who.person.ID, who.sees)); n != 10 {
				t.Errorf("%d of 10 lists show %q:\n%s", n, who.sees, w.sim.Transcript(who.person.ID))
			}
		})
	}
	both.Wait()
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM dead_letters`); n != 0 {
		t.Errorf("%d messages could not be handled", n)
	}
}

func TestBehindAPoolerANumberIsPairedAndAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.behind(pooled(t, w.dsn, 2), true)
	n := numberOn(w, 2)
	n.serve().ready()
	n.reports()()
	n.finished()
	if copies := n.onceAndInOrder(); copies > 0 {
		t.Errorf("%d messages went out twice", copies)
	}
}

func TestWithoutTheWayPastThePoolerNothingStartsAndDoctorSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.behind(pooled(t, w.dsn, 2), false)
	for _, args := range [][]string{{"serve"}, {"doctor", "--offline"}} {
		if out, code := runOnce(t, w.env, args...); code == 0 || !strings.Contains(out, "GOVORUN_DATABASE_DIRECT") {
			t.Errorf("%v: exit code %d\n%s", args, code, out)
		}
	}
}

func TestDoctorJudgesAPooler(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	doctor := func(p *pooler, direct string, want ...string) {
		t.Helper()
		env := append(slices.Clone(w.env), "DATABASE_URL="+p.address, "GOVORUN_DATABASE_DIRECT="+direct)
		out, _ := runOnce(t, env, "doctor", "--offline")
		for _, words := range want {
			if !strings.Contains(out, words) {
				t.Errorf("doctor does not say %q:\n%s", words, out)
			}
		}
	}
	shared := pooled(t, w.dsn, 1)
	doctor(shared, shared.address, "leads through a connection pooler itself")
	doctor(pooled(t, w.dsn, 2, "pool_mode = statement"), w.dsn, "pool_mode = transaction")
	doctor(pooled(t, w.dsn, 4, "pool_mode = session"), w.dsn, "whole sessions", "pool_mode = transaction")
	bare := newWorld(t)
	doctor(pooled(t, bare.dsn, 2), w.dsn, "name the same database in both")

	fresh := pooled(t, w.dsn, 1)
	if fresh.named {
		doctor(fresh, w.dsn, "keeps prepared statements")
	} else {
		doctor(fresh, w.dsn, "it keeps no prepared statements", "1.21")
	}
	w.exec(fmt.Sprintf(`ALTER ROLE CURRENT_USER IN DATABASE %s SET lock_timeout = '7s'`, pgx.Identifier{w.db.Pool.Config().ConnConfig.Database}.Sanitize()))
	doctor(fresh, w.dsn, "RECONNECT")
	doctor(&pooler{address: w.dsn}, w.dsn, "GOVORUN_DATABASE_DIRECT is not needed")
}
