package telegram

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

func benchmarkDecode(b *testing.B, file string) {
	raw, err := os.ReadFile("testdata/updates/" + file)
	if err != nil {
		b.Fatal(err)
	}
	c := decoder(b)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeText(b *testing.B)  { benchmarkDecode(b, "text.json") }
func BenchmarkDecodePhoto(b *testing.B) { benchmarkDecode(b, "command_in_a_caption.json") }
func BenchmarkDecodePress(b *testing.B) { benchmarkDecode(b, "press.json") }

// nowhere is a response that costs nothing.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

func BenchmarkWebhook(b *testing.B) {
	raw, err := os.ReadFile("testdata/updates/text.json")
	if err != nil {
		b.Fatal(err)
	}
	d := &desk{}
	_, _, handler := hooked(b, d)
	r := httptest.NewRequest(http.MethodPost, "/hook", nil)
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", testSecret)
	body := bytes.NewReader(raw)
	r.Body = readCloser{body}
	w := nowhere{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		body.Reset(raw)
		d.taken = d.taken[:0]
		handler.ServeHTTP(w, r)
	}
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// BenchmarkSend measures building the call and reading its answer, without a network.
func BenchmarkSend(b *testing.B) {
	answer := `{"ok":true,"result":{"message_id":77,"date":1,"chat":{"id":5,"type":"private"},"from":{"id":1,"is_bot":true},"text":"ok"}}`
	c, err := New(Config{Token: testToken, Transport: roundTrip(func(*http.Request) (*http.Response, error) { return response(200, answer), nil })})
	if err != nil {
		b.Fatal(err)
	}
	out := outText("<b>Принято</b>: № 5512. Техник уже видит заявку.")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Send(b.Context(), out); err != nil {
			b.Fatal(err)
		}
	}
}
