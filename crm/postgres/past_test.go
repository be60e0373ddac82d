package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

func TestW16_ThePastIsKeptOnceAndBelongsToWhoeverIsKnown(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	count := func(sql string, args ...any) (n int) {
		t.Helper()
		if err := db.Pool.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := db.Pool.Exec(ctx, `INSERT INTO contacts (name, phone) VALUES ('Анна', '+77071234567')`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool.Exec(ctx, `INSERT INTO conversations (channel, chat) VALUES ('whatsapp', '77075550000@s.whatsapp.net')`); err != nil {
		t.Fatal(err)
	}
	begin := time.Now().Add(-90 * 24 * time.Hour)
	var past []crm.Past
	for n := range 500 {
		past = append(past, crm.Past{Chat: "200111@lid", Alias: "77071234567@s.whatsapp.net", Phone: "+77071234567", Name: "Анна", Ref: fmt.Sprint("A", n), Own: n%2 == 1,
			Text: fmt.Sprint("2 < 3 ", n), SentAt: begin.Add(time.Duration(n) * time.Minute)})
	}
	past = append(past, crm.Past{Chat: "200222@lid", Alias: "77075550000@s.whatsapp.net", Phone: "+77075550000", Ref: "B1", Media: []crm.Media{{Kind: crm.Photo, Ref: "x"}}, SentAt: begin})
	for range 2 { // a part of the history may come again
		if err := db.KeepPast(ctx, "whatsapp", past); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(`SELECT count(*) FROM messages`); n != 501 {
		t.Errorf("%d messages", n)
	}
	if n := count(`SELECT count(*) FROM conversations c JOIN contacts k ON k.id = c.contact_id WHERE c.chat = '200111@lid' AND k.name = 'Анна' AND c.title = 'Анна'`); n != 1 {
		t.Error("the talk is not Anna's")
	}
	if n := count(`SELECT count(*) FROM conversations`); n != 2 {
		t.Errorf("%d talks: one that is known by its number was made again", n)
	}
	if n := count(`SELECT count(*) FROM messages WHERE direction = 'out' AND status = 'sent' AND author = 'employee' AND content->>'text' LIKE '2 &lt; 3 %'`); n != 250 {
		t.Errorf("%d of our own", n)
	}
	if n := count(`SELECT count(*) FROM messages WHERE direction = 'in' AND author = 'person' AND ref LIKE 'm:A%' AND created_at < now() - interval '80 days'`); n != 250 {
		t.Errorf("%d of hers", n)
	}
	if n := count(`SELECT (SELECT count(*) FROM attachments) + (SELECT count(*) FROM events) + (SELECT count(*) FROM deals)`); n != 0 {
		t.Errorf("%d things followed", n)
	}
}

func TestX06_APastTalkBelongsToNobodyWhoOnlyTypedItsNumber(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	exec(t, db, `INSERT INTO contacts (id, name, phone) VALUES (501, 'typed it', '+77071000001'), (502, 'shared it', '+77071000002'), (503, 'of a family', '+77071000003'), (504, 'of a family', '+77071000003');
		INSERT INTO identities (channel, address, contact_id) VALUES ('telegram', '501', 501), ('telegram', '502', 502);
		INSERT INTO conversations (channel, chat, contact_id) VALUES ('telegram', '501', 501), ('telegram', '502', 502);
		INSERT INTO own_phones (phone, contact_id) VALUES ('+77071000002', 502)`)
	var past []crm.Past
	for n := 1; n <= 3; n++ {
		past = append(past, crm.Past{Chat: fmt.Sprintf("40000%d@lid", n), Phone: fmt.Sprintf("+7707100000%d", n), Ref: "P1", Text: "secret", SentAt: time.Now().Add(-time.Hour)})
	}
	must(t, db.KeepPast(ctx, "whatsapp", past))
	for chat, want := range map[string]int64{"400001@lid": 0, "400002@lid": 502, "400003@lid": 0} {
		if got := number(t, db, `SELECT coalesce(max(contact_id), 0) FROM conversations WHERE channel = 'whatsapp' AND chat = '`+chat+`'`); got != want {
			t.Errorf("the talk of %s is that of contact %d, want %d", chat, got, want)
		}
	}
}

func TestX20_WhoWasForgottenStaysSoWhenAPhoneBringsItsHistory(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	old := crm.Past{Chat: "200333@lid", Ref: "C1", Text: "старое", SentAt: time.Now().Add(-time.Hour)}
	if err := db.KeepPast(ctx, "whatsapp", []crm.Past{old}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool.Exec(ctx, `DELETE FROM messages; UPDATE conversations SET forgotten_at = now()`); err != nil {
		t.Fatal(err)
	}
	if err := db.KeepPast(ctx, "whatsapp", []crm.Past{old}); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.Pool.QueryRow(ctx, `SELECT count(*) FROM messages`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d messages came back, %v", n, err)
	}
}
