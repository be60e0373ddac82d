package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// Bounds of requests of the page.
const (
	maxAct   = 64 << 10
	maxFiles = 64 << 20
	doing    = 20 * time.Second
)

// ServeHTTP answers the page of try. Bodies and answers are JSON; a refusal is {"error":"what and why"}.
//
//	GET  /wa/state                   → {"number","linked","online","code","people":[Person]}; code is a QR code that waits to be scanned
//	GET  /wa/events                  → server-sent events: first "hello", then Happened
//	GET  /wa/chats/{id}              → {"bubbles":[Bubble],"typing":true}
//	GET  /wa/chats/{id}/{message}    → the file of a message
//	POST /wa/people                  {"name","phone"} → Person; without a phone the number is hidden
//	POST /wa/chats/{id}              Act → {"ids":[…]}; with files as multipart/form-data: "action" and "file", "file", …
//	POST /wa/company                 CompanyAct → {"ok":true}
func (w *World) ServeHTTP(out http.ResponseWriter, r *http.Request) { w.routes.ServeHTTP(out, r) }

func (w *World) handlers() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /wa/state", func(out http.ResponseWriter, _ *http.Request) { give(out, w.state()) })
	mux.HandleFunc("GET /wa/events", w.serveEvents)
	mux.HandleFunc("GET /wa/chats/{id}", w.serveChat)
	mux.HandleFunc("GET /wa/chats/{id}/{message}", w.serveFile)
	mux.HandleFunc("POST /wa/people", w.servePeople)
	mux.HandleFunc("POST /wa/chats/{id}", w.serveAct)
	mux.HandleFunc("POST /wa/company", w.serveCompany)
	return mux
}

// WorldState is what a page shows first.
type WorldState struct {
	Number string   `json:"number"`
	Linked bool     `json:"linked"`
	Online bool     `json:"online"`
	Banned bool     `json:"banned"`
	Code   string   `json:"code,omitempty"`
	People []Person `json:"people"`
}

func (w *World) state() WorldState {
	out := WorldState{Number: w.own.User, Linked: w.Known(), Online: w.server.Online(w.own), People: w.People()}
	w.server.mu.Lock()
	d := w.server.devices[w.own]
	out.Banned = d != nil && d.refusal != nil && d.until.After(w.server.Now())
	w.server.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	out.Code = w.code
	return out
}

func (w *World) serveChat(out http.ResponseWriter, r *http.Request) {
	p, err := w.peer(r.PathValue("id"))
	if err != nil {
		refuse(out, http.StatusNotFound, err)
		return
	}
	list := p.Screen(w.own)
	if list == nil {
		list = []Bubble{}
	}
	give(out, map[string]any{"bubbles": list, "typing": p.TypingSeen(w.own)})
}

func (w *World) serveFile(out http.ResponseWriter, r *http.Request) {
	p, err := w.peer(r.PathValue("id"))
	if err != nil {
		refuse(out, http.StatusNotFound, err)
		return
	}
	for _, b := range p.Screen(w.own) {
		if b.ID != r.PathValue("message") || b.File == nil {
			continue
		}
		data, err := b.File.Data()
		if err != nil {
			refuse(out, http.StatusNotFound, fmt.Errorf("the file can't be had: %w", err))
			return
		}
		kind, _, err := mime.ParseMediaType(b.File.Mime)
		if err != nil || !strings.HasPrefix(kind, "image/") && !strings.HasPrefix(kind, "audio/") || kind == "image/svg+xml" {
			kind = "application/octet-stream" // it is shown on a page: nothing of it may run there
		}
		out.Header().Set("Content-Type", kind)
		out.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = out.Write(data)
		return
	}
	refuse(out, http.StatusNotFound, errors.New("there is no such file"))
}

func (w *World) servePeople(out http.ResponseWriter, r *http.Request) {
	var in struct{ Name, Phone string }
	if !take(out, http.MaxBytesReader(out, r.Body, maxAct), &in) {
		return
	}
	p, err := w.Add(in.Name, in.Phone)
	if err != nil {
		refuse(out, http.StatusBadRequest, err)
		return
	}
	give(out, p)
}

func (w *World) serveAct(out http.ResponseWriter, r *http.Request) {
	p, err := w.peer(r.PathValue("id"))
	if err != nil {
		refuse(out, http.StatusNotFound, err)
		return
	}
	var a Act
	var sent []File
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		r.Body = http.MaxBytesReader(out, r.Body, maxFiles)
		if sent, err = filesOf(r); err != nil {
			refuse(out, http.StatusBadRequest, err)
			return
		}
		if !take(out, strings.NewReader(r.FormValue("action")), &a) {
			return
		}
	} else if !take(out, http.MaxBytesReader(out, r.Body, maxAct), &a) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), doing)
	defer cancel()
	ids, err := w.act(ctx, p, a, sent)
	if err != nil {
		refuse(out, http.StatusBadRequest, err)
		return
	}
	give(out, map[string]any{"ids": ids})
}

// filesOf reads the files of a form.
func filesOf(r *http.Request) (list []File, err error) {
	if err := r.ParseMultipartForm(maxFiles); err != nil {
		return nil, fmt.Errorf("read the files: %w", err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	for _, head := range r.MultipartForm.File["file"] {
		f, err := head.Open()
		if err != nil {
			return nil, fmt.Errorf("read a file: %w", err)
		}
		data, err := io.ReadAll(f)
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("read a file: %w", err)
		}
		list = append(list, File{Data: data, Mime: head.Header.Get("Content-Type"), Name: head.Filename})
	}
	return list, nil
}

func (w *World) serveCompany(out http.ResponseWriter, r *http.Request) {
	var a CompanyAct
	if !take(out, http.MaxBytesReader(out, r.Body, maxAct), &a) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), doing)
	defer cancel()
	if err := w.company(ctx, a); err != nil {
		refuse(out, http.StatusBadRequest, err)
		return
	}
	give(out, map[string]bool{"ok": true})
}

func (w *World) serveEvents(out http.ResponseWriter, r *http.Request) {
	ch := make(chan Happened, 256)
	w.mu.Lock()
	w.heard[ch] = true
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.heard, ch)
	}()
	out.Header().Set("Content-Type", "text/event-stream")
	out.Header().Set("Cache-Control", "no-store")
	_, _ = fmt.Fprint(out, "retry: 1000\nevent: hello\ndata: {}\n\n")
	flush := http.NewResponseController(out)
	beat := time.NewTicker(15 * time.Second) // so that both sides notice a dead connection
	defer beat.Stop()
	for flush.Flush() == nil {
		select {
		case h := <-ch:
			raw, _ := json.Marshal(h) // strings only
			_, _ = fmt.Fprintf(out, "data: %s\n\n", raw)
		case <-beat.C:
			_, _ = fmt.Fprint(out, ": still here\n\n")
		case <-r.Context().Done():
			return
		}
	}
}

func take(out http.ResponseWriter, from io.Reader, into any) bool {
	d := json.NewDecoder(from)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		refuse(out, http.StatusBadRequest, fmt.Errorf("read the order: %w", err))
		return false
	}
	return true
}

func give(out http.ResponseWriter, v any) {
	out.Header().Set("Content-Type", "application/json")
	out.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(out).Encode(v) // the client is gone when this fails
}

func refuse(out http.ResponseWriter, code int, err error) {
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(code)
	_ = json.NewEncoder(out).Encode(map[string]string{"error": err.Error()})
}
