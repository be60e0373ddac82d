// Package play plays the life of a deal like a theatre play: several people, the real turn and a real database with a clock of its
// own, and no provider. Tests use it and nothing else: a kit's plays are its golden conversations across all its people.
//
// A play is a text. These lines are played:
//
//	# anything                     a comment
//	! customer Анна ru             somebody from outside; name="Анна Ким"
//	! staff Иван technician city=Москва crew=Москва-1 lang=ru skills=repair,install sources=site cap=20 head absent phone=+7… travel=30
//	! group Бригада              a group chat in which all staff are; name="…"
//	! slot Казань-1 installer city=Казань holder=Иван   a place of work
//	! asset machine 214 city=Москва crew=Москва-1 name="…" address="…" currency=RUB
//	! clock 2026-11-23 10:00       when it begins, in the kit's zone
//	! channel numbered             nobody has buttons: they are lines with numbers, which people type
//	Анна > text                    or [button], [button] on 2 (the card of deal 2), [button] (again), [button] (old), (photo) caption,
//	                               (album 3) caption, (file act.pdf), (voice), (sticker), (contact +7…), (contact other +7…),
//	                               (location 43.2 76.9), (edit) text, (reply "part") text or (photo), (blocks), (returns)
//	Иван > (of Пётр) [button]      presses what stands on somebody else's phone: a stolen card
//	Иван@Бригада > text            the same in a group; what it shows is "Бригада < …"
//	clock +48h                     or 09:00, Mon 09:00: time passes, and what is due on the way happens at its own moment
//	outage +48h                    as long nothing runs; then all that is overdue happens at once
//	show 1                         deal 1 as it stands
//
// Under them stands what follows: "Анна < …" a message, "Анна ~ …" one changed in place, "Анна * …" a toast, "= 1 …" what happened
// to deal 1, "@ Tue 24 Nov 10:00" when. "/start m_214" is the code of asset 214, signed.
package play

import (
	"context"
	"fmt"
	"html"
	"log/slog"
	"strings"
	"sync"
	"time"

	"govorun/crm"
	"govorun/crm/passport"
	"govorun/crm/postgres"
	"govorun/crm/seal"
	"govorun/dialogs"
	"govorun/dialogs/turn"
)

// channel is where all people of a play are.
const channel = "telegram"

// tick is how long an input takes: longer than what counts as written in one go, and no two things happen at one moment.
const tick = 10 * time.Second

// player plays one play.
type player struct {
	db     *postgres.DB
	kit    *dialogs.Kit
	runner *turn.Runner
	signer passport.Signer
	ring   *seal.Ring
	now    time.Time
	begun  bool
	plain  bool // the channel has no buttons

	people []*person
	kinds  map[string]string // of assets, by code
	news   news
	out    strings.Builder
	keys   int
	nonces int

	mu         sync.Mutex // guards what the runner hands over
	sent       []crm.Outbound
	superseded map[crm.MessageID]bool
}

// Play plays a script with a kit in an empty, migrated database of its own, whose clock it takes over, and gives the script back
// with what follows from each line now. The error names the line that can't be played; then the text ends there.
func Play(ctx context.Context, db *postgres.DB, kit *dialogs.Kit, script string) (string, error) {
	p := &player{db: db, kit: kit, kinds: map[string]string{}, superseded: map[crm.MessageID]bool{}, news: news{timers: map[int64]timer{}},
		signer: passport.Signer{Keys: [][]byte{[]byte("a key that signs nothing real")}},
		now:    time.Date(2026, time.November, 23, 10, 0, 0, 0, kit.Zone)}
	if err := p.stage(ctx); err != nil {
		return "", err
	}
	ring, err := seal.NewRing([]seal.Key{{ID: 1, Secret: []byte("a key that seals nothing secret.")}})
	if err != nil {
		return "", err
	}
	p.ring = ring
	p.runner = turn.New(turn.Config{DB: db, Kit: kit, Log: slog.New(slog.DiscardHandler), Verify: p.signer.Verify, Groups: 1,
		Capabilities: p.capabilities,
		Nonce:        p.nonce, Committed: p.committed, Seal: p.ring, Files: shelf{}})
	if err := p.runner.Keep(ctx); err != nil {
		return "", err
	}
	for number, line := range strings.Split(strings.TrimRight(script, "\n"), "\n") {
		if written(line) {
			continue
		}
		p.out.WriteString(line + "\n")
		if err := p.line(ctx, line); err != nil {
			return seal.Masked(p.out.String()), fmt.Errorf("line %d, %q: %w", number+1, line, err)
		}
	}
	return seal.Masked(p.out.String()), nil
}

// written tells a line that an earlier performance wrote.
func written(line string) bool {
	first, rest, _ := strings.Cut(line, " ")
	mark, _, _ := strings.Cut(rest, " ")
	return strings.HasPrefix(line, " ") || first == "=" || first == "@" || first != "#" && first != "!" && (mark == "<" || mark == "~" || mark == "*")
}

// line plays one line.
func (p *player) line(ctx context.Context, line string) error {
	first, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch {
	case first == "" || strings.HasPrefix(first, "#"):
		return nil
	case first == "!":
		return p.scene(ctx, rest)
	}
	p.begun = true
	if err := p.setClock(ctx, p.now.Add(tick)); err != nil {
		return err
	}
	switch first {
	case "clock":
		return p.passes(ctx, rest)
	case "outage":
		return p.outage(ctx, rest)
	case "show":
		return p.show(ctx, rest)
	}
	handle, chat, inGroup := strings.Cut(first, "@")
	who, place := p.person(handle), p.person(handle)
	if inGroup {
		place = p.person(chat)
	}
	said, ok := strings.CutPrefix(rest, "> ")
	if who == nil || who.group || place == nil || place.group != inGroup || !ok {
		return fmt.Errorf("a line begins with #, !, clock, outage, show, or a name from the lines with ! and >")
	}
	return p.act(ctx, who, place, said)
}

func (p *player) capabilities(string) dialogs.Capabilities {
	return dialogs.Capabilities{Buttons: !p.plain, Contact: !p.plain}
}

// committed takes what a turn hands to the sender.
func (p *player) committed(out []crm.Outbound, superseded []crm.MessageID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range out {
		if o.Reveal { // as the sender does it
			o.Text, _ = p.ring.Revealed(o.Text, html.EscapeString) // what can't be opened stays masked
		}
		p.sent = append(p.sent, o)
	}
	for _, id := range superseded {
		p.superseded[id] = true
	}
}

func (p *player) nonce() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nonces++
	return fmt.Sprintf("N%05d", p.nonces)
}
