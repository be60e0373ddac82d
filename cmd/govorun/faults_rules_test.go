package main

import (
	"fmt"
	"strings"
	"testing"

	"govorun/bots/simulator"
)

// At the whole program: thousands of timers at once, and a kit that changes under open deals.

// stand makes so many jobs of the chain that stood too long when the program starts.
func (w *world) stand(jobs int) {
	w.t.Helper()
	w.exec(`INSERT INTO employees (id, name, role, city, on_shift) VALUES (900, 'Fred', 'fitter', 'City 0', true)`)
	w.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, entered_at) SELECT 'job', 'new', 'open', 'd' || n, 900, now() - interval '1 hour' FROM generate_series(1, $1) n`, jobs)
	w.exec(`INSERT INTO timers (deal_id, kind, rule, stage, since, due_at) SELECT id, 'idle', 'done_by_itself', 'new', entered_at, entered_at FROM deals`)
}

// doneOnce waits until all jobs are done and checks that each was once.
func (w *world) doneOnce(jobs int) {
	w.t.Helper()
	w.becomes(0, `SELECT count(*) FROM timers WHERE status = 'waiting' AND kind = 'idle'`)
	for what, sql := range map[string]string{
		"fired timers": `SELECT count(*) FROM timers WHERE status = 'fired'`,
		"done jobs":    `SELECT count(*) FROM deals WHERE pipeline = 'job' AND status = 'won'`,
		"moves":        `SELECT count(*) FROM events WHERE kind = 'deal_moved'`,
		"comments":     `SELECT count(*) FROM events WHERE kind = 'comment'`,
		"points":       `SELECT coalesce(sum(points), 0) FROM points`,
	} {
		if n := one[int](w, sql); n != jobs {
			w.t.Errorf("%d %s, want %d", n, what, jobs)
		}
	}
	if n := one[int](w, `SELECT open_deals FROM employees WHERE id = 900`); n != 0 {
		w.t.Errorf("%d of the done jobs count as open", n)
	}
}

func TestR02_TwoProgramsFireAThousandTimersOnceEach(t *testing.T) {
	t.Parallel()
	w, _ := chain(t, 0)
	w.stand(1000)
	w.serve()
	w.serve().ready()
	w.doneOnce(1000)
}

func TestR10_ManyTimersDueAtOnceFireWhilePeopleTalk(t *testing.T) {
	t.Parallel()
	const jobs = 2000 // bench rules has ten thousand
	w, casts := chain(t, 3)
	w.env = append(w.env, "GOVORUN_KIT="+kitOf(t, "chain", append(byDay(t), "      - set_deal: {bill: 100}\n", "",
		"      - rate: {who: owner, points: 1, reason: rating.job}\n      - move_deal: done\n", "")...)) // it only comments
	w.serve().ready()
	for _, c := range casts {
		well(t, c.act([]deed{{c.maria, simulator.Action{Do: "start"}, "Hello"}}))
	}
	w.stand(jobs)
	talked := 0
	for _, c := range casts {
		city := strings.Fields(c.code)[0]
		well(t, c.act([]deed{{c.anna, simulator.Action{Do: "start"}, "Which city?"}, {c.anna, say("City " + city), "Which address?"}, {c.anna, say(c.code), "is here."}}))
		if one[int](w, `SELECT count(*) FROM timers WHERE status = 'waiting' AND kind = 'idle'`) > 0 {
			talked++
		}
	}
	if talked == 0 {
		t.Error("nobody was answered before all timers had fired")
	}
	w.becomes(0, `SELECT count(*) FROM timers WHERE status = 'waiting' AND kind = 'idle'`)
	if fired, comments := one[int](w, `SELECT count(*) FROM timers WHERE status = 'fired'`), one[int](w, `SELECT count(DISTINCT deal_id) FROM events WHERE kind = 'comment'`); fired != jobs || comments != jobs {
		t.Errorf("%d timers fired and %d deals have a comment, want %d", fired, comments, jobs)
	}
	if n := one[int](w, `SELECT count(*) FROM events WHERE kind = 'comment'`); n != jobs {
		t.Errorf("%d comments of %d timers", n, jobs)
	}
	if n := one[int](w, `SELECT count(*) FROM deals WHERE pipeline = 'sales'`); n != len(casts) {
		t.Errorf("%d of %d orders are kept", n, len(casts))
	}
}

// TestD20_AKitChangesUnderTenThousandOpenDealsAndADialog renames a stage, adds a rule and a question of a dialog: deals move, get their timers and
// the dialog goes on. A kit that would lose them does not start.
func TestD20_AKitChangesUnderTenThousandOpenDealsAndADialog(t *testing.T) {
	t.Parallel()
	const deals, late = 10_000, 200 // late for the new rule
	w, casts := chain(t, 1)
	anna, maria := casts[0].anna, casts[0].maria
	p := w.serve().ready()
	well(t, casts[0].act([]deed{{maria, simulator.Action{Do: "start"}, "Hello"}, {anna, simulator.Action{Do: "start"}, "Which city?"}, {anna, say("City 0"), "Which address?"}}))
	w.quiet()
	p.stop()
	w.exec(`INSERT INTO deals (pipeline, stage, status, title, entered_at) SELECT 'sales', 'checked', 'open', 'd' || n, now() - CASE WHEN n > $2 THEN '1 hour' ELSE '2 days' END::interval
		FROM generate_series(1, $1) n`, deals, late)

	renamed := append(byDay(t), "checked: {text: stage.checked}", "proved: {text: stage.checked}", "sales.checked", "sales.proved", "{done: checked}", "{done: proved}",
		"checked: counted", "proved: counted", "rules:\n", "rules:\n  - {id: proof, when: {idle: sales.proved, for: 1d}, do: [{comment: '\"proof\"'}]}\n")
	w.env = append(w.env, "GOVORUN_KIT="+kitOf(t, "chain", renamed...))
	out, code := runOnce(t, append(w.env, "GOVORUN_LISTEN="+freeAddress(t)), "serve")
	if code != exitTrouble || !strings.Contains(out, fmt.Sprintf("%d open deals stand on sales.checked", deals)) || !strings.Contains(out, "was: {checked:") {
		t.Errorf("exit %d, printed:\n%s", code, out)
	}

	mapped := append(renamed, "  sales:\n    text: pipeline.sales\n", "  sales:\n    text: pipeline.sales\n    was: {checked: proved}\n")
	w.env = append(w.env, "GOVORUN_KIT="+kitOf(t, "chain", mapped...))
	w.serve().ready()
	well(t, casts[0].act([]deed{{anna, say(casts[0].code), "is here."}})) // the dialog goes on while deals move
	w.becomes(0, `SELECT count(*) FROM deals WHERE stage = 'checked'`)
	w.becomes(deals, `SELECT count(*) FROM timers WHERE rule = 'proof'`)
	if n := one[int](w, `SELECT count(*) FROM timers WHERE rule = 'proof' AND status = 'waiting' AND since < now() - interval '1 day' AND due_at BETWEEN now() + interval '10 minutes' AND now() + interval '1 day'`); n < late/2 {
		t.Errorf("of %d late timers %d are spread over the next day", late, n)
	}
	w.exec(`UPDATE timers SET due_at = now() WHERE rule = 'proof' AND since < now() - interval '1 day'`) // the hours pass
	w.becomes(late, `SELECT count(*) FROM timers WHERE rule = 'proof' AND status = 'fired'`)
	if n := one[int](w, `SELECT count(*) FROM deals WHERE stage = 'proved' AND status = 'open'`); n != deals {
		t.Errorf("%d of %d deals stand on the new stage", n, deals)
	}
	for what, n := range map[string]int{"deal_moved": deals, "comment": late} {
		if got := one[int](w, `SELECT count(*) FROM events WHERE kind = $1`, what); got != n {
			t.Errorf("%d events %s, want %d", got, what, n)
		}
	}
}
