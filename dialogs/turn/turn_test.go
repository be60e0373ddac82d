package turn_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/demo"
	"govorun/crm/passport"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
	"govorun/dialogs/kits"
	"govorun/dialogs/turn"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// house is a runner over the vending company, and what it handed to the sender.
type house struct {
	t      *testing.T
	db     *postgres.DB
	runner *turn.Runner
	signer passport.Signer
	shift  time.Duration
	tune   func(*turn.Config) // of each runner, nil for none

	mu         sync.Mutex
	out        []crm.Outbound
	superseded []crm.MessageID
	keys       int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	company := func(ctx context.Context, db *postgres.DB) error {
		_, err := demo.Load(ctx, db, "telegram")
		return err
	}
	h := &house{t: t, db: pgtest.Filled(t, "demo", company), signer: passport.Signer{Keys: [][]byte{[]byte("sixteen bytes or more")}}}
	h.start()
	return h
}

// start makes a runner, as a process that has just begun.
func (h *house) start() {
	h.t.Helper()
	kit, err := vending()
	if err != nil {
		h.t.Fatal(err)
	}
	h.startWith(kit)
}

// vending is the kit of most tests; it takes a while to read.
var vending = sync.OnceValues(func() (*dialogs.Kit, error) {
	files, err := kits.FS("vending")
	if err != nil {
		return nil, err
	}
	return dialogs.Load(files)
})

func (h *house) startWith(kit *dialogs.Kit) {
	nonces := 0
	config := turn.Config{DB: h.db, Kit: kit, Log: slog.New(slog.DiscardHandler), Verify: h.signer.Verify, Groups: 2,
		Capabilities: func(string) dialogs.Capabilities { return dialogs.Capabilities{Buttons: true, Contact: true} },
		Nonce: func() string {
			h.mu.Lock()
			defer h.mu.Unlock()
			nonces++
			return fmt.Sprintf("N%05d", nonces)
		},
		Invite: func(payload string) (string, []byte, error) {
			return "https://t.me/vending_bot?start=" + payload, []byte("picture"), nil
		},
		Shift: func() time.Duration { return h.shift },
		Committed: func(out []crm.Outbound, superseded []crm.MessageID) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.out, h.superseded = append(h.out, out...), append(h.superseded, superseded...)
		}}
	if h.tune != nil {
		h.tune(&config)
	}
	h.runner = turn.New(config)
}

// from is an input of a person in their private chat.
func (h *house) from(person int64, in crm.Inbound) crm.Inbound {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keys++
	id := fmt.Sprint(person)
	in.Address = crm.Address{Channel: "telegram", Chat: id}
	in.From = crm.Person{ID: id, Name: "Азамат", Lang: "ru"}
	if in.Key == "" {
		in.Key = fmt.Sprintf("m:%d", h.keys)
	}
	in.SentAt = time.Now()
	return in
}

func (h *house) accept(in crm.Inbound) turn.Receipt {
	h.t.Helper()
	r, err := h.runner.Accept(context.Background(), in)
	if err != nil {
		h.t.Fatal(err)
	}
	h.runner.Wait()
	return r
}

func (h *house) text(person int64, text string) turn.Receipt {
	h.t.Helper()
	in := crm.Inbound{Kind: crm.InText, Text: text}
	if rest, ok := strings.CutPrefix(text, "/"); ok && !strings.HasPrefix(rest, "/") {
		in.Command, in.Args, _ = strings.Cut(rest, " ")
		if in.Command == "start" {
			in.Start = in.Args
		}
	}
	return h.accept(h.from(person, in))
}

// scan is the link of a machine's sticker.
func (h *house) scan(code string) string {
	h.t.Helper()
	a, err := h.db.AssetByCode(context.Background(), "machine", code)
	if err != nil {
		h.t.Fatal(err)
	}
	return "/start m_" + h.signer.Sign(a.ID, a.QRVersion)
}

// last is the newest message to a person that bears text.
func (h *house) last(person int64) crm.Outbound {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.out) - 1; i >= 0; i-- {
		if o := h.out[i]; o.Address.Chat == fmt.Sprint(person) && o.Text != "" && (o.Kind == crm.OutMessage || o.Kind == crm.OutMedia) {
			return o
		}
	}
	h.t.Fatalf("nothing was sent to %d", person)
	return crm.Outbound{}
}

// press presses a button of the newest message to a person.
func (h *house) press(person int64, label string) turn.Receipt {
	h.t.Helper()
	return h.pressOn(person, h.last(person), label)
}

func (h *house) pressOn(person int64, on crm.Outbound, label string) turn.Receipt {
	h.t.Helper()
	for _, row := range on.Buttons {
		for _, b := range row {
			if strings.Contains(b.Text, label) {
				in := h.from(person, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: b.Data, Message: fmt.Sprint(on.ID)}})
				in.Key = "p:" + in.Key
				return h.accept(in)
			}
		}
	}
	h.t.Fatalf("no button %q under %q: %v", label, on.Text, on.Buttons)
	return turn.Receipt{}
}

// count runs a query that gives one number.
func (h *house) count(sql string, args ...any) (n int) {
	h.t.Helper()
	if err := h.db.Pool.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) says(person int64, part string) {
	h.t.Helper()
	if got := h.last(person).Text; !strings.Contains(got, part) {
		h.t.Fatalf("person %d hears %q, want %q in it", person, got, part)
	}
}

const (
	azamat = demo.CustomerID
	ivan   = demo.TechnicianID
	aigul  = demo.ManagerID
)

func TestAScannedCodeBecomesADealInTwoTapsAndItsOutcomeComesBack(t *testing.T) {
	h := newHouse(t)
	h.text(ivan, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.says(azamat, "214")
	h.press(azamat, "Взял деньги")
	h.says(azamat, "Принято")
	if n := h.count("SELECT count(*) FROM deals WHERE status = 'open' AND asset_id IS NOT NULL AND contact_id IS NOT NULL"); n != 1 {
		t.Fatalf("%d open deals after the second tap, want 1", n)
	}
	h.says(ivan, "214")
	card := h.last(ivan)
	h.pressOn(ivan, card, "Беру")
	if n := h.count("SELECT count(*) FROM deals WHERE stage = 'in_work' AND owner_id IS NOT NULL"); n != 1 {
		t.Fatal("the technician took the job, but the deal has no owner")
	}
	edit := h.card(ivan)
	if edit.Kind != crm.OutEdit || edit.ID != card.ID {
		t.Fatalf("the card was not edited in place: %+v", edit)
	}
	edit.Kind = crm.OutMessage
	h.pressOn(ivan, edit, "Готово")
	if n := h.count("SELECT count(*) FROM deals WHERE status = 'won'"); n != 1 {
		t.Fatal("the job is done, but the deal is not won")
	}
	h.runner.Wait()
	if err := h.runner.SweepOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.runner.Wait()
	h.says(azamat, "214")
	h.press(azamat, "👍")
	if n := h.count("SELECT count(*) FROM messages WHERE status = 'waiting'"); n != 0 {
		t.Fatalf("%d signals wait for ever", n)
	}
}

// find is the newest message to a person with such a button.
func (h *house) find(person int64, label string) crm.Outbound {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.out) - 1; i >= 0; i-- {
		if h.out[i].Address.Chat != fmt.Sprint(person) {
			continue
		}
		for _, row := range h.out[i].Buttons {
			for _, b := range row {
				if strings.Contains(b.Text, label) {
					return h.out[i]
				}
			}
		}
	}
	h.t.Fatalf("person %d has no button %q", person, label)
	return crm.Outbound{}
}

func TestASecondReporterHearsThatTheFaultIsKnownAndTheFirstOneFindsTheOwnReport(t *testing.T) {
	h := newHouse(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	h.text(1002, h.scan(demo.MachineCode))
	if n := h.count("SELECT count(*) FROM events WHERE kind IN ('dialog_error', 'step_limit')"); n != 0 {
		t.Fatal("the dialog erred")
	}
	h.says(1002, "знаем")
	h.text(azamat, h.scan(demo.MachineCode)) // D15: the same person's second scan
	h.says(azamat, "заявка")
	if n := h.count("SELECT count(*) FROM deals"); n != 1 {
		t.Errorf("%d deals, want 1", n)
	}
}

func TestARefundIsDecidedByAPersonAndTheCustomerHears(t *testing.T) {
	h := newHouse(t)
	h.text(aigul, "/start")
	h.text(ivan, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	h.press(azamat, "Вернуть")
	h.press(azamat, "150")
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InContact, Card: &crm.Card{Phone: "+77071234567", Own: true}}))
	if n := h.count("SELECT count(*) FROM contacts WHERE phone = '+77071234567'"); n != 1 {
		t.Error("the phone is not kept")
	}
	h.says(aigul, "150")

	// The technician's press redraws the deal everywhere, for each in their own card.
	decision := h.last(aigul)
	h.press(ivan, "Беру")
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.out {
		if o.Kind == crm.OutEdit && o.Target == decision.ID && (len(o.Buttons) == 0 || !strings.Contains(o.Buttons[0][0].Data, ":refund:")) {
			t.Errorf("the manager's card became %q %v", o.Text, o.Buttons)
		}
	}
}
