package turn_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"govorun/crm"
	"govorun/crm/demo"
)

// second is another account of the house at the same provider.
const second = "telegram:second"

// elsewhere is an input of the same person through the second account.
func elsewhere(in crm.Inbound) crm.Inbound {
	in.Address.Channel = second
	return in
}

func TestO10_AnOperatorWhoAnswersInTwoPlacesAtOnceIsHeardOnceForEachAnswerInOrder(t *testing.T) {
	h := newHouse(t)
	if _, err := h.db.Pool.Exec(t.Context(), `INSERT INTO identities (channel, address, employee_id)
		SELECT $1, address, employee_id FROM identities WHERE channel = 'telegram' AND address = $2`, second, fmt.Sprint(aigul)); err != nil {
		t.Fatal(err)
	}
	h.text(aigul, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "оператор")
	h.press(aigul, "Взять диалог")
	const answers = 20
	var places sync.WaitGroup
	for _, place := range []string{"telegram", second} {
		places.Go(func() {
			for n := range answers {
				in := h.from(aigul, crm.Inbound{Kind: crm.InText, Text: fmt.Sprintf("%s %02d", place, n)})
				in.Address.Channel = place
				if _, err := h.runner.Accept(context.Background(), in); err != nil {
					t.Error(err)
				}
			}
		})
	}
	places.Wait()
	h.runner.Wait()
	const heard = `FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE c.channel = 'telegram' AND c.chat = $1 AND m.direction = 'out' AND m.author = 'employee'`
	if n := h.count(`SELECT count(*) `+heard, fmt.Sprint(azamat)); n != 2*answers {
		t.Errorf("%d messages of %d answers", n, 2*answers)
	}
	if n := h.count(`SELECT count(DISTINCT m.content->>'text') `+heard, fmt.Sprint(azamat)); n != 2*answers {
		t.Errorf("%d different messages of %d answers", n, 2*answers)
	}
	if n := h.count(`SELECT count(*) FROM (SELECT m.content->>'text' AS text, lag(m.content->>'text') OVER (
			PARTITION BY left(m.content->>'text', -3) ORDER BY m.id) AS before `+heard+`) AS o WHERE before > text`, fmt.Sprint(azamat)); n != 0 {
		t.Errorf("%d answers of one place overtook each other", n)
	}

	h.text(azamat, "спасибо") // is seen in both places
	for _, place := range []string{"telegram", second} {
		if n := h.count(`SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id
			WHERE c.channel = $1 AND c.chat = $2 AND m.direction = 'out' AND m.content->>'text' LIKE '%спасибо%'`, place, fmt.Sprint(aigul)); n != 1 {
			t.Errorf("%s shows the person's answer %d times", place, n)
		}
	}
}

// refund asks for money back for a machine, through one account, and shares the phone number.
func (h *house) refund(code string, account func(crm.Inbound) crm.Inbound) error {
	scan := h.scan(code)
	for _, in := range []crm.Inbound{{Kind: crm.InText, Text: scan, Command: "start", Start: scan[len("/start "):]},
		{Kind: crm.InText, Text: "взял деньги, не выдал"}, {Kind: crm.InText, Text: "вернуть деньги"}, {Kind: crm.InText, Text: "150"},
		{Kind: crm.InContact, Card: &crm.Card{Phone: "+77071234567", Own: true}}} {
		if _, err := h.runner.Accept(context.Background(), account(h.from(azamat, in))); err != nil {
			return err
		}
	}
	return nil
}

// inTwoAccounts lets one person ask for two refunds at once, each in an account of its own.
func inTwoAccounts(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	var other string
	if err := h.db.Pool.QueryRow(t.Context(), `SELECT code FROM assets WHERE code <> $1 ORDER BY id LIMIT 1`, demo.MachineCode).Scan(&other); err != nil {
		t.Fatal(err)
	}
	var accounts sync.WaitGroup
	for code, account := range map[string]func(crm.Inbound) crm.Inbound{demo.MachineCode: func(in crm.Inbound) crm.Inbound { return in }, other: elsewhere} {
		accounts.Go(func() {
			if err := h.refund(code, account); err != nil {
				t.Error(err)
			}
		})
	}
	accounts.Wait()
	h.runner.Wait()
	return h
}

func TestO11_OnePersonWhoWritesInTwoAccountsAtOnceHasTwoTalksAndHoldsUpNobody(t *testing.T) {
	h := inTwoAccounts(t)
	if n := h.count(`SELECT count(*) FROM conversations WHERE chat = $1`, fmt.Sprint(azamat)); n != 2 {
		t.Errorf("%d conversations", n)
	}
	if n := h.count(`SELECT count(*) FROM deals WHERE fields->>'refund' IS NOT NULL`); n != 2 {
		t.Errorf("%d refunds are wanted, want 2: %d deals", n, h.count(`SELECT count(*) FROM deals`))
	}
	if n := h.count(`SELECT count(*) FROM contacts WHERE phone = '+77071234567'`); n == 0 {
		t.Error("the phone is not kept")
	}
	if n := h.count(`SELECT count(*) FROM dead_letters`); n != 0 {
		t.Errorf("%d messages were put aside", n)
	}
}
