package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govorun/bots/simulator"
	"govorun/crm/postgres"
)

// kitOf copies a kit of testdata with replacements in its files, and gives the folder.
func kitOf(t *testing.T, name string, oldNew ...string) string {
	t.Helper()
	dir := t.TempDir()
	well(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))))
	well(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(strings.NewReplacer(oldNew...).Replace(string(text))), 0o600)
	}))
	return dir
}

// byDay are replacements that put a kit's quiet hours twelve hours away from now.
func byDay(t *testing.T) []string {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Moscow")
	well(t, err)
	night := time.Now().In(zone).Add(12 * time.Hour)
	return []string{`"22:00-09:00"`, fmt.Sprintf(`"%s-%s"`, night.Format("15:04"), night.Add(time.Hour).Format("15:04"))}
}

// chain is a world of the business whose deals go on by themselves, with so many customers, each with staff in a city of their own.
func chain(t *testing.T, n int) (*world, []*cast) {
	t.Helper()
	w := newWorld(t)
	w.env = append(w.env, "GOVORUN_KIT="+kitOf(t, "chain", byDay(t)...))
	var staff []postgres.StaffRow
	casts := make([]*cast, n)
	for i := range casts {
		city := fmt.Sprintf("City %d", i)
		staff = append(staff, postgres.StaffRow{Name: fmt.Sprintf("Fred %d", i), Role: "fitter", City: city, Address: fmt.Sprint(2300 + i)},
			postgres.StaffRow{Name: fmt.Sprintf("Mary %d", i), Role: "manager", City: city, Address: fmt.Sprint(2600 + i)},
			postgres.StaffRow{Name: fmt.Sprintf("Hana %d", i), Role: "head", City: city, Address: fmt.Sprint(2900 + i)})
		casts[i] = &cast{world: w, code: fmt.Sprintf("%d Long street", i), made: map[int64]int{}, story: (*cast).order,
			anna:  w.person(int64(1300+i), fmt.Sprintf("Anna %d", i)),
			tim:   w.person(int64(2300+i), fmt.Sprintf("Fred %d", i)),
			maria: w.person(int64(2600+i), fmt.Sprintf("Mary %d", i)),
			lena:  w.person(int64(2900+i), fmt.Sprintf("Hana %d", i))}
	}
	_, err := w.db.ImportStaff(waiting(t), "telegram", staff, postgres.ImportOptions{})
	well(t, err)
	w.exec(`UPDATE employees SET on_shift = true`)
	return w, casts
}

func say(text string) simulator.Action { return simulator.Action{Do: "text", Text: text} }

// order is the whole story of a deal that people begin and robots end: sold by a press, which opens a job and a mirror; the job is
// done after a second and moves the sale; two reminders, a call and its overdue task follow, a second after each other.
func (c *cast) order() error {
	city := strings.Fields(c.code)[0]
	if err := c.act([]deed{
		{c.maria, simulator.Action{Do: "start"}, "Hello"},
		{c.tim, simulator.Action{Do: "start"}, "Hello"},
		{c.lena, simulator.Action{Do: "start"}, "Hello"},
		{c.anna, simulator.Action{Do: "start"}, "Which city?"},
		{c.anna, say("City " + city), "Which address?"},
		{c.anna, say(c.code), "is here."},
		{c.maria, simulator.Action{}, c.code},
		{c.maria, press("Sell"), c.code},
	}); err != nil {
		return err
	}
	if err := c.won(); err != nil {
		return err
	}
	return c.allSettled()
}

// won waits until the sale, its job and its mirror are over.
func (c *cast) won() error {
	var won, all int
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		err := c.db.Pool.QueryRow(c.t.Context(), `SELECT count(*) FILTER (WHERE d.status = 'won'), count(*) FROM deals d JOIN contacts t ON t.id = d.contact_id
			WHERE t.name = $1`, "Anna "+strings.Fields(c.code)[0]).Scan(&won, &all)
		if err == nil && won == 3 {
			return nil
		}
	}
	return fmt.Errorf("%d of %d deals of %s are won", won, all, c.code)
}

// TestCrash_KilledInCascadesAndTimersTheCRMIsThatOfAnUnkilledRun kills the program at random moments while deals go their way over a
// link, a mirror and timers of a second each: every timer fires once, every deal is opened and moved once, every point is given once.
func TestCrash_KilledInCascadesAndTimersTheCRMIsThatOfAnUnkilledRun(t *testing.T) {
	t.Parallel()
	const plays, talks = 6, 4
	kills := wantedKills(t)
	var calm *remembered
	ready := make(chan struct{})
	t.Run("nobody kills it", func(t *testing.T) {
		t.Parallel()
		defer close(ready)
		w, casts := chain(t, plays)
		w.serve().ready()
		playAll(t, casts, plays)
		calm = w.remember(casts)
		calm.compare(t, calm, 0, 0)
		w.wholeChain(plays)
	})
	t.Run("it is killed", func(t *testing.T) {
		t.Parallel()
		w, casts := chain(t, plays*max(1, kills/8))
		killed := w.killing(casts, plays, kills, 7)
		left := w.remember(casts)
		w.wholeChain(len(casts))
		if killed < kills/2 {
			t.Errorf("the deals were over after %d of %d kills", killed, kills)
		}
		<-ready
		if calm != nil && len(casts) == plays {
			left.compare(t, calm, killed, plays*talks)
		}
	})
}

// wholeChain checks that so many orders left behind what one order leaves, once each.
func (w *world) wholeChain(orders int) {
	w.t.Helper()
	for what, each := range map[string]struct {
		n   int
		sql string
	}{
		"deals":           {3, `SELECT count(*) FROM deals WHERE status = 'won'`},
		"links":           {2, `SELECT count(*) FROM links`},
		"moves":           {6, `SELECT count(*) FROM events WHERE kind = 'deal_moved'`},
		"fired timers":    {5, `SELECT count(*) FROM timers WHERE status = 'fired' OR status = 'skipped' AND reason = 'bound'`},
		"waiting timers":  {0, `SELECT count(*) FROM timers WHERE status = 'waiting' AND deal_id IS NOT NULL`},
		"reminders":       {2, `SELECT count(*) FROM messages WHERE direction = 'out' AND content->>'text' LIKE 'Is all well%'`},
		"calls":           {1, `SELECT count(*) FROM tasks`},
		"points of staff": {0, `SELECT coalesce(sum(points), 0) FROM points WHERE employee_id IS NOT NULL`},
		"points of all":   {5, `SELECT coalesce(sum(points), 0) FROM points`},
		"rows of points":  {4, `SELECT count(*) FROM points`},
		"failed rules":    {0, `SELECT count(*) FROM events WHERE kind IN ('rule_failed', 'cascade_stopped', 'move_refused')`},
		"open deals":      {0, `SELECT coalesce(sum(open_deals), 0) FROM employees`},
	} {
		if n := one[int](w, each.sql); n != each.n*orders {
			w.t.Errorf("%s: %d after %d orders, want %d", what, n, orders, each.n*orders)
		}
	}
}

// TestCrash_KilledInTheMiddleOfACascadeItIsDoneOnceByTheNextProgram kills the program at chosen points: each table is written in the
// middle of one cascade, of a press or of a timer, and the lock on it holds the cascade there.
func TestCrash_KilledInTheMiddleOfACascadeItIsDoneOnceByTheNextProgram(t *testing.T) {
	t.Parallel()
	w, casts := chain(t, 1)
	p := w.serve().ready()
	over := make(chan error, 1)
	frees := []func(){w.lockTable("links"), w.lockTable("points"), w.lockTable("tasks")}
	go func() { over <- casts[0].story(casts[0]) }()
	for _, free := range frees { // a press that opens linked deals; the timer of the job; the end of the reminders
		until(t, "a cascade stands still", func() bool {
			return one[int](w, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0
		})
		p.kill()
		free()
		p = w.serve().ready()
	}
	well(t, <-over)
	w.quiet()
	w.wholeChain(1)
}

// lockTable holds whoever writes a table until it is freed.
func (w *world) lockTable(name string) (free func()) {
	w.t.Helper()
	tx, err := w.db.Pool.Begin(context.Background())
	well(w.t, err)
	_, err = tx.Exec(waiting(w.t), `LOCK TABLE `+name+` IN SHARE MODE`)
	well(w.t, err)
	free = func() { tx.Rollback(context.Background()) }
	w.t.Cleanup(free)
	return free
}
