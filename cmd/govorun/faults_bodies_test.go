package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestT14_BodiesThatAreNoUpdateAreRefusedAndNotShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t).webhook()
	p := w.serve().ready()
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte(written(1, 1, 101, "secretword")))
	z.Close()
	cases := map[string][]string{
		`{"update_id":1,"message":{"text":"secretword"`: nil, "": nil, "null": nil, `[{"update_id":1,"secretword":1}]`: nil, `"secretword"`: nil,
		zipped.String(): {"Content-Encoding", "gzip"},
	}
	for body, header := range cases {
		if resp := post(t, p, body, header...); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%.20q got %d", body, resp.StatusCode)
		}
	}
	if got := p.metric("webhook_malformed_total"); got != strconv.Itoa(len(cases)) {
		t.Errorf("counted %s of %d", got, len(cases))
	}
	if strings.Contains(p.out.String(), "secretword") {
		t.Error("a body is in the log")
	}
}

func TestT15_AHugeBodyIsCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t).webhook()
	p := w.serve().ready()
	for name, body := range map[string]io.Reader{
		"with a length":    strings.NewReader(strings.Repeat(" ", 64<<20)),
		"without a length": io.LimitReader(spaces{}, 64<<20),
	} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.address+"/telegram", body)
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", testSecret)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			continue // the connection was cut while we were still writing: as good
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: got %d", name, resp.StatusCode)
		}
	}
	if code, _ := p.get("/readyz"); code != http.StatusOK {
		t.Errorf("the program is not ready any more: %d", code)
	}
}

type spaces struct{}

func (spaces) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

func TestT15_ASlowBodyIsNotWaitedForLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t).webhook()
	p := w.serve().ready()
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /telegram HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nX-Telegram-Bot-Api-Secret-Token: %s\r\n\r\n{", testSecret)
	began := time.Now()
	conn.SetReadDeadline(began.Add(patience))
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("the connection stays open: %v", err)
	}
	if took := time.Since(began); took > p.within(15*time.Second) {
		t.Errorf("it was waited for %v", took)
	}
}

func TestT16_UnknownKindsAndFieldsAreKeptAsIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t).webhook()
	p := w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	for _, body := range []string{
		`{"update_id":900001,"wormhole_opened":{"chat":{"id":101,"type":"private"},"from":{"id":101},"date":1750000000,"depth":7}}`,
		`{"update_id":900002,"message":{"message_id":900002,"date":1750000000,"chat":{"id":101,"type":"private"},"from":{"id":101,"first_name":"А"},"hologram":{"x":1}}}`,
	} {
		if resp := post(t, p, body); resp.StatusCode/100 != 2 {
			t.Errorf("got %d", resp.StatusCode)
		}
	}
	w.becomes(1, `SELECT count(*) FROM messages WHERE status = 'ignored' AND content->>'note' = 'wormhole_opened'`)
	if n := one[int](w, `SELECT count(*) FROM messages WHERE ref = 'm:900002'`); n != 1 {
		t.Error("a message with an unknown field was not kept")
	}
	w.did(anna.Text("214"))
	w.sees(anna, "Что случилось?")
	if strings.Contains(p.out.String(), "level=ERROR") {
		t.Error("it was logged as an error")
	}
}

func TestT18_UpdatesWithoutAuthorOrMessageDoNoHarm(t *testing.T) {
	t.Parallel()
	w := newWorld(t).webhook()
	p := w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	for _, body := range []string{
		`{"update_id":900001,"channel_post":{"message_id":5,"date":1750000000,"chat":{"id":-1001,"type":"channel","title":"News"},"text":"x"}}`,
		`{"update_id":900002,"message":{"message_id":6,"date":1750000000,"chat":{"id":-1002,"type":"supergroup","title":"G"},"sender_chat":{"id":-1002,"type":"supergroup"},"text":"/my"}}`,
		`{"update_id":900003,"message":null}`,
		`{"update_id":900004}`,
		`{"update_id":900005,"callback_query":{"id":"1","from":{"id":101,"first_name":"А"},"message":{"chat":{"id":101,"type":"private"},"message_id":2,"date":0},"data":"AAAAAA:x"}}`,
		`{"update_id":900006,"callback_query":{"id":"2","from":{"id":101,"first_name":"А"},"inline_message_id":"q","data":"x"}}`,
		`{"update_id":900007,"my_chat_member":{"chat":{"id":-1003,"type":"group"},"date":1750000000}}`,
	} {
		if resp := post(t, p, body); resp.StatusCode/100 != 2 {
			t.Errorf("%s got %d", body, resp.StatusCode)
		}
	}
	w.did(anna.Text("214"))
	w.sees(anna, "Что случилось?")
	if log := p.out.String(); strings.Contains(log, "panic") || strings.Contains(log, "level=ERROR") {
		t.Errorf("printed:\n%s", log)
	}
}
