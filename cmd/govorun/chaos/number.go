package chaos

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.mau.fi/whatsmeow/types"

	walled "govorun/bots/whatsapp/simulator"
	"govorun/crm/postgres"
)

// number is the WhatsApp number of a company, on a simulated WhatsApp that lives on whatever happens to the replicas.
type number struct {
	company *company
	server  *walled.Server
	own     types.JID

	mu    sync.Mutex
	peers []*peer
}

// peer is a person who writes on WhatsApp, with the record of what they sent.
type peer struct {
	*walled.Peer
	number *number

	mu       sync.Mutex
	sent     []Sent
	shuffled int // messages that had to be asked for again, and may come after the next
}

// The company's number, linked as its first device; invented.
var (
	ownJID = types.JID{User: "77010000001", Device: 7, Server: types.DefaultUserServer}
	ownLID = types.JID{User: "177010000001", Device: 7, Server: types.HiddenUserServer}
)

// openNumber starts a WhatsApp and links the company's number by the command, as a person would.
func (c *company) openNumber(ctx context.Context) (*number, error) {
	server, err := walled.New()
	if err != nil {
		return nil, fmt.Errorf("open a simulated WhatsApp: %w", err)
	}
	n := &number{company: c, server: server, own: ownJID}
	root := server.RootKey()
	c.env = append(c.env, "GOVORUN_WHATSAPP_SERVER="+server.Addr(), "GOVORUN_WHATSAPP_ROOT="+hex.EncodeToString(root[:]), "GOVORUN_WHATSAPP_LIMITS=none")
	if err := n.pair(ctx); err != nil {
		server.Close()
		return nil, err
	}
	return n, nil
}

// pair runs the command and lets the company's phone scan the first code.
func (n *number) pair(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, n.company.Program, "pair", "--text")
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}, n.company.Env...)
	cmd.Env = append(cmd.Env, n.company.env...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("link the number: %w", err)
	}
	defer stdin.Close()
	var once sync.Once
	out := &scanner{see: func(line string) {
		if strings.HasPrefix(line, "https://") {
			once.Do(func() {
				go n.server.Pair(context.WithoutCancel(ctx), line, walled.Account{JID: ownJID, LID: ownLID, Name: "Компания"})
			})
		}
	}}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("link the number: %w: %s", err, out.all.String())
	}
	return nil
}

// scanner hands on whole lines of what is written to it.
type scanner struct {
	mu        sync.Mutex
	all, line bytes.Buffer
	see       func(string)
}

func (s *scanner) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.Write(b)
	for _, one := range b {
		if one != '\n' {
			s.line.WriteByte(one)
			continue
		}
		s.see(s.line.String())
		s.line.Reset()
	}
	return len(b), nil
}

func (n *number) pending() int { return n.server.Pending(n.own) }

func (n *number) close() { n.server.Close() }

// lane lets people report machines on WhatsApp, one after another.
func (n *number) lane(ctx context.Context, lane int) {
	for pause(ctx, time.Duration(n.company.chance(2000))*time.Millisecond) {
		p, payload, err := n.enter(lane)
		if err != nil {
			continue // the database is away
		}
		refund := n.company.chance(2) == 0
		t := Tale{Name: p.Name, Story: "report on WhatsApp", Chat: p.LID.String(), Deals: []Want{{"call_centre", "unsorted", "open"}}}
		if err := p.report(payload, refund); err != nil {
			t.Trouble = err.Error() + "; the chat:\n" + lastLines(p.transcript(), 12)
		}
		c := n.company
		c.mu.Lock()
		c.tales = append(c.tales, t)
		c.mu.Unlock()
	}
}

// enter makes a person and a machine of their own. Every second has no phone number that anybody knows.
func (n *number) enter(lane int) (*peer, string, error) {
	c := n.company
	c.mu.Lock()
	c.serial++
	serial := c.serial
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	code, words := strconv.Itoa(1000+serial), func(s string) *string { return &s }
	if _, err := c.db.ImportAssets(ctx, []postgres.AssetRow{{Kind: "machine", Code: code, Name: words("Автомат"), City: words("Город В"), Address: words("вокзал"),
		Fields: map[string]any{"currency": "RUB"}}}, postgres.ImportOptions{}); err != nil {
		return nil, "", err
	}
	payloads, err := c.Stickers(ctx, c.db, []string{code})
	if err != nil {
		return nil, "", err
	}
	jid := types.EmptyJID
	if lane%2 == 0 {
		jid = types.NewJID(fmt.Sprint(77072000000+serial), types.DefaultUserServer)
		c.secrets.add("a phone number", strconv.Itoa(7072000000+serial))
	}
	p := &peer{number: n, Peer: n.server.NewPeer("Варя "+letters(serial), jid, types.NewJID(fmt.Sprint(200000000000001+serial), types.HiddenUserServer))}
	p.AsksAgain = true // a database that is killed may take the last step of a cipher with it
	n.mu.Lock()
	n.peers = append(n.peers, p)
	n.mu.Unlock()
	return p, strings.TrimPrefix(payloads[code], "m_"), nil
}

// report is the whole talk: the sticker, numbered answers, a photo, two messages in one breath, perhaps a refund.
func (p *peer) report(payload string, refund bool) error {
	type step struct {
		do   func(context.Context) error
		then string
	}
	say := func(text string) func(context.Context) error {
		return func(ctx context.Context) error { return p.says(ctx, text) }
	}
	choose := func(option string) func(context.Context) error {
		return func(ctx context.Context) error { return p.chooses(ctx, option) }
	}
	steps := []step{{say("M-" + payload), "Что случилось?"}, {choose("💸 Взял деньги, не выдал"), "Заявка уже у нас"},
		{func(ctx context.Context) error {
			return p.sends(ctx, "photo", func() (string, error) {
				return p.SendFile(ctx, p.number.own, walled.File{Kind: "image", Data: picture(p.Name)})
			})
		}, "обавил"},
		{func(ctx context.Context) error {
			return errors.Join(p.says(ctx, "Пахнет"), p.says(ctx, "И течёт"))
		}, "Записал."}}
	if refund {
		number := choose("📱 Да, на этот")
		if p.JID.IsEmpty() {
			number = say("+7 707 123-45-67")
		}
		steps = append(steps, step{choose("💸 Вернуть деньги"), "Сколько вернуть?"}, step{choose("150 ₽"), "омер"}, step{number, "Записал возврат 150"})
	}
	steps = append(steps, step{choose("✅ Всё, спасибо"), "Починим"})
	for _, s := range steps {
		pause(context.Background(), time.Duration(150+p.number.company.chance(500))*time.Millisecond)
		if err := p.step(s.do, s.then); err != nil {
			return err
		}
	}
	return nil
}

// step does something and waits until words stand on the phone.
func (p *peer) step(do func(context.Context) error, then string) error {
	ctx, cancel := context.WithTimeout(context.Background(), storyPatience)
	defer cancel()
	if err := do(ctx); err != nil {
		return err
	}
	if _, err := p.WaitBubble(ctx, p.number.own, func(b walled.Bubble) bool { return !b.Mine && strings.Contains(b.Text, then) }); err != nil {
		return fmt.Errorf("%s never reads %q", p.Name, then)
	}
	return nil
}

func (p *peer) says(ctx context.Context, text string) error {
	return p.sends(ctx, text, func() (string, error) { return p.SendText(ctx, p.number.own, text) })
}

// sends sends and notes. A device that has too much waiting takes nothing; the person tries again.
func (p *peer) sends(ctx context.Context, text string, send func() (string, error)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, err := send()
	if err == nil {
		p.sent = append(p.sent, Sent{Key: "m:" + id, Text: text})
	}
	return err
}

// chooses answers with the number of an option, in the newest message that offers it.
func (p *peer) chooses(ctx context.Context, option string) error {
	line := regexp.MustCompile(`\*(\d+)\* ` + regexp.QuoteMeta(option))
	var found []string
	until(ctx, 50*time.Millisecond, func() bool {
		for _, b := range slices.Backward(p.Screen(p.number.own)) {
			if found = line.FindStringSubmatch(b.Text); !b.Mine && found != nil {
				return true
			}
		}
		return false
	})
	if found == nil {
		return fmt.Errorf("nobody offers %q to %s", option, p.Name)
	}
	return p.says(ctx, found[1])
}

func (p *peer) transcript() string {
	var lines []string
	for _, b := range p.Screen(p.number.own) {
		who := "<"
		if b.Mine {
			who = ">"
		}
		lines = append(lines, fmt.Sprintf("%s %s %.60q", who, b.Kind, b.Text))
	}
	return strings.Join(lines, "\n")
}

// picture draws something that no other person's photo is.
func picture(name string) []byte {
	drawing := image.NewGray(image.Rect(0, 0, 1280, 960))
	for i := range drawing.Pix {
		drawing.Pix[i] = uint8(i*int(name[len(name)-1]) + i/1280*7)
	}
	for i := range len(name) {
		drawing.SetGray(i, 0, color.Gray{name[i]})
	}
	var file bytes.Buffer
	_ = jpeg.Encode(&file, drawing, &jpeg.Options{Quality: 40}) // a buffer takes everything
	return file.Bytes()
}

// chats are the records of all peers.
func (n *number) chats() (all []Chat) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.peers {
		c := Chat{Channel: "whatsapp", ID: p.LID.String(), Name: p.Name}
		p.mu.Lock()
		c.Sent, c.Shuffled = slices.Clone(p.sent), p.shuffled
		p.mu.Unlock()
		for _, b := range p.Screen(n.own) {
			if !b.Mine {
				c.Seen = append(c.Seen, Seen{ID: b.ID, Text: b.Text, Copies: b.Copies, Unreadable: b.Kind == "unreadable"})
			}
		}
		all = append(all, c)
	}
	return all
}

// some gives a person who writes at this time, nil when there is none.
func (n *number) some() *peer {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.peers) == 0 {
		return nil
	}
	return n.peers[len(n.peers)-1-n.company.chance(min(2, len(n.peers)))]
}
