package bench

import (
	"net/http"
	"testing"
)

func TestTheStubFindsTheChatInEveryForm(t *testing.T) {
	tests := []struct{ kind, body string }{
		{"application/json", `{"text":"a","chat_id":-100123,"reply_markup":{}}`},
		{"application/json", `{"chat_id":"-100123","text":"a"}`},
		{"application/json", `{"text":"a","chat_id": -100123}`},
		{"application/x-www-form-urlencoded", `text=a&chat_id=-100123`},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n-100123\r\n--b--\r\n"},
	}
	for _, test := range tests {
		r := &http.Request{Header: http.Header{"Content-Type": {test.kind}}}
		if got := chatOf(r, []byte(test.body)); got != -100123 {
			t.Errorf("%s: chat %d in %s", test.kind, got, test.body)
		}
	}
}
