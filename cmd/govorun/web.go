package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// doors are the addresses on which the program serves; an empty one is not opened.
type doors struct {
	web     string // webhook, health and, for this machine only, metrics
	metrics string // metrics for everybody who reaches it
}

// web is what the doors lead to. Who calls between open and serve is answered when serve begins.
type web struct {
	public, metrics net.Listener // nil: not wanted
	servers         []*http.Server
}

// open takes the addresses, so that one that is taken already is told before anything begins.
func (d doors) open() (w *web, err error) {
	w = &web{}
	if w.public, err = openPort(d.web, "GOVORUN_LISTEN"); err != nil {
		return nil, err
	}
	if w.metrics, err = openPort(d.metrics, "GOVORUN_METRICS"); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func openPort(address, setting string) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w. Choose another address with %s", address, err, setting)
	}
	return listener, nil
}

// serve answers on the doors that are open.
func (w *web) serve(y *system) {
	figures := http.NewServeMux()
	figures.Handle("GET /metrics", y.metrics())
	if w.metrics != nil {
		w.answer(w.metrics, figures, y.log)
	}
	if w.public == nil {
		return
	}
	mux := http.NewServeMux()
	y.health(mux)
	y.fileDoor(mux)
	newAPI(y, y.keys).routes(mux)
	if w.metrics == nil {
		mux.Handle("GET /metrics", thisMachineOnly(figures))
	}
	w.answer(w.public, y.hooked(mux), y.log)
}

func (w *web) answer(door net.Listener, handler http.Handler, log *slog.Logger) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	w.servers = append(w.servers, server)
	go server.Serve(door)
	log.Info("web server listens", "address", door.Addr().String())
}

// close lets answers under way end, for at most a second.
func (w *web) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, server := range w.servers {
		server.Shutdown(ctx)
	}
	for _, door := range []net.Listener{w.public, w.metrics} {
		if door != nil {
			door.Close() // its server has closed it, if there was one
		}
	}
}

// hooked puts the webhook before a handler, at the very path of its public address. A path is compared and is no pattern, so
// that any path will do; what is not posted to it goes on.
func (y *system) hooked(next http.Handler) http.Handler {
	if y.webhook == nil {
		return next
	}
	hook, path := y.telegram.Handler(), webhookPath(y.webhook.URL)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == path {
			hook.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// webhookPath is the path to which Telegram posts for an address.
func webhookPath(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Path == "" {
		return "/"
	}
	return u.Path
}

// forwarding are headers by which a proxy tells that it speaks for somebody else.
var forwarding = []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"}

// thisMachineOnly hides a handler from other machines, also from those that a proxy on this one lets through.
func thisMachineOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		near := err == nil && from.Addr().Unmap().IsLoopback()
		for _, header := range forwarding {
			near = near && r.Header.Get(header) == ""
		}
		if !near {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
