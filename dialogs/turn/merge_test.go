package turn_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"govorun/crm"
	"govorun/crm/demo"
	"govorun/crm/postgres"
)

func TestO11_OnePersonInTwoAccountsIsOneContactOnceThePhoneIsKnown(t *testing.T) {
	h := inTwoAccounts(t)
	if n := h.count(`SELECT count(*) FROM contacts WHERE phone = '+77071234567' AND merged_into IS NULL`); n != 1 {
		t.Errorf("%d contacts have the phone", n)
	}
	if n := h.count(`SELECT count(DISTINCT contact_id) FROM identities WHERE address = $1`, fmt.Sprint(azamat)); n != 1 {
		t.Errorf("two addresses of one person lead to %d contacts", n)
	}
	if n := h.count(`SELECT count(DISTINCT contact_id) FROM deals`); n != 1 {
		t.Errorf("the deals of one person belong to %d contacts", n)
	}
	if n := h.count(`SELECT count(DISTINCT contact_id) FROM conversations WHERE chat = $1`, fmt.Sprint(azamat)); n != 1 {
		t.Errorf("the talks of one person belong to %d contacts", n)
	}
}

func TestO11_AfterTheMergeBothTalksGoOnAsOneContact(t *testing.T) {
	h := inTwoAccounts(t)
	for _, account := range []func(crm.Inbound) crm.Inbound{func(in crm.Inbound) crm.Inbound { return in }, elsewhere} {
		h.accept(account(h.from(azamat, crm.Inbound{Kind: crm.InText, Text: "спасибо"})))
	}
	if n := h.count(`SELECT count(DISTINCT contact_id) FROM conversations WHERE chat = $1`, fmt.Sprint(azamat)); n != 1 {
		t.Errorf("the talks of one person belong to %d contacts", n)
	}
	if n := h.count(`SELECT count(*) FROM contacts WHERE merged_into IS NULL`); n != 1 {
		t.Errorf("%d contacts", n)
	}
}

func TestO11_ATypedPhoneMergesNobody(t *testing.T) {
	h := newHouse(t)
	scan := h.scan("214")
	for _, account := range []func(crm.Inbound) crm.Inbound{func(in crm.Inbound) crm.Inbound { return in }, elsewhere} {
		for _, in := range []crm.Inbound{{Kind: crm.InText, Text: scan, Command: "start", Start: scan[len("/start "):]}, {Kind: crm.InText, Text: "взял деньги, не выдал"},
			{Kind: crm.InText, Text: "вернуть деньги"}, {Kind: crm.InText, Text: "150"}, {Kind: crm.InText, Text: "+77071234567"}} {
			h.accept(account(h.from(azamat, in)))
		}
	}
	if n := h.count(`SELECT count(*) FROM contacts WHERE phone = '+77071234567' AND merged_into IS NULL`); n != 2 {
		t.Errorf("%d contacts have the phone, want 2", n)
	}
	if n := h.count(`SELECT count(*) FROM contact_merges`) + h.count(`SELECT count(*) FROM own_phones`); n != 0 {
		t.Error("a typed number counts as the person's own")
	}
}

func TestO11_AMergeThatAProgramLeftBehindIsDoneByTheNextSweep(t *testing.T) {
	h := newHouse(t)
	if _, err := h.db.Pool.Exec(t.Context(), `WITH c AS (INSERT INTO contacts (phone) VALUES ('+77071234567'), ('+77071234567') RETURNING id)
		INSERT INTO own_phones (phone, contact_id) SELECT '+77071234567', id FROM c`); err != nil {
		t.Fatal(err)
	}
	if err := h.runner.SweepOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM contacts WHERE merged_into IS NULL`); n != 1 {
		t.Errorf("%d contacts", n)
	}
}

func TestO11_ManyPeopleInTwoAccountsAtTwoProcessesBecomeOneEachWithoutADeadlock(t *testing.T) {
	h := newHouse(t)
	db, err := postgres.Open(t.Context(), postgres.Config{URL: h.db.Pool.Config().ConnString()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.Background())
	other := &house{t: t, db: db, signer: h.signer}
	other.start()
	const people = 15
	var talks sync.WaitGroup
	for process, account := range map[*house]func(crm.Inbound) crm.Inbound{h: func(in crm.Inbound) crm.Inbound { return in }, other: elsewhere} {
		scan := h.scan(demo.MachineCode)
		for n := range people {
			talks.Go(func() {
				for _, in := range []crm.Inbound{{Kind: crm.InText, Text: scan, Command: "start", Start: scan[len("/start "):]},
					{Kind: crm.InText, Text: "взял деньги, не выдал"}, {Kind: crm.InText, Text: "вернуть деньги"}, {Kind: crm.InText, Text: "150"},
					{Kind: crm.InContact, Card: &crm.Card{Phone: fmt.Sprintf("770712345%02d", n), Own: true}}, {Kind: crm.InText, Text: "спасибо"}} {
					if _, err := process.runner.Accept(context.Background(), account(process.from(int64(7000+n), in))); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	talks.Wait()
	h.runner.Wait()
	other.runner.Wait()
	for what, c := range map[string]struct {
		sql  string
		want int
	}{
		"people":        {`SELECT count(*) FROM contacts WHERE merged_into IS NULL`, people},
		"merges":        {`SELECT count(*) FROM contact_merges`, people},
		"talks":         {`SELECT count(*) FROM conversations k JOIN contacts c ON c.id = k.contact_id AND c.merged_into IS NULL AND right(c.phone, 2)::int = k.chat::int - 7000`, 2 * people},
		"deals":         {`SELECT count(*) FROM deals d JOIN contacts c ON c.id = d.contact_id AND c.merged_into IS NULL WHERE d.fields->>'refund' IS NOT NULL`, 2 * people},
		"lines":         {`SELECT count(*) FROM events e JOIN contacts c ON c.id = e.contact_id AND c.merged_into IS NULL WHERE e.kind = 'deal_opened'`, 2 * people},
		"lines of gone": {`SELECT count(*) FROM events e JOIN contacts c ON c.id = e.contact_id WHERE c.merged_into IS NOT NULL`, 0},
		"put aside":     {`SELECT count(*) FROM dead_letters`, 0},
		"deadlocks":     {`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`, 0},
	} {
		if n := h.count(c.sql); n != c.want {
			t.Errorf("%s: %d, want %d", what, n, c.want)
		}
	}
}
