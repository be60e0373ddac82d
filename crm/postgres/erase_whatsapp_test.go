package postgres_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// libraryTables is as much of the WhatsApp library's tables as names people. Bob is known there by his number and by a hidden id, Ann as well.
const libraryTables = `
CREATE TABLE whatsmeow_device (jid text PRIMARY KEY, lid text);
CREATE TABLE whatsmeow_lid_map (lid text PRIMARY KEY, pn text UNIQUE NOT NULL);
CREATE TABLE whatsmeow_contacts (our_jid text, their_jid text, push_name text);
CREATE TABLE whatsmeow_message_secrets (our_jid text, chat_jid text, sender_jid text, message_id text);
CREATE TABLE whatsmeow_sessions (our_jid text, their_id text);
CREATE TABLE whatsmeow_identity_keys (our_jid text, their_id text);
CREATE TABLE whatsmeow_privacy_tokens (our_jid text, their_jid text);
INSERT INTO whatsmeow_device VALUES ('77000000001:7@s.whatsapp.net', '900000000000001:7@lid');
INSERT INTO whatsmeow_lid_map VALUES ('900000000000001', '77000000001'), ('5555000011', '77015550123'), ('900000000000003', '77070000000');
INSERT INTO whatsmeow_contacts VALUES ('us', '77015550123@s.whatsapp.net', 'Бобыль'), ('us', '5555000011@lid', 'Бобыль'), ('us', '900000000000003@lid', 'Ann');
INSERT INTO whatsmeow_message_secrets VALUES ('us', '5555000011@lid', '5555000011@lid', 'A'), ('us', '5555000011@lid', '900000000000001@lid', 'B'), ('us', '900000000000003@lid', '900000000000003@lid', 'C');
INSERT INTO whatsmeow_sessions VALUES ('us', '77015550123:0'), ('us', '5555000011_1:12'), ('us', '900000000000003_1:0'), ('us', '900000000000001_1:0');
INSERT INTO whatsmeow_identity_keys VALUES ('us', '5555000011_1:0'), ('us', '900000000000003_1:0');
INSERT INTO whatsmeow_privacy_tokens VALUES ('us', '77015550123@s.whatsapp.net'), ('us', '900000000000003@lid')`

// whatsAppTables is the library's store with these tables in it.
func whatsAppTables(t *testing.T, db *postgres.DB) *sql.DB {
	t.Helper()
	store, err := db.WhatsAppStore(context.Background(), func(ctx context.Context, store *sql.DB) error {
		_, err := store.ExecContext(ctx, libraryTables)
		return err
	})
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// inLibrary counts the rows of the library's tables that hold a secret of Bob's, and those that don't.
func inLibrary(t *testing.T, db *postgres.DB) (secret, rest int64) {
	t.Helper()
	for _, table := range []string{"device", "lid_map", "contacts", "message_secrets", "sessions", "identity_keys", "privacy_tokens"} {
		name := "whatsapp.whatsmeow_" + table
		found := number(t, db, `SELECT count(*) FROM `+name+` r WHERE r::text ~ '77015550123|5555000011|Бобыль'`)
		secret, rest = secret+found, rest+number(t, db, `SELECT count(*) FROM `+name)-found
	}
	return secret, rest
}

func TestX20_WhatTheWhatsAppLibraryKeepsOfSomebodyIsForgottenToo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pgtest.New(t)
	for _, statement := range strings.Split(secretWorld, ";\n") {
		exec(t, db, statement)
	}
	exec(t, db, `UPDATE identities SET address = '5555000011@lid' WHERE channel = 'whatsapp'`)
	exec(t, db, `UPDATE conversations SET chat = '5555000011@lid' WHERE channel = 'whatsapp'`)
	whatsAppTables(t, db)
	before, others := inLibrary(t, db)
	if before < 9 {
		t.Fatalf("only %d rows know Bob", before)
	}
	must(t, db.AskErasure(ctx, postgres.Erasure{Contact: 10, Conversation: 21, Message: 102}))
	_, err := db.Erase(ctx, 10, time.Now())
	must(t, err)
	if n, rest := inLibrary(t, db); n != 0 || rest != others {
		t.Errorf("%d rows know Bob still, %d of %d others are left", n, rest, others)
	}
	if n := number(t, db, `SELECT count(*) FROM acts WHERE items::text LIKE '%keys and numbers of WhatsApp%'`); n != 1 {
		t.Error("the act does not say it")
	}

	// The last word makes the library learn him again.
	exec(t, db, `INSERT INTO whatsapp.whatsmeow_lid_map VALUES ('5555000011', '77015550123')`)
	exec(t, db, `INSERT INTO whatsapp.whatsmeow_sessions VALUES ('us', '77015550123:0'), ('us', '5555000011_1:0')`)
	exec(t, db, `UPDATE messages SET status = 'sent' WHERE id = 102`)
	must(t, db.EndErasures(ctx))
	if n, rest := inLibrary(t, db); n != 0 || rest != others {
		t.Errorf("after the last word %d rows know Bob, %d of %d others are left", n, rest, others)
	}
}

func TestX20_TheCompanysOwnNumberIsNotForgottenWithSomebody(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	whatsAppTables(t, db)
	if n := number(t, db, `SELECT forget_whatsapp(ARRAY['+77000000001'], ARRAY['900000000000001@lid'])`); n != 0 {
		t.Errorf("%d rows of our own number were removed", n)
	}
}

func TestX20_WithoutTheLibrarysTablesThereIsNothingToForget(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if n := number(t, db, `SELECT forget_whatsapp(ARRAY['+77015550123'], ARRAY['5555000011@lid'])`); n != 0 {
		t.Errorf("%d rows removed", n)
	}
}
