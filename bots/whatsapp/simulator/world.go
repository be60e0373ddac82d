package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// World is one company's number and the people who have WhatsApp, for the page of try: it hides addresses and protocol behind
// names, digits and JSON (see ServeHTTP).
type World struct {
	photos atomic.Int64 // that were invented
	server *Server
	own    types.JID // the number of the company, with its device
	routes http.Handler

	mu      sync.Mutex
	order   []string // ids of people in order of their coming
	code    string   // a pairing code that waits for the phone
	heard   map[chan Happened]bool
	changes int64
}

// Person is somebody with WhatsApp. ID stays; Phone is empty while nobody knows the number.
type Person struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Phone   string `json:"phone,omitempty"`
	Address string `json:"address"` // of the chat, as the provider writes it
	Hidden  bool   `json:"hidden"`  // writes without showing the number
}

// Happened tells the page what to read anew: the chat of a person, or the state when Chat is empty.
type Happened struct {
	Chat string `json:"chat,omitempty"`
}

// device is the number that WhatsApp gives the company's computer.
const linkedDevice = 7

// NewWorld makes the world around a company's number (digits). saved is what Save gave, or nothing.
func NewWorld(s *Server, number string, saved []byte) (*World, error) {
	w := &World{server: s, own: types.JID{User: number, Device: linkedDevice, Server: types.DefaultUserServer}, heard: map[chan Happened]bool{}}
	w.routes = w.handlers()
	if len(saved) > 0 {
		if err := s.Load(saved); err != nil {
			return nil, err
		}
		for _, p := range s.Peers() {
			w.join(p)
		}
	}
	s.mu.Lock()
	s.observe = w.happened
	s.mu.Unlock()
	return w, nil
}

// Save gives what NewWorld needs to go on.
func (w *World) Save() ([]byte, error) { return w.server.Save() }

// Changes counts what happened, so that nothing is saved twice.
func (w *World) Changes() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changes
}

// happened tells those who listen; it never waits for them.
func (w *World) happened(chat string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes++
	for ch := range w.heard {
		select {
		case ch <- Happened{chat}:
		default: // it reads everything when it is back
		}
	}
}

func (w *World) join(p *Peer) {
	p.AsksAgain = true
	w.mu.Lock()
	defer w.mu.Unlock()
	w.order = append(w.order, p.LID.User)
}

// Add gives somebody a phone with WhatsApp. Without a phone number it is somebody whose number WhatsApp keeps to itself.
func (w *World) Add(name, phone string) (Person, error) {
	phone = digits(phone)
	if strings.TrimSpace(name) == "" || len(phone) > 15 || phone != "" && len(phone) < 7 {
		return Person{}, errors.New("give a name and a phone number of 7 to 15 digits")
	}
	var jid types.JID
	if phone != "" {
		jid = types.NewJID(phone, types.DefaultUserServer)
		if _, err := w.server.user(jid); err == nil {
			return Person{}, fmt.Errorf("+%s has a phone already", phone)
		}
	} else {
		w.server.mu.Lock()
		w.server.seq++
		jid = types.NewJID(fmt.Sprintf("9%014d", w.server.seq), types.HiddenUserServer)
		w.server.mu.Unlock()
	}
	var p *Peer
	if phone == "" {
		p = w.server.NewPeer(name, types.EmptyJID, jid)
	} else {
		p = w.server.NewPeer(name, jid, types.EmptyJID)
	}
	w.join(p)
	w.happened("")
	return p.person(), nil
}

func (p *Peer) person() Person {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	out := Person{ID: p.LID.User, Name: p.Name, Address: p.LID.String(), Hidden: p.JID.IsEmpty()}
	if !out.Hidden {
		out.Phone = p.JID.User
	}
	return out
}

// peer finds somebody by id.
func (w *World) peer(id string) (*Peer, error) {
	u, err := w.server.user(types.NewJID(id, types.HiddenUserServer))
	if err != nil || u.peer == nil {
		return nil, fmt.Errorf("nobody has the id %q", id)
	}
	return u.peer, nil
}

// People lists everybody in order of their coming.
func (w *World) People() []Person {
	w.mu.Lock()
	order := append([]string{}, w.order...)
	w.mu.Unlock()
	list := []Person{}
	for _, id := range order {
		if p, err := w.peer(id); err == nil {
			list = append(list, p.person())
		}
	}
	return list
}

// Known says whether a client is linked: its link is known here and was not taken away.
func (w *World) Known() bool { return w.server.Linked(w.own) }

// Show tells the phone of the company what code stands on the screen of the one who links; empty when none does any more.
func (w *World) Show(qr string) {
	w.mu.Lock()
	w.code = qr
	w.mu.Unlock()
	w.happened("")
}

// Scan scans the code that is shown with the phone of the company.
func (w *World) Scan(ctx context.Context) error {
	w.mu.Lock()
	code := w.code
	w.mu.Unlock()
	if code == "" {
		return errors.New("there is no code to scan: ask for a link first")
	}
	if err := w.server.Pair(ctx, code, Account{JID: w.own, Name: "Govorun"}); err != nil {
		return fmt.Errorf("scan the code: %w", err)
	}
	w.Show("")
	return nil
}

// company does what the company's phone, or WhatsApp with the company's number, does.
func (w *World) company(ctx context.Context, a CompanyAct) error {
	defer w.happened("")
	switch a.Do {
	case "scan":
		return w.Scan(ctx)
	case "unlink":
		return w.server.Unlink(w.own)
	case "ban":
		return w.server.Ban(w.own, events.TempBanSentToTooManyPeople, max(time.Minute, min(24*time.Hour, time.Duration(a.Seconds)*time.Second)))
	case "unban":
		return w.server.Refuse(w.own, nil)
	case "drop":
		return w.server.Drop(w.own)
	case "refuse_next":
		return w.server.FailNextSend(w.own, a.Code)
	case "text":
		p, err := w.peer(a.To)
		if err != nil {
			return err
		}
		ph, err := w.server.Phone(w.own)
		if err != nil {
			return err
		}
		_, err = ph.SendText(ctx, p.LID, a.Text)
		return err
	}
	return fmt.Errorf("the company's phone can't do %q", a.Do)
}

// CompanyAct is a deed of the company's phone: scan, unlink, text (to somebody); or of WhatsApp: ban, unban, drop, refuse_next.
type CompanyAct struct {
	Do      string `json:"do"`
	To      string `json:"to,omitempty"`
	Text    string `json:"text,omitempty"`
	Seconds int    `json:"seconds,omitempty"`
	Code    int    `json:"code,omitempty"`
}
