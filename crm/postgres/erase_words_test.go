package postgres_test

import (
	"context"
	"testing"
	"time"

	"govorun/crm/postgres"
)

func TestX16_X20_WhoIsCalledLikeWordsOfOthersTakesNothingAlongThatIsTheirs(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, stays := range map[string]int64{`": "message`: 1, `": "text`: 1, "Новая заявка": 1, "%_ %_ %_ %_": 1, `: "message", `: 1} {
		db, _ := planted(t)
		exec(t, db, `UPDATE messages SET content = content || '{"text": "Новая заявка: Ann"}', status = 'queued' WHERE id = 210`)
		exec(t, db, `UPDATE contacts SET name = $1 WHERE id = 10`, name)
		must(t, db.AskErasure(ctx, postgres.Erasure{Contact: 10, Conversation: 20, Message: 104}))
		_, err := db.Erase(ctx, 10, time.Now())
		must(t, err)
		if n := number(t, db, `SELECT count(*) FROM messages WHERE id = 210 AND status = 'queued' AND content->>'text' LIKE '%: Ann' AND content->>'kind' = 'message'`); n != stays {
			t.Errorf("called %q they took a card of Ann along", name)
		}
		if n := number(t, db, `SELECT count(*) FROM dead_letters WHERE payload->>'text' = 'Ann'`); n != stays {
			t.Errorf("called %q they took what waits of Ann along", name)
		}
	}
}

func TestX20_NamesGoOutOfWhatEmployeesWroteUnlessSomebodyElseIsCalledSo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, shared := range []bool{false, true} {
		db, _ := planted(t)
		exec(t, db, `UPDATE contacts SET name = 'Иван <Б> "Петров"' WHERE id = 10`)
		exec(t, db, `UPDATE messages SET content = '{"kind": "message", "text": "1. Иван &lt;Б&gt; &#34;Петров&#34;, Алматы 2. Ann", "buttons": [[{"text": "Иван <Б> \"Петров\"", "data": "v:1"}]]}' WHERE id = 210`)
		if shared {
			exec(t, db, `UPDATE contacts SET name = 'Иван <Б> "Петров"' WHERE id = 12`)
		}
		must(t, db.AskErasure(ctx, postgres.Erasure{Contact: 10, Conversation: 20, Message: 104}))
		_, err := db.Erase(ctx, 10, time.Now())
		must(t, err)
		want := int64(1)
		if shared {
			want = 0
		}
		if n := number(t, db, `SELECT count(*) FROM messages WHERE id = 210 AND content->>'text' = '1. …, Алматы 2. Ann' AND content->'buttons'->0->0 = '{"text": "…", "data": "v:1"}'`); n != want {
			t.Errorf("shared %v: %d messages without the name, want %d", shared, n, want)
		}
	}
}

func TestX20_WhatWasShownOfADealBesideItsCardGoesToo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := planted(t)
	exec(t, db, `INSERT INTO messages (id, conversation_id, direction, author, kind, status, content, cause_id, card) VALUES
		(220, 23, 'out', 'bot', 'message', 'sent', '{"kind": "message", "text": "Bo: ‹sealed:KZ86 ···0100:k1:AAAA›"}', 202, 'shown:30:reveal'),
		(221, 23, 'out', 'bot', 'media', 'sent', '{"kind": "media", "media": [{"ref": "FILE"}]}', 202, 'shown:30:files'),
		(222, 23, 'out', 'bot', 'media', 'sent', '{"kind": "media", "media": [{"ref": "FILE"}]}', 202, 'shown:32:files')`)
	must(t, db.AskErasure(ctx, postgres.Erasure{Contact: 10, Conversation: 20, Message: 104}))
	_, err := db.Erase(ctx, 10, time.Now())
	must(t, err)
	if n := number(t, db, `SELECT count(*) FROM messages WHERE content::text ~ 'sealed|FILE'`); n != 1 {
		t.Errorf("%d messages still show what was his or hers, want Ann's alone", n)
	}
}

func TestX20_WhoWasMergedAfterTheyAskedIsForgottenAsTheOneTheyAreNow(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := planted(t)
	exec(t, db, `UPDATE contacts SET merged_into = NULL WHERE id = 11`)
	must(t, db.AskErasure(ctx, postgres.Erasure{Contact: 11}))
	exec(t, db, `UPDATE contacts SET merged_into = 10 WHERE id = 11`)
	_, err := db.Erase(ctx, 11, time.Now())
	must(t, err)
	if n := number(t, db, `SELECT count(*) FROM contacts WHERE name = 'Бобыль'`); n != 0 {
		t.Error("the contact into which they were merged knows them still")
	}
}

func TestX20_TheLastWordOfWhoPressesTwiceIsSaidOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := planted(t)
	must(t, db.AskErasure(ctx, postgres.Erasure{Contact: 10}))
	must(t, db.AskErasure(ctx, postgres.Erasure{Contact: 10, Conversation: 20, Message: 101}))
	must(t, db.AskErasure(ctx, postgres.Erasure{Contact: 10, Conversation: 20, Message: 104}))
	must(t, db.AskErasure(ctx, postgres.Erasure{Contact: 10}))
	done, err := db.Erase(ctx, 10, time.Now())
	must(t, err)
	if n := number(t, db, `SELECT count(*) FROM messages WHERE id IN (101, 104)`); n != 1 || number(t, db, `SELECT count(*) FROM messages WHERE id = 104`) != 1 {
		t.Errorf("the newest of the last words is not the one that stays, %v are not sent", done.Unset)
	}
}

func TestX20_ADealOfSomebodyElseThatBeganInTheirTalkKeepsNobodyFromBeingForgotten(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := planted(t)
	exec(t, db, `UPDATE deals SET conversation_id = 21 WHERE id = 32`)
	must(t, db.AskErasure(ctx, postgres.Erasure{Contact: 10}))
	_, err := db.Erase(ctx, 10, time.Now())
	must(t, err)
	if n := number(t, db, `SELECT count(*) FROM deals WHERE id = 32 AND contact_id = 12 AND conversation_id IS NULL AND title = 'Ann'`); n != 1 {
		t.Error("the deal of Ann did not stay hers")
	}
}
