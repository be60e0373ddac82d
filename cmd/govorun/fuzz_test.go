package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"govorun/crm"
	"govorun/crm/seal"
)

// FuzzBodiesOfTheAPI sends anything as a form and as a call: it is taken as plain texts, or refused in words with a status of the caller's.
func FuzzBodiesOfTheAPI(f *testing.F) {
	for _, seed := range []string{lead, `{"id":"1","status":"missed","at":"2026-11-22T10:00:00+05:00","phone":87071234567,"seconds":"5"}`, `{"a":[1]}`, `{"a":1}}`, `{"a":1} {}`, `null`, `[]`, ``, `{"a":"\u0000\ud800"}`, `name=a&name=b`, `a=%zz`, `a;b`, "\xff=\xfe",
		`{"id":"1","status":"missed","at":"x","seconds":"-1"}`, strings.Repeat("a", maxBody+1), `{"seconds":1e99}`} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, body string, isJSON bool) {
		r := httptest.NewRequest(http.MethodPost, "/api/calls", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if isJSON {
			r.Header.Set("Content-Type", "application/json; charset=utf-8")
		}
		given, err := fields(httptest.NewRecorder(), r)
		if err != nil {
			refusedKindly(t, body, err)
			return
		}
		if isJSON && !json.Valid([]byte(body)) {
			t.Fatalf("%q is no JSON, and is taken as %v", body, given)
		}
		for name, text := range given {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || len(text) > len(body)*3 {
				t.Fatalf("%q of %q is not fit to store: %q", name, body, text)
			}
		}
		call, err := readCall(given)
		if err != nil {
			refusedKindly(t, body, err)
			return
		}
		if call.ID == "" || call.At.IsZero() && !strings.HasPrefix(given["at"], "0001") || call.Seconds < 0 || call.Seconds > 24*3600 || call.Phone != "" && !strings.HasPrefix(call.Phone, "+") {
			t.Fatalf("%q is the call %+v", body, call)
		}
	})
}

func refusedKindly(t *testing.T, body string, err error) {
	t.Helper()
	var r refusal
	if !errors.As(err, &r) || r.status < 400 || r.status >= 500 || !strings.Contains(r.what, " ") {
		t.Fatalf("%.100q is refused by %v", body, err)
	}
}

// FuzzLinksToFiles opens a file by a link that nobody signed.
func FuzzLinksToFiles(f *testing.F) {
	ring, err := seal.NewRing([]seal.Key{{ID: 1, Secret: []byte(strings.Repeat("k", 32))}})
	if err != nil {
		f.Fatal(err)
	}
	y := &system{vault: &vault{ring: ring}}
	now := time.Unix(1_900_000_000, 0)
	good := y.signLink(7, 9, now.Add(time.Minute))
	for _, seed := range []string{good, good[:len(good)-1], ring.Sign("another", make([]byte, 24)), ring.Sign(linkPurpose, make([]byte, 23)), "", "../7"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, link string) {
		if id, me, ok := y.readLink(link, now); ok && (id != 7 || me != 9) {
			t.Fatalf("%q opens file %d to employee %d", link, id, me)
		}
		if _, _, ok := y.readLink(link, now.Add(linkLife)); ok {
			t.Fatalf("%q opens after its end", link)
		}
	})
}

func FuzzArgumentsOfCommands(f *testing.F) {
	for _, seed := range []string{"7d", "36h", "-1h", "9999d", "99999d", "№5512", "#0", " № 7", "9223372036854775808", "5512x", "1e3", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s span
		if err := s.UnmarshalText([]byte(text)); err != nil && !strings.Contains(err.Error(), "7d") || err == nil && s < 0 {
			t.Fatalf("%q is the span %s, %v", text, time.Duration(s), err)
		}
		if wrong := dealNumber(text).Validate(); (wrong == nil) != (parseDeal(text) > crm.DealID(0)) {
			t.Fatalf("%q is deal %d, %v", text, parseDeal(text), wrong)
		}
	})
}
