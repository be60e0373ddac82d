package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// turnOf is a turn of a person who opens a deal and shares their number, as a process does it, with its retries.
func turnOf(ctx context.Context, db *postgres.DB, ids *postgres.IDs, in crm.Inbound, phone string) error {
	once := func() error {
		tx, turns, err := db.BeginTurns(ctx, []crm.Inbound{in})
		if err != nil {
			return err
		}
		defer tx.Rollback(ctx)
		t := turns[0]
		if t.Contact.ID == 0 {
			id, err := ids.Next(ctx, tx)
			if err != nil {
				return err
			}
			t.Contact.ID = crm.ContactID(id)
			tx.Changes.Contacts = []postgres.ContactRow{{ID: t.Contact.ID}}
			tx.Changes.Identities = []postgres.IdentityRow{{Channel: in.Address.Channel, Address: in.From.ID, Contact: t.Contact.ID}}
			t.Talk.Contact = t.Contact.ID
		}
		deal, err := tx.NewMessageID(ctx, 0) // any number that nobody else has
		if err != nil {
			return err
		}
		tx.Changes.Deals = []postgres.DealRow{{ID: crm.DealID(deal), Pipeline: "p", Stage: "s", Status: crm.DealOpen, Contact: t.Contact.ID, Conversation: t.Talk.ID}}
		tx.Changes.KnownBetter = []postgres.ContactRow{{ID: t.Contact.ID, Phone: phone}}
		tx.Changes.Events = []postgres.EventRow{{Kind: "deal_opened", Author: crm.ByPerson, Conversation: t.Talk.ID, Message: t.Message, Contact: t.Contact.ID}}
		tx.Changes.Talks = []*postgres.Talk{t.Talk}
		tx.Changes.OwnPhones = []postgres.OwnPhone{{Talk: t.Talk.ID, Contact: t.Contact.ID, Phone: phone}}
		return tx.Commit(ctx)
	}
	err := once()
	for range 3 {
		if !postgres.Conflict(err) {
			break
		}
		err = once()
	}
	return err
}

func TestO11_ManyPeopleInTwoAccountsAtTwoProcessesBecomeOneEachWithoutADeadlock(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dsn := pgtest.DSN(t)
	const people, rounds = 20, 5
	var processes [2]*postgres.DB
	for i := range processes {
		processes[i] = open(t, postgres.Config{URL: dsn, MaxConns: 8})
	}
	ids := postgres.NewIDs("contacts_id_seq")
	var running sync.WaitGroup
	for account, db := range processes {
		for person := range people {
			running.Go(func() {
				phone := fmt.Sprintf("+770710000%02d", person)
				for round := range rounds {
					in := crm.Inbound{Kind: crm.InContact, Key: fmt.Sprint(round), Card: &crm.Card{Phone: phone, Own: true}, From: crm.Person{ID: fmt.Sprint(person)},
						Address: crm.Address{Channel: fmt.Sprint("account ", account), Chat: fmt.Sprint(person)}}
					if err := turnOf(ctx, db, ids, in, phone); err != nil {
						t.Error(err)
					}
					if _, err := db.MergeOwn(ctx, phone); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	running.Wait()
	db := processes[0]
	if n := number(t, db, `SELECT count(*) FROM contacts WHERE merged_into IS NULL`); n != people {
		t.Errorf("%d people, want %d", n, people)
	}
	for what, sql := range map[string]string{
		"deals":         `SELECT count(*) FROM deals d JOIN contacts c ON c.id = d.contact_id AND c.merged_into IS NULL`,
		"lines":         `SELECT count(*) FROM events e JOIN contacts c ON c.id = e.contact_id AND c.merged_into IS NULL WHERE e.kind = 'deal_opened'`,
		"messages":      `SELECT count(*) FROM messages m JOIN conversations k ON k.id = m.conversation_id JOIN contacts c ON c.id = k.contact_id AND c.merged_into IS NULL`,
		"other numbers": fmt.Sprintf(`SELECT %d + count(*) FROM conversations k JOIN contacts c ON c.id = k.contact_id WHERE right(c.phone, 2)::int <> k.chat::int`, 2*people*rounds),
	} {
		if n := number(t, db, sql); n != 2*people*rounds {
			t.Errorf("%s: %d, want %d", what, n, 2*people*rounds)
		}
	}
	if n := number(t, db, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`); n != 0 {
		t.Errorf("%d deadlocks", n)
	}
}

func TestADealThatIsOpenedWhileItsContactIsMergedFollows(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), acquainted(t)
	merge, err := db.Pool.Begin(ctx) // a merge that has locked the contact and is not done yet
	must(t, err)
	_, err = merge.Exec(ctx, `SELECT FROM contacts WHERE id IN (10, 11) FOR UPDATE`)
	must(t, err)
	opened := make(chan error, 1)
	go func() {
		_, err := db.Pool.Exec(ctx, `WITH d AS (INSERT INTO deals (id, pipeline, stage, status, contact_id) VALUES (33, 'p', 's', 'open', 11))
			INSERT INTO tasks (id, title, contact_id) VALUES (43, 'call', 11)`)
		opened <- err
	}()
	for number(t, db, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
		select {
		case err := <-opened:
			t.Fatalf("the deal did not wait for the merge: %v", err)
		default:
		}
	}
	_, err = merge.Exec(ctx, `UPDATE contacts SET merged_into = 10 WHERE id = 11`)
	must(t, err)
	must(t, merge.Commit(ctx))
	must(t, <-opened)
	if n := number(t, db, `SELECT (SELECT contact_id FROM deals WHERE id = 33) + (SELECT contact_id FROM tasks WHERE id = 43)`); n != 20 {
		t.Error("a deal or a task was left with the contact that is gone")
	}
}

func TestNothingIsLeftWithAContactThatIsGoneWhoeverWritesWhileContactsAreMergedAndParted(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), acquainted(t)
	ids := postgres.NewIDs("contacts_id_seq")
	const rounds = 60
	var running sync.WaitGroup
	for account, channel := range []string{"telegram", "whatsapp"} {
		running.Go(func() {
			for round := range rounds {
				in := crm.Inbound{Kind: crm.InText, Key: fmt.Sprint(round), From: crm.Person{ID: "1"}, Address: crm.Address{Channel: channel, Chat: "1"}}
				if err := turnOf(ctx, db, ids, in, fmt.Sprintf("+7707100000%d", account)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Go(func() { // an employee opens deals for somebody whom they found before
		for range rounds {
			exec(t, db, `INSERT INTO deals (pipeline, stage, status, contact_id) VALUES ('p', 's', 'open', 11)`)
		}
	})
	for range 2 { // administrators
		running.Go(func() {
			for range rounds {
				m, err := db.Merge(ctx, 10, 11)
				if err == nil {
					_, err = db.Unmerge(ctx, m.ID)
				}
				if err != nil && !errors.Is(err, crm.ErrTaken) && !postgres.Conflict(err) {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	if n := number(t, db, `SELECT count(*) FROM deals WHERE contact_id IN (10, 11)`); n != 2+3*rounds {
		t.Errorf("%d deals, want %d", n, 2+3*rounds)
	}
	_, err := db.Merge(ctx, 10, 11)
	if err != nil && !errors.Is(err, crm.ErrTaken) {
		t.Error(err)
	}
	if n := number(t, db, `SELECT (SELECT count(*) FROM deals WHERE contact_id = 11) + (SELECT count(*) FROM conversations WHERE contact_id = 11)
		+ (SELECT count(*) FROM identities WHERE contact_id = 11) + (SELECT count(*) FROM events WHERE contact_id = 11)`); n != 0 {
		t.Errorf("%d rows are left with the contact that is gone", n)
	}
	if n := number(t, db, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`); n != 0 {
		t.Errorf("%d deadlocks", n)
	}
	if n := number(t, db, `SELECT count(*) FROM contact_merges`); n < 5 {
		t.Errorf("only %d merges: this test tests nothing", n)
	}
}
