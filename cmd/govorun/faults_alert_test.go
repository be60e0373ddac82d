package main

import "testing"

func TestARuleThatErrsIsAnAlertOnceAndPeopleAreAnswered(t *testing.T) {
	t.Parallel()
	w, casts := chain(t, 2)
	w.env = append(w.env, "GOVORUN_KIT="+kitOf(t, "chain", append(byDay(t), "rules:\n",
		"rules:\n  - {id: broken, when: {entered: sales.work}, do: [{set_deal: {half: 1 / int(deal.fields.zero ?? 0)}}]}\n")...))
	w.serve().ready()
	playAll(t, casts, len(casts))
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM events WHERE kind = 'rule_failed'`); n != len(casts) {
		t.Errorf("%d events of %d failures", n, len(casts))
	}
	w.becomes(1, `SELECT count(*) FROM events WHERE kind = 'alert_rule_failed' AND data->>'detail' = 'broken'`)
}
