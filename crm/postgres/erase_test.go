package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// secrets are what is known of Bob, and of nobody else, wherever it stands.
var secrets = []string{"Бобыль", "77015550123", "7700112233", "bobsecret", "KZ86125KZT5004100100", "СЕКРЕТ", "REFSECRET", "5555000011"}

// secretWorld is Bob with two accounts, whose data stands everywhere, Ann who sent one of his files as well, and Eve who works with both.
const secretWorld = `
INSERT INTO employees (id, name, role) VALUES (1, 'Eve', 'manager');
INSERT INTO contacts (id, name, phone, lang, fields, merged_into) VALUES (10, 'Бобыль', '+77015550123', 'ru', '{"notes": "СЕКРЕТ"}', NULL),
	(11, 'Бобыль', '+77015550123', 'ru', '{}', 10), (12, 'Ann', '+77070000000', 'ru', '{}', NULL);
INSERT INTO identities (channel, address, contact_id, employee_id, username) VALUES ('telegram', '7700112233', 10, NULL, 'bobsecret'), ('whatsapp', '7700112233', 10, NULL, ''),
	('telegram', '8800112233', 12, NULL, 'ann'), ('telegram', '9900112233', NULL, 1, 'eve');
INSERT INTO conversations (id, channel, chat, contact_id, grouped, title, session) VALUES (20, 'telegram', '7700112233', 10, false, 'Бобыль', '{"dialog": "x", "slots": {"iban": "KZ86125KZT5004100100"}}'),
	(21, 'whatsapp', '7700112233', 10, false, '', NULL), (22, 'telegram', '8800112233', 12, false, 'Ann', NULL), (23, 'telegram', '9900112233', NULL, false, 'Eve', NULL),
	(24, 'telegram', '-100', NULL, true, 'operators', NULL);
INSERT INTO deals (id, pipeline, stage, status, title, contact_id, owner_id, conversation_id, unique_key, fields, city, source, lost_reason, closed_at) VALUES
	(30, 'drivers', 'review', 'open', 'Бобыль, Алматы', 10, 1, 20, 'driver +77015550123', '{"account": "KZ86125KZT5004100100"}', 'Алматы', 'instagram', NULL, NULL),
	(31, 'drivers', 'refused', 'lost', '', 11, 1, 21, NULL, '{"iin": "СЕКРЕТ"}', 'Астана', 'site', 'docs', now()),
	(32, 'drivers', 'review', 'open', 'Ann', 12, 1, 22, 'driver +77070000000', '{"account": "ANN"}', 'Алматы', 'site', NULL, NULL),
	(33, 'accounting', 'new', 'open', 'Бобыль', NULL, 1, NULL, NULL, '{"account": "KZ86125KZT5004100100"}', 'Алматы', 'instagram', NULL, NULL);
INSERT INTO links (deal_id, other_id, kind, name) VALUES (30, 33, 'child', 'pay');
INSERT INTO messages (id, conversation_id, direction, author, ref, kind, status, content, cause_id, card) VALUES
	(100, 20, 'in', 'person', 'm:1', 'text', 'received', '{"kind": "text", "text": "СЕКРЕТ"}', NULL, NULL),
	(101, 20, 'out', 'bot', '77', 'message', 'queued', '{"kind": "message", "text": "Бобыль, СЕКРЕТ"}', 100, NULL),
	(102, 21, 'in', 'person', 'm:1', 'media', 'received', '{"kind": "media", "media": [{"ref": "REFSECRET"}]}', NULL, NULL),
	(103, 20, 'out', 'employee', '78', 'message', 'sent', '{"kind": "message", "text": "ответ СЕКРЕТ"}', 203, NULL),
	(104, 20, 'out', 'bot', NULL, 'message', 'queued', '{"kind": "message", "text": "Готово"}', 100, NULL),
	(110, 22, 'in', 'person', 'm:1', 'text', 'received', '{"kind": "text", "text": "Ann writes"}', NULL, NULL),
	(200, 23, 'out', 'bot', '1', 'message', 'sent', '{"kind": "message", "text": "№30 Бобыль +77015550123"}', 100, 'deal:30:review'),
	(201, 24, 'out', 'bot', '2', 'message', 'queued', '{"kind": "message", "text": "СЕКРЕТ", "thread": "talk:20"}', 100, 'topic:20'),
	(202, 23, 'in', 'employee', 'm:2', 'text', 'received', '{"kind": "text", "text": "/find +77015550123"}', NULL, NULL),
	(203, 24, 'in', 'employee', 'm:3', 'text', 'received', '{"kind": "text", "text": "СЕКРЕТ", "thread": "555"}', NULL, NULL),
	(204, 24, 'in', 'employee', 'm:4', 'text', 'received', '{"kind": "text", "text": "//заметка СЕКРЕТ", "thread": "555"}', NULL, NULL),
	(210, 23, 'out', 'bot', '3', 'message', 'sent', '{"kind": "message", "text": "№32 Ann"}', 110, 'deal:32:review');
INSERT INTO attachments (id, conversation_id, message_id, deal_id, contact_id, name, kind, ref, file_name, hash, status) VALUES
	(50, 21, 102, 31, 10, 'selfie', 'photo', 'REFSECRET', 'Бобыль.jpg', repeat('a', 64), 'stored'), (51, 20, 100, 30, 10, 'licence', 'photo', 'REFSECRET2', '', repeat('b', 64), 'stored'),
	(52, 22, 110, 32, 12, 'licence', 'photo', 'ann', '', repeat('b', 64), 'stored'), (53, 20, 100, NULL, 10, '', 'photo', 'REFSECRET3', '', NULL, 'pending');
INSERT INTO events (id, at, kind, author, contact_id, deal_id, conversation_id, message_id, data) VALUES
	(60, now(), 'contact_met', 'person', 10, NULL, 20, 100, '{}'), (61, now(), 'deal_changed', 'person', 10, 30, 20, 100, '{"account": "KZ86125KZT5004100100", "stage": "secret"}'),
	(62, now(), 'comment', 'employee', NULL, 30, 23, 202, '{"text": "звонил, СЕКРЕТ"}'), (63, now(), 'deal_moved', 'person', 10, 30, 20, 100, '{"from": "new", "stage": "review", "reason": "СЕКРЕТ"}'),
	(64, now(), 'comment', 'employee', NULL, 32, 23, 210, '{"text": "Ann is fine"}');
INSERT INTO tasks (id, deal_id, contact_id, title) VALUES (40, 30, 10, 'позвонить: Бобыль'), (41, 32, 12, 'call Ann');
INSERT INTO timers (id, deal_id, kind, rule, due_at, data) VALUES (70, 30, 'remind', 'r', now(), '{"text": "СЕКРЕТ"}'), (71, 32, 'remind', 'r', now(), '{"text": "Ann"}');
INSERT INTO points (contact_id, deal_id, points, reason) VALUES (10, 30, 5, 'rate.good'), (12, 32, 5, 'rate.good');
INSERT INTO undos (deal_id, employee_id, acted_at, event_id, before) VALUES (30, 1, now(), 61, '{"fields": {"account": "KZ86125KZT5004100100"}}');
INSERT INTO bookings (deal_id, employee_id, kind, starts_at, ends_at, busy, local_start, zone, reason) VALUES (30, 1, 'office', now() + interval '1 day', now() + interval '25 hours',
	tstzrange(now() + interval '1 day', now() + interval '25 hours'), now() + interval '1 day', 'UTC', 'СЕКРЕТ');
INSERT INTO dead_letters (source, channel, chat, conversation_id, message_id, payload, error, attempts) VALUES ('inbound', 'telegram', '7700112233', 20, 100, '{"text": "СЕКРЕТ"}', 'x', 5),
	('outbound', 'telegram', '9900112233', 23, 200, '{"text": "Бобыль", "card": "deal:30:review"}', 'x', 5), ('inbound', 'telegram', '8800112233', 22, 110, '{"text": "Ann"}', 'x', 5);
INSERT INTO holds (channel, chat, until, reason) VALUES ('telegram', '7700112233', now() + interval '1 hour', 'slow'), ('telegram', '8800112233', now() + interval '1 hour', 'slow');
INSERT INTO topics (talk_id, conversation_id, thread, title, anew, status) VALUES (20, 24, '555', 'Бобыль · № 30', '{"text": "СЕКРЕТ"}', 'led');
INSERT INTO lists (token, employee_id, conversation_id, message_id, base, query) VALUES ('t1', 1, 23, 202, 'find', '+77015550123'), ('t2', 1, 23, 202, 'find', 'Ann');
INSERT INTO own_phones (phone, contact_id) VALUES ('+77015550123', 10), ('+77070000000', 12);
INSERT INTO contact_merges (kept, gone, cause, moved) VALUES (10, 11, 'hand', '{"identities": [["whatsapp", "7700112233"]]}');
SELECT setval('messages_id_seq', 10000), setval('events_id_seq', 10000), setval('deals_id_seq', 10000), setval('contacts_id_seq', 10000), setval('conversations_id_seq', 10000)`

// whereSecret names every table that holds one of the secrets, whatever its columns.
func whereSecret(t *testing.T, db *postgres.DB) (found []string) {
	t.Helper()
	rows, err := db.Pool.Query(context.Background(), `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1`)
	must(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	if len(tables) < 25 {
		t.Fatalf("only %d tables are searched", len(tables))
	}
	for _, table := range tables {
		for _, secret := range secrets {
			if n := number(t, db, fmt.Sprintf(`SELECT count(*) FROM %s r WHERE r::text LIKE '%%' || $1 || '%%'`, pgx.Identifier{table}.Sanitize()), secret); n > 0 {
				found = append(found, table+": "+secret)
			}
		}
	}
	return found
}

// planted is secretWorld, and where the secrets stand.
func planted(t *testing.T) (*postgres.DB, []string) {
	t.Helper()
	db := pgtest.New(t)
	for _, sql := range strings.Split(secretWorld, ";\n") {
		exec(t, db, sql)
	}
	plantRooms(t, db)
	return db, whereSecret(t, db)
}

// forgotten is the same after Bob was forgotten, whose last word is message 104.
func forgotten(t *testing.T) (*postgres.DB, postgres.Erased) {
	t.Helper()
	db, found := planted(t)
	if len(found) < 30 {
		t.Fatalf("the secrets are planted in %v only", found)
	}
	must(t, db.AskErasure(context.Background(), postgres.Erasure{Contact: 11, Conversation: 20, Message: 104}))
	done, err := db.Erase(context.Background(), 10, time.Now())
	must(t, err)
	return db, done
}

func TestX19_X20_WhoIsForgottenStandsInNoTableAnyMore(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, done := forgotten(t)
	if found := whereSecret(t, db); !slices.Equal(found, []string{"conversations: 7700112233"}) {
		t.Errorf("until the last word is sent only its address may stand there, and there is %q", found)
	}
	if !slices.Contains(done.Unset, 101) || !slices.Contains(done.Unset, 201) || slices.Contains(done.Unset, 104) {
		t.Errorf("not to be sent any more: %v", done.Unset)
	}
	must(t, db.EndErasures(ctx))
	if n := number(t, db, `SELECT count(*) FROM messages WHERE id = 104`); n != 1 {
		t.Error("the last word was removed before it was sent")
	}
	exec(t, db, `UPDATE messages SET status = 'sent', ref = '79' WHERE id = 104`)
	must(t, db.EndErasures(ctx))
	if found := whereSecret(t, db); len(found) != 0 {
		t.Errorf("still there: %q", found)
	}
	if n := number(t, db, `SELECT count(*) FROM erasures WHERE status = 'done' AND conversation_id IS NULL`); n != 1 {
		t.Error("the erasure is not done")
	}
}

func TestX20_WhoIsForgottenTakesNothingOfOthersAndDealsStayForReports(t *testing.T) {
	t.Parallel()
	db, _ := forgotten(t)
	for sql, want := range map[string]int64{
		`SELECT count(*) FROM deals WHERE id IN (30, 31, 33) AND contact_id IS NULL AND status = 'lost' AND fields = '{}' AND city <> '' AND source <> '' AND owner_id = 1`: 3,
		`SELECT count(*) FROM deals WHERE id = 31 AND lost_reason = 'docs'`:                                                                                                 1,
		`SELECT count(*) FROM deals WHERE id = 30 AND lost_reason = 'forgotten' AND closed_at IS NOT NULL`:                                                                  1,
		`SELECT count(*) FROM events WHERE id = 63 AND data = '{"from": "new", "stage": "review"}'`:                                                                         1,
		`SELECT count(*) FROM events WHERE kind = 'contact_erased' AND deal_id = 30`:                                                                                        1,
		`SELECT count(*) FROM deals WHERE id = 32 AND status = 'open' AND title = 'Ann' AND fields->>'account' = 'ANN'`:                                                     1,
		`SELECT count(*) FROM messages WHERE id IN (110, 210) AND content::text LIKE '%Ann%'`:                                                                               2,
		`SELECT count(*) FROM attachments WHERE contact_id = 12`:                                                                                                            1,
		`SELECT count(*) FROM contacts WHERE id = 12 AND name = 'Ann'`:                                                                                                      1,
		`SELECT count(*) FROM contacts`:                                       2, // Bob's points need their number
		`SELECT count(*) FROM points`:                                         2,
		`SELECT count(*) FROM contact_keys WHERE contact_id <> 12`:            0,
		`SELECT count(*) FROM deal_words WHERE deal_id = 30 AND event_id > 0`: 0,
		`SELECT count(*) FROM timers WHERE status = 'waiting'`:                1,
		`SELECT count(*) FROM bookings WHERE status = 'booked'`:               0,
		`SELECT count(*) FROM tasks WHERE done_at IS NULL`:                    1,
		`SELECT count(*) FROM dead_letters`:                                   1,
		`SELECT count(*) FROM holds`:                                          1,
		`SELECT count(*) FROM lists`:                                          1,
		`SELECT open_deals FROM employees WHERE id = 1`:                       1,
		`SELECT count(*) FROM messages WHERE id IN (200, 201, 202, 203, 204)`: 5, // they are Eve's
		`SELECT count(*) FROM acts WHERE kind = 'erasure' AND basis = 'contact 10' AND items @> '[{"what": "files", "count": 3}]'`: 1,
	} {
		if n := number(t, db, sql); n != want {
			t.Errorf("%d, want %d: %s", n, want, sql)
		}
	}
}

func TestX20_FilesThatNobodyElseHasAreRemovedAndThoseOfOthersStay(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := forgotten(t)
	var removed []string
	remove := func(hash string) error { removed = append(removed, hash[:1]); return nil }
	n, err := db.EraseFiles(ctx, func(string) error { return errors.New("disk is away") })
	if err == nil || n != 0 {
		t.Errorf("%d files removed, %v", n, err)
	}
	for range 2 {
		_, err := db.EraseFiles(ctx, remove)
		must(t, err)
	}
	if strings.Join(removed, "") != "a" {
		t.Errorf("removed %v, want the selfie once and not the licence that Ann has too", removed)
	}
	// The same bytes come again while they are being removed, and a file of Bob's comes after him.
	exec(t, db, `INSERT INTO attachments (id, conversation_id, message_id, contact_id, kind, ref, status) VALUES (60, 22, 110, 12, 'photo', 'x', 'pending')`)
	must(t, db.AttachmentsStored(ctx, []postgres.StoredFile{{ID: 60, Hash: strings.Repeat("a", 64), MIME: "image/png"}, {ID: 53, Hash: strings.Repeat("c", 64), MIME: "image/png"}}))
	if n := number(t, db, `SELECT count(*) FROM attachments WHERE id = 60 AND status = 'pending'`); n != 1 {
		t.Error("bytes that are gone count as stored")
	}
	_, err = db.EraseFiles(ctx, remove)
	must(t, err)
	if strings.Join(removed, "") != "ac" {
		t.Errorf("removed %v: a file that came after its person was forgotten stays", removed)
	}
	exec(t, db, `UPDATE erased_files SET removed_at = now() - interval '6 minutes'`)
	_, err = db.EraseFiles(ctx, remove)
	must(t, err)
	if n := number(t, db, `SELECT count(*) FROM erased_files`); n != 0 {
		t.Errorf("%d hashes stay", n)
	}
}

// late runs the turn of one input and tells whether it was new.
func late(t *testing.T, db *postgres.DB, in crm.Inbound) bool {
	t.Helper()
	tx, turns, err := db.BeginTurns(context.Background(), []crm.Inbound{in})
	must(t, err)
	defer tx.Rollback(context.Background())
	must(t, tx.Commit(context.Background()))
	return turns[0].Fresh
}

func TestX20_WhatIsDeliveredLateBringsNobodyBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := forgotten(t)
	exec(t, db, `UPDATE messages SET status = 'sent' WHERE id = 104`)
	must(t, db.EndErasures(ctx))
	other := opened(t, db.Pool.Config().ConnString()) // another process, which has met nobody
	bob := crm.Inbound{Address: crm.Address{Channel: "telegram", Chat: "7700112233"}, From: crm.Person{ID: "7700112233", Name: "Бобыль"}, Kind: crm.InText, Text: "СЕКРЕТ"}
	with := func(key string, kind crm.InboundKind, sent time.Duration) crm.Inbound {
		in := bob
		in.Key, in.Kind, in.SentAt = key, kind, time.Now().Add(sent)
		return in
	}
	edit := with("e:1:5", crm.InEdit, time.Second)
	edit.Edits = "1"
	revoke := with("r:1:5", crm.InRevoke, time.Second)
	revoke.Edits = "1"
	again := map[string]crm.Inbound{
		"the same message":                with("m:1", crm.InText, -time.Hour),
		"the same key, told to be new":    with("m:1", crm.InText, time.Second),
		"a message of before, never met":  with("m:9", crm.InText, -time.Minute),
		"an edit of a message of before":  edit,
		"a message of before, taken back": revoke,
		"that the person blocked the bot": with("b:1", crm.InBlocked, time.Second),
		"a reaction":                      with("r:1", crm.InReaction, time.Second),
	}
	check := func(when string) {
		t.Helper()
		for what, in := range again {
			for _, process := range []*postgres.DB{db, other} {
				if late(t, process, in) {
					t.Errorf("%s, %s counts as new", when, what)
				}
			}
		}
	}
	check("after the end")
	if found := whereSecret(t, db); len(found) != 0 {
		t.Fatalf("brought back: %q", found)
	}
	if !late(t, other, with("m:10", crm.InText, time.Second)) {
		t.Fatal("who comes back by themselves is not heard")
	}
	delete(again, "that the person blocked the bot") // that is of the new talk
	delete(again, "a reaction")
	check("after a new beginning")
	if n := number(t, db, `SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.chat = '7700112233'`); n != 1 {
		t.Errorf("%d messages in the new talk, want 1", n)
	}
	phones, err := db.ForgottenPhones(ctx, []string{"+77015550123", "+77070000000"})
	if err != nil || len(phones) != 1 || !phones["+77015550123"] {
		t.Errorf("forgotten numbers: %v, %v", phones, err)
	}
	exec(t, db, `INSERT INTO contacts (phone) VALUES ('+77015550123')`)
	if phones, err = db.ForgottenPhones(ctx, []string{"+77015550123"}); err != nil || len(phones) != 0 {
		t.Errorf("who came back by themselves is still kept out: %v, %v", phones, err)
	}
}

func TestX20_WhoWritesAgainBeforeTheLastWordIsSentKeepsTheNewTalk(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := forgotten(t)
	in := crm.Inbound{Address: crm.Address{Channel: "telegram", Chat: "7700112233"}, From: crm.Person{ID: "7700112233"}, Key: "m:50", Kind: crm.InText, Text: "привет", SentAt: time.Now().Add(time.Second)}
	if !late(t, db, in) {
		t.Fatal("a new message is not heard")
	}
	exec(t, db, `UPDATE messages SET status = 'sent' WHERE id = 104`)
	must(t, db.EndErasures(ctx))
	if n := number(t, db, `SELECT count(*) FROM messages WHERE conversation_id = 20`); n != 1 {
		t.Errorf("%d messages are left of the new talk", n)
	}
}

func TestX20_EmployeesAreNotForgottenAndNobodyTwice(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := forgotten(t)
	exec(t, db, `UPDATE identities SET contact_id = 12 WHERE employee_id = 1`)
	if err := db.AskErasure(ctx, postgres.Erasure{Contact: 12}); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("an employee is forgotten: %v", err)
	}
	if err := db.AskErasure(ctx, postgres.Erasure{Contact: 999}); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("nobody is forgotten: %v", err)
	}
	if _, err := db.Erase(ctx, 10, time.Now()); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("forgotten twice: %v", err)
	}
}

// coat is a locker for tests: it turns a text around.
type coat struct{}

func (coat) Seal(plain, _ string) string {
	b := []byte(plain)
	slices.Reverse(b)
	return "sealed:" + string(b)
}

func (coat) Open(token string) (string, error) {
	b := []byte(strings.TrimPrefix(token, "sealed:"))
	slices.Reverse(b)
	return string(b), nil
}

func TestX20_ACopyOfTheDatabaseTellsNobodyWhoWasForgotten(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := forgotten(t)
	must(t, db.SealForgotten(ctx, coat{}))
	if n := number(t, db, `SELECT count(*) FROM secrets WHERE purpose = 'forgotten' AND length(secret) > 32`); n != 1 {
		t.Error("the key stands there as it is")
	}
	other := opened(t, db.Pool.Config().ConnString())
	if _, err := other.ForgottenPhones(ctx, []string{"+77015550123"}); err == nil {
		t.Error("without the keys outside the database somebody was told")
	}
	must(t, other.SealForgotten(ctx, coat{}))
	phones, err := other.ForgottenPhones(ctx, []string{"+77015550123"})
	if err != nil || !phones["+77015550123"] {
		t.Errorf("with them: %v, %v", phones, err)
	}
}
