package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// longestWait bounds /sim/wait.
const longestWait = 10 * time.Minute

func (s *Server) controlReads(mux *http.ServeMux) {
	mux.HandleFunc("GET /sim/state", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.State()) })
	mux.HandleFunc("GET /sim/chats/{id}", s.controlChat)
	mux.HandleFunc("GET /sim/chats/{id}/transcript", s.controlTranscript)
	mux.HandleFunc("GET /sim/calls", s.controlCalls)
	mux.HandleFunc("GET /sim/presses/{id}", s.controlPress)
	mux.HandleFunc("GET /sim/files/{id}", s.controlFile)
	mux.HandleFunc("GET /sim/events", s.controlEvents)
	mux.HandleFunc("GET /sim/wait", s.controlWait)
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (s *Server) controlChat(w http.ResponseWriter, r *http.Request) {
	view, ok := s.View(number(r.PathValue("id")))
	if !ok {
		refuse(w, http.StatusNotFound, errors.New("there is no chat "+r.PathValue("id")))
		return
	}
	reply(w, view)
}

func (s *Server) controlTranscript(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(s.Transcript(number(r.PathValue("id")))))
}

func (s *Server) controlCalls(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list, after := s.Calls(q.Get("method")), number(q.Get("after"))
	for len(list) > 0 && list[0].Seq <= after {
		list = list[1:]
	}
	reply(w, list)
}

func (s *Server) controlPress(w http.ResponseWriter, r *http.Request) {
	p, ok := s.PressOf(r.PathValue("id"))
	if !ok {
		refuse(w, http.StatusNotFound, errors.New("there is no press "+r.PathValue("id")))
		return
	}
	reply(w, p)
}

// controlFile serves what people and bot sent. The content is anybody's, so a browser may only show or save it:
// never run it, never guess its type.
func (s *Server) controlFile(w http.ResponseWriter, r *http.Request) {
	data, mime, ok := s.FileBytes(r.PathValue("id"))
	if !ok {
		refuse(w, http.StatusNotFound, errors.New("there is no such file, or it was too old to keep"))
		return
	}
	switch mime {
	case "image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "audio/ogg", "audio/mpeg":
	default:
		mime = "application/octet-stream"
		w.Header().Set("Content-Disposition", "attachment")
	}
	w.Header().Set("Content-Type", mime)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.Header().Set("Cache-Control", "private, max-age=3600")
	_, _ = w.Write(data)
}

// controlEvents streams changes until the client or the server goes.
func (s *Server) controlEvents(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	changes, stop := s.Subscribe()
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = fmt.Fprintf(w, "retry: 1000\nevent: hello\ndata: {\"seq\":%d}\n\n", s.Seq())
	if out.Flush() != nil {
		return
	}
	beat := time.NewTicker(15 * time.Second) // so that both sides notice a dead connection
	defer beat.Stop()
	for {
		var err error
		select {
		case b, open := <-changes:
			if !open {
				return
			}
			_, err = fmt.Fprintf(w, "data: %s\n\n", b)
		case <-beat.C:
			_, err = w.Write([]byte(": still here\n\n"))
		case <-r.Context().Done():
			return
		}
		if err != nil || out.Flush() != nil {
			return
		}
	}
}

func (s *Server) controlWait(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	timeout := 5 * time.Second
	if ms := number(q.Get("timeout_ms")); ms > 0 {
		timeout = min(time.Duration(ms)*time.Millisecond, longestWait)
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	result, err := s.waitFor(ctx, q)
	switch {
	case errors.Is(err, errNothingToWait):
		refuse(w, http.StatusBadRequest, err)
	case err != nil:
		refuse(w, http.StatusRequestTimeout, err)
	default:
		reply(w, result)
	}
}

var errNothingToWait = errors.New("say what to wait for: chat, press, method or delivered")

func (s *Server) waitFor(ctx context.Context, q url.Values) (any, error) {
	switch {
	case q.Get("chat") != "":
		return s.WaitAfter(ctx, number(q.Get("chat")), number(q.Get("after")), Contains(q.Get("contains")))
	case q.Get("press") != "":
		return s.WaitPress(ctx, q.Get("press"))
	case q.Has("method"):
		return s.WaitCalls(ctx, q.Get("method"), max(1, int(number(q.Get("count")))))
	case q.Has("delivered"):
		return map[string]bool{"ok": true}, s.WaitDelivered(ctx)
	}
	return nil, errNothingToWait
}
