package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"sync"
	"testing"

	"go.mau.fi/whatsmeow/types"

	"govorun/bots/simulator"
	"govorun/bots/whatsapp"
	walled "govorun/bots/whatsapp/simulator"
	"govorun/crm/postgres/pgtest"
)

// telegramPhone is a phone with Telegram.
type telegramPhone struct {
	*world
	p *simulator.Person
}

// telegramStage runs the program beside a Telegram of the test's own.
func telegramStage(t *testing.T, kit string) *stage {
	w := worldFor(t, pgtest.DSN(t))
	w.db = openStored(t, w.dsn)
	w.env = append(w.env, "GOVORUN_KIT="+kit)
	s := &stage{db: w.db, begin: func() { w.serve().ready() }, settled: w.quiet}
	s.customer, s.crew = readers(t, &telegramPhone{w, w.person(1001, "Анна")}, &telegramPhone{w, w.person(2001, "Иван")})
	return s
}

func (p *telegramPhone) scan(payload string) { p.did(p.p.Start(payload)); p.quiet() }

func (p *telegramPhone) say(text string) {
	if text == "/start" {
		p.scan("")
		return
	}
	p.did(p.p.Text(text))
	p.quiet()
}

func (p *telegramPhone) photos(n int) {
	if n == 1 {
		p.did(p.p.Photo(1280, 960, ""))
	} else {
		p.did(p.p.Album(n, "", false))
	}
	p.quiet()
}

func (p *telegramPhone) choose(option string) {
	p.toast(p.p.Press(option))
	p.quiet()
}

func (p *telegramPhone) screen() (list []bubble) {
	view, _ := p.sim.View(p.p.Chat)
	for _, b := range view.Messages {
		if b.FromBot && !b.Deleted {
			list = append(list, bubble{fmt.Sprint(b.Message.ID), b.Message.Text + b.Message.Caption})
		}
	}
	return list
}

func (p *telegramPhone) toasts() (list []string) {
	view, _ := p.sim.View(p.p.Chat)
	for _, press := range view.Toasts {
		list = append(list, press.Toast)
	}
	return list
}

func (p *telegramPhone) address() (channel, at string) { return "telegram", fmt.Sprint(p.p.ID) }

// walledPhone is a phone with WhatsApp.
type walledPhone struct {
	*world
	peer  *walled.Peer
	own   types.JID // the company
	drawn int       // the number of their last picture
}

// companyJID and companyLID are the company's number, linked as its first device.
var (
	companyJID = types.JID{User: "77010000001", Device: 7, Server: types.DefaultUserServer}
	companyLID = types.JID{User: "100000000000001", Device: 7, Server: types.HiddenUserServer}
)

// whatsappStage links a number to a WhatsApp of the test's own and runs the program with it.
func whatsappStage(t *testing.T, kit string) *stage {
	s, err := walled.New()
	well(t, err)
	t.Cleanup(s.Close)
	root := s.RootKey()
	server := whatsapp.Server{Address: s.Addr(), Root: hex.EncodeToString(root[:])}
	w := worldFor(t, pgtest.DSN(t))
	w.db = openStored(t, w.dsn)
	w.env = append(w.env, "GOVORUN_KIT="+kit, "GOVORUN_WHATSAPP_SERVER="+server.Address, "GOVORUN_WHATSAPP_ROOT="+server.Root, "GOVORUN_WHATSAPP_LIMITS=none")
	store, err := w.db.WhatsAppStore(waiting(t), whatsapp.Prepare)
	well(t, err)
	defer store.Close()
	var paired sync.Once
	_, err = whatsapp.Link(waiting(t), whatsapp.Config{Name: whatsappChannel, Store: store, Memory: w.db, Server: server}, whatsapp.LinkConfig{Tell: func(step whatsapp.LinkStep) {
		paired.Do(func() {
			go s.Pair(t.Context(), step.QR, walled.Account{JID: companyJID, LID: companyLID, Name: "Компания"})
		})
	}})
	well(t, err)
	person := func(lid, name string, drawn int) *walledPhone {
		return &walledPhone{world: w, own: companyJID, drawn: drawn, peer: s.NewPeer(name, types.EmptyJID, types.NewJID(lid, types.HiddenUserServer))}
	}
	begin := func() {
		w.serve().ready()
		well(t, s.WaitOnline(waiting(t), companyJID))
	}
	stage := &stage{db: w.db, begin: begin, settled: w.quiet}
	stage.customer, stage.crew = readers(t, person("200000000000001", "Анна", 0), person("200000000000002", "Иван", 100))
	return stage
}

// does waits until what was done is stored and answered.
func (p *walledPhone) does(n int, do func() error) {
	p.t.Helper()
	const sql = `SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.direction = 'in' AND m.kind <> 'signal' AND c.channel = 'whatsapp'`
	before := one[int](p.world, sql)
	well(p.t, do())
	until(p.t, "it is stored", func() bool { return one[int](p.world, sql) >= before+n })
	p.quiet()
}

func (p *walledPhone) say(text string) {
	p.does(1, func() error { _, err := p.peer.SendText(waiting(p.t), p.own, text); return err })
}

func (p *walledPhone) scan(payload string) {
	if payload == "" {
		p.say("привет")
		return
	}
	p.say(strings.ToUpper(payload[:1]) + "-" + payload[2:])
}

func (p *walledPhone) photos(n int) {
	files := make([]walled.File, n)
	for i := range files {
		p.drawn++
		files[i] = walled.File{Kind: "image", Data: drawn(p.drawn)}
	}
	p.does(n, func() (err error) {
		if n == 1 {
			_, err = p.peer.SendFile(waiting(p.t), p.own, files[0])
		} else {
			_, err = p.peer.SendAlbum(waiting(p.t), p.own, "", files...)
		}
		return err
	})
}

func (p *walledPhone) choose(option string) {
	p.t.Helper()
	number, quote := numberOf(p.t, p.screen(), option)
	if quote == "" {
		p.say(number)
		return
	}
	p.does(1, func() error { _, err := p.peer.Reply(waiting(p.t), p.own, quote, number); return err })
}

func (p *walledPhone) screen() (list []bubble) {
	for _, b := range p.peer.Screen(p.own) {
		if !b.Mine && !b.Revoked {
			list = append(list, bubble{b.ID, b.Text})
		}
	}
	return list
}

func (p *walledPhone) toasts() []string { return nil }

func (p *walledPhone) address() (channel, at string) { return whatsappChannel, p.peer.LID.String() }

// drawn is a picture that no other number has.
func drawn(n int) []byte {
	picture := image.NewGray(image.Rect(0, 0, 1280, 960))
	for i := range picture.Pix {
		picture.Pix[i] = uint8(i*n + i/1280*7)
	}
	picture.SetGray(0, 0, color.Gray{uint8(n)})
	var file bytes.Buffer
	_ = jpeg.Encode(&file, picture, &jpeg.Options{Quality: 40})
	return file.Bytes()
}
