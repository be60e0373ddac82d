package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"govorun/bots/whatsapp"
	walled "govorun/bots/whatsapp/simulator"
	"govorun/crm"
	"govorun/crm/passport"
	"govorun/crm/stickers"
)

// The number of the company that a try is about, and who writes to it on WhatsApp first.
const (
	companyNumber  = "77010000777"
	whatsappPerson = "Айгуль"
	whatsappDriver = "Серик"
	whatsappPhone  = "77070000701"
)

// whatsappTrial is the WhatsApp of a try: its servers and phones, and the number that is linked to them as `govorun pair` links one.
type whatsappTrial struct {
	server *walled.Server
	world  *walled.World

	mu      sync.Mutex
	linking context.CancelFunc // of the link that is under way
	shown   string             // its code
	problem string             // why the last one ended without a number
}

// openWhatsApp starts the simulated WhatsApp with the phones of earlier tries and gives what leads the product to it.
func (t *trial) openWhatsApp() (whatsappSettings, error) {
	server, err := walled.New()
	if err != nil {
		return whatsappSettings{}, fmt.Errorf("open the simulated WhatsApp: %w", err)
	}
	server.Now = t.clock.now
	t.stops = append(t.stops, server.Close)
	wa := &whatsappTrial{server: server}
	t.whatsapp = wa
	saved, err := os.ReadFile(filepath.Join(t.dir, "whatsapp"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return whatsappSettings{}, fmt.Errorf("read the WhatsApp phones: %w", err)
	}
	if wa.world, err = walled.NewWorld(server, companyNumber, saved); err != nil {
		t.log.Warn("the WhatsApp phones begin empty", "err", err)
		if wa.world, err = walled.NewWorld(server, companyNumber, nil); err != nil {
			return whatsappSettings{}, err
		}
	}
	if len(wa.world.People()) == 0 {
		name := whatsappPerson
		if t.taxiCompany() {
			name = whatsappDriver
		}
		if _, err := wa.world.Add(name, whatsappPhone); err != nil {
			return whatsappSettings{}, err
		}
	}
	t.stops = append(t.stops, t.keepWhatsApp(), wa.stopLinking)
	root := server.RootKey()
	return whatsappSettings{Server: server.Addr(), Root: hex.EncodeToString(root[:])}, nil
}

// keepWhatsApp writes what is on the phones while it changes, and once more when the function that it gives is called.
func (t *trial) keepWhatsApp() (stop func()) {
	return keepWhile(phonesKept, t.whatsapp.world.Changes, func() error {
		saved, err := t.whatsapp.world.Save()
		if err == nil {
			err = replaceFile(filepath.Join(t.dir, "whatsapp"), saved)
		}
		if err != nil {
			t.log.Warn("the WhatsApp phones are not kept", "err", err)
		}
		return err
	})
}

// replaceFile writes a file that is never half there.
func replaceFile(name string, content []byte) error {
	if err := os.WriteFile(name+".new", content, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(name+".new", name)
}

// linkFirst links the number beside everything else; what it gives ends that.
func (t *trial) linkFirst(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		if err := t.linkAtStart(ctx); err != nil && ctx.Err() == nil {
			t.log.Warn("the number of WhatsApp is not linked", "err", err)
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// linkAtStart links the number when it is not, as somebody with the phone in the hand would.
func (t *trial) linkAtStart(ctx context.Context) error {
	if t.whatsapp.world.Known() {
		return nil
	}
	return t.link(ctx, func(code string) {
		t.whatsapp.world.Show(code)
		go func() {
			if err := t.whatsapp.world.Scan(ctx); err != nil {
				t.log.Warn("the code of WhatsApp is not scanned", "err", err)
			}
		}()
	})
}

// longestLink bounds a link: a code is good for some minutes.
const longestLink = 3 * time.Minute

// link links the number as `govorun pair` does; show is told each code.
func (t *trial) link(ctx context.Context, show func(code string)) error {
	ctx, cancel := context.WithTimeout(ctx, longestLink)
	defer cancel()
	server, err := t.worker.channels.whatsapp.server()
	if err != nil {
		return err
	}
	store, err := t.db.WhatsAppStore(ctx, whatsapp.Prepare)
	if err != nil {
		return err
	}
	defer store.Close()
	_, err = whatsapp.Link(ctx, whatsapp.Config{Name: whatsappChannel, Store: store, Memory: t.db, Log: t.log, Server: server},
		whatsapp.LinkConfig{Replace: true, Tell: func(step whatsapp.LinkStep) {
			if step.QR != "" {
				show(step.QR)
			}
		}})
	return err
}

// beginLink links the number anew; the code waits on the page to be scanned with the company's phone.
func (t *trial) beginLink() {
	wa := t.whatsapp
	ctx, cancel := context.WithCancel(context.Background())
	wa.stopLinking()
	wa.mu.Lock()
	wa.linking, wa.problem, wa.shown = cancel, "", ""
	wa.mu.Unlock()
	go func() {
		defer cancel()
		err := t.link(ctx, func(code string) {
			wa.mu.Lock()
			wa.shown = code
			wa.mu.Unlock()
			wa.world.Show(code)
		})
		if ctx.Err() != nil {
			return
		}
		wa.mu.Lock()
		wa.shown = ""
		if err != nil {
			wa.problem = err.Error()
		}
		wa.mu.Unlock()
		wa.world.Show("")
	}()
}

// stopLinking ends the link that is under way.
func (w *whatsappTrial) stopLinking() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.linking != nil {
		w.linking()
	}
}

// whatsappView is what the page shows of the number beside the phones.
type whatsappView struct {
	State    string `json:"state"`    // the word of whatsapp.StateKind; empty while the program is stopped
	Sentence string `json:"sentence"` // of the state, for an administrator
	Problem  string `json:"problem,omitempty"`
}

func (t *trial) whatsappView() whatsappView {
	view := whatsappView{}
	if y := t.worker.running(); y != nil {
		if one := y.accounts.of(whatsappChannel); one != nil {
			if channel, is := one.channel.(*whatsapp.Channel); is {
				s := channel.State()
				view.State, view.Sentence = string(s.Kind), s.Sentence
			}
		}
	}
	t.whatsapp.mu.Lock()
	defer t.whatsapp.mu.Unlock()
	view.Problem = t.whatsapp.problem
	return view
}

// serveWhatsApp adds what only a try can do with WhatsApp:
//
//	GET  /try/whatsapp                  the state of the number as the program knows it
//	POST /try/whatsapp/link             asks for a link; GET /try/whatsapp/code.png is its code
//	GET  /try/whatsapp/machines/{code}  what a scan of a sticker puts into the chat
func (t *trial) serveWhatsApp(mux *http.ServeMux) {
	mux.Handle("/wa/", t.whatsapp.world)
	mux.HandleFunc("GET /try/whatsapp", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, t.whatsappView()) })
	mux.HandleFunc("POST /try/whatsapp/link", func(w http.ResponseWriter, r *http.Request) {
		t.beginLink()
		writeJSON(w, map[string]bool{"ok": true})
	})
	mux.HandleFunc("GET /try/whatsapp/code.png", t.serveCode)
	mux.HandleFunc("GET /try/whatsapp/machines/{code}", func(w http.ResponseWriter, r *http.Request) {
		asset, text, err := t.whatsappSticker(r.Context(), r.PathValue("code"))
		if err != nil {
			t.refuse(w, err)
			return
		}
		writeJSON(w, map[string]string{"code": asset.Code, "name": asset.Name, "text": text, "link": passport.WhatsAppLink(companyNumber, machineLink, strings.TrimPrefix(text, "M-"))})
	})
}

// whatsappSticker gives the text that the sticker of a machine puts into the chat with the company, ready to be sent.
func (t *trial) whatsappSticker(ctx context.Context, code string) (crm.Asset, string, error) {
	asset, err := t.db.AssetByCode(ctx, "machine", code)
	if err != nil {
		return asset, "", err
	}
	return asset, "M-" + t.signer.sign(asset), nil
}

func (t *trial) serveCode(w http.ResponseWriter, r *http.Request) {
	t.whatsapp.mu.Lock()
	code := t.whatsapp.shown
	t.whatsapp.mu.Unlock()
	if code == "" {
		refuseJSON(w, http.StatusNotFound, errors.New("no code waits to be scanned"))
		return
	}
	picture, err := stickers.LinkPNG(code)
	if err != nil {
		t.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(picture) // the client is gone when this fails
}
