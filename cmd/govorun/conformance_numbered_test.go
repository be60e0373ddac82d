package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
	"govorun/dialogs/kits"
	"govorun/dialogs/turn"
)

// direct is the turn itself, as a channel without buttons that shows everything at once.
type direct struct {
	*stage
	t      *testing.T
	runner *turn.Runner

	mu   sync.Mutex
	rows []crm.Outbound
	gone map[crm.MessageID]bool
	keys int
}

// directPhone is somebody on that channel.
type directPhone struct {
	*direct
	id, name string
}

func numberedStage(t *testing.T, kit string) *stage {
	files, err := kits.FS(kit)
	well(t, err)
	loaded, err := dialogs.Load(files)
	well(t, err)
	d := &direct{t: t, gone: map[crm.MessageID]bool{}}
	d.stage = &stage{db: pgtest.New(t), settled: func() {}}
	d.customer, d.crew = readers(t, &directPhone{d, "1001", "Анна"}, &directPhone{d, "2001", "Иван"})
	d.begin = func() {
		sign, err := newSigner(waiting(t), d.db)
		well(t, err)
		nonces := 0
		d.runner = turn.New(turn.Config{DB: d.db, Kit: loaded, Log: slog.New(slog.DiscardHandler), Verify: sign.verify, Groups: 1,
			Capabilities: func(string) dialogs.Capabilities { return dialogs.Capabilities{} },
			Nonce:        func() string { nonces++; return fmt.Sprintf("N%05d", nonces) },
			Committed:    d.committed})
		well(t, d.runner.Keep(waiting(t)))
	}
	return d.stage
}

func (d *direct) committed(out []crm.Outbound, superseded []crm.MessageID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rows = append(d.rows, out...)
	for _, id := range superseded {
		d.gone[id] = true
	}
}

// does lets somebody do one thing or several at once, and everything that follows happen.
func (p *directPhone) does(ins ...crm.Inbound) {
	p.t.Helper()
	for _, in := range ins {
		p.keys++
		in.Address, in.From, in.Key = crm.Address{Channel: "numbered", Chat: p.id}, crm.Person{ID: p.id, Name: p.name, Lang: "ru"}, fmt.Sprint("m:", p.keys)
		in.SentAt = time.Now()
		_, err := p.runner.Accept(waiting(p.t), in)
		well(p.t, err)
	}
	for range 5 { // signals lead to signals
		p.runner.Wait()
		well(p.t, p.runner.SweepOnce(waiting(p.t)))
	}
	p.runner.Wait()
	_, err := p.db.Pool.Exec(waiting(p.t), `UPDATE messages SET status = 'sent', sent_at = now(), ref = 'b' || id WHERE direction = 'out' AND status = 'queued'`)
	well(p.t, err)
	_, err = p.db.Pool.Exec(waiting(p.t), `INSERT INTO message_refs (conversation_id, direction, ref, message_id)
		SELECT conversation_id, direction, ref, id FROM messages WHERE ref IS NOT NULL ON CONFLICT DO NOTHING`)
	well(p.t, err)
}

func (p *directPhone) say(text string) {
	in := crm.Inbound{Kind: crm.InText, Text: text}
	if strings.HasPrefix(text, "/") {
		in.Command, in.Args, _ = strings.Cut(text[1:], " ")
	}
	p.does(in)
}

func (p *directPhone) scan(payload string) {
	if payload == "" {
		p.say("привет")
		return
	}
	p.say(strings.ToUpper(payload[:1]) + "-" + payload[2:])
}

func (p *directPhone) photos(n int) {
	ins := make([]crm.Inbound, n)
	for i := range ins {
		p.keys++
		name := fmt.Sprint("photo", p.keys)
		ins[i] = crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: name, Unique: name, Width: 1280, Height: 960, Size: 200_000}}}
		if n > 1 {
			ins[i].Album = fmt.Sprint("album", n, p.keys-i)
		}
	}
	p.does(ins...)
}

func (p *directPhone) choose(option string) {
	p.t.Helper()
	number, quote := numberOf(p.t, p.screen(), option)
	if quote != "" {
		quote = "b" + quote
	}
	p.does(crm.Inbound{Kind: crm.InText, Text: number, ReplyTo: quote})
}

func (p *directPhone) screen() (list []bubble) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.rows {
		switch i := slices.IndexFunc(list, func(b bubble) bool {
			return o.Kind == crm.OutEdit && (b.id == fmt.Sprint(o.Target) || "b"+b.id == o.TargetRef)
		}); {
		case o.Address.Chat != p.id || p.gone[o.ID] || o.Kind == crm.OutReaction:
		case i >= 0:
			list[i].text = o.Text
		case o.Kind != crm.OutEdit:
			list = append(list, bubble{fmt.Sprint(o.ID), o.Text})
		}
	}
	return list
}

func (p *directPhone) toasts() []string { return nil }

func (p *directPhone) address() (channel, at string) { return "numbered", p.id }
