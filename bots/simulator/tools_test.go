package simulator_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"net/http/httptest"
	"strconv"
	"testing"
	"unicode/utf16"

	"govorun/bots/simulator"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// direct calls a method without a network.
func direct(t *testing.T, s *simulator.Server, method string, p params) answer {
	t.Helper()
	body, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest("POST", "/bot"+token+"/"+method, bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, req)
	a, err := read(rec.Result())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// picture is a PNG of this size.
func picture(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
