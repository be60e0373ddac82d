package postgres_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// roomsWorld puts the secrets into the tables of single rooms of the product. Ann has asked one of Bob's questions too.
const roomsWorld = `
INSERT INTO questions (id, kit, lang, text, folded) VALUES (1, 'k', 'ru', 'Где деньги, я Бобыль?', 'где деньги я бобыль Бобыль'), (2, 'k', 'ru', 'СЕКРЕТ вопрос', 'СЕКРЕТ вопрос');
INSERT INTO question_askers (question_id, conversation_id, text) VALUES (1, 20, 'Где деньги, я Бобыль?'), (1, 22, 'Где деньги?'), (2, 20, 'СЕКРЕТ вопрос');
INSERT INTO broadcasts (id, employee_id, conversation_id, status) VALUES (1, 1, 23, 'done');
INSERT INTO broadcast_people (broadcast_id, contact_id, conversation_id, status, city) VALUES (1, 10, 20, 'sent', 'СЕКРЕТ'), (1, 12, 22, 'sent', '');
INSERT INTO conversations (id, channel, chat) VALUES (25, 'call', '+77015550123');
INSERT INTO form_leads (form, key, digest, conversation_id, contact_id) VALUES ('site', 'СЕКРЕТ', 'd', 20, 10), ('site', 'k', 'd', 22, 12);
INSERT INTO calls (ref, status, phone, line, contact_id, conversation_id, at) VALUES ('c1', 'missed', '+77015550123', '', 10, 25, now()), ('c2', 'missed', '+77015550123', '', NULL, 25, now()), ('c3', 'missed', '+77070000000', '', 12, 22, now());
INSERT INTO hook_calls (hook, deal_id, contact_id, data) VALUES ('h', 30, 10, '{"phone": "+77015550123"}'), ('h', 32, 12, '{"phone": "ann"}');
INSERT INTO chat_aliases (channel, alias, chat) VALUES ('whatsapp', '77015550123@s.whatsapp.net', '7700112233'), ('whatsapp', 'ann@s.whatsapp.net', 'ann');
INSERT INTO handoffs (conversation_id, contact_id, channel, status, expires_at) VALUES (20, 10, 'whatsapp', 'open', now()), (22, 12, 'whatsapp', 'open', now());
INSERT INTO photo_views (conversation_id, attachment_id, deal_id) VALUES (23, 50, 31), (23, 52, 32);
INSERT INTO consents (contact_id, message_id, name, version, digest) VALUES (10, 100, 'data', 3, 'СЕКРЕТ'), (12, 110, 'data', 3, 'abc')`

func plantRooms(t *testing.T, db *postgres.DB) {
	t.Helper()
	for _, sql := range strings.Split(strings.ReplaceAll(roomsWorld, "3, 'СЕКРЕТ'", "3, 'e3b0c442'"), ";\n") {
		exec(t, db, sql)
	}
}

func TestX20_RoomsKeepWhatIsOfOthersAndTheActWhatWasAgreedTo(t *testing.T) {
	t.Parallel()
	db, _ := forgotten(t)
	for sql, want := range map[string]int64{
		`SELECT count(*) FROM questions WHERE text = 'Где деньги?' AND folded NOT LIKE '%обыль%'`: 1,
		`SELECT count(*) FROM chat_aliases`:                           1,
		`SELECT count(*) FROM handoffs`:                               1,
		`SELECT count(*) FROM questions`:                              1,
		`SELECT count(*) FROM broadcast_people WHERE contact_id = 12`: 1,
		`SELECT count(*) FROM broadcast_people`:                       1,
		`SELECT count(*) FROM form_leads`:                             1,
		`SELECT count(*) FROM calls`:                                  1,
		`SELECT count(*) FROM hook_calls`:                             1,
		`SELECT count(*) FROM photo_views`:                            1,
		`SELECT count(*) FROM consents`:                               1,
		`SELECT count(*) FROM acts WHERE items @> '[{"what": "data", "kind": "consent", "count": 1}]' AND items::text LIKE '%version 3%e3b0c442%'`: 1,
	} {
		if n := number(t, db, sql); n != want {
			t.Errorf("%d, want %d: %s", n, want, sql)
		}
	}
}

// erasedTables says of every table with something of a person in it what forgetting does with its rows.
var erasedTables = map[string]string{
	"contacts": "removed, or emptied when points refer to them", "contact_keys": "removed", "contact_merges": "removed", "identities": "removed", "own_phones": "removed",
	"conversations": "removed", "messages": "removed; those of others are emptied", "message_refs": "removed", "attachments": "removed", "dead_letters": "removed", "holds": "removed", "topics": "removed",
	"deals": "emptied", "deal_words": "follow deals and comments", "events": "emptied", "tasks": "emptied", "timers": "emptied", "bookings": "emptied", "undos": "removed",
	"slot_deals": "removed", "links": "numbers of deals only", "points": "numbers only, never changed", "lists": "those that name the person are removed",
	"questions": "with their askers", "question_askers": "removed", "broadcast_people": "removed", "form_leads": "removed", "calls": "removed", "hook_calls": "removed",
	"photo_views": "removed", "handoffs": "removed", "chat_aliases": "removed", "consents": "removed, the act keeps what was agreed to",
	"guard_sends": "counted on, without whom and what", "guard_calls": "removed",
	"accounts": "numbers of the company", "broadcasts": "the author's", "rooms": "groups of employees", "employees": "no contacts", "crews": "no contacts", "erasures": "numbers only", "erased_files": "hashes, for minutes",
}

func TestX20_EveryTableThatKnowsPeopleIsKnownToTheErasure(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	rows, err := db.Pool.Query(context.Background(), `SELECT DISTINCT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.table_name::regclass) AND (c.column_name IN
			('contact_id', 'conversation_id', 'talk_id', 'deal_id', 'message_id', 'attachment_id', 'phone', 'mail', 'email', 'chat', 'address', 'username', 'payload', 'kept', 'gone', 'asker_id', 'person')
			OR c.column_name LIKE '%phone%') AND c.table_name <> 'assets' ORDER BY 1`)
	must(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	for _, table := range tables {
		if erasedTables[table] == "" {
			t.Errorf("table %s holds something of people and nobody forgets it: add a line to erase_rooms.go, plant a secret in roomsWorld, and say here what becomes of its rows", table)
		}
	}
	if len(tables) < 25 || !slices.Contains(tables, "messages") {
		t.Fatalf("only %q are looked at", tables)
	}
}
