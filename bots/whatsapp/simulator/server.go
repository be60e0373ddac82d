// Package simulator is a small stand-in for the WhatsApp Web servers, the phones of people and the phone of a company. It listens on
// a loopback address only. The library under test, go.mau.fi/whatsmeow, stays unmodified: Trust makes it accept the certificates,
// Attach leads its HTTP clients here. Messages are really encrypted on both sides and files really go up and down.
//
// A test, or a person at the page of try, plays the rest of the world through the Server: Pair scans a QR code, NewPeer adds people who
// write and read, Phone is the phone that a linked device belongs to. What stands on a person's phone is read with Peer.Screen.
// Everything can go wrong on purpose: connections, logins, bans, sending, files, order, identities.
//
// It knows nothing of Govorun and keeps a bounded amount of everything. Codec, Noise and Signal code are the library's own on
// both sides, so a fault in those stays unseen.
package simulator

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

type (
	node  = waBinary.Node
	attrs = waBinary.Attrs
)

// Bounds of what is kept: a benchmark of hours must not fill the memory.
const (
	keptStanzas  = 4096      // of all clients, for WaitStanza and Captured
	keptReceived = 2048      // of one user, for Inbox and Wait
	keptSaid     = 500       // messages of one chat on a phone's screen
	keptSent     = 8192      // of all users, for those who ask again
	keptParcels  = 50_000    // stanzas for one device that are not acknowledged
	keptFiles    = 512 << 20 // bytes of all encrypted files
)

// Server plays WhatsApp's chat and media servers.
type Server struct {
	// Linger is how long a connection stays open after the stanza that ends it, so that the client can handle that stanza first.
	// Set it before use.
	Linger time.Duration
	// Now is the clock of stanzas. Certificates go by the real one, as the library does. Set it before use.
	Now func() time.Time

	ln     net.Listener
	http   *http.Server
	static *keys.KeyPair
	cert   []byte

	mu        sync.Mutex // guards all below, and what devices, users and groups say it guards
	conns     map[*conn]bool
	waiting   map[string]*conn      // unpaired connections, by pairing ref
	codes     map[string]*codeLink  // links by phone code that began, by the digits of the phone
	devices   map[types.JID]*device // by phone-number and by LID address
	users     map[types.JID]*User   // by phone-number and by LID address
	phones    map[types.JID]*Phone  // by phone-number address
	groups    map[types.JID]*Group
	files     files
	sent      ledger
	refusal   *Refusal
	revision  uint32            // of the web version, as the front page says
	minimum   uint32            // older ones are refused
	withheld  map[types.JID]int // how often the keys of somebody are not given
	captured  []node
	unhandled []node
	changed   signal
	observe   func(person string) // told of what changes on a phone, or with the state when person is empty; must not wait
	seq       int
}

// whatsmeow's trusted root is one variable per process, so every server in it shares one root.
var root = keys.NewKeyPair()

// New starts a server on a free loopback port.
func New() (*Server, error) { return Listen("127.0.0.1:0") }

// Listen starts a server on a loopback address and refuses any other.
func Listen(addr string) (*Server, error) {
	if err := onLoopback(addr); err != nil {
		return nil, err
	}
	static := keys.NewKeyPair()
	cert, err := certChain(root, static.Pub)
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for WhatsApp clients: %w", err)
	}
	s := &Server{
		Linger: 200 * time.Millisecond, Now: time.Now,
		ln: ln, static: static, cert: cert,
		conns: map[*conn]bool{}, waiting: map[string]*conn{}, codes: map[string]*codeLink{},
		devices: map[types.JID]*device{}, users: map[types.JID]*User{}, phones: map[types.JID]*Phone{}, groups: map[types.JID]*Group{},
		withheld: map[types.JID]int{},
		files:    newFiles(), sent: newLedger(), revision: store.GetWAVersion()[2],
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/ws/chat", s.chat)
	mux.HandleFunc("/", s.media)
	s.http = &http.Server{Handler: mux}
	go func() { _ = s.http.Serve(ln) }()
	return s, nil
}

// Close ends the server and every connection.
func (s *Server) Close() {
	s.mu.Lock()
	for c := range s.conns {
		_ = c.raw.Close()
	}
	s.mu.Unlock()
	_ = s.http.Close()
}

// Trust makes this process accept the certificates of every server in it.
func (s *Server) Trust() { whatsmeow.WACertPubKey = *root.Pub }

// RootKey is the public key that a client in another process has to trust instead of WhatsApp's.
func (s *Server) RootKey() [32]byte { return *root.Pub }

// Addr is the loopback address of the chat and media servers.
func (s *Server) Addr() string { return s.ln.Addr().String() }

func (s *Server) newID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	return fmt.Sprintf("3EB0%X%04X", s.Now().UnixMilli(), s.seq)
}

func (s *Server) unix() int64 { return s.Now().Unix() }
