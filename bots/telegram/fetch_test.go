package telegram

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"govorun/bots"
	"govorun/crm"
)

// filing answers getFile with a path and serves body there.
func filing(path string, size int, body string) *server {
	s := newServer()
	s.answer = func(call) (int, string) {
		return 200, fmt.Sprintf(`{"ok":true,"result":{"file_id":"x","file_unique_id":"u","file_size":%d,"file_path":%q}}`, size, path)
	}
	s.file = func(string) *http.Response { r := response(200, body); r.ContentLength = -1; return r }
	return s
}

func TestAFileIsFetched(t *testing.T) {
	s := filing("photos/file 1.jpg", 9, "the bytes")
	var asked string
	serve := s.file
	s.file = func(path string) *http.Response { asked = path; return serve(path) }
	c, _ := open(t, s)
	var got bytes.Buffer
	if err := c.Fetch(t.Context(), crm.Media{Kind: crm.Photo, Ref: "x"}, 9, &got); err != nil || got.String() != "the bytes" {
		t.Errorf("got %q %v", got.String(), err)
	}
	if asked != "/file/bot"+testToken+"/photos/file 1.jpg" {
		t.Errorf("asked for %s", asked)
	}
}

func TestX14_AFileAboveTheLimitIsNotDownloaded(t *testing.T) {
	for name, s := range map[string]*server{
		"the message says so": filing("a", 0, "x"),
		"getFile says so":     filing("a", 11, "x"),
		"the server refuses":  {answer: refuse(400, "Bad Request: file is too big", "")},
	} {
		s.file = func(string) *http.Response { t.Errorf("%s: downloaded", name); return response(200, "") }
		c, _ := open(t, s)
		media := crm.Media{Kind: crm.Photo, Ref: "x"}
		if name == "the message says so" {
			media.Size = 11
		}
		if err := c.Fetch(t.Context(), media, 10, io.Discard); !errors.Is(err, bots.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestW23_ABodyLargerThanItsSizeIsCutAtTheLimit(t *testing.T) {
	c, _ := open(t, filing("a", 1, strings.Repeat("x", 1000)))
	var got bytes.Buffer
	if err := c.Fetch(t.Context(), crm.Media{Ref: "x"}, 10, &got); !errors.Is(err, bots.ErrTooLarge) || got.Len() != 10 {
		t.Errorf("%d bytes, %v", got.Len(), err)
	}
}

func TestX11_PathsThatLeadElsewhereAreRefused(t *testing.T) {
	for _, path := range []string{"/var/lib/telegram-bot-api/1/photos/a.jpg", "../../getMe", "photos/../../x", "", "a//b", "a?b", "a#b", "%2e%2e/x", `a\b`, "http://evil.test/x", "C:/x"} {
		s := filing(path, 1, "x")
		s.file = func(string) *http.Response { t.Errorf("%q was downloaded", path); return response(200, "") }
		c, _ := open(t, s)
		if err := c.Fetch(t.Context(), crm.Media{Ref: "x"}, 10, io.Discard); err == nil || errors.Is(err, bots.ErrGone) {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func TestAFileThatIsGoneIsToldFromOneThatMayComeBack(t *testing.T) {
	for description, gone := range map[string]bool{
		"Bad Request: wrong file_id or the file is temporarily unavailable": true,
		"Bad Request: invalid file_id":                                      true,
		"Internal Server Error: sorry":                                      false,
	} {
		code := 400
		if !gone {
			code = 500
		}
		c, _ := open(t, &server{answer: refuse(code, description, "")})
		if err := c.Fetch(t.Context(), crm.Media{Ref: "x"}, 10, io.Discard); err == nil || errors.Is(err, bots.ErrGone) != gone {
			t.Errorf("%s: %v", description, err)
		}
	}
	s := filing("a", 1, "")
	s.file = func(string) *http.Response {
		return response(404, `{"ok":false,"error_code":404,"description":"Not Found"}`)
	}
	c, _ := open(t, s)
	if err := c.Fetch(t.Context(), crm.Media{Ref: "x"}, 10, io.Discard); !errors.Is(err, bots.ErrGone) {
		t.Errorf("404: %v", err)
	}
}

func TestX10_OnlyTheConfiguredHostIsAsked(t *testing.T) {
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was asked") }))
	defer evil.Close()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/file/") {
			http.Redirect(w, r, evil.URL+"/x?"+testToken, http.StatusFound)
			return
		}
		fmt.Fprint(w, `{"ok":true,"result":{"file_id":"x","file_path":"a"}}`)
	}))
	defer api.Close()
	c, err := New(Config{Token: testToken, API: api.URL})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Fetch(t.Context(), crm.Media{Ref: "x"}, 10, io.Discard)
	if err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("got %v", err)
	}
}

func TestX18_TheTokenIsInNoErrorAndNoLog(t *testing.T) {
	failures := map[string]http.RoundTripper{
		"refused dial": roundTrip(func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("dial %s: refused", r.URL) }),
		"404":          roundTrip(func(r *http.Request) (*http.Response, error) { return response(404, "no "+r.URL.String()), nil }),
		"echo":         roundTrip(func(r *http.Request) (*http.Response, error) { return response(200, "you asked "+r.URL.String()), nil }),
		"redirect": roundTrip(func(r *http.Request) (*http.Response, error) {
			away := response(302, "")
			away.Header.Set("Location", "https://evil.test"+r.URL.Path)
			return away, nil
		}),
		"bad redirect": roundTrip(func(r *http.Request) (*http.Response, error) {
			away := response(302, "")
			away.Header.Set("Location", "http://[::1"+r.URL.Path)
			return away, nil
		}),
	}
	for name, transport := range failures {
		w := &watch{}
		config := w.config(newServer())
		config.Transport = transport
		c, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		out := outText("x")
		_, sendErr := c.Send(t.Context(), out)
		out.Kind, out.Media = crm.OutMedia, []crm.Upload{file(crm.Photo, 10)}
		_, mediaErr := c.Send(t.Context(), out)
		_, probeErr := c.Probe(t.Context())
		_, backlogErr := c.Backlog(t.Context())
		for what, err := range map[string]error{
			"send": sendErr, "media": mediaErr, "probe": probeErr, "backlog": backlogErr,
			"answer": c.Answer(t.Context(), "cb", ""), "fetch": c.Fetch(t.Context(), crm.Media{Ref: "x"}, 10, io.Discard),
			"menu": c.SetMenus(t.Context(), Menu{}), "webhook": c.DeleteWebhook(t.Context()),
			"download": c.download(t.Context(), "a/b", 10, io.Discard),
		} {
			if err == nil {
				t.Errorf("%s, %s: no error", name, what)
				continue
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if strings.Contains(fmt.Sprintf("%+v %#v", e, e), "SECRET") {
					t.Errorf("%s, %s: the token is in %v", name, what, e)
				}
			}
		}
		if strings.Contains(w.logged(), "SECRET") {
			t.Errorf("%s: the token is in the log: %s", name, w.logged())
		}
	}
}

func TestX30_AMistypedTokenIsNotShown(t *testing.T) {
	for _, config := range []Config{{Token: "SECRET"}, {Token: "123:SEC RET"}, {Token: testToken, API: "http://u:SECRET@x"}, {Token: testToken, API: "SECRET"}, {Token: testToken, Allowed: []string{"message"}}} {
		_, err := New(config)
		if err == nil || strings.Contains(err.Error(), "SEC") {
			t.Errorf("got %v", err)
		}
	}
}

func TestT21_AMissingKindOfUpdateIsNamed(t *testing.T) {
	_, err := New(Config{Token: testToken, Allowed: []string{"message", "edited_message", "callback_query", "message_reaction"}})
	if err == nil || !strings.Contains(err.Error(), "my_chat_member") {
		t.Errorf("got %v", err)
	}
}

func TestT08_TheBacklogTellsWhatWaitsAndWhenDeliveryFailed(t *testing.T) {
	c, _ := open(t, newServer())
	got, err := c.Backlog(t.Context())
	if err != nil || got.Pending != 3 || got.LastError.Unix() != 1700000000 {
		t.Errorf("got %+v %v", got, err)
	}
	me, err := c.Probe(t.Context())
	if err != nil || me.Username != "Govorun_Bot" || c.identity() != me {
		t.Errorf("got %+v %v", me, err)
	}
}
