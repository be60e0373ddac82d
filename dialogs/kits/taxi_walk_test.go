package kits_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/dialogs"
	"govorun/dialogs/kits"
)

// walksOfADialog is how many people wander through each dialog, and stepsOfAWalk how far.
const (
	walksOfADialog = 100
	stepsOfAWalk   = 25
)

// wanderings are what people do, wisely and unwisely, besides pressing buttons.
var wanderings = []string{
	"/start", "/start reg_almaty", "/start reg_ig", "/start reg_nobody", "/start known", "/start x_1", "/register", "/known", "/support", "/status", "/menu",
	"/back", "/cancel", "/restart", "/help", "/lang", "/lang kk", "/lang en", "/lang ru", "/skip", "назад", "артқа", "отмена", "заново", "помощь", "?", "да", "нет",
	"Алматы", "Шимкент", "almatty", "Караганда", "Ыбыраев Азамат", "900101300136", "12345", "123 ABC 02", "123 авс 02", "а123вс 02",
	"+7 707 123-45-67", "8 707", "(own card)", "(card of another)", "KZ86 125K ZT50 0410 0100", "KZ86 125K ZT50 0410 0101", "4242 4242 4242 4242",
	"какая комиссия?", "комиссия канша", "где офис", "1", "2", "9", "0", "-", "<b>&\"'", "\u200b\u202e", "стоп",
	"(photo)", "(photo)", "(photo)", "(small photo)", "(album)", "(album)", "(file)", "(sticker)", "(voice)", "(edit)", "(timer)", "(days later)",
}

// walker is somebody who does anything at all, in a world of their own.
type walker struct {
	kit     *dialogs.Kit
	random  *rand.Rand
	session dialogs.Session
	now     time.Time
	due     time.Time
	lang    string
	contact crm.Contact
	deals   map[crm.DealID]*crm.Deal
	files   map[crm.DealID]map[string]int
	last    crm.DealID
	nonces  int
	media   int
	shown   []crm.Button
	done    []string // what they did, for whoever reads a failure
	said    int
}

func newWalker(kit *dialogs.Kit, seed uint64) *walker {
	w := &walker{kit: kit, random: rand.New(rand.NewPCG(5, seed)), now: time.Date(2026, 5, 12, 10, 0, 0, 0, kit.Zone), lang: kit.Languages[seed%3],
		contact: crm.Contact{ID: 7, Name: "Азамат <b>", Fields: crm.Fields{}}, deals: map[crm.DealID]*crm.Deal{}, files: map[crm.DealID]map[string]int{}}
	if seed%5 == 0 {
		w.contact.Phone = "+77071234567"
	}
	return w
}

func TestAHundredPeopleWanderThroughEveryDialogOfTheTaxiKit(t *testing.T) {
	kit := taxiKit(t)
	for _, name := range slices.Sorted(maps.Keys(kit.Dialogs)) {
		if kit.Dialogs[name].Demand || strings.Contains(name, ".") || name == "consent" {
			continue // generated ones are walked by the product's own tests, and the consent is a part of others, which are walked with it
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			finished := 0
			for seed := range uint64(walksOfADialog) {
				w := newWalker(kit, seed)
				deal := crm.Deal{ID: 900, Pipeline: pipelineOfDialog(name), Stage: stageOfDialog(name), Status: crm.DealOpen, Contact: 7, Fields: crm.Fields{}}
				w.deals[deal.ID], w.last = &deal, 1000
				w.step(t, crm.Inbound{Kind: crm.InSignal, Signal: &crm.Signal{ID: "walk", Dialog: name, Deal: deal.ID, Slots: crm.Fields{}}})
				for range stepsOfAWalk {
					w.wander(t)
				}
				if w.leave(t); w.finished() {
					finished++
				}
			}
			t.Logf("%d of %d walks handed a request in", finished, walksOfADialog)
		})
	}
}

// pipelineOfDialog and stageOfDialog say where the deal stands about which a robot starts the dialog.
func pipelineOfDialog(name string) string {
	if name == "winback" {
		return "missed"
	}
	return "drivers"
}

func stageOfDialog(name string) string {
	switch name {
	case "winback":
		return "new"
	case "contract", "briefing", "first_ride":
		return name
	}
	return "documents"
}

// wander does one thing: a press of any button ever shown, mostly of the newest, or a deed.
func (w *walker) wander(t *testing.T) {
	if len(w.shown) > 0 && w.random.IntN(10) < 6 {
		recent := w.shown[max(0, len(w.shown)-8):]
		if w.random.IntN(8) == 0 {
			recent = w.shown
		}
		button := recent[w.random.IntN(len(recent))]
		w.done = append(w.done, "["+button.Text+"]")
		w.step(t, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: button.Data, Message: "1"}})
		return
	}
	deed := wanderings[w.random.IntN(len(wanderings))]
	w.done = append(w.done, deed)
	switch deed {
	case "(timer)", "(days later)":
		w.wait(t, map[string]time.Duration{"(timer)": 26 * time.Hour, "(days later)": 10 * 24 * time.Hour}[deed])
	case "(album)":
		for range 2 {
			w.step(t, crm.Inbound{Kind: crm.InMedia, Album: fmt.Sprint("album", len(w.done)), Media: []crm.Media{w.photo(1280)}})
		}
	default:
		w.step(t, w.does(deed))
	}
}

func (w *walker) does(deed string) crm.Inbound {
	switch deed {
	case "(photo)":
		return crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{w.photo(1280)}}
	case "(small photo)":
		return crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{w.photo(320)}}
	case "(file)":
		file := w.photo(0)
		file.Kind, file.Name = crm.Document, "papers.pdf"
		return crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{file}}
	case "(sticker)", "(voice)":
		kind := map[string]crm.MediaKind{"(sticker)": crm.Sticker, "(voice)": crm.Voice}[deed]
		return crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: kind, Ref: "r", Unique: "r"}}}
	case "(own card)", "(card of another)":
		return crm.Inbound{Kind: crm.InContact, Card: &crm.Card{Phone: "+77071234567", Own: deed == "(own card)"}}
	case "(edit)":
		return crm.Inbound{Kind: crm.InEdit, Text: "иначе", Edits: "1"}
	}
	in := crm.Inbound{Kind: crm.InText, Text: deed}
	if name, args, _ := strings.Cut(deed, " "); strings.HasPrefix(name, "/") {
		in.Command, in.Args = name[1:], args
		if in.Command == "start" {
			in.Start = args
		}
	}
	return in
}

func (w *walker) photo(side int) crm.Media {
	w.media++
	n := fmt.Sprint(w.media)
	return crm.Media{Kind: crm.Photo, Ref: "p" + n, Unique: "u" + n, Width: side, Height: side, Size: 200_000}
}

// wait lets time pass and the session's timers fire.
func (w *walker) wait(t *testing.T, span time.Duration) {
	end := w.now.Add(span)
	for range 20 {
		if w.due.IsZero() || w.due.After(end) {
			break
		}
		if w.due.After(w.now) {
			w.now = w.due
		}
		w.step(t, crm.Inbound{Kind: crm.InTimeout})
	}
	w.now = end
}

// finished tells whether a request was handed in on this walk.
func (w *walker) finished() bool {
	for _, d := range w.deals {
		if d.ID > 1000 && (d.Stage == "review" || d.Pipeline == "returning" || d.Pipeline == "support") {
			return true
		}
	}
	return false
}

// leave tells that one always gets out.
func (w *walker) leave(t *testing.T) {
	t.Helper()
	for range 3 {
		if w.session.Dialog == "" {
			return
		}
		if w.session.Pending == "confirm_cancel" {
			w.step(t, crm.Inbound{Kind: crm.InText, Text: "да"})
		} else {
			w.step(t, crm.Inbound{Kind: crm.InText, Command: "cancel", Text: "/cancel"})
		}
	}
	t.Fatalf("there is no way out of %s.%s after %q", w.session.Dialog, w.session.State, w.done)
}

func taxiKit(t *testing.T) *dialogs.Kit {
	t.Helper()
	folder, err := kits.FS("taxi")
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return kit
}
