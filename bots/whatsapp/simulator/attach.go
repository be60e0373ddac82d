package simulator

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"go.mau.fi/whatsmeow"
)

const chatHost = "web.whatsapp.com"

// Attach points a client at this server. Call it before Connect.
func (s *Server) Attach(cli *whatsmeow.Client) { Attach(cli, s.Addr()) }

// Attach points a client at the server on addr. Call it before Connect.
func Attach(cli *whatsmeow.Client, addr string) {
	hc := &http.Client{Transport: Transport(addr)}
	cli.SetWebsocketHTTPClient(hc)
	cli.SetPreLoginHTTPClient(hc)
	cli.SetMediaHTTPClient(hc)
}

// Transport sends requests for WhatsApp's hosts to the server on addr, in clear text. It refuses to dial anything else, and an addr
// that is not on loopback.
func Transport(addr string) *http.Transport {
	d := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Transport{
		DialContext: func(_ context.Context, _, to string) (net.Conn, error) {
			return nil, fmt.Errorf("refusing to dial %s", to)
		},
		// net/http takes what this returns as encrypted already.
		DialTLSContext: func(ctx context.Context, _, to string) (net.Conn, error) {
			if to != chatHost+":443" && to != mediaHost+":443" {
				return nil, fmt.Errorf("refusing to dial %s", to)
			}
			if err := onLoopback(addr); err != nil {
				return nil, err
			}
			return d.DialContext(ctx, "tcp", addr)
		},
	}
}

func onLoopback(addr string) error {
	if ap, err := netip.ParseAddrPort(addr); err != nil || !ap.Addr().IsLoopback() {
		return fmt.Errorf("%q is no loopback address", addr)
	}
	return nil
}
