package postgres_test

import (
	"context"
	"errors"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestWhatIsReadAheadIsWhatWasJustWritten(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann, bob := employee(t, db, "Ann", "technician", ""), employee(t, db, "Bob", "technician", "")
	exec(t, db, `INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', '1', $1), ('telegram', '2', $2)`, ann, bob)
	talk := outboxTalk(t, db, "telegram", "1")
	one, two := deal(t, db, ann), deal(t, db, bob)
	exec(t, db, `INSERT INTO messages (conversation_id, direction, author, kind, status, card, content) VALUES ($1, 'out', 'bot', 'message', 'sent', 'deal:1:job', '{"text": "a job"}')`, talk)
	within(t, db, func(tx *postgres.Turns) bool {
		if d, err := tx.Deal(ctx, one); err != nil || d.Stage != "new" {
			t.Fatalf("deal %+v, %v", d, err)
		}
		tx.Changes.DealMoves = []postgres.DealMove{{ID: one, Stage: "work", Owner: bob}}
		tx.Changes.Deals = []postgres.DealRow{{ID: 77, Pipeline: "repairs", Stage: "new", Status: crm.DealOpen, Owner: ann}}
		ahead, err := tx.ReadAhead(ctx, postgres.Wish{Deals: []crm.DealID{one, two, 77, 78, one}, Owners: []crm.DealID{one, two}, Marks: []string{"deal:1:job"}, Messages: 5})
		must(t, err)
		for id, owner := range map[crm.DealID]crm.EmployeeID{one: bob, two: bob, 77: ann} {
			if d, err := tx.Deal(ctx, id); err != nil || d.Deal.Owner != owner {
				t.Errorf("deal %d of owner %d, want %d: %v", id, d.Deal.Owner, owner, err)
			}
		}
		if d, err := tx.Deal(ctx, one); err != nil || d.Stage != "work" {
			t.Errorf("deal %+v, %v", d, err)
		}
		if _, err := tx.Deal(ctx, 78); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("a deal that there is not: %v", err)
		}
		if people := ahead.Owners[bob]; len(people) != 1 || people[0].Conversation == 0 || people[0].Address.Chat != "2" || len(ahead.Owners) != 1 {
			t.Errorf("owners %+v", ahead.Owners)
		}
		if len(ahead.Shown) != 1 || ahead.Shown[0].Conversation != crm.ConversationID(talk) || ahead.Shown[0].Text != "a job" {
			t.Errorf("shown %+v", ahead.Shown)
		}
		ids := map[crm.MessageID]bool{}
		for range 7 {
			id, err := tx.NewMessageID(ctx, 0)
			must(t, err)
			ids[id] = true
		}
		if len(ids) != 7 {
			t.Errorf("numbers of messages: %v", ids)
		}
		return true
	})
}
