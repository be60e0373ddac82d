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

func TestTheStoryOfADealTellsWhatWasSentHeldAndSkippedAndWhy(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann := employee(t, db, "Ann", "operator", "")
	_, id := contact(t, db)
	talk, elsewhere, foreign := outboxTalk(t, db, "telegram", "1"), outboxTalk(t, db, "telegram", "2"), outboxTalk(t, db, "telegram", "3")
	exec(t, db, `UPDATE deals SET conversation_id = $2 WHERE id = $1`, id, talk)
	insert := func(talk crm.ConversationID, minutes int, status, column, v string) {
		exec(t, db, `INSERT INTO messages (conversation_id, direction, author, kind, status, content, created_at, `+column+`)
			VALUES ($1, 'out', 'bot', 'message', $3, '{"text": "hello"}', now() + make_interval(mins => $2), `+v+`)`, talk, minutes, status)
	}
	exec(t, db, `UPDATE deals SET created_at = now() - interval '1 hour'`)
	insert(talk, -90, "sent", "sent_at", `now() - interval '90 minutes'`) // before the deal
	insert(talk, -50, "sent", "sent_at", `now() - interval '50 minutes'`)
	insert(talk, -40, "cancelled", "reason", `'silenced'`)
	insert(elsewhere, -30, "queued", "card", fmt.Sprintf(`'deal:%d:card'`, id))
	insert(foreign, -30, "sent", "card", `'deal:999:card'`)
	exec(t, db, `INSERT INTO holds (channel, chat, until, reason) VALUES ('telegram', '2', now() + interval '1 hour', 'flood')`)
	exec(t, db, `INSERT INTO events (at, kind, author, employee_id, deal_id, data) VALUES (now() - interval '20 minutes', 'deal_moved', 'employee', $1, $2, '{"cause": ["rule:forgotten"]}')`, ann, id)
	write(t, db, postgres.Automation{Timers: []postgres.TimerRow{
		due(id, crm.TimerRemind, func(s *crm.TimerSet) { s.DueAt = time.Now().Add(-10 * time.Minute) }),
		due(id, crm.TimerIdle, func(s *crm.TimerSet) { s.DueAt, s.Step = time.Now().Add(time.Hour), 2 }),
	}})
	exec(t, db, `UPDATE timers SET status = 'skipped', reason = 'answered', fired_at = now() - interval '5 minutes' WHERE kind = 'remind'`)

	lines, err := db.Why(ctx, postgres.WhyWanted{Deal: id, Marks: []string{fmt.Sprintf("deal:%d:card", id)}, Limit: 100})
	must(t, err)
	var got []string
	for _, l := range lines {
		got = append(got, fmt.Sprintf("%s %s %s %s %s %v %v", l.Source, l.Kind, l.Name, l.Status, l.Reason, !l.Until.IsZero(), l.Data["cause"]))
	}
	want := []string{
		"message out  sent  false <nil>",
		"message out  cancelled silenced false <nil>",
		"message out  queued flood true <nil>",
		"event deal_moved Ann   false [rule:forgotten]",
		"timer remind  skipped answered false <nil>",
		"timer idle  waiting  true <nil>",
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Fatalf("story:\n%q\nwant:\n%q", got, want)
	}
	if last := lines[5]; last.Step != 2 || last.Rule != "forgotten" || last.SetAt.IsZero() || lines[0].Text != "hello" {
		t.Errorf("lines %+v", lines)
	}
	if short, err := db.Why(ctx, postgres.WhyWanted{Deal: id, Limit: 2}); err != nil || len(short) != 2 || short[1].Kind != "idle" {
		t.Errorf("the last two lines: %+v, %v", short, err)
	}
	if _, err := db.Why(ctx, postgres.WhyWanted{Deal: 999, Limit: 2}); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("story of no deal: %v", err)
	}
}
