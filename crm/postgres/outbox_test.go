package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// outboxTalk makes a conversation of the channel and gives its id.
func outboxTalk(t *testing.T, db *postgres.DB, channel, chat string) (id crm.ConversationID) {
	t.Helper()
	err := db.Pool.QueryRow(context.Background(), `INSERT INTO conversations (channel, chat) VALUES ($1, $2) RETURNING id`, channel, chat).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// outboxRow queues a message and gives its id.
func outboxRow(t *testing.T, db *postgres.DB, talk crm.ConversationID, out crm.Outbound) (id crm.MessageID) {
	t.Helper()
	err := db.Pool.QueryRow(context.Background(), `INSERT INTO messages (conversation_id, direction, author, kind, status, content, priority, attempts)
		VALUES ($1, 'out', 'bot', 'message', 'queued', $2, $3, $4) RETURNING id`, talk, out, out.Priority, out.Attempts).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestDueGivesEachPriorityItsRoomAndSkipsWhatIsKnownFullForeignOrEarly(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann, bob, full := outboxTalk(t, db, "telegram", "1"), outboxTalk(t, db, "telegram", "2"), outboxTalk(t, db, "telegram", "3")
	foreign := outboxTalk(t, db, "whatsapp", "1")
	broadcast := outboxRow(t, db, ann, crm.Outbound{Text: "b", Priority: crm.Broadcast})
	known := outboxRow(t, db, ann, crm.Outbound{Text: "known"})
	first := outboxRow(t, db, ann, crm.Outbound{Text: "first"})
	second := outboxRow(t, db, bob, crm.Outbound{Text: "second"})
	outboxRow(t, db, bob, crm.Outbound{Text: "no room"})
	outboxRow(t, db, full, crm.Outbound{Text: "full"})
	outboxRow(t, db, foreign, crm.Outbound{Text: "foreign"})
	early := outboxRow(t, db, ann, crm.Outbound{Text: "early", Priority: crm.Notice})
	failed := outboxRow(t, db, ann, crm.Outbound{Text: "failed", Priority: crm.Notice, Attempts: 2})
	if _, err := db.Pool.Exec(ctx, `UPDATE messages SET not_before = now() + interval '1 minute' WHERE id = ANY($1)`, []crm.MessageID{early, failed}); err != nil {
		t.Fatal(err)
	}
	rows, now, err := db.Outbox().Due(ctx, "telegram", [3]int{2, 5, 5}, []crm.MessageID{known}, []crm.ConversationID{full})
	if err != nil {
		t.Fatal(err)
	}
	var got []crm.MessageID
	for _, r := range rows {
		got = append(got, r.ID)
	}
	want := []crm.MessageID{first, second, failed, broadcast}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("due %v, want %v", got, want)
	}
	if wait := rows[2].NotBefore.Sub(now); rows[2].Attempts != 2 || wait < 59*time.Second || wait > time.Minute {
		t.Fatalf("failed row %+v waits %v", rows[2], wait)
	}
	if r := rows[0]; r.Address != (crm.Address{Channel: "telegram", Chat: "1"}) || r.Conversation != ann || r.Text != "first" || r.Author != crm.ByBot {
		t.Fatalf("row %+v", r)
	}
	if n, _, err := db.Outbox().Depth(ctx, "telegram"); err != nil || n != 6 {
		t.Fatalf("depth %d, %v", n, err)
	}
}

func TestATargetIsFoundAmongWhatWentOutAndWhatCameIn(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	talk := outboxTalk(t, db, "telegram", "1")
	var in crm.MessageID
	err := db.Pool.QueryRow(ctx, `INSERT INTO messages (conversation_id, direction, author, kind, status, content, ref)
		VALUES ($1, 'in', 'person', 'text', 'received', '{}', 'm:17') RETURNING id`, talk).Scan(&in)
	if err != nil {
		t.Fatal(err)
	}
	outboxRow(t, db, talk, crm.Outbound{Kind: crm.OutReaction, Text: "👀", Target: in})
	rows, _, err := db.Outbox().Due(ctx, "telegram", [3]int{9, 9, 9}, nil, nil)
	if err != nil || len(rows) != 1 || rows[0].TargetRef != "17" {
		t.Fatalf("rows %+v, %v", rows, err)
	}
	queued := outboxRow(t, db, talk, crm.Outbound{Text: "prompt"})
	for id, want := range map[crm.MessageID]string{in: "17 false", queued: " true", 999999: " false"} {
		ref, waits, err := db.Outbox().Target(ctx, talk, id)
		if got := fmt.Sprint(ref, " ", waits); err != nil || got != want {
			t.Errorf("target %d: %q, %v, want %q", id, got, err, want)
		}
	}
}

func TestS01_OnlyWhatADeadSenderMayHaveSentIsInDoubt(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	talk, o := outboxTalk(t, db, "telegram", "1"), db.Outbox()
	if n, err := o.Doubt(ctx, "telegram"); err != nil || n != 0 {
		t.Fatalf("%d in doubt before anybody sent, %v", n, err)
	}
	if err := o.Beat(ctx, "telegram"); err != nil {
		t.Fatal(err)
	}
	while := outboxRow(t, db, talk, crm.Outbound{Text: "while it lived"})
	after := outboxRow(t, db, talk, crm.Outbound{Text: "after its death"})
	if _, err := db.Pool.Exec(ctx, `UPDATE messages SET created_at = now() + interval '1 minute' WHERE id = $1`, after); err != nil {
		t.Fatal(err)
	}
	if n, err := o.Doubt(ctx, "telegram"); err != nil || n != 1 {
		t.Fatalf("%d in doubt, %v, want one", n, err)
	}
	rows, _, err := o.Due(ctx, "telegram", [3]int{9, 9, 9}, nil, nil)
	if err != nil || rows[0].ID != while || !rows[0].MaybeTwice || rows[1].MaybeTwice {
		t.Fatalf("rows %+v, %v", rows, err)
	}
}

func TestOneProcessLeadsAndOthersAreNoticed(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	o := db.Outbox()
	lease, release, err := o.Lead(ctx, "telegram", func() {})
	if err != nil {
		t.Fatal(err)
	}
	if alone, err := o.Alone(ctx, "telegram"); err != nil || !alone {
		t.Fatalf("alone %v, %v", alone, err)
	}
	second, giveUp := context.WithCancel(ctx)
	entered, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		_, _, err := o.Lead(second, "telegram", func() { close(entered) })
		ended <- err
	}()
	<-entered
	if alone, err := o.Alone(ctx, "telegram"); err != nil || alone {
		t.Fatalf("alone %v, %v, want the second to be seen", alone, err)
	}
	if alone, err := o.Alone(ctx, "whatsapp"); err != nil || !alone {
		t.Fatalf("another account: alone %v, %v", alone, err)
	}
	giveUp()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Fatalf("second ended with %v", err)
	}
	release(true)
	if lease.Err() == nil {
		t.Fatal("the lease outlives its release")
	}
}

func TestO12_ALeaseEndsWithItsConnection(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	lease, release, err := db.Outbox().Lead(ctx, "telegram", func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer release(false)
	if _, err := db.Pool.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); err != nil {
		t.Fatal(err)
	}
	select {
	case <-lease.Done():
	case <-time.After(2 * time.Minute):
		t.Fatal("the lease outlives its connection")
	}
}

func TestALostMarkIsTheOnlyThingThatDoesNotWaitForTheDisk(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	talk := outboxTalk(t, db, "telegram", "1")
	id := outboxRow(t, db, talk, crm.Outbound{Text: "a"})
	conn, err := db.Pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	var before, after string
	if err := conn.QueryRow(ctx, `SHOW synchronous_commit`).Scan(&before); err != nil {
		t.Fatal(err)
	}
	if err := db.Outbox().Sent(ctx, []crm.Outbound{{ID: id, Conversation: talk}}, []string{"5"}); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(ctx, `SHOW synchronous_commit`).Scan(&after); err != nil || after != before {
		t.Fatalf("synchronous_commit was %s and is %s, %v", before, after, err)
	}
}

func TestHoldsOutliveARestartAndShrink(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	chat := crm.Address{Channel: "telegram", Chat: "7"}
	for _, wait := range []time.Duration{40 * time.Second, 10 * time.Second} { // the longer one stays
		if err := db.Hold(ctx, chat, wait, "flood"); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Hold(ctx, crm.Address{Channel: "telegram"}, -time.Second, "over"); err != nil {
		t.Fatal(err)
	}
	holds, err := db.Holds(ctx, "telegram")
	if err != nil || len(holds) != 1 || holds["7"] > 40*time.Second || holds["7"] < 30*time.Second {
		t.Fatalf("holds %v, %v", holds, err)
	}
}

func TestTheStateOfAChannelKeepsItsBeginning(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	set := func(state, detail string) postgres.ChannelState {
		if err := db.SetChannelState(ctx, "telegram", state, detail); err != nil {
			t.Fatal(err)
		}
		states, err := db.ChannelStates(ctx)
		if err != nil || len(states) != 1 {
			t.Fatalf("states %v, %v", states, err)
		}
		return states[0]
	}
	first := set("running", "")
	if again := set("running", "polling"); !again.Since.Equal(first.Since) || again.Detail != "polling" {
		t.Fatalf("state %+v, want it to go on since %v", again, first.Since)
	}
	if changed := set("bad_credentials", ""); !changed.Since.After(first.Since) {
		t.Fatalf("state %+v, want a new beginning", changed)
	}
	if err := db.HeardFrom(ctx, "telegram"); err != nil {
		t.Fatal(err)
	}
}

func TestT19_ADeadInboundMessageIsKeptWholeReplayedOnceAndNeverTwice(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pgtest.New(t)
	in := crm.Inbound{Address: crm.Address{Channel: "telegram", Chat: "7"}, Key: "m:1", Kind: crm.InText, Text: "здравствуйте"}
	for range 2 { // a redelivery that fails as well changes nothing
		if err := db.Bury(ctx, in, "it failed", 5, crm.Outbound{Kind: crm.OutMessage, Text: "sorry"}); err != nil {
			t.Fatal(err)
		}
	}
	letters, err := db.DeadLetters(ctx, postgres.DeadFilter{Source: postgres.DeadIn})
	if err != nil || len(letters) != 1 {
		t.Fatalf("%d letters, want 1: %v", len(letters), err)
	}
	if waiting, err := db.Signals(ctx, 10); err != nil || len(waiting) != 0 {
		t.Fatalf("a dead message waits to be met: %v %v", waiting, err)
	}
	if err := db.ReplayDead(ctx, letters[0].ID); err != nil {
		t.Fatal(err)
	}
	waiting, err := db.Signals(ctx, 10)
	if err != nil || len(waiting) != 1 || waiting[0].Text != in.Text || waiting[0].Key != in.Key {
		t.Fatalf("after the replay %v waits, want the message: %v", waiting, err)
	}
	if err := db.ReplayDead(ctx, letters[0].ID); !errors.Is(err, crm.ErrTaken) {
		t.Fatalf("a second replay gives %v, want ErrTaken", err)
	}
	if err := db.DropDead(ctx, letters[0].ID); !errors.Is(err, crm.ErrTaken) {
		t.Fatalf("dropping what was replayed gives %v, want ErrTaken", err)
	}
}

func TestAMarkWrittenAgainChangesNothing(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	talk := outboxTalk(t, db, "telegram", "1")
	id := outboxRow(t, db, talk, crm.Outbound{Text: "prompt"})
	instead := outboxRow(t, db, talk, crm.Outbound{Text: "what was sent in its place", Target: id})
	other := outboxRow(t, db, talk, crm.Outbound{Text: "of a provider that counts anew"})
	sent := func(out crm.Outbound, ref string) {
		t.Helper()
		if err := db.Outbox().Sent(ctx, []crm.Outbound{out}, []string{ref}); err != nil {
			t.Fatal(err)
		}
	}
	sent(crm.Outbound{ID: id, Conversation: talk}, "11")
	sent(crm.Outbound{ID: instead, Conversation: talk, Kind: crm.OutMessage, Target: id}, "12")
	sent(crm.Outbound{ID: other, Conversation: talk}, "11")
	sent(crm.Outbound{ID: id, Conversation: talk}, "11") // what a sender tells that is not sure of its first word
	if got := value(t, db, `SELECT string_agg(message_id || ' ' || ref, ', ' ORDER BY message_id) FROM message_refs`); got != fmt.Sprintf("%d 12, %d 11", id, other) {
		t.Errorf("refs %s of messages %d, %d, %d", got, id, instead, other)
	}
	if got := value(t, db, fmt.Sprintf(`SELECT ref FROM messages WHERE id = %d`, id)); got != "12" {
		t.Errorf("the message is called %s", got)
	}
}
