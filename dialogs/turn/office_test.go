package turn_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
	"govorun/dialogs/turn"
)

const (
	anna = 711 // a manager
	ivo  = 712 // a driver
)

// shelf keeps files in memory.
type shelf map[string][]byte

func (s shelf) Put(from io.Reader, limit int64) (string, int64, error) {
	data, err := io.ReadAll(io.LimitReader(from, limit))
	hash := fmt.Sprintf("%064x", len(s)+1)
	s[hash] = data
	return hash, int64(len(data)), err
}

// newOffice is a house over a park with a manager. It is Monday, 3 June 2030, 10:00 in Almaty.
func newOffice(t *testing.T) (*house, shelf) {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t)}
	h.exec(`INSERT INTO employees (id, name, role, lang) VALUES (1, 'Anna', 'manager', 'en')`)
	h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', $1, 1)`, fmt.Sprint(anna))
	files := shelf{}
	h.tune = func(c *turn.Config) { c.Files = files }
	kit, err := dialogs.Load(os.DirFS("../testdata/office"))
	if err != nil {
		t.Fatal(err)
	}
	h.startWith(kit)
	h.shift = time.Until(time.Date(2030, 6, 3, 10, 0, 0, 0, kit.Zone))
	return h, files
}

// signs brings a driver to the question for the time in the office.
func (h *house) signs(person int64) {
	h.t.Helper()
	h.text(person, "/join")
	h.press(person, "I agree")
	h.text(person, "KZ86 125K ZT50 0410 0100")
	h.says(person, "Read the contract")
	h.press(person, "I agree to the contract")
}

func TestX25_WhatSomebodyAgreedToIsKeptWithVersionTimeAndMessageAndANewVersionIsAskedFor(t *testing.T) {
	h, files := newOffice(t)
	h.signs(ivo)
	var contact crm.ContactID
	if err := h.db.Pool.QueryRow(t.Context(), `SELECT contact_id FROM consents LIMIT 1`).Scan(&contact); err != nil {
		t.Fatal(err)
	}
	all, err := h.db.Consents(t.Context(), contact)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d consents: %v", len(all), err)
	}
	data, contract := all[0], all[1]
	if data.Name != "data" || data.Version != 3 || len(data.Digest) != 64 || data.Message == 0 || data.Deal != 0 {
		t.Errorf("the consent is kept as %+v", data)
	}
	if contract.Name != "contract" || contract.Version != 2 || files[contract.Digest] == nil || contract.Message <= data.Message || contract.Deal == 0 {
		t.Errorf("the contract is kept as %+v", contract)
	}
	h.is("presses by which they agreed", h.count(`SELECT count(*) FROM consents c JOIN messages m ON m.id = c.message_id WHERE m.direction = 'in' AND m.kind = 'press'`), 2)

	h.text(ivo, "/cancel")
	h.text(ivo, "/join")
	h.says(ivo, "Which account")
	h.startWith(changedIn(t, "../testdata/office", "data: {version: 3", "data: {version: 4"))
	h.text(ivo, "/cancel")
	h.text(ivo, "/join")
	h.press(ivo, "I agree")
	h.is("versions of the consent that are kept", h.count(`SELECT count(DISTINCT version) FROM consents WHERE name = 'data'`), 2)
}

func TestX25_WhoReadTheContractBeforeItChangedAgreedToThatOne(t *testing.T) {
	h, _ := newOffice(t)
	h.text(ivo, "/join")
	h.press(ivo, "I agree")
	h.text(ivo, "KZ86 125K ZT50 0410 0100")
	h.says(ivo, "Read the contract")
	h.startWith(changedIn(t, "../testdata/office", "contract: {version: 2", "contract: {version: 3"))
	h.press(ivo, "I agree to the contract")
	h.is("contracts of the version that was sent", h.count(`SELECT count(*) FROM consents WHERE name = 'contract' AND version = 2`), 1)
	h.is("contacts who agreed to that one", h.count(`SELECT count(*) FROM contacts WHERE fields->'agreed_contract' = '2'`), 1)
}

func TestAContractIsAFileOfTheDealWithItsSecretsAndNothingOfItIsInTheDatabase(t *testing.T) {
	h, files := newOffice(t)
	h.signs(ivo)
	var sent *crm.Outbound
	for _, o := range h.outs(ivo) {
		if o.Kind == crm.OutMedia && len(o.Media) == 1 && o.Media[0].MIME == "application/pdf" {
			sent = &o
		}
	}
	if sent == nil || files[sent.Media[0].Hash] == nil || len(sent.Media[0].Bytes) > 0 || sent.Media[0].Name != "Contract.pdf" {
		t.Fatalf("the contract was sent as %+v", sent)
	}
	if !bytes.HasPrefix(files[sent.Media[0].Hash], []byte("%PDF")) {
		t.Error("the contract is no PDF")
	}
	h.is("files of the deal", h.count(`SELECT count(*) FROM attachments WHERE name = 'contract' AND status = 'stored' AND deal_id IS NOT NULL AND hash = $1`, sent.Media[0].Hash), 1)

	h.text(anna, "/deal "+fmt.Sprint(h.count(`SELECT min(id) FROM deals`)))
	h.press(anna, "Send the contract")
	h.is("files of the deal after the manager sent it anew", h.count(`SELECT count(*) FROM attachments WHERE name = 'contract' AND deal_id IS NOT NULL`), 2)
}

// coming books the first time of tomorrow and gives the code.
func (h *house) coming(person int64) string {
	h.t.Helper()
	h.replaced(person, "tomorrow")
	h.replaced(person, "10:00")
	var code string
	if err := h.db.Pool.QueryRow(context.Background(), `SELECT code FROM bookings WHERE status = 'booked' ORDER BY id DESC LIMIT 1`).Scan(&code); err != nil {
		h.t.Fatal(err)
	}
	said := 0
	for _, o := range h.outs(person) {
		if strings.Contains(o.Text, code) {
			said++
		}
	}
	h.is("times the code is told", said, 1)
	return code
}

func TestWhoComesToTheOfficeShowsACodeThatCountsOnce(t *testing.T) {
	h, _ := newOffice(t)
	h.signs(ivo)
	code := h.coming(ivo)
	h.shift += 24 * time.Hour
	wrong := "0000"
	if code == wrong {
		wrong = "0001"
	}
	h.text(anna, "/came "+wrong)
	h.says(anna, "no such code")
	h.text(anna, "/came")
	h.says(anna, "/came 4821")
	h.text(ivo, "/came "+code)
	h.is("visits that a driver ends", h.count(`SELECT count(*) FROM bookings WHERE status = 'done'`), 0)
	h.text(anna, "/came "+code)
	h.is("visits that took place", h.count(`SELECT count(*) FROM bookings WHERE status = 'done' AND reason = 'came'`), 1)
	h.is("deals that went on", h.count(`SELECT count(*) FROM deals WHERE stage = 'here' AND status = 'won'`), 1)
	h.text(anna, "/came "+code)
	h.says(anna, "no such code")
	for range 12 {
		h.text(anna, "/came "+wrong)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'code_unknown'`); n < 12 {
		t.Errorf("%d wrong codes are counted", n)
	}
}

func TestWhoTypesTooManyWrongCodesFindsNoneForAnHour(t *testing.T) {
	h, _ := newOffice(t)
	h.signs(ivo)
	code := h.coming(ivo)
	for i := range 10 {
		if wrong := fmt.Sprintf("%04d", i); wrong != code {
			h.text(anna, "/came "+wrong)
		} else {
			h.text(anna, "/came 9999")
		}
	}
	h.text(anna, "/came "+code)
	h.says(anna, "no such code")
	h.exec(`UPDATE events SET at = at - interval '2 hours' WHERE kind = 'code_unknown'`)
	h.text(anna, "/start came_"+code)
	h.is("visits that took place", h.count(`SELECT count(*) FROM bookings WHERE status = 'done'`), 1)
}

func TestX06_WrongCodesCountAlsoWhenAllComeInOneBreath(t *testing.T) {
	h, _ := newOffice(t)
	h.signs(ivo)
	code := h.coming(ivo)
	left, leave := context.WithCancel(context.Background())
	leave() // nobody waits for an answer: they are all there at once, and share transactions
	for i := range 31 {
		typed := fmt.Sprintf("%04d", i)
		if i == 30 {
			typed = code
		} else if typed == code {
			typed = "9999"
		}
		_, _ = h.runner.Accept(left, h.from(anna, crm.Inbound{Kind: crm.InText, Text: "/came " + typed, Command: "came", Args: typed}))
	}
	h.runner.Wait()
	h.is("visits that took place", h.count(`SELECT count(*) FROM bookings WHERE status = 'done'`), 0)
}

func TestNobodyCameByAnHourAfterTheVisitIsSaidOnce(t *testing.T) {
	h, _ := newOffice(t)
	h.signs(ivo)
	h.coming(ivo)
	h.shift += 27 * time.Hour // 13:00 of the next day
	h.fires()
	h.fires()
	h.is("visits that nobody kept", h.count(`SELECT count(*) FROM bookings WHERE status = 'cancelled' AND reason = 'missed'`), 1)
	h.is("deals that went on", h.count(`SELECT count(*) FROM deals WHERE stage = 'away'`), 1)
	h.is("times the driver hears of it", h.saidTo(ivo, "We waited for you"), 1)
	h.says(ivo, "We waited")
}
