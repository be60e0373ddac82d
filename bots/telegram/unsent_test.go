package telegram

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"govorun/crm"
)

// reset breaks a connection as a machine that was switched off does.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

func TestS01_ACallThatWasWrittenAndNotAnsweredMayHaveBeenDone(t *testing.T) {
	acted := func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }
	for name, then := range map[string]http.HandlerFunc{
		"reset after acting": func(w http.ResponseWriter, r *http.Request) { acted(r); reset(w) },
		"cut off in its answer": func(w http.ResponseWriter, r *http.Request) {
			acted(r)
			w.Header().Set("Content-Length", "99")
			_, _ = io.WriteString(w, "{")
		},
		"answered by a gateway":  func(w http.ResponseWriter, r *http.Request) { acted(r); w.WriteHeader(http.StatusGatewayTimeout) },
		"answered with no JSON":  func(w http.ResponseWriter, r *http.Request) { acted(r); _, _ = io.WriteString(w, "<html>") },
		"answered after its end": func(w http.ResponseWriter, r *http.Request) { acted(r); <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(then)
			defer server.Close()
			c, err := New(Config{Token: testToken, API: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			photo := outText("x")
			photo.Kind, photo.Media = crm.OutMedia, []crm.Upload{{Kind: crm.Photo, Bytes: []byte("a photo")}}
			for _, out := range []crm.Outbound{outText("x"), photo} {
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				_, err = c.Send(ctx, out)
				cancel()
				if got := policyOf(t, err); got.Policy != crm.Retry || got.Reason != reasonUnanswered {
					t.Errorf("%s: got %+v", out.Kind, got)
				}
			}
		})
	}
}

func TestS11_ACallThatNeverGotThereWasCertainlyNotDone(t *testing.T) {
	nobody := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}}
	c, err := New(Config{Token: testToken, Transport: nobody})
	if err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for want, ctx := range map[string]context.Context{"network": t.Context(), "stopped": stopped} {
		_, err = c.Send(ctx, outText("x"))
		if got := policyOf(t, err); got.Policy != crm.Retry || got.Reason != want {
			t.Errorf("got %+v, want the reason %s", got, want)
		}
	}
}
