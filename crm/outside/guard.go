// Package outside tells addresses on the internet what happens to deals: signed, after the commit, again until it is taken.
//
// It connects to public addresses only, whatever a name resolves to at that moment: a hook must not become a door into the network in which
// this program runs. It decides nothing about deals.
package outside

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrForbidden is an address to which nothing is ever sent: it is not public.
var ErrForbidden = errors.New("this is no public address")

// errElsewhere is an answer that leads to another host: what is signed for one is not for another.
var errElsewhere = errors.New("the address leads to another host")

// Limits of one request.
const (
	dialTime     = 5 * time.Second
	requestTime  = 15 * time.Second
	maxRedirects = 3
)

// special are networks that are not private by name and still are not the internet (IANA special-purpose registries), and those in which an
// address of the old kind hides: translated, tunnelled, 6to4.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"), netip.MustParsePrefix("5f00::/16"),
}

// Public tells whether an address belongs to the internet at large.
func Public(a netip.Addr) bool {
	a = a.WithZone("").Unmap() // ::ffff:10.0.0.1 is 10.0.0.1
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// guarded checks where a connection goes when it is made, after the name was resolved: no other answer of the name's server counts.
func guarded(public func(netip.Addr) bool) func(network, address string, _ syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !public(to.Addr()) || network != "tcp4" && network != "tcp6" {
			return fmt.Errorf("connect to %s: %w", address, ErrForbidden)
		}
		return nil
	}
}

// client makes a client that only reaches addresses that are public, by https, without a proxy.
func client(c Config) *http.Client {
	dialer := &net.Dialer{Timeout: dialTime, Resolver: c.Resolver, Control: guarded(c.Public)}
	return &http.Client{
		Timeout: requestTime,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			},
			TLSClientConfig:     c.TLS,
			TLSHandshakeTimeout: dialTime, ResponseHeaderTimeout: requestTime, MaxResponseHeaderBytes: 1 << 16,
			MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			switch {
			case len(via) > maxRedirects:
				return errors.New("too many redirects")
			case r.URL.Scheme != "https" || r.URL.Host != via[0].URL.Host:
				return errElsewhere
			}
			return nil
		},
	}
}
