package bench

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"go.mau.fi/whatsmeow/types"

	"govorun/bots/whatsapp"
	"govorun/bots/whatsapp/simulator"
)

const (
	// linkTime bounds the linking of a number.
	linkTime = 30 * time.Second
	// rest is how long a program that has nothing to do is left alone before its memory is looked at.
	rest = 5 * time.Second
)

// openStores opens the database that the program uses and the library's tables in it; a private one is the program's, so closeStores must come
// before the program ends.
func (b *waBench) openStores(ctx context.Context) (err error) {
	if b.db, err = b.open(ctx); err != nil {
		return err
	}
	b.tables, err = b.db.WhatsAppStore(ctx, whatsapp.Prepare)
	return err
}

func (b *waBench) closeStores() {
	if b.tables != nil {
		_ = b.tables.Close() // nothing is written any more
	}
	if b.db != nil {
		shut(b.db)
	}
	b.db, b.tables = nil, nil
}

// standIn leads to the simulator.
func (b *waBench) standIn() whatsapp.Server {
	root := b.server.RootKey()
	return whatsapp.Server{Address: b.server.Addr(), Root: hex.EncodeToString(root[:])}
}

// accountOf is the phone of a number; its LID has the same digits with a 1 in front.
func accountOf(number types.JID) simulator.Account {
	return simulator.Account{JID: number, LID: types.JID{User: "1" + number.User, Device: number.Device, Server: types.HiddenUserServer}, Name: "Bench"}
}

// link links a number as the program would, by a QR code that its phone scans.
func (b *waBench) link(ctx context.Context, name string, number types.JID) error {
	ctx, cancel := context.WithTimeout(ctx, linkTime)
	defer cancel()
	scanned := false
	_, err := whatsapp.Link(ctx, whatsapp.Config{Name: name, Store: b.tables, Memory: b.db, Server: b.standIn()}, whatsapp.LinkConfig{Tell: func(s whatsapp.LinkStep) {
		if s.QR == "" || scanned {
			return
		}
		scanned = true
		go func() {
			if err := b.server.Pair(ctx, s.QR, accountOf(number)); err != nil {
				b.say("the phone of %s: %v", name, err)
				cancel()
			}
		}()
	}})
	if err != nil {
		return fmt.Errorf("link the number of %s: %w", name, err)
	}
	return nil
}

// online waits until so many numbers of the program are.
func (b *waBench) online(ctx context.Context, p *program, numbers int) error {
	for i := range numbers {
		if err := p.wait(ctx, 20*time.Millisecond, func() bool { return b.server.Online(numbered(i + 1)) }); err != nil {
			return err
		}
	}
	return nil
}

// begin starts the program. Typing is not shown and nothing is held back: what is measured is how fast it could.
func (b *waBench) begin(log string) (*program, error) {
	api, err := startStub("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := b.standIn()
	p, err := b.serve(serving{API: api.URL, Limits: "usual", Log: log, More: []string{
		"GOVORUN_WHATSAPP_SERVER=" + server.Address, "GOVORUN_WHATSAPP_ROOT=" + server.Root, "GOVORUN_WHATSAPP_LIMITS=none",
	}})
	if err != nil {
		api.close()
		return nil, err
	}
	go func() { <-p.ended; api.close() }()
	return p, nil
}

// starts measures cold starts and what one more number takes of memory. The program that played is ended for that.
func (b *waBench) starts(ctx context.Context, r *WhatsAppResult) (err error) {
	b.echo.Close()
	b.closeStores()
	b.program.stop()
	for range b.Starts {
		took, err := b.coldStart(ctx)
		if err != nil {
			return err
		}
		r.Cold = append(r.Cold, took)
	}
	slices.Sort(r.Cold)
	if b.Numbers == 0 {
		return nil
	}
	one, err := b.memoryOf(ctx, 1, b.linkMore)
	if err != nil {
		return err
	}
	all, err := b.memoryOf(ctx, b.Numbers+1, func(context.Context) error { return nil })
	r.PerNumber = (all - one) / float64(b.Numbers)
	return err
}

// linkMore links the further numbers while the program runs.
func (b *waBench) linkMore(ctx context.Context) error {
	b.say("linking %d numbers", b.Numbers)
	defer b.closeStores()
	if err := b.openStores(ctx); err != nil {
		return err
	}
	for i := range b.Numbers {
		if err := b.link(ctx, fmt.Sprintf("whatsapp:n%d", i+2), numbered(i+2)); err != nil {
			return err
		}
	}
	return nil
}

// numbered is the nth number that is linked.
func numbered(n int) types.JID {
	return types.JID{User: fmt.Sprintf("7701%07d", n), Device: 7, Server: types.DefaultUserServer}
}

// coldStart measures from the start of the process to the first answer of its number, without what a private Postgres takes to start. Somebody
// wrote while the program was off.
func (b *waBench) coldStart(ctx context.Context) (time.Duration, error) {
	person := b.phones.enter()
	person.renew()
	if err := person.say(ctx, 0); err != nil {
		return 0, err
	}
	p, err := b.begin("info")
	if err != nil {
		return 0, err
	}
	defer p.stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := person.hear(ctx); err != nil {
		return 0, p.trouble("did not answer what was written while it was off")
	}
	return time.Since(p.started) - postgresTook(p.log.String()), nil
}

// memoryOf gives the resident memory of the program in MB, with so many numbers online and nothing to do; then it does more before it ends.
func (b *waBench) memoryOf(ctx context.Context, numbers int, more func(context.Context) error) (float64, error) {
	p, err := b.begin("warn")
	if err != nil {
		return 0, err
	}
	defer p.stop()
	if err := b.online(ctx, p, numbers); err != nil {
		return 0, err
	}
	if err := pause(ctx, rest); err != nil {
		return 0, err
	}
	return float64(readProcesses()[p.pid()].rss) / 1e6, more(ctx)
}
