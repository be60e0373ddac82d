package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

func TestW14_WhatWasSentIsFoundByItsIdInItsOwnChatUntilItIsTakenBack(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann := crm.Address{Channel: "whatsapp", Chat: "111@lid"}
	talk := outboxTalk(t, db, ann.Channel, ann.Chat)
	bob := outboxTalk(t, db, "whatsapp", "222@lid")
	id := outboxRow(t, db, talk, crm.Outbound{Kind: crm.OutMessage, Text: "hello"})
	if err := db.Outbox().Sent(ctx, []crm.Outbound{{ID: id, Conversation: talk, Kind: crm.OutMessage}}, []string{"3EB0AA"}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool.Exec(ctx, `INSERT INTO chat_aliases (channel, alias, chat) VALUES ('whatsapp', '77070000001@s.whatsapp.net', '111@lid')`); err != nil {
		t.Fatal(err)
	}
	for _, chat := range []string{"111@lid", "77070000001@s.whatsapp.net"} {
		got, err := db.SentAs(ctx, crm.Address{Channel: "whatsapp", Chat: chat}, "3EB0AA")
		if err != nil || got.ID != id || got.Text != "hello" || got.Address.Chat != "111@lid" || time.Since(got.CreatedAt) > time.Minute {
			t.Errorf("%s: %+v %v", chat, got, err)
		}
	}
	for _, to := range []crm.Address{{Channel: "whatsapp", Chat: "222@lid"}, {Channel: "whatsapp:two", Chat: "111@lid"}} {
		if _, err := db.SentAs(ctx, to, "3EB0AA"); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%+v: %v", to, err)
		}
	}
	outboxRow(t, db, bob, crm.Outbound{Text: "to somebody else"})
	edit := outboxRow(t, db, talk, crm.Outbound{Kind: crm.OutEdit, Text: "hello again", Target: id})
	latest, err := db.SentLately(ctx, ann)
	if err != nil || len(latest) != 2 || latest[0].ID != edit || latest[0].TargetRef != "3EB0AA" || latest[1].ID != id {
		t.Errorf("lately: %+v %v", latest, err)
	}
	back := outboxRow(t, db, talk, crm.Outbound{Kind: crm.OutDelete, Target: id})
	if _, err := db.Pool.Exec(ctx, `UPDATE messages SET kind = 'delete', status = 'sent' WHERE id = $1`, back); err != nil {
		t.Fatal(err)
	}
	if _, err := db.SentAs(ctx, ann, "3EB0AA"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("what was taken back is given out: %v", err)
	}
}

func TestW10_TheLastWordOfAPersonIsRemembered(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann := crm.Address{Channel: "whatsapp", Chat: "111@lid"}
	talk := outboxTalk(t, db, ann.Channel, ann.Chat)
	outboxRow(t, db, talk, crm.Outbound{Text: "ours"})
	if at, err := db.HeardAt(ctx, ann); err != nil || !at.IsZero() {
		t.Errorf("somebody who never wrote: %v %v", at, err)
	}
	if _, err := db.Pool.Exec(ctx, `INSERT INTO messages (conversation_id, direction, author, kind, status, content) VALUES ($1, 'in', 'person', 'text', 'received', '{}')`, talk); err != nil {
		t.Fatal(err)
	}
	if at, err := db.HeardAt(ctx, ann); err != nil || time.Since(at) > time.Minute || at.IsZero() {
		t.Errorf("somebody who wrote: %v %v", at, err)
	}
}
