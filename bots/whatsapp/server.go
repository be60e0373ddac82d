package whatsapp

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
)

// headerWait is how long WhatsApp may be silent after it has a request, a large file among them.
const headerWait = 30 * time.Second

// Server is a stand-in for WhatsApp's servers, for tests and for trying things out. The zero value is WhatsApp itself.
type Server struct {
	Address string // host:port on this machine; empty: WhatsApp's own
	Root    string // the key of its certificates, 32 bytes in hex
}

// Check refuses an address that is not on this machine and a key that is none: a wrong setting must not lead a real number elsewhere.
func (s Server) Check() error {
	if s.Address == "" && s.Root == "" {
		return nil
	}
	if at, err := netip.ParseAddrPort(s.Address); err != nil || !at.Addr().IsLoopback() {
		return fmt.Errorf("%q is no address of a stand-in for WhatsApp: it must be on this machine, such as 127.0.0.1:4443", s.Address)
	}
	if key, err := hex.DecodeString(s.Root); err != nil || len(key) != 32 {
		return fmt.Errorf("the key of the stand-in for WhatsApp on %s must be 32 bytes in hex", s.Address)
	}
	return nil
}

// trust makes the library accept the stand-in's certificates. The library has one key for the whole process.
func (s Server) trust() {
	if key, err := hex.DecodeString(s.Root); err == nil && len(key) == 32 {
		whatsmeow.WACertPubKey = [32]byte(key)
	}
}

// client makes requests of WhatsApp, or of its stand-in and of nothing else.
func (s Server) client() *http.Client {
	if s.Address == "" {
		usual := http.DefaultTransport.(*http.Transport).Clone()
		usual.ResponseHeaderTimeout = headerWait
		return &http.Client{Transport: usual, CheckRedirect: redirected}
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Client{CheckRedirect: redirected, Transport: &http.Transport{
		DialContext: func(_ context.Context, _, to string) (net.Conn, error) {
			return nil, fmt.Errorf("the stand-in for WhatsApp does not answer for %s", to)
		},
		// What this gives counts as encrypted already.
		DialTLSContext: func(ctx context.Context, _, to string) (net.Conn, error) {
			if err := s.Check(); err != nil {
				return nil, err
			}
			if host, _, _ := net.SplitHostPort(to); !theirs(host) {
				return nil, fmt.Errorf("the stand-in for WhatsApp does not answer for %s", to)
			}
			return dialer.DialContext(ctx, "tcp", s.Address)
		},
	}}
}

// theirs tells whether a host is one of WhatsApp's.
func theirs(host string) bool {
	return strings.HasSuffix(host, ".whatsapp.com") || strings.HasSuffix(host, ".whatsapp.net") || strings.HasSuffix(host, ".fbcdn.net")
}

// maxRedirects is how often an answer may lead elsewhere.
const maxRedirects = 5

// redirected lets nothing lead away from WhatsApp's hosts: the path of a file is of its sender's choosing.
func redirected(to *http.Request, before []*http.Request) error {
	if len(before) > maxRedirects || to.URL.Scheme != "https" || !theirs(to.URL.Hostname()) || to.URL.Port() != "" {
		return errors.New("an answer of WhatsApp leads elsewhere")
	}
	return nil
}
