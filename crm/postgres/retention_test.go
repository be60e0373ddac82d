package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"govorun/crm/postgres"
)

const day = 24 * time.Hour

// kept is secretWorld with deals of other ages: 31 was refused 40 days ago, 34 yesterday.
func kept(t *testing.T) *postgres.DB {
	t.Helper()
	db, _ := planted(t)
	exec(t, db, `UPDATE deals SET entered_at = now() - interval '40 days', closed_at = now() - interval '40 days', fields = '{"iin": "СЕКРЕТ", "colour": "red"}' WHERE id = 31`)
	exec(t, db, `INSERT INTO deals (id, pipeline, stage, status, contact_id, fields, entered_at, closed_at) VALUES (34, 'drivers', 'refused', 'lost', 12, '{"iin": "fresh"}', now() - interval '1 day', now() - interval '1 day')`)
	exec(t, db, `INSERT INTO attachments (id, conversation_id, message_id, deal_id, contact_id, name, kind, ref, hash, status) VALUES (54, 22, 110, 34, 12, 'selfie', 'photo', 'r', repeat('d', 64), 'stored'),
		(55, 21, 102, 31, 10, 'letter', 'document', 'r', repeat('e', 64), 'stored')`)
	exec(t, db, `INSERT INTO messages (id, conversation_id, direction, author, kind, status, content) VALUES (220, 23, 'out', 'bot', 'media', 'sent', ('{"kind": "media", "media": [{"kind": "photo", "hash": "' || repeat('a', 64) || '"}]}')::jsonb)`)
	exec(t, db, `INSERT INTO messages (id, conversation_id, direction, author, kind, status, card, content) VALUES
		(221, 23, 'out', 'bot', 'media', 'sent', 'shown:31:files', '{"kind": "media", "media": [{"kind": "photo", "ref": "REFSECRET"}]}'),
		(222, 23, 'out', 'bot', 'message', 'sent', 'shown:31:fields', '{"kind": "message", "text": "ИИН: ‹sealed:•••••:k1:AAAA›"}'),
		(223, 23, 'out', 'bot', 'message', 'sent', 'shown:34:fields', '{"kind": "message", "text": "ИИН: ‹sealed:•••••:k1:AAAA›"}')`)
	exec(t, db, `INSERT INTO events (id, at, kind, author, deal_id, data) VALUES (70, now(), 'deal_changed', 'person', 31, '{"iin": "СЕКРЕТ", "colour": "red"}')`)
	return db
}

func TestX23_DocumentsOfARefusedDriverGoAfterTheirTimeWithAnAct(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), kept(t)
	rule := postgres.Retention{Name: "refused", Basis: "refused: selfie, iin, deals on drivers.refused after 30d", After: 30 * day, Of: []string{"selfie", "iin"}, Pipeline: "drivers", Stage: "refused"}
	now := time.Now()
	for round, want := range []int{2, 0} {
		gone, err := db.Retain(ctx, rule, now)
		if err != nil || gone != want {
			t.Fatalf("round %d: %d things removed, want %d: %v", round, gone, want, err)
		}
	}
	for sql, want := range map[string]int64{
		`SELECT count(*) FROM attachments WHERE id = 50`:                                                      0,
		`SELECT count(*) FROM attachments WHERE id IN (51, 52, 54, 55)`:                                       4, // of deals still open, or refused yesterday, or of other names
		`SELECT count(*) FROM deals WHERE id = 31 AND fields = '{"colour": "red"}'`:                           1,
		`SELECT count(*) FROM deals WHERE id = 34 AND fields = '{"iin": "fresh"}'`:                            1,
		`SELECT count(*) FROM events WHERE id = 70 AND data = '{"colour": "red"}'`:                            1,
		`SELECT count(*) FROM messages WHERE id = 102 AND content ? 'media'`:                                  0,
		`SELECT count(*) FROM messages WHERE id IN (220, 221) AND content ? 'media'`:                          0,
		`SELECT count(*) FROM messages WHERE id IN (222, 223) AND content ? 'text'`:                           1, // of the one refused yesterday
		`SELECT count(*) FROM erased_files WHERE hash = repeat('a', 64)`:                                      1,
		`SELECT count(*) FROM events WHERE kind = 'retention' AND deal_id = 31 AND data->>'rule' = 'refused'`: 1,
		`SELECT count(*) FROM acts`: 1,
	} {
		if n := number(t, db, sql); n != want {
			t.Errorf("%d, want %d: %s", n, want, sql)
		}
	}
	acts, err := db.Acts(ctx, 0, 10)
	must(t, err)
	if said := fmt.Sprint(acts[0].Items); acts[0].Policy != "refused" || acts[0].Basis != rule.Basis || len(acts[0].Items) != 2 ||
		!strings.Contains(said, "31 selfie files") || !strings.Contains(said, "31 iin field") || strings.Contains(said, "СЕКРЕТ") {
		t.Errorf("the act says %+v", acts[0])
	}
	if gone, err := db.Retain(ctx, rule, now.Add(30*day)); err != nil || gone != 2 {
		t.Errorf("a month later %d things went, want what was refused yesterday: %v", gone, err)
	}
	if acts, err = db.Acts(ctx, 0, 10); err != nil || len(acts) != 2 {
		t.Errorf("%d acts, want one of each day: %v", len(acts), err)
	}
}

func TestX23_ClosedAndIdleDealsAndOldTalksGoByTheirRules(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), kept(t)
	exec(t, db, `UPDATE deals SET updated_at = now() - interval '200 days' WHERE id = 30`)
	exec(t, db, `UPDATE messages SET created_at = now() - interval '4 years'`)
	for name, rule := range map[string]postgres.Retention{
		"lost, of another pipeline": {Status: "lost", Pipeline: "accounting", Of: []string{"selfie"}},
		"won":                       {Status: "won", Pipeline: "drivers", Of: []string{"selfie"}},
		"too young":                 {Status: "lost", Pipeline: "drivers", Of: []string{"selfie"}, After: 50 * day},
	} {
		if gone, err := db.Retain(ctx, rule, time.Now()); err != nil || gone != 0 {
			t.Errorf("%s: %d things removed, %v", name, gone, err)
		}
	}
	for name, rule := range map[string]postgres.Retention{
		"closed": {Name: "closed", Status: "closed", Pipeline: "drivers", Of: []string{"selfie"}, After: 30 * day},
		"idle":   {Name: "idle", Status: "open", Pipeline: "drivers", Of: []string{"licence"}, After: 180 * day},
	} {
		if gone, err := db.Retain(ctx, rule, time.Now()); err != nil || gone != 1 {
			t.Errorf("%s: %d things removed, want 1: %v", name, gone, err)
		}
	}
	talks := postgres.Retention{Name: "talks", Messages: true, After: 1095 * day}
	if gone, err := db.Retain(ctx, talks, time.Now()); err != nil || gone != 0 {
		t.Errorf("%d messages of people with open deals went, %v", gone, err)
	}
	exec(t, db, `UPDATE deals SET status = 'lost', closed_at = now() WHERE contact_id = 10 AND status = 'open'`)
	exec(t, db, `UPDATE conversations SET session = NULL`)
	gone, err := db.Retain(ctx, talks, time.Now())
	if left := number(t, db, `SELECT count(*) FROM messages WHERE conversation_id IN (20, 21) AND status <> 'queued'`); err != nil || left != 0 || gone == 0 {
		t.Errorf("%d old messages stay, %d went, %v", left, gone, err)
	}
	if n := number(t, db, `SELECT count(*) FROM messages WHERE conversation_id IN (22, 23, 24)`); n == 0 {
		t.Error("talks of others went too")
	}
}
