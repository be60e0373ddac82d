package chaos

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"govorun/crm/postgres"
)

// Verdict is one promise, how much was compared, and where it was broken.
type Verdict struct {
	Promise string
	Figures string
	Broken  []string // evidence of the first breaches
	Count   int      // of all
}

// mostEvidence is how many breaches of one promise are told.
const mostEvidence = 12

// Judge compares a record with every promise.
func Judge(r Record) []Verdict {
	if r.Ledger.Now.IsZero() { // nothing can be compared
		return []Verdict{storiesEnd(r), privacy(r)}
	}
	ledger := newBook(r.Ledger)
	return []Verdict{
		storedOnce(r, ledger), inOrder(r, ledger), appliedOnce(r), storiesEnd(r),
		sentOnce(r, ledger), sentInOrder(r, ledger), onWhatsAppOnce(r, ledger), limitsKept(r),
		timersOnce(r), deadLetters(r), privacy(r), noLeak(r),
	}
}

// book is the ledger by chat.
type book struct {
	in, out map[string][]postgres.LedgerMessage // by channel and chat
}

func newBook(l postgres.Ledger) *book {
	b := &book{in: map[string][]postgres.LedgerMessage{}, out: map[string][]postgres.LedgerMessage{}}
	for _, m := range l.Messages {
		key := m.Channel + " " + m.Chat
		if m.Direction == "in" {
			b.in[key] = append(b.in[key], m)
		} else {
			b.out[key] = append(b.out[key], m)
		}
	}
	return b
}

func (c *Chat) key() string { return c.Channel + " " + c.ID }

// breach counts a breach, and keeps its evidence if there is still room.
func (v *Verdict) breach(format string, args ...any) {
	v.Count++
	if len(v.Broken) < mostEvidence {
		v.Broken = append(v.Broken, fmt.Sprintf(format, args...))
	}
}

// storedOnce: each thing that the provider handed over is stored exactly once, and nothing that nobody sent.
func storedOnce(r Record, b *book) Verdict {
	v := Verdict{Promise: "in: what was sent is stored exactly once"}
	sent, lapsed, unread := 0, 0, 0
	for _, c := range r.Chats {
		stored, places := map[string][]postgres.LedgerMessage{}, map[string]bool{}
		for _, m := range b.in[c.key()] {
			if id, is := strings.CutPrefix(m.Ref, "u:"); is {
				places["m:"+id] = true
			}
			if strings.HasPrefix(m.Ref, "m:") || strings.HasPrefix(m.Ref, "p:") {
				stored[m.Ref] = append(stored[m.Ref], m)
			}
		}
		for i, s := range c.Sent {
			rows := stored[s.Key]
			delete(stored, s.Key)
			sent++
			switch {
			case len(rows) == 0 && s.Lapsed && !overtaken(c, i, stored):
				lapsed++
			case len(rows) == 0 && places[s.Key] && unread < r.Faults.Garbled: // it stands as a message that could not be opened, and is asked for again
				unread++
			case len(rows) == 0:
				v.breach("lost: %s %q of %s (chat %s)", s.Key, s.Text, c.Name, c.ID)
			case len(rows) > 1:
				v.breach("stored %d times: %s %q of %s (chat %s)", len(rows), s.Key, s.Text, c.Name, c.ID)
			case rows[0].Status == "waiting" || rows[0].Status == "dead" && !slices.Contains(r.Poison, s.Text):
				v.breach("not handled: %s %q of %s is %s %s", s.Key, s.Text, c.Name, rows[0].Status, rows[0].Reason)
			}
		}
		for ref := range stored {
			v.breach("nobody sent %s in chat %s", ref, c.ID)
		}
	}
	v.Figures = fmt.Sprintf("%d sent", sent)
	if lapsed > 0 {
		v.Figures += fmt.Sprintf(", %d presses that Telegram gave up to deliver", lapsed)
	}
	if unread > 0 {
		v.Figures += fmt.Sprintf(", %d that could not be opened and stand as such", unread)
	}
	return v
}

// pressLife is how long Telegram tries to deliver a press.
const pressLife = 150 * time.Second

// overtaken says whether something that the person did after their nth deed was stored while Telegram still had that deed to deliver. Telegram keeps
// the order of a chat, so the program had been given it.
func overtaken(c Chat, n int, stored map[string][]postgres.LedgerMessage) bool {
	for _, later := range c.Sent[n+1:] {
		for _, m := range stored[later.Key] {
			if c.Shuffled == 0 && m.Created.Before(c.Sent[n].At.Add(pressLife)) {
				return true
			}
		}
	}
	return false
}

// inOrder: what a person sent is stored in that order, but where Telegram itself was made to deliver out of order.
func inOrder(r Record, b *book) Verdict {
	v := Verdict{Promise: "in: in order per chat, across replicas"}
	compared, shuffled := 0, 0
	for _, c := range r.Chats {
		place := map[string]int{}
		for i, s := range c.Sent {
			place[s.Key] = i
		}
		last, swaps := -1, 0
		var evidence string
		for _, m := range b.in[c.key()] {
			i, known := place[m.Ref]
			if !known || strings.HasPrefix(m.Ref, "p:") { // Telegram itself may swap presses and messages
				continue
			}
			compared++
			if i < last {
				swaps++
				evidence = fmt.Sprintf("%s %q came after %q", m.Ref, c.Sent[i].Text, c.Sent[last].Text)
			}
			last = max(last, i)
		}
		shuffled += c.Shuffled
		if swaps > c.Shuffled*3 {
			v.breach("%d swaps in the chat of %s (%d shuffled): %s", swaps, c.Name, c.Shuffled, evidence)
		}
	}
	v.Figures = fmt.Sprintf("%d in %d chats", compared, len(r.Chats))
	if shuffled > 0 {
		v.Figures += fmt.Sprintf(", %d shuffled by the provider", shuffled)
	}
	return v
}

// appliedOnce: each story leaves exactly its deals, each deal was opened once, each note stands once.
func appliedOnce(r Record) Verdict {
	v := Verdict{Promise: "in: applied exactly once"}
	deals := map[string][]postgres.LedgerDeal{}
	for _, d := range r.Ledger.Deals {
		deals[d.Contact] = append(deals[d.Contact], d)
	}
	opened, notes := map[int64]int{}, map[string]int{}
	owner := map[int64]string{}
	for _, d := range r.Ledger.Deals {
		owner[d.ID] = d.Contact
	}
	for _, e := range r.Ledger.Events {
		switch e.Kind {
		case "deal_opened":
			opened[e.Deal]++
		case "comment":
			notes[owner[e.Deal]+" "+e.Text]++
		}
	}
	for _, d := range r.Ledger.Deals {
		if opened[d.ID] != 1 {
			v.breach("deal %d of %s was opened %d times", d.ID, d.Contact, opened[d.ID])
		}
	}
	told := 0
	for _, t := range r.Tales {
		if t.Trouble != "" {
			continue
		}
		told++
		var has, wants []string
		for _, d := range deals[t.Name] {
			has = append(has, strings.Join([]string{d.Pipeline, d.Stage, d.Status}, "/"))
		}
		for _, w := range t.Deals {
			wants = append(wants, strings.Join([]string{w.Pipeline, w.Stage, w.Status}, "/"))
		}
		slices.Sort(has)
		slices.Sort(wants)
		if !slices.Equal(has, wants) {
			v.breach("%s of %s left %v, want %v", t.Story, t.Name, has, wants)
		}
		for _, note := range t.Notes {
			if n := notes[t.Name+" "+note]; n != 1 {
				v.breach("the note %q of %s stands %d times", note, t.Name, n)
			}
		}
	}
	v.Figures = fmt.Sprintf("%d stories compared, %d deals, %d events", told, len(r.Ledger.Deals), len(r.Ledger.Events))
	return v
}

// storiesEnd: nobody is left without an answer.
func storiesEnd(r Record) Verdict {
	v := Verdict{Promise: "in: nobody is left without an answer"}
	for _, t := range r.Tales {
		if t.Trouble != "" {
			v.breach("%s of %s: %s%s", t.Story, t.Name, t.Trouble, dealsOf(r, t.Name))
		}
	}
	for _, what := range r.Undone {
		v.breach("never became quiet: %s", what)
	}
	v.Figures = fmt.Sprintf("%d stories", len(r.Tales))
	return v
}

// dealsOf tells how the deals of a person stand and what happened to them, as evidence.
func dealsOf(r Record, name string) (told string) {
	for _, d := range r.Ledger.Deals {
		if d.Contact != name {
			continue
		}
		told += fmt.Sprintf("\ndeal %d is %s/%s/%s of %q:", d.ID, d.Pipeline, d.Stage, d.Status, d.Owner)
		for _, e := range r.Ledger.Events {
			if e.Deal == d.ID {
				told += " " + e.Kind
			}
		}
	}
	return told
}

// privacy: no secret in any log.
func privacy(r Record) Verdict {
	v := Verdict{Promise: "privacy: no token, phone or secret in any log", Figures: "all output of all replicas read"}
	for _, leak := range r.Leaks {
		v.breach("%s", leak)
	}
	return v
}

// deadLetters: only what was poisoned is put aside, all of it, and replaying is idempotent.
func deadLetters(r Record) Verdict {
	v := Verdict{Promise: "dead letters: only what was poisoned, replayed once"}
	for _, d := range r.Ledger.Dead {
		if !slices.Contains(r.Poison, d.Text) || d.Source != "inbound" {
			v.breach("dead letter %d of chat %s (%s): %s", d.ID, d.Chat, d.Source, d.Error)
		}
	}
	if n := len(r.Ledger.Dead); n < len(r.Poison) {
		v.breach("%d of %d poisoned messages were put aside", n, len(r.Poison))
	}
	if r.Replay.Trouble != "" {
		v.breach("replay: %s", r.Replay.Trouble)
	}
	if r.Replay.Tried > 0 && (r.Replay.First != r.Replay.Tried || r.Replay.Second != r.Replay.Tried) {
		v.breach("of %d dead letters replayed, %d are there after the first time and %d after the second", r.Replay.Tried, r.Replay.First, r.Replay.Second)
	}
	v.Figures = fmt.Sprintf("%d poisoned, %d dead letters, %d replayed twice", len(r.Poison), len(r.Ledger.Dead), r.Replay.Tried)
	return v
}

// Bounds of what a replica may hold more at its end, when nobody talks any more, than soon after it began.
const (
	moreGoroutines = 60
	moreFiles      = 48
	mostClients    = 20               // connections of one replica: its pool of 16, the lease, what listens
	moreMemory     = int64(128) << 20 // caches of kits, pictures, garbage that is not collected yet
	lifeToJudge    = 20 * time.Second
)

// noLeak: who lived holds no more at the end than a bounded amount above what it began with.
func noLeak(r Record) Verdict {
	v := Verdict{Promise: "no leak of goroutines, memory, files or connections"}
	judged := 0
	var worst Vitals
	for _, h := range r.Health {
		if h.Lived < lifeToJudge {
			continue
		}
		judged++
		worst.Goroutines = max(worst.Goroutines, h.Late.Goroutines-h.Early.Goroutines)
		worst.Memory = max(worst.Memory, h.Late.Memory-h.Early.Memory)
		worst.Files = max(worst.Files, h.Late.Files-h.Early.Files)
		worst.Clients = max(worst.Clients, h.Late.Clients)
		switch {
		case h.Late.Goroutines > h.Early.Goroutines+moreGoroutines:
			v.breach("%s: %d goroutines at first, %d at the end", h.Replica, h.Early.Goroutines, h.Late.Goroutines)
		case h.Late.Files > h.Early.Files+moreFiles:
			v.breach("%s: %d files and connections at first, %d at the end", h.Replica, h.Early.Files, h.Late.Files)
		case h.Late.Memory > h.Early.Memory+moreMemory:
			v.breach("%s: %d MB at first, %d MB at the end", h.Replica, h.Early.Memory>>20, h.Late.Memory>>20)
		case h.Late.Clients > mostClients:
			v.breach("%s: %d connections to the database for each replica", h.Replica, h.Late.Clients)
		}
	}
	v.Figures = fmt.Sprintf("%d replicas judged, at most +%d goroutines, +%d files, +%d MB, %d connections each", judged, worst.Goroutines, worst.Files, worst.Memory>>20, worst.Clients)
	return v
}

// place reads an id of Telegram.
func place(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}
