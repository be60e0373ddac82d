package telegram

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzAnswersOfTheServer gives anything as an answer of the Bot API, or of a gateway before it.
func FuzzAnswersOfTheServer(f *testing.F) {
	for _, seed := range []string{`{"ok":true,"result":{"message_id":5}}`, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}}`,
		`{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-1001}}`, `<html>502 Bad Gateway</html>`, ``, `null`, `[]`, `{"ok":"yes"}`,
		`{"ok":false,"parameters":{"retry_after":9223372036854775807}}`, `{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":-5}}`, `{"ok":false,"description":"` + strings.Repeat("я", 500) + `"}`, `{"ok":true,"result":"\ud800"}`} {
		f.Add(seed, 429, "3")
	}
	f.Fuzz(func(t *testing.T, body string, status int, wait string) {
		answer := func() *http.Response {
			return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {wait}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
		}
		check := func(err error) {
			e := refused(err)
			if e == nil {
				if err != nil && (strings.Contains(err.Error(), body) && len(body) > 20) {
					t.Fatalf("the answer itself is told: %v", err)
				}
				return
			}
			if e.retryAfter < 0 || e.retryAfter > 100*365*24*time.Hour {
				t.Fatalf("%q has to wait %s", body, e.retryAfter)
			}
			if utf8.RuneCountInString(e.description) > 200 || !utf8.ValidString(e.description) {
				t.Fatalf("%q says %q", body, e.description)
			}
		}
		var result any
		check(readAnswer("sendMessage", answer(), &result))
		refusal := readRefusal("sendMessage", answer())
		check(refusal)
		if refusal.description == "" {
			t.Fatalf("%q with HTTP %d is refused without a word", body, status)
		}
		if seconds, err := strconv.Atoi(wait); err == nil && seconds > 0 && seconds < 1e6 && refusal.retryAfter == 0 {
			t.Fatalf("Retry-After %s is forgotten", wait)
		}
	})
}

func FuzzStartPayloads(f *testing.F) {
	for _, seed := range []string{"m_7Q2", "", "../../x'--", strings.Repeat("a", 65), strings.Repeat("🙂", 80), "\xff", "a b", "m_\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, args string) {
		payload := startPayload(args)
		if utf8.RuneCountInString(payload) > maxStart || startPattern.MatchString(args) && payload != args {
			t.Fatalf("%q is kept as %q", args, payload)
		}
		if again := startPayload(payload); again != payload {
			t.Fatalf("%q is kept as %q, and then as %q", args, payload, again)
		}
	})
}
