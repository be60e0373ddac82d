package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

const (
	lid   = "100000012345678@lid"
	phone = "77071234567@s.whatsapp.net"
)

// twoAddresses are chats of Bob by his hidden number and by his phone, and Ann's; each conversation holds a word of his.
const twoAddresses = `
INSERT INTO contacts (id, name, phone) VALUES (10, 'Bob', '+77071234567'), (11, '', NULL), (12, 'Ann', NULL);
INSERT INTO identities (channel, address, contact_id) VALUES ('whatsapp', '77071234567@s.whatsapp.net', 10), ('whatsapp', '100000012345678@lid', 11);
INSERT INTO conversations (id, channel, chat, contact_id, session) VALUES (20, 'whatsapp', '77071234567@s.whatsapp.net', 10, '{"dialog": "old"}'), (21, 'whatsapp', '100000012345678@lid', 11, '{"dialog": "new"}');
INSERT INTO messages (id, conversation_id, direction, author, ref, kind, status, content) VALUES
	(100, 20, 'in', 'person', 'm:A', 'text', 'received', '{}'), (101, 20, 'in', 'person', 'm:B', 'text', 'received', '{}'), (102, 20, 'out', 'bot', NULL, 'message', 'queued', '{"prompt": true}'),
	(110, 21, 'in', 'person', 'm:B', 'text', 'received', '{}');
INSERT INTO deals (id, pipeline, stage, status, contact_id, conversation_id) VALUES (30, 'p', 's', 'open', 10, 20);
INSERT INTO attachments (id, conversation_id, message_id, contact_id, kind, ref, status) VALUES (50, 20, 100, 10, 'photo', 'a', 'pending');
` + referred

func fromChat(chat, alias, key string) crm.Inbound {
	return crm.Inbound{Address: crm.Address{Channel: "whatsapp", Chat: chat}, Alias: alias, From: crm.Person{ID: chat}, Key: key, Kind: crm.InText, SentAt: time.Now()}
}

func resolved(t *testing.T, db *postgres.DB, in crm.Inbound) (crm.Inbound, []crm.MessageID) {
	t.Helper()
	out, superseded, err := db.Resolve(context.Background(), in)
	must(t, err)
	return out, superseded
}

func TestW12_AChatKnownByPhoneGoesOnByItsHiddenNumberWithAllThatWasSaid(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	exec(t, db, twoAddresses+`; DELETE FROM messages WHERE conversation_id = 21; DELETE FROM identities WHERE contact_id = 11; DELETE FROM conversations WHERE id = 21`)
	if in, _ := resolved(t, db, fromChat(lid, phone, "m:C")); in.Address.Chat != lid || in.From.ID != lid {
		t.Errorf("the chat is %+v", in.Address)
	}
	if n := number(t, db, `SELECT count(*) FROM conversations k JOIN messages m ON m.conversation_id = k.id WHERE k.id = 20 AND k.chat = '`+lid+`' AND k.session->>'dialog' = 'old'`); n != 3 {
		t.Errorf("%d messages went over", n)
	}
	if n := number(t, db, `SELECT count(*) FROM identities WHERE contact_id = 10`); n != 2 {
		t.Errorf("%d addresses lead to the contact", n)
	}
	in, _ := resolved(t, db, fromChat(phone, "", "m:D"))
	if in.Address.Chat != lid || in.From.ID != lid {
		t.Errorf("by the phone one comes to %+v", in)
	}
	other, err := postgres.Open(context.Background(), postgres.Config{URL: db.Pool.Config().ConnString()}) // a program that has just begun
	must(t, err)
	defer other.Close(context.Background())
	if in, _ := resolved(t, other, fromChat(phone, "", "m:E")); in.Address.Chat != lid {
		t.Errorf("after a restart one comes to %+v", in)
	}
	if in, _ := resolved(t, other, fromChat(phone, lid, "m:F")); in.Address.Chat != lid || in.Alias != phone {
		t.Errorf("turned round one comes to %+v", in)
	}
}

func TestW13_TheSameMessageUnderBothAddressesIsOneRow(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	exec(t, db, twoAddresses)
	exec(t, db, `INSERT INTO message_refs (conversation_id, direction, ref, message_id) VALUES (20, 'in', 'm:old', 1)`) // of a month that was taken out
	in, superseded := resolved(t, db, fromChat(lid, phone, "m:A"))
	if len(superseded) != 1 || superseded[0] != 102 {
		t.Errorf("superseded %v, want the question of the chat that is left", superseded)
	}
	tx, turns, err := db.BeginTurns(ctx, []crm.Inbound{in})
	must(t, err)
	if turns[0].Fresh || turns[0].Talk.ID != 21 || turns[0].Contact.ID != 10 || string(turns[0].Talk.Session) != `{"dialog": "new"}` {
		t.Errorf("a message that came before is %+v of %+v in %+v", turns[0].Fresh, turns[0].Contact.ID, turns[0].Talk)
	}
	must(t, tx.Commit(ctx))
	for what, c := range map[string]struct {
		sql  string
		want int64
	}{
		"m:A":           {`SELECT count(*) FROM messages WHERE ref = 'm:A' AND conversation_id = 21`, 1},
		"m:B there":     {`SELECT count(*) FROM messages WHERE ref = 'm:B' AND conversation_id = 21`, 1},
		"m:old":         {`SELECT count(*) FROM message_refs WHERE ref = 'm:old' AND conversation_id = 21`, 1},
		"deals":         {`SELECT count(*) FROM deals WHERE conversation_id = 21 AND contact_id = 10`, 1},
		"files":         {`SELECT count(*) FROM attachments WHERE conversation_id = 21`, 1},
		"contacts":      {`SELECT count(*) FROM contacts WHERE merged_into IS NULL`, 2},
		"open dialogs":  {`SELECT count(*) FROM conversations WHERE session IS NOT NULL`, 1},
		"journal lines": {`SELECT count(*) FROM contact_merges WHERE cause = 'alias' AND moved ? 'folded'`, 1},
	} {
		if n := number(t, db, c.sql); n != c.want {
			t.Errorf("%s: %d, want %d", what, n, c.want)
		}
	}
	must(t, func() error { _, err := db.Unmerge(ctx, 1); return err }())
	if n := number(t, db, `SELECT count(*) FROM messages WHERE conversation_id = 20`); n != 3 {
		t.Errorf("%d messages went back", n)
	}
	if n := number(t, db, `SELECT conversation_id FROM deals WHERE id = 30`); n != 20 {
		t.Error("the deal did not go back")
	}
}

func TestW12_TwoProcessesThatLinkManyChatsWhilePeopleWriteMeetNoDeadlock(t *testing.T) {
	t.Parallel()
	ctx, dsn := context.Background(), pgtest.DSN(t)
	a, b := open(t, postgres.Config{URL: dsn, MaxConns: 6}), open(t, postgres.Config{URL: dsn, MaxConns: 6})
	var running sync.WaitGroup
	const people = 12
	for n := range people {
		l, p := fmt.Sprintf("10000000000%02d@lid", n), fmt.Sprintf("770710000%02d@s.whatsapp.net", n)
		for i, db := range []*postgres.DB{a, b} {
			running.Go(func() {
				for round := range 4 {
					in := fromChat(l, p, fmt.Sprint("m:", round))
					if i == 1 && round < 2 {
						in = fromChat(p, "", fmt.Sprint("m:", round))
					}
					in, _, err := db.Resolve(ctx, in)
					if err != nil {
						t.Error(err)
						return
					}
					tx, _, err := db.BeginTurns(ctx, []crm.Inbound{in})
					if err != nil {
						t.Error(err)
						return
					}
					if err := tx.Commit(ctx); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	running.Wait()
	if n := number(t, a, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`); n != 0 {
		t.Errorf("%d deadlocks", n)
	}
	if n := number(t, a, `SELECT count(*) FROM chat_aliases`); n != people {
		t.Errorf("%d chats have two addresses, want %d", n, people)
	}
}

func TestW12_AHiddenNumberIsNoPhone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	exec(t, db, twoAddresses)
	if !postgres.HiddenNumber("+100000012345678", lid) || postgres.HiddenNumber("+77071234567", phone) || postgres.HiddenNumber("+77071234567", lid) {
		t.Error("hidden numbers are not told from phones")
	}
	for _, sql := range []string{`UPDATE contacts SET phone = '+100000012345678' WHERE id = 11`,
		`UPDATE contacts SET phone = '+99999' WHERE id = 12; INSERT INTO identities (channel, address, contact_id) VALUES ('whatsapp', '99999@lid', 12)`} {
		if _, err := db.Pool.Exec(context.Background(), sql); err == nil {
			t.Errorf("taken: %s", sql)
		}
	}
}

func TestX05_ANumberThatWentOverToAnotherAccountMergesNobodyByItself(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	exec(t, db, `INSERT INTO contacts (id, name, phone) VALUES (10, 'Bob', '+77071234567'), (11, 'Ann', '+77071234567'), (12, 'listed', '+77071234567');
		INSERT INTO identities (channel, address, contact_id) VALUES ('whatsapp', '1@lid', 10), ('whatsapp', '2@lid', 11);
		INSERT INTO own_phones (phone, contact_id, by_chat) VALUES ('+77071234567', 10, true), ('+77071234567', 11, true), ('+77071234567', 12, false)`)
	done, err := db.MergeOwn(ctx, "+77071234567")
	if err != nil || len(done) != 1 || done[0].Kept != 10 || done[0].Gone != 12 {
		t.Errorf("merged %+v, %v; want the listed contact alone", done, err)
	}
}
