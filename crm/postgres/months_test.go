package postgres_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// referred gives messages that a test has written by itself the references that who writes messages writes with them.
const referred = `INSERT INTO message_refs (conversation_id, direction, ref, message_id)
	SELECT conversation_id, direction, ref, id FROM messages WHERE ref IS NOT NULL ON CONFLICT DO NOTHING`

// come stores what a person says and tells whether it was new.
func come(t *testing.T, db *postgres.DB, chat, key string) (id crm.MessageID, fresh bool) {
	t.Helper()
	tx, turns, err := db.BeginTurns(context.Background(), []crm.Inbound{{Address: crm.Address{Channel: "telegram", Chat: chat}, From: crm.Person{ID: chat}, Key: key, Kind: crm.InText, Text: key}})
	must(t, err)
	must(t, tx.Commit(context.Background()))
	return turns[0].Message, turns[0].Fresh
}

func keepMonths(t *testing.T, db *postgres.DB, at time.Time) (changed bool) {
	t.Helper()
	changed, err := db.KeepMonthsAt(context.Background(), at)
	must(t, err)
	return changed
}

func nextMonth(n int) time.Time {
	now := time.Now().UTC()
	return time.Date(now.Year(), now.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
}

func TestMonthsFollowEachOtherForYearsAndNoClockTurnsThemBack(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if keepMonths(t, db, time.Now()) {
		t.Error("there is something to do right after opening")
	}
	for n := 1; n <= 40; n++ {
		if n%7 == 3 {
			continue // nobody was there for a month
		}
		at := nextMonth(n)
		if keepMonths(t, db, at.Add(-time.Second)) && n%7 != 4 {
			t.Errorf("%v begins before its time", at)
		}
		if !keepMonths(t, db, at) {
			t.Errorf("%v does not begin", at)
		}
		id, fresh := come(t, db, "7", fmt.Sprintf("m:%d", n))
		if month := int64(at.Year()*12) + int64(at.Month()) - 1; !fresh || int64(id)>>36 != month {
			t.Errorf("message %d of %v lies in month %d, want %d", id, at, int64(id)>>36, month)
		}
		if n := number(t, db, `SELECT count(*) FROM pg_class WHERE relname IN (month_part('messages', month_number($1) + 2), month_part('events', month_number($1) + 2))`, at); n != 2 {
			t.Errorf("%d tables of the month after next at %v", n, at)
		}
	}
	for _, at := range []time.Time{time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), nextMonth(0), nextMonth(39)} {
		keepMonths(t, db, at)
		if id, _ := come(t, db, "7", at.String()); int64(id)>>36 != int64(nextMonth(40).Year()*12)+int64(nextMonth(40).Month())-1 {
			t.Errorf("ids went back to month %d", int64(id)>>36)
		}
	}
	exec(t, db, `INSERT INTO events (at, kind, author) VALUES (now(), 'comment', 'bot')`)
}

func TestManyProgramsBeginAMonthAtOnceAndGiveNoIDTwice(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var programs sync.WaitGroup
	for n := range 4 {
		programs.Go(func() {
			for i := range 5 {
				if _, err := db.KeepMonthsAt(context.Background(), nextMonth(1)); err != nil {
					t.Errorf("keep months: %v", err)
				}
				come(t, db, fmt.Sprint(n), fmt.Sprint(i))
			}
		})
	}
	programs.Wait()
	if n := number(t, db, `SELECT count(DISTINCT id) FROM messages`); n != 20 {
		t.Errorf("%d ids of 20 messages", n)
	}
}

func TestT01_ARedeliveryIsKnownWhenTheFirstLiesInLastMonth(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	first, _ := come(t, db, "7", "m:1")
	keepMonths(t, db, nextMonth(1))
	if _, fresh := come(t, db, "7", "m:1"); fresh {
		t.Error("a message of last month is taken for a new one")
	}
	second, fresh := come(t, db, "7", "m:2")
	if !fresh || second>>36 == first>>36 {
		t.Errorf("the next message is %d after %d, new: %v", second, first, fresh)
	}
	if _, fresh := come(t, db, "8", "m:1"); !fresh {
		t.Error("another chat's message of the same id is taken for a redelivery")
	}
	if n := number(t, db, `SELECT count(*) FROM messages`); n != 3 {
		t.Errorf("%d messages, want 3", n)
	}
	exec(t, db, `DELETE FROM messages WHERE id = $1`, first)
	if n := number(t, db, `SELECT count(*) FROM message_refs`); n != 2 {
		t.Errorf("%d references of 2 messages", n)
	}
}

func TestS08_AMessageThatWasSentAnewKeepsItsIDWhenAnotherGetsItsFirst(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	come(t, db, "7", "m:1")
	exec(t, db, `INSERT INTO messages (id, conversation_id, direction, author, kind, status, content) SELECT n, c.id, 'out', 'bot', 'message', 'queued', '{}' FROM conversations c, generate_series(1, 3) n`)
	talk := crm.ConversationID(number(t, db, `SELECT id FROM conversations`))
	for _, sent := range []struct {
		id, insteadOf crm.MessageID
		ref           string
	}{{1, 0, "50"}, {3, 1, "51"}, {2, 0, "50"}} {
		must(t, db.Outbox().Sent(context.Background(), []crm.Outbound{{ID: sent.id, Conversation: talk, Kind: crm.OutMessage, Target: sent.insteadOf}}, []string{sent.ref}))
	}
	if got := value(t, db, `SELECT string_agg(coalesce(ref, 'none'), ' ' ORDER BY id) FROM messages WHERE direction = 'out'`); got != "51 50 none" {
		t.Errorf("ids are %s", got)
	}
}

func TestT02_WhatWaitsOverTheEndOfAMonthIsMetOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	first, _ := come(t, db, "7", "m:1")
	exec(t, db, `UPDATE messages SET status = 'waiting'`)
	keepMonths(t, db, nextMonth(1))
	if id, fresh := come(t, db, "7", "m:1"); !fresh || id != first {
		t.Errorf("what waited is message %d, new: %v; want %d", id, fresh, first)
	}
	if _, fresh := come(t, db, "7", "m:1"); fresh {
		t.Error("what waited is met twice")
	}
}

// TestHotStatementsTouchOneMonth asks for the plan as it is run: with values, months that cannot hold the id are left out.
func TestHotStatementsTouchOneMonth(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	come(t, db, "7", "m:1")
	for n := 3; n <= 24; n += 3 {
		must(t, db.Pool.QueryRow(context.Background(), `SELECT make_months($1)`, nextMonth(n)).Scan(new(int)))
	}
	id, _ := come(t, db, "7", "m:2")
	exec(t, db, `UPDATE conversations SET prompt_id = $1`, id)
	constants := sqlConstants(t)
	conn, err := db.Pool.Acquire(context.Background())
	must(t, err)
	defer conn.Release()
	touched := regexp.MustCompile(`(?:Scan|Update|Insert)[^\n]* on (messages|events)_[^\n]*\(actual`)
	for name, args := range map[string]string{
		"sqlReadConversations": `'{telegram}', '{7}', '{7}', '{false}'`,
		"sqlOutboxTarget":      fmt.Sprintf(`1, %d`, id),
		"sqlTextTyped":         fmt.Sprintf(`1, %d`, id),
		"sqlEditMessage":       fmt.Sprintf(`1, %d, '{}'`, id),
		"sqlPostpone":          fmt.Sprintf(`1, %d`, id),
		"sqlCardOf":            `1, 'm:2'`,
	} {
		_, err := conn.Exec(context.Background(), "PREPARE "+name+" AS "+constants[name])
		must(t, err)
		rows, err := conn.Query(context.Background(), "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE "+name+"("+args+")", pgx.QueryExecModeSimpleProtocol)
		must(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		must(t, err)
		plan := strings.Join(lines, "\n")
		if n := len(touched.FindAllString(plan, -1)); n > 1 {
			t.Errorf("%s touches %d months:\n%s", name, n, plan)
		}
	}
}

func TestNobodyReadsATimelineAroundItsPolicyByTheTableOfAMonth(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	exec(t, db, `INSERT INTO employees (id, name, role, city) VALUES (1, 'Ann', 'technician', 'Almaty'), (2, 'Bob', 'technician', 'Almaty');
		INSERT INTO role_scopes (role, sees) VALUES ('technician', 'own');
		INSERT INTO deals (id, pipeline, stage, status, owner_id) VALUES (5, 'p', 's', 'open', 2); INSERT INTO events (at, kind, author, deal_id) VALUES (now(), 'comment', 'bot', 5);
		INSERT INTO events (id, at, kind, author, deal_id) VALUES (1, now(), 'comment', 'bot', 5)`)
	keepMonths(t, db, nextMonth(1))
	must(t, pgx.BeginFunc(context.Background(), db.Pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(context.Background(), `SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass UNION SELECT 'events'`)
		must(t, err)
		tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
		must(t, err)
		if len(tables) < 5 {
			t.Errorf("only %q are looked at", tables)
		}
		_, err = tx.Exec(context.Background(), `SELECT see_as(1)`)
		must(t, err)
		for _, table := range tables {
			var n int
			must(t, tx.QueryRow(context.Background(), `SELECT count(*) FROM `+table).Scan(&n))
			if n != 0 {
				t.Errorf("an employee reads %d lines of others in %s", n, table)
			}
		}
		return nil
	}))
}

// ownKeys are unique keys of tables with a conversation that do not hold it, with the reason. A database spread over many machines keeps rows by
// conversation, and can watch over such keys only on one of them.
var ownKeys = map[string]string{
	"conversations_pkey": "is the conversation", "conversations_channel_chat_key": "finds the conversation", "events_pkey": "lines of deals, of which some have no conversation",
}

func TestUniqueKeysOfWhatBelongsToATalkHoldTheTalk(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	rows, err := db.Pool.Query(context.Background(), `SELECT c.relname, i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
		WHERE x.indisunique AND c.relname IN ('conversations', 'messages', 'message_refs', 'events')
		AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'conversation_id' AND a.attnum = ANY(x.indkey::int2[])) ORDER BY 1, 2`)
	must(t, err)
	for rows.Next() {
		var table, key string
		must(t, rows.Scan(&table, &key))
		if ownKeys[key] == "" {
			t.Errorf("the unique key %s of %s does not hold the conversation: add it, or say in ownKeys why not", key, table)
		}
	}
	must(t, rows.Err())
	if n := number(t, db, `SELECT count(*) FROM pg_index WHERE indisunique AND indrelid IN ('messages'::regclass, 'message_refs'::regclass)`); n != 2 {
		t.Errorf("%d unique keys of messages and their references, want 2", n)
	}
}

func TestM04_MessagesGoIntoMonthsUnderLoadAndKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, dsn)
	must(t, err)
	defer pool.Close()
	run := func(sql string, args ...any) {
		t.Helper()
		_, err := pool.Exec(ctx, sql, append([]any{pgx.QueryExecModeSimpleProtocol}, args...)...)
		must(t, err)
	}
	run(sqlBeforeMonths)
	run(`INSERT INTO conversations (channel, chat) SELECT 'telegram', n::text FROM generate_series(1, 500) n;
		INSERT INTO messages (conversation_id, direction, author, ref, kind, status, content)
			SELECT 1 + n % 500, CASE WHEN n % 2 = 0 THEN 'in' ELSE 'out' END, 'person', CASE WHEN n % 5 > 0 THEN 'm:' || n END, 'text', 'received', '{}' FROM generate_series(1, 60000) n;
		INSERT INTO events (at, kind, author, conversation_id, data) SELECT now(), 'comment', 'bot', 1 + n % 500, '{"text": "said"}' FROM generate_series(1, 20000) n`)
	var longest time.Duration
	written, stop := 0, make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() { // a program of before: when the tables have changed over, what it does is refused
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			began := time.Now()
			_, err := pool.Exec(ctx, `WITH gone AS (DELETE FROM messages WHERE id = $1), named AS (UPDATE messages SET ref = 'new:' || id WHERE id = $1 + 1)
				INSERT INTO messages (conversation_id, direction, author, ref, kind, status, content) VALUES (1 + $1 % 500, 'in', 'person', 'live:' || $1, 'text', 'received', '{}')
				ON CONFLICT (conversation_id, direction, ref) WHERE ref IS NOT NULL DO NOTHING`, int64(n*7+1))
			longest = max(longest, time.Since(began))
			if err == nil {
				written++
			} else if !strings.Contains(err.Error(), "42P10") {
				t.Errorf("a program of before: %v", err)
			}
		}
	})
	for wait := 5 * time.Millisecond; wait < 400*time.Millisecond; wait *= 2 {
		bounded, cancel := context.WithTimeout(ctx, wait)
		if db, err := postgres.Open(bounded, postgres.Config{URL: dsn}); err == nil {
			must(t, db.Close(ctx))
		}
		cancel()
	}
	db := open(t, postgres.Config{URL: dsn})
	close(stop)
	writer.Wait()
	if longest > longestWait {
		t.Errorf("a write waited %v", longest)
	}
	for what, sql := range map[string]string{
		"references that are missing":   `SELECT count(*) FROM messages m WHERE ref IS NOT NULL AND NOT EXISTS (SELECT FROM message_refs r WHERE (r.conversation_id, r.direction, r.ref, r.message_id) = (m.conversation_id, m.direction, m.ref, m.id))`,
		"references without a message":  `SELECT count(*) FROM message_refs r WHERE NOT EXISTS (SELECT FROM messages m WHERE m.conversation_id = r.conversation_id AND m.id = r.message_id AND m.ref = r.ref)`,
		"rows that stand outside first": `SELECT count(*) FROM messages_2026_11 WHERE ref LIKE 'm:%'`,
		"broken indexes":                `SELECT count(*) FROM pg_index WHERE NOT indisvalid`,
		"left of the change":            `SELECT count(*) FROM pg_class WHERE relname IN ('months_begun', 'messages_ref_key', 'messages_first_id_seq')`,
	} {
		sql = strings.Replace(sql, "messages_2026_11", "messages_"+time.Now().UTC().Format("2006_01"), 1)
		if n := number(t, db, sql); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	if n := number(t, db, `SELECT count(*) FROM messages WHERE ref LIKE 'live:%'`); written == 0 || n == 0 || n > int64(written) {
		t.Errorf("%d of %d messages that were written meanwhile are there", n, written)
	}
	clean := pgtest.New(t)
	const schema = `SELECT string_agg(line, E'\n' ORDER BY line) FROM (SELECT indexdef FROM pg_indexes WHERE tablename ~ '^(messages|events|message_refs)'
		UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text ~ '^(messages|events)'
		UNION ALL SELECT tablename || policyname || qual FROM pg_policies WHERE tablename ~ '^events') l(line)`
	var got, want string
	must(t, db.Pool.QueryRow(ctx, schema).Scan(&got))
	must(t, clean.Pool.QueryRow(ctx, schema).Scan(&want))
	if got != want {
		t.Errorf("the schema differs from a clean one:\n%s\nwant\n%s", got, want)
	}
}
