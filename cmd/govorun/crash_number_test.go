package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types"

	"govorun/bots/whatsapp"
	walled "govorun/bots/whatsapp/simulator"
	"govorun/crm/postgres"
)

// number is a company that people write to on WhatsApp only, beside a WhatsApp of the test's own, which lives on when the program is killed.
type number struct {
	*world
	wa      *walled.Server
	own     types.JID // the linked device
	writers []*writer
}

// writer is somebody who reports a broken machine that nobody else reports.
type writer struct {
	*number
	peer    *walled.Peer
	payload string // of the machine's sticker

	mu   sync.Mutex
	sent []string // ids of what they wrote, in order
}

// numberOn makes a company with so many writers in a world, and links its number by the command.
func numberOn(w *world, writers int) *number {
	w.t.Helper()
	s, err := walled.New()
	well(w.t, err)
	w.t.Cleanup(s.Close)
	root := s.RootKey()
	w.env = slices.DeleteFunc(w.env, func(setting string) bool { return strings.HasPrefix(setting, "GOVORUN_TELEGRAM_") })
	w.env = append(w.env, "GOVORUN_WHATSAPP_SERVER="+s.Addr(), "GOVORUN_WHATSAPP_ROOT="+hex.EncodeToString(root[:]), "GOVORUN_WHATSAPP_LIMITS=none")
	n := &number{world: w, wa: s}
	text := func(s string) *string { return &s }
	for i := range writers {
		code := fmt.Sprint(301 + i)
		_, err := w.db.ImportAssets(waiting(w.t), []postgres.AssetRow{{Kind: "machine", Code: code, Name: text("Автомат"), City: text("Москва"),
			Address: text("вокзал"), Fields: map[string]any{"currency": "RUB"}}}, postgres.ImportOptions{})
		well(w.t, err)
		a, err := w.db.AssetByCode(waiting(w.t), "machine", code)
		well(w.t, err)
		jid := types.NewJID(fmt.Sprint(77070000001+i), types.DefaultUserServer)
		if i%2 == 1 {
			jid = types.EmptyJID // nobody knows their phone number
		}
		n.writers = append(n.writers, &writer{number: n, payload: w.sign.sign(a),
			peer: s.NewPeer(fmt.Sprintf("Анна %d", i), jid, types.NewJID(fmt.Sprint(200000000000001+i), types.HiddenUserServer))})
		n.writers[i].peer.AsksAgain = true // a database that is killed may take the last step of a cipher with it
	}
	n.pair(7)
	return n
}

// pair runs the command beside the phone of the company, which scans the first code, and gives what it printed.
func (n *number) pair(device uint16) string {
	n.t.Helper()
	n.own = types.JID{User: companyJID.User, Device: device, Server: companyJID.Server}
	phone := walled.Account{JID: n.own, LID: types.JID{User: companyLID.User, Device: device, Server: companyLID.Server}, Name: "Компания"}
	var once sync.Once
	says := &printed{see: func(line string) {
		if strings.HasPrefix(line, "https://") {
			once.Do(func() { go n.wa.Pair(context.WithoutCancel(n.t.Context()), line, phone) })
		}
	}}
	cmd := command(waiting(n.t), n.env, "pair", "--text")
	stdin, err := cmd.StdinPipe() // held open as long as this process lives
	well(n.t, err)
	defer stdin.Close()
	cmd.Stdout, cmd.Stderr = says, says
	if err := cmd.Run(); err != nil {
		n.t.Fatalf("pair: %v\n%s", err, says.all.String())
	}
	return says.all.String()
}

// becomesState waits until the business knows that its number is in a state.
func (n *number) becomesState(state whatsapp.StateKind) {
	n.t.Helper()
	n.becomes(1, `SELECT count(*) FROM channels WHERE channel = 'whatsapp' AND state = $1`, string(state))
}

// says lets somebody write and keeps the id.
func (p *writer) says(text string) error {
	return p.sends(func(ctx context.Context) (string, error) { return p.peer.SendText(ctx, p.own, text) })
}

func (p *writer) attaches(f walled.File) error {
	return p.sends(func(ctx context.Context) (string, error) { return p.peer.SendFile(ctx, p.own, f) })
}

func (p *writer) sends(send func(context.Context) (string, error)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, err := send(p.t.Context())
	if err == nil {
		p.sent = append(p.sent, id)
	}
	return err
}

// all are the ids of what they wrote so far.
func (p *writer) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.sent)
}

// reads waits until words stand on the phone.
func (p *writer) reads(words string) error {
	ctx, cancel := context.WithTimeout(p.t.Context(), deadline)
	defer cancel()
	if _, err := p.peer.WaitBubble(ctx, p.own, func(b walled.Bubble) bool { return !b.Mine && strings.Contains(b.Text, words) }); err != nil {
		return fmt.Errorf("%s never reads %q: %w; the chat so far:\n%s", p.peer.Name, words, err, p.chat())
	}
	return nil
}

// heard are the messages of the company on the phone.
func (p *writer) heard() (bubbles []walled.Bubble) {
	for _, b := range p.peer.Screen(p.own) {
		if !b.Mine {
			bubbles = append(bubbles, b)
		}
	}
	return bubbles
}

func (p *writer) chat() string {
	var lines []string
	for _, b := range p.peer.Screen(p.own) {
		who := "<"
		if b.Mine {
			who = ">"
		}
		lines = append(lines, fmt.Sprintf("%s %s %s (%d) %s", who, b.ID, b.Kind, b.Copies, b.Text))
	}
	return strings.Join(lines, "\n")
}

// chooses answers with the number of an option, in the newest message that offers it.
func (p *writer) chooses(option string) error {
	line := regexp.MustCompile(`\*(\d+)\* ` + regexp.QuoteMeta(option))
	for _, b := range slices.Backward(p.heard()) {
		if found := line.FindStringSubmatch(b.Text); found != nil {
			return p.says(found[1])
		}
	}
	return fmt.Errorf("nobody offers %q to %s; the chat so far:\n%s", option, p.peer.Name, p.chat())
}

// report is the whole talk: the sticker, numbered answers, a photo, a voice note, two messages in one breath, a refund.
func (p *writer) report() error {
	choose := func(option string) func() error { return func() error { return p.chooses(option) } }
	say := func(text string) func() error { return func() error { return p.says(text) } }
	for _, step := range []struct {
		do   func() error
		then string
	}{
		{say("M-" + p.payload), "Что случилось?"},
		{choose("💸 Взял деньги, не выдал"), "Заявка уже у нас"},
		{func() error { return p.attaches(walled.File{Kind: "image", Data: drawn(p.picture())}) }, "обавил"},
		{func() error { return p.attaches(walled.File{Kind: "voice", Data: []byte("OggS voice"), Seconds: 3}) }, "Голосовое сохранили"},
		{say("Экран моргает"), "Записал."},
		{func() error {
			return errors.Join(p.says("Пахнет"), p.says("И течёт"), p.says("Синяя лампа"))
		}, "Записал."}, // in one breath
		{choose("💸 Вернуть деньги"), "Сколько вернуть?"},
		{choose("150 ₽"), "омер"},
		{p.givesNumber, "Записал возврат 150"},
		{choose("✅ Всё, спасибо"), "Починим"},
	} {
		if err := step.do(); err != nil {
			return err
		}
		if err := p.reads(step.then); err != nil {
			return err
		}
	}
	return nil
}

// givesNumber says where to pay back: a number that is known already need not be typed.
func (p *writer) givesNumber() error {
	if p.peer.JID.IsEmpty() {
		return p.says("+7 707 123-45-67")
	}
	return p.chooses("📱 Да, на этот")
}

// picture is a number that no other writer has.
func (p *writer) picture() int { return 1 + slices.Index(p.writers, p) }

// reports lets all of them talk at once; what it gives waits for their ends.
func (n *number) reports() (over func()) {
	ends := make(chan error, len(n.writers))
	for _, p := range n.writers {
		go func() { ends <- p.report() }()
	}
	return func() {
		n.t.Helper()
		for range n.writers {
			if err := <-ends; err != nil {
				n.t.Error(err)
			}
		}
		if n.t.Failed() {
			n.t.FailNow()
		}
	}
}

// finished waits until all is stored and acknowledged, sent and fetched.
func (n *number) finished() {
	n.t.Helper()
	well(n.t, n.wa.WaitSettled(waiting(n.t), n.own))
	n.becomes(0, `SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.channel = 'whatsapp' AND m.status IN ('queued', 'waiting')`)
	n.exec(`UPDATE attachments SET next_at = now() WHERE status = 'pending'`) // what a killed program had begun to fetch is left alone for a while
	n.becomes(0, `SELECT count(*) FROM attachments WHERE status = 'pending'`)
}

// acknowledged gives the ids of what the program has told WhatsApp that it has.
func (n *number) acknowledged() map[string]bool {
	ids := map[string]bool{}
	for _, stanza := range n.wa.Captured() {
		if id, is := stanza.Attrs["id"].(string); is && (stanza.Tag == "ack" || stanza.Tag == "receipt" && stanza.Attrs["type"] != "retry") {
			ids[id] = true
		}
	}
	return ids
}

// keptWhatItAcknowledged checks, of a program that does not run, that all it acknowledged is stored.
func (n *number) keptWhatItAcknowledged() {
	ids := n.acknowledged()
	for _, p := range n.writers {
		kept := p.kept()
		for _, id := range p.all() {
			if ids[id] && !slices.Contains(kept, id) {
				n.t.Errorf("message %s of %s was acknowledged and is not stored", id, p.peer.Name)
			}
		}
	}
}

// kept are the ids of what is stored of them, in the order in which it was taken in.
func (p *writer) kept() []string {
	return p.list(`SELECT substr(m.ref, 3) FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE c.chat = $1 AND m.direction = 'in' AND m.kind <> 'signal' ORDER BY m.id`)
}

// answered are the ids of what was sent to them, in the order in which it was written.
func (p *writer) answered() []string {
	return p.list(`SELECT m.ref FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE c.chat = $1 AND m.direction = 'out' AND m.kind = 'message' AND m.status = 'sent' ORDER BY m.id`)
}

func (p *writer) list(sql string) (list []string) {
	rows, err := p.db.Pool.Query(p.t.Context(), sql, p.peer.LID.String())
	for err == nil && rows.Next() {
		var one string
		if err = rows.Scan(&one); err == nil {
			list = append(list, one)
		}
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		p.t.Errorf("%s: %v", sql, err)
	}
	return list
}

// onceAndInOrder checks that everything is stored once and stands on the phones once, in the order in which it was written, and gives how
// often WhatsApp got something twice under one id.
func (n *number) onceAndInOrder() (copies int) {
	n.t.Helper()
	for _, p := range n.writers {
		if wrote, kept := p.all(), p.kept(); !slices.Equal(wrote, kept) {
			n.t.Errorf("%s wrote %q, stored is %q", p.peer.Name, wrote, kept)
		}
		var seen []string
		for _, b := range p.heard() {
			copies += b.Copies - 1
			seen = append(seen, b.ID)
			if b.Kind == "unreadable" {
				n.t.Errorf("%s can't read message %s", p.peer.Name, b.ID)
			}
		}
		if answered := p.answered(); !slices.Equal(answered, seen) {
			n.t.Errorf("written to %s: %q, on the phone:\n%s", p.peer.Name, answered, p.chat())
		}
	}
	return copies
}

// deals are what the business knows of the reports, without ids and times.
func (n *number) deals() (all []string) {
	n.t.Helper()
	for _, line := range n.memory() {
		if strings.HasPrefix(line, "deal |") || strings.HasPrefix(line, "contact |") || strings.HasPrefix(line, "attachment |") || strings.HasPrefix(line, "dead letter |") ||
			strings.HasPrefix(line, "conversation |") || strings.HasPrefix(line, "task |") {
			all = append(all, line)
		}
	}
	return all
}

// sameAs compares what the business knows, and what people read, with a run in which nothing happened.
func (n *number) sameAs(deals, read []string) {
	n.t.Helper()
	if len(deals) < 4*len(n.writers) || len(read) < 8*len(n.writers) {
		n.t.Fatalf("too little happened without faults: %q, %q", deals, read)
	}
	for what, lists := range map[string][2][]string{"known": {deals, n.deals()}, "read": {read, n.read()}} {
		for _, line := range missing(lists[0], lists[1]) {
			n.t.Errorf("not %s: %s", what, line)
		}
		for _, line := range missing(lists[1], lists[0]) {
			n.t.Errorf("%s too much: %s", what, line)
		}
	}
}

// read are the texts on all phones, each once: how many answers three messages in one breath get depends on the moment.
func (n *number) read() (texts []string) {
	for _, p := range n.writers {
		for _, b := range p.heard() {
			texts = append(texts, p.peer.Name+": "+plain(b.Text))
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// calmReports is what so many reports leave when nothing goes wrong.
func calmReports(t *testing.T, writers int) (deals, read []string) {
	t.Helper()
	n := numberOn(newWorld(t), writers)
	n.serve().ready()
	n.reports()()
	n.finished()
	if copies := n.onceAndInOrder(); copies > 0 {
		t.Errorf("%d messages went out twice although nothing happened", copies)
	}
	return n.deals(), n.read()
}

// online waits until the number is connected and gives how long that took.
func (n *number) online() time.Duration {
	n.t.Helper()
	began := time.Now()
	well(n.t, n.wa.WaitOnline(waiting(n.t), n.own))
	return time.Since(began)
}
