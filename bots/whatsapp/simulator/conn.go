package simulator

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

// device is one linked client. Server.mu guards it.
type device struct {
	jid, lid types.JID
	phone    *Phone
	noise    [32]byte
	identity [32]byte
	regID    uint32
	signed   *keys.PreKey
	oneTime  []*keys.PreKey
	live     *conn
	parcels  []*parcel // not acknowledged yet
	recent   []node    // messages delivered last, for Repeat
	held     bool
	faults   []SendFault // of the next messages
	refusal  *Refusal
	until    time.Time // end of the refusal, zero when it has none
	unlinked bool
}

// conn is one connection of a client, paired or not.
type conn struct {
	*wire
	srv  *Server
	dev  *device // nil before pairing
	done chan struct{}

	queue  sync.Mutex // guards what waits for being written
	out    []node
	filled chan struct{}
}

// chat serves one connection. Whatever a client sends ends at worst its own connection.
func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	wr, err := accept(w, r, s.static, s.cert)
	if err != nil {
		return
	}
	c := &conn{wire: wr, srv: s, done: make(chan struct{}), filled: make(chan struct{}, 1)}
	s.mu.Lock()
	s.conns[c] = true
	s.mu.Unlock()
	defer c.gone()
	defer func() { _ = recover() }() // a stanza that nobody foresaw, from a client that is none
	go c.write()
	if err = c.begin(); err == nil {
		err = c.listen()
	}
	if err != nil && errors.Is(err, errRefused) {
		c.linger()
	}
}

func (c *conn) begin() error {
	if c.outdated() {
		_ = c.send((&Refusal{Reason: outdated}).node())
		return errRefused
	}
	if c.payload.DevicePairingData != nil {
		return c.offerPairing()
	}
	return c.login()
}

func (c *conn) listen() error {
	for {
		n, err := c.read()
		if err != nil {
			return err
		}
		c.srv.capture(*n)
		if err = c.handle(n); err != nil {
			return err
		}
	}
}

func (c *conn) handle(n *node) error {
	switch n.Tag {
	case "iq":
		return c.handleIQ(n)
	case "message":
		if c.dev != nil {
			return c.handleMessage(n)
		}
	case "receipt":
		if c.dev != nil {
			c.handleReceipt(n)
		}
		return c.send(ack(n, nil))
	case "ack":
		if c.dev != nil {
			c.srv.settle(c.dev, text(n.Attrs["class"]), text(n.Attrs["id"]))
		}
	case "chatstate":
		if c.dev != nil {
			c.handleTyping(n)
		}
	}
	return nil
}

func (c *conn) gone() {
	close(c.done)
	_ = c.raw.Close()
	c.srv.mu.Lock()
	defer c.srv.mu.Unlock()
	delete(c.srv.conns, c)
	for ref, w := range c.srv.waiting {
		if w == c {
			delete(c.srv.waiting, ref)
		}
	}
	for phone, l := range c.srv.codes {
		if l.conn == c {
			delete(c.srv.codes, phone)
		}
	}
	if c.dev != nil && c.dev.live == c {
		c.dev.live = nil
	}
	c.srv.changed.wake()
	if c.dev != nil && c.srv.observe != nil {
		c.srv.observe("")
	}
}

// send queues a stanza. Writing is done elsewhere: a client that is busy writing to us while we write to it would otherwise
// stop both.
func (c *conn) send(n node) error {
	select {
	case <-c.done:
		return errGone
	default:
	}
	c.queue.Lock()
	c.out = append(c.out, n)
	full := len(c.out) > keptParcels
	c.queue.Unlock()
	if full {
		_ = c.raw.Close()
		return fmt.Errorf("client reads nothing: %w", errGone)
	}
	select {
	case c.filled <- struct{}{}:
	default:
	}
	return nil
}

func (c *conn) write() {
	for {
		c.queue.Lock()
		batch := c.out
		c.out = nil
		c.queue.Unlock()
		for _, n := range batch {
			if c.wire.send(n) != nil {
				_ = c.raw.Close()
				return
			}
		}
		if len(batch) > 0 {
			continue
		}
		select {
		case <-c.filled:
		case <-c.done:
			return
		}
	}
}

// linger gives the client a moment to handle a final stanza, then closes.
func (c *conn) linger() {
	select {
	case <-c.done:
	case <-time.After(c.srv.Linger):
	}
	_ = c.raw.Close()
}

var (
	errGone    = errors.New("the connection is gone")
	errRefused = errors.New("login refused")
)

// ack answers a message or receipt.
func ack(n *node, extra attrs) node {
	at := attrs{"class": n.Tag, "id": n.Attrs["id"], "from": n.Attrs["to"]}
	for _, k := range []string{"participant", "recipient"} {
		if v, ok := n.Attrs[k]; ok {
			at[k] = v
		}
	}
	if t, ok := n.Attrs["type"]; ok && n.Tag == "receipt" {
		at["type"] = t
	}
	maps.Copy(at, extra)
	return node{Tag: "ack", Attrs: at}
}
