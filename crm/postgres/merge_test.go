package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// twoContacts are Bob in two accounts and Ann, each with all that a contact can have. Bob's number is his own in both.
const twoContacts = `
INSERT INTO contacts (id, name, phone, lang, fields) VALUES (10, '', '+77071234567', '', '{"city": "Almaty"}'),
	(11, 'Bob', '+77071234567', 'kk', '{"city": "Astana", "opted_out": true, "car": "Lada"}'), (12, 'Ann', '+77070000000', 'ru', '{}');
INSERT INTO identities (channel, address, contact_id) VALUES ('telegram', '1', 10), ('whatsapp', '1', 11), ('telegram', '2', 12);
INSERT INTO conversations (id, channel, chat, contact_id) VALUES (20, 'telegram', '1', 10), (21, 'whatsapp', '1', 11), (22, 'telegram', '2', 12);
INSERT INTO deals (id, pipeline, stage, status, contact_id, conversation_id) VALUES (30, 'p', 's', 'open', 10, 20), (31, 'p', 's', 'open', 11, 21), (32, 'p', 's', 'open', 12, 22);
INSERT INTO tasks (id, title, contact_id) VALUES (40, 'call', 10), (41, 'call', 11), (42, 'call', 12);
INSERT INTO attachments (id, conversation_id, message_id, contact_id, kind, ref, status) VALUES (50, 20, 1, 10, 'photo', 'a', 'pending'), (51, 21, 2, 11, 'photo', 'b', 'pending');
INSERT INTO events (id, at, kind, author, contact_id) VALUES (60, now(), 'contact_met', 'person', 10), (61, now(), 'contact_met', 'person', 11), (62, now(), 'contact_met', 'person', 12);
INSERT INTO own_phones (phone, contact_id) VALUES ('+77071234567', 10), ('+77071234567', 11)`

// sqlWhose tells who has what, in one line.
const sqlWhose = `SELECT string_agg(line, ' ' ORDER BY line) FROM (
	SELECT 'i' || channel || address || '=' || contact_id FROM identities WHERE contact_id IS NOT NULL UNION ALL SELECT 'k' || id || '=' || contact_id FROM conversations WHERE contact_id IS NOT NULL
	UNION ALL SELECT 'd' || id || '=' || contact_id FROM deals UNION ALL SELECT 't' || id || '=' || contact_id FROM tasks
	UNION ALL SELECT 'a' || id || '=' || contact_id FROM attachments UNION ALL SELECT 'e' || id || '=' || contact_id FROM events WHERE id < 1000
	UNION ALL SELECT 'c' || id || '=' || coalesce(merged_into::text, '') || name || coalesce(phone, '') || lang || fields FROM contacts) AS l(line)`

func whose(t *testing.T, db *postgres.DB) (all string) {
	t.Helper()
	must(t, db.Pool.QueryRow(context.Background(), sqlWhose).Scan(&all))
	return all
}

// acquainted is a database with twoContacts; what is written from now on has high numbers.
func acquainted(t *testing.T) *postgres.DB {
	t.Helper()
	db := pgtest.New(t)
	exec(t, db, twoContacts)
	exec(t, db, `ALTER SEQUENCE events_id_seq RESTART 1000; ALTER SEQUENCE deals_id_seq RESTART 1000`)
	return db
}

func TestO11_TwoContactsWithOneOwnNumberBecomeOneWithAllThatWasTheirs(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), acquainted(t)
	phones, err := db.UnseenOwnPhones(ctx, 10)
	if err != nil || len(phones) != 1 {
		t.Fatalf("to be seen to: %v, %v", phones, err)
	}
	done, err := db.MergeOwn(ctx, phones[0])
	if err != nil || len(done) != 1 {
		t.Fatalf("merged %+v, %v", done, err)
	}
	if m := done[0]; m.Kept != 10 || m.Gone != 11 || m.Cause != postgres.MergedByOwnPhone || m.Talks != 1 || m.Deals != 1 {
		t.Errorf("merged %+v", m)
	}
	const want = `a50=10 a51=10 c10=Bob+77071234567kk{"car": "Lada", "city": "Almaty", "opted_out": true} c11=10Bob+77071234567kk{"car": "Lada", "city": "Astana", "opted_out": true} ` +
		`c12=Ann+77070000000ru{} d30=10 d31=10 d32=12 e60=10 e61=10 e62=12 itelegram1=10 itelegram2=12 iwhatsapp1=10 k20=10 k21=10 k22=12 t40=10 t41=10 t42=12`
	if got := whose(t, db); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if n := number(t, db, `SELECT count(*) FROM events WHERE kind = 'contact_merged' AND contact_id = 10 AND data->>'gone' = '11' AND data->>'cause' = 'own_phone'`); n != 1 {
		t.Errorf("%d lines in the timeline", n)
	}
	if phones, err := db.UnseenOwnPhones(ctx, 10); err != nil || len(phones) != 0 {
		t.Errorf("still to be seen to: %v, %v", phones, err)
	}
	if done, err := db.MergeOwn(ctx, "+77071234567"); err != nil || len(done) != 0 {
		t.Errorf("merged again: %+v, %v", done, err)
	}
}

func TestO11_UnmergeGivesBackExactlyWhatWasMovedAndTheTwoStayApart(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), acquainted(t)
	before := whose(t, db)
	done, err := db.MergeOwn(ctx, "+77071234567")
	if err != nil || len(done) != 1 {
		t.Fatalf("merged %+v, %v", done, err)
	}
	exec(t, db, `INSERT INTO deals (id, pipeline, stage, status, contact_id) VALUES (33, 'p', 's', 'open', 11)`) // by somebody who knew them before
	undone, err := db.Unmerge(ctx, done[0].ID)
	if err != nil || undone.Gone != 11 || undone.UndoneAt.IsZero() {
		t.Errorf("undone %+v, %v", undone, err)
	}
	if n := number(t, db, `SELECT contact_id FROM deals WHERE id = 33`); n != 10 {
		t.Errorf("what came after the merge belongs to %d", n)
	}
	exec(t, db, `DELETE FROM deals WHERE id = 33`)
	if after := whose(t, db); after != before {
		t.Errorf("got  %s\nwant %s", after, before)
	}
	if _, err := db.Unmerge(ctx, done[0].ID); !errors.Is(err, crm.ErrTaken) {
		t.Errorf("undone twice: %v", err)
	}
	if _, err := db.Unmerge(ctx, 99); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("undone what never was: %v", err)
	}
	exec(t, db, `INSERT INTO own_phones (phone, contact_id) VALUES ('+77071234567', 11)`)
	if done, err := db.MergeOwn(ctx, "+77071234567"); err != nil || len(done) != 0 {
		t.Errorf("merged against the word of a person: %+v, %v", done, err)
	}
	if again, err := db.Merge(ctx, 11, 10); err != nil || again.Kept != 10 {
		t.Errorf("by hand: %+v, %v", again, err)
	}
	if all, err := db.Merges(ctx, true, 10); err != nil || len(all) != 2 || all[0].Cause != postgres.MergedByHand || all[1].UndoneAt.IsZero() {
		t.Errorf("the journal: %+v, %v", all, err)
	}
	if all, err := db.Merges(ctx, false, 10); err != nil || len(all) != 1 {
		t.Errorf("what holds: %+v, %v", all, err)
	}
}

func TestMergesOfMergesAreUndoneInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			t.Parallel()
			ctx, db := context.Background(), acquainted(t)
			before := whose(t, db)
			first, err := db.Merge(ctx, 12, 11)
			must(t, err)
			second, err := db.Merge(ctx, 11, 10)
			must(t, err)
			if n := number(t, db, `SELECT count(*) FROM deals WHERE contact_id = 10`); n != 3 {
				t.Errorf("%d deals belong to one", n)
			}
			if n := number(t, db, `SELECT count(*) FROM contacts WHERE merged_into = 10`); n != 2 {
				t.Errorf("%d contacts lead to the one that is left", n)
			}
			merges := []int64{first.ID, second.ID}
			for _, i := range order {
				_, err := db.Unmerge(ctx, merges[i])
				must(t, err)
			}
			if after := whose(t, db); after != before {
				t.Errorf("got  %s\nwant %s", after, before)
			}
		})
	}
}

func TestEmployeesStrangersAndTypedNumbersAreNotMerged(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), acquainted(t)
	exec(t, db, `INSERT INTO employees (id, name, role) VALUES (1, 'Eve', 'manager')`)
	exec(t, db, `INSERT INTO contacts (id, phone) VALUES (13, '+77071234567'), (14, '+77071234567')`)
	exec(t, db, `INSERT INTO identities (channel, address, contact_id, employee_id) VALUES ('telegram', '3', 13, 1)`)
	exec(t, db, `INSERT INTO own_phones (phone, contact_id) VALUES ('+77071234567', 13), ('+77071234567', 12)`) // 12 has another number now
	if done, err := db.MergeOwn(ctx, "+77071234567"); err != nil || len(done) != 1 || done[0].Gone != 11 {
		t.Errorf("merged %+v, %v", done, err)
	}
	for pair, want := range map[[2]crm.ContactID]error{{10, 13}: crm.ErrRefused, {10, 99}: crm.ErrNotFound, {10, 10}: crm.ErrTaken, {11, 12}: crm.ErrTaken} {
		if _, err := db.Merge(ctx, pair[0], pair[1]); !errors.Is(err, want) {
			t.Errorf("merge %v: %v, want %v", pair, err, want)
		}
	}
}

func TestANumberIsOwnOnlyWhenTheProviderVouchesForIt(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), acquainted(t)
	share := func(in crm.Inbound, phone string) bool {
		t.Helper()
		in.Address, in.From = crm.Address{Channel: "telegram", Chat: "2"}, crm.Person{ID: "2"}
		tx, turns, err := db.BeginTurns(ctx, []crm.Inbound{in})
		must(t, err)
		defer tx.Rollback(ctx)
		tx.Changes.OwnPhones = []postgres.OwnPhone{{Talk: turns[0].Talk.ID, Contact: turns[0].Contact.ID, Phone: phone}}
		must(t, tx.Commit(ctx))
		return len(tx.Own) > 0
	}
	if share(crm.Inbound{Kind: crm.InText, Key: "1", Text: "+77070000000"}, "+77070000000") {
		t.Error("a typed number counts")
	}
	if share(crm.Inbound{Kind: crm.InContact, Key: "2", Card: &crm.Card{Phone: "77070000000"}}, "+77070000000") {
		t.Error("the card of somebody else counts")
	}
	if !share(crm.Inbound{Kind: crm.InContact, Key: "3", Card: &crm.Card{Phone: "7 707 000 00 00", Own: true}}, "+77070000000") {
		t.Error("the own card does not count")
	}
	if share(crm.Inbound{Kind: crm.InText, Key: "4", Text: "+77070000001"}, "+77070000001") {
		t.Error("another number counts after the own card")
	}
	if !share(crm.Inbound{Kind: crm.InText, Key: "5", Text: "yes"}, "+77070000000") {
		t.Error("a card of an earlier message does not count")
	}
}

func TestNoMergeReadsAWholeTable(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	grow(t, db, 5000)
	exec(t, db, `INSERT INTO contact_merges (kept, gone, cause, moved) SELECT n, n + 1, 'hand', '{}' FROM generate_series(1, 2000) n`)
	exec(t, db, `INSERT INTO own_phones (phone, contact_id, looked_at) SELECT '+7' || (1000000 + n), n, now() FROM generate_series(1, 2000) n`)
	exec(t, db, `INSERT INTO identities (channel, address, contact_id) SELECT 'telegram', n::text, n FROM generate_series(1, 2000) n`)
	exec(t, db, `INSERT INTO attachments (conversation_id, message_id, contact_id, kind, ref, status) SELECT n, n, n, 'photo', 'a', 'stored' FROM generate_series(1, 2000) n`)
	exec(t, db, `UPDATE conversations SET contact_id = id`)
	exec(t, db, `UPDATE events SET contact_id = 1 + id % 2500`)
	exec(t, db, `UPDATE tasks SET contact_id = id`)
	exec(t, db, `ANALYZE`)
	conn, err := db.Pool.Acquire(context.Background())
	must(t, err)
	defer conn.Release()
	constants := sqlConstants(t)
	for _, name := range []string{"sqlLockTalksOfContacts", "sqlLockContacts", "sqlMergeSides", "sqlMoveToKept", "sqlTellKept", "sqlPointToKept", "sqlInsertOwnPhones",
		"sqlUnseenOwnPhones", "sqlSeeOwnPhone", "sqlOwnersOfPhone", "sqlToldApart", "sqlReadMerge", "sqlCloseMerge", "sqlReviveContact", "sqlGiveBack", "sqlForgetLearnt"} {
		plan := explain(t, conn.Conn(), name, constants[name])
		for _, whole := range regexp.MustCompile(`Seq Scan on (\w+)`).FindAllStringSubmatch(plan, -1) {
			if number(t, db, `SELECT count(*) FROM pg_class WHERE oid = $1::text::regclass AND reltuples > 0`, whole[1]) > 0 { // an empty month is read whole
				t.Errorf("%s: %s in\n%s", name, whole[0], plan)
			}
		}
	}
}
