package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

func TestR09_APersonWhoBlockedTheBotIsCalledForAReminderAndNotForABroadcast(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := context.Background()
	blocked := &crm.SendError{Policy: crm.Blocked, Reason: "blocked", Err: errors.New("forbidden")}
	for chat, priority := range map[string]crm.Priority{"1": crm.Notice, "2": crm.Broadcast} {
		talk := outboxTalk(t, db, "telegram", chat)
		exec(t, db, `INSERT INTO contacts (name) VALUES ('Bob')`)
		exec(t, db, `UPDATE conversations SET contact_id = (SELECT max(id) FROM contacts) WHERE id = $1`, talk)
		exec(t, db, `INSERT INTO deals (pipeline, stage, status, contact_id) SELECT 'sales', 'new', 'open', max(id) FROM contacts`)
		id := outboxRow(t, db, talk, crm.Outbound{Kind: crm.OutMessage, Priority: priority, Text: "News"})
		out := crm.Outbound{ID: id, Conversation: talk, Address: crm.Address{Channel: "telegram", Chat: chat}, Kind: crm.OutMessage, Priority: priority}
		if err := db.Outbox().Settle(ctx, out, blocked); err != nil {
			t.Fatal(err)
		}
	}
	var tasks, unreachable, closed int
	must(t, db.Pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM tasks), (SELECT count(*) FROM events WHERE kind = 'unreachable'), (SELECT count(*) FROM conversations WHERE blocked)`).
		Scan(&tasks, &unreachable, &closed))
	if tasks != 1 || unreachable != 2 || closed != 2 {
		t.Errorf("%d calls are asked for, %d lines of deals, %d talks are closed", tasks, unreachable, closed)
	}
}

func TestAFilterWithoutPeopleDropsTheBroadcastAndOneThatFailsIsNotTriedForEver(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := context.Background()
	exec(t, db, `INSERT INTO employees (name, role) VALUES ('Ann', 'head')`)
	same := func(lang string) string { return lang }
	for form, want := range map[string]string{
		`{"Conditions": [{"Key": "city", "Words": ["Nowhere"]}]}`: "",
		`{"Conditions": "broken"}`:                                "read its filter",
	} {
		exec(t, db, `INSERT INTO broadcasts (employee_id, conversation_id, status, filter) SELECT max(id), 1, 'gathering', $1::jsonb FROM employees`, form)
		tx, b, err := db.BeginGather(ctx, same)
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) || b.ID == 0 {
				t.Errorf("a broken filter gives %v of broadcast %d", err, b.ID)
			}
			exec(t, db, `DELETE FROM broadcasts`)
			continue
		}
		must(t, err)
		must(t, tx.Commit(ctx))
		if b.Status != crm.BroadcastDropped || b.Receivers() != 0 {
			t.Errorf("a broadcast to nobody is %s, with %d people", b.Status, b.Receivers())
		}
	}
	if tx, _, err := db.BeginGather(ctx, same); tx != nil || err != nil {
		t.Errorf("there is more to gather: %v", err)
	}
	gather, feed, look, err := db.BroadcastWork(ctx)
	if gather || len(feed) > 0 || look || err != nil {
		t.Errorf("there is work: %v %v %v %v", gather, feed, look, err)
	}
}
