package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"govorun/bots/simulator"
	"govorun/crm/board"
	"govorun/crm/demo"
	"govorun/crm/jobs"
)

// serve opens the page with all it needs:
//
//	/          the page
//	/sim/…     people and their phones (bots/simulator/control.go)
//	/board/…   the CRM (crm/board/board.go)
//	/wa/…      people and their phones with WhatsApp (bots/whatsapp/simulator/world_http.go)
//	/try/…     what only a try can do: clock, worker, outage of the database, stickers, turns
func (t *trial) serve(listener net.Listener) error {
	files, err := jobs.OpenFiles(filepath.Join(t.dir, "files"), t.vault.ring)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", simulator.Page())
	mux.Handle("/sim/", t.sim)
	mux.Handle("/board/", board.New(board.Config{DB: t.db, Names: t.names, Log: t.log, When: t.clock.when,
		Open: func(hash string) (io.ReadSeekCloser, error) { return files.Open(hash) }}))
	mux.HandleFunc("GET /try/state", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, t.state()) })
	mux.HandleFunc("GET /try/events", t.serveEvents)
	mux.HandleFunc("GET /try/talks/{chat}", t.serveTalk)
	mux.HandleFunc("GET /try/clock", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, t.clockState()) })
	mux.HandleFunc("POST /try/clock", t.serveClock)
	mux.HandleFunc("POST /try/people", t.serveHire)
	mux.HandleFunc("POST /try/worker", t.serveWorker)
	mux.HandleFunc("POST /try/database", t.serveDatabase)
	mux.HandleFunc("GET /try/machines", t.serveMachines)
	mux.HandleFunc("GET /try/machines/{code}", t.serveMachine)
	mux.HandleFunc("GET /try/machines/{code}/qr.png", t.serveQR)
	t.serveWhatsApp(mux)
	server := &http.Server{Handler: ownPageOnly(mux), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(t.log.Handler(), slog.LevelDebug)}
	go server.Serve(listener)
	t.stops = append(t.stops, func() { server.Close() })
	return nil
}

// ownPageOnly keeps other sites out: neither a page elsewhere nor a name that resolves to this machine may drive the try
// through somebody's browser.
func ownPageOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			refuseJSON(w, http.StatusForbidden, errors.New("a try answers on loopback addresses only"))
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
				refuseJSON(w, http.StatusForbidden, errors.New("a try answers its own page only"))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the client is gone when this fails
}

func refuseJSON(w http.ResponseWriter, code int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}

type tryState struct {
	Bot       string        `json:"bot"`
	Languages []string      `json:"languages"`
	Machine   string        `json:"machine"` // to be scanned; empty when the business has none
	People    []personView  `json:"people"`
	Roles     []roleView    `json:"roles"`
	Clock     clockState    `json:"clock"`
	Worker    workerState   `json:"worker"`
	Database  databaseState `json:"database"`
	Turns     []trace       `json:"turns"`
}

type databaseState struct {
	Up    bool      `json:"up"`
	Until time.Time `json:"until,omitzero"`
}

// state is what a page shows first. It asks nobody: neither a slow database nor a busy one keeps the phones away.
func (t *trial) state() tryState {
	s := tryState{Bot: botName, Languages: t.names.kit.Languages, People: t.people(), Roles: t.roles(), Clock: t.clockFace(), Worker: t.worker.state(), Turns: t.traces.all()}
	if t.demoCompany() {
		s.Machine = demo.MachineCode
	}
	s.Database.Up, s.Database.Until = t.base.state()
	return s
}

// serveEvents streams turns and changes of clock, worker and database.
func (t *trial) serveEvents(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	changes, stop := t.traces.subscribe()
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, "retry: 1000\nevent: hello\ndata: {}\n\n")
	beat := time.NewTicker(15 * time.Second) // so that both sides notice a dead connection
	defer beat.Stop()
	for out.Flush() == nil {
		select {
		case change, open := <-changes:
			if !open {
				return
			}
			fmt.Fprintf(w, "data: %s\n\n", change)
		case <-beat.C:
			fmt.Fprint(w, ": still here\n\n")
		case <-r.Context().Done():
			return
		}
	}
}
