package simulator_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"govorun/bots/simulator"
)

// sim calls the control API.
func (r *rig) sim(method, path string, body any) (int, []byte) {
	r.t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, r.url+path, in)
	if err != nil {
		r.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, b
}

// control calls the control API for something that must work.
func control[T any](r *rig, method, path string, body any) T {
	r.t.Helper()
	code, b := r.sim(method, path, body)
	if code != 200 {
		r.t.Fatalf("%s %s: %d %s", method, path, code, b)
	}
	return decode[T](r.t, b)
}

func TestAnotherProcessCanPlayAWholeTalkOverHTTP(t *testing.T) {
	r := newRig(t)
	user := control[simulator.UserView](r, "POST", "/sim/users", params{"first_name": "Dan", "phone": "77010000000"})
	done := control[simulator.Done](r, "POST", "/sim/do", params{"do": "start", "user": user.ID, "text": "m_1"})
	if done.MessageID != 1 {
		t.Fatalf("got %+v", done)
	}
	r.send(params{"chat_id": user.ID, "text": "What happened?", "reply_markup": inline([]params{button("Took money", "n1:1")})})
	m := control[simulator.Message](r, "GET", "/sim/wait?contains=happened&chat="+itoa(user.ID), nil)
	done = control[simulator.Done](r, "POST", "/sim/do", params{"do": "press", "user": user.ID, "message_id": m.ID, "row": 1, "col": 1})
	r.ok("answerCallbackQuery", params{"callback_query_id": done.CallbackID, "text": "Thanks"})
	press := control[simulator.Press](r, "GET", "/sim/wait?press="+done.CallbackID, nil)
	if press.Toast != "Thanks" || press.Text != "Took money" {
		t.Fatalf("got %+v", press)
	}
	calls := control[[]simulator.Call](r, "GET", "/sim/wait?method=answerCallbackQuery&count=1", nil)
	if calls[0].Params["text"] != "Thanks" || calls[0].Code != 200 {
		t.Fatalf("got %+v", calls)
	}
	r.updates()
	control[map[string]bool](r, "GET", "/sim/wait?delivered=1", nil)
	_, text := r.sim("GET", "/sim/chats/"+itoa(user.ID)+"/transcript", nil)
	if want := "> /start m_1\n< What happened?\n  [Took money]\n> [Took money]\n< (toast) Thanks\n"; string(text) != want {
		t.Fatalf("got %q", text)
	}
	view := control[simulator.ChatView](r, "GET", "/sim/chats/"+itoa(user.ID), nil)
	if len(view.Messages) != 2 || len(view.Toasts) != 1 || !view.Started {
		t.Fatalf("got %+v", view)
	}
	state := control[simulator.State](r, "GET", "/sim/state", nil)
	if len(state.Users) != 4 || len(state.Chats) != 3 || state.Seq == 0 {
		t.Fatalf("got %+v", state)
	}
	if code, _ := r.sim("GET", "/sim/wait?chat=1&timeout_ms=10", nil); code != http.StatusRequestTimeout {
		t.Fatal(code)
	}
	control[map[string]bool](r, "POST", "/sim/reset", nil)
	if code, _ := r.sim("GET", "/sim/chats/"+itoa(user.ID), nil); code != 404 {
		t.Fatal("reset forgot nothing")
	}
}

func TestControlBreaksThingsAndRefusesNonsense(t *testing.T) {
	r := newRig(t)
	id := control[map[string]int](r, "POST", "/sim/faults", params{"kind": "server_error", "method": "getMe"})["id"]
	r.refused(500, "", "getMe", nil)
	if list := control[[]simulator.Fault](r, "GET", "/sim/faults", nil); list[0].Fired != 1 {
		t.Fatalf("got %+v", list)
	}
	control[map[string]bool](r, "DELETE", "/sim/faults/"+itoa(int64(id)), nil)
	r.ok("getMe", nil)
	control[map[string]bool](r, "PUT", "/sim/limits", params{"per_chat_per_second": 1})
	r.ok("sendMessage", params{"chat_id": r.ann.ID, "text": "x"})
	r.refused(429, "", "sendMessage", params{"chat_id": r.ann.ID, "text": "x"})
	control[map[string]bool](r, "PUT", "/sim/limits", json.RawMessage("null"))
	r.ok("sendMessage", params{"chat_id": r.ann.ID, "text": "x"})
	group := control[map[string]int64](r, "POST", "/sim/groups", params{"title": "Crew", "forum": true, "owner": r.ann.ID})["id"]
	if group > -1_000_000_000_000 {
		t.Fatal(group)
	}
	control[map[string]bool](r, "POST", "/sim/updates?chat=1", params{"message": nil})
	for _, bad := range []params{{"do": "fly", "user": r.ann.ID}, {"do": "text", "user": 1}, {"do": "text", "usr": 1}, {"do": "text", "user": r.ann.ID, "chat": -1}} {
		if code, b := r.sim("POST", "/sim/do", bad); code != 400 || !strings.Contains(string(b), `"error"`) {
			t.Errorf("%v: %d %s", bad, code, b)
		}
	}
	if code, _ := r.sim("POST", "/sim/faults", params{"kind": "earthquake"}); code != 400 {
		t.Fatal(code)
	}
	control[map[string]bool](r, "PUT", "/sim/token", params{"token": "123456:new"})
	r.refused(401, "", "getMe", nil)
}

func TestFilesComeInByFormAndOutAsHarmlessBytes(t *testing.T) {
	r := newRig(t)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("action", `{"do":"document","user":`+itoa(r.ann.ID)+`,"caption":"see"}`)
	part, _ := form.CreateFormFile("file", "page.html")
	_, _ = part.Write([]byte("<script>alert(1)</script>"))
	_ = form.Close()
	res, err := http.Post(r.url+"/sim/do", form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(res.Body)
	res.Body.Close()
	done := decode[simulator.Done](t, b)
	doc := done.Messages[0].Document
	if doc == nil || doc.FileName != "page.html" {
		t.Fatalf("got %s", b)
	}
	res, err = http.Get(r.url + "/sim/files/" + doc.FileID)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if h := res.Header; h.Get("Content-Type") != "application/octet-stream" || h.Get("X-Content-Type-Options") != "nosniff" ||
		h.Get("Content-Disposition") != "attachment" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Fatalf("X17: got %v", h)
	}
}

func TestX28_ControlIsOffUnlessAskedForAndForThisMachineOnly(t *testing.T) {
	r := newRig(t, func(o *simulator.Options) { o.Control = false })
	if code, _ := r.sim("GET", "/sim/state", nil); code != 404 {
		t.Fatal(code)
	}
	r = newRig(t)
	for name, change := range map[string]func(*http.Request){
		"another name":   func(req *http.Request) { req.Host = "evil.example" },
		"another origin": func(req *http.Request) { req.Header.Set("Origin", "https://evil.example") },
	} {
		req, err := http.NewRequest("POST", r.url+"/sim/reset", nil)
		if err != nil {
			t.Fatal(err)
		}
		change(req)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: got %d", name, res.StatusCode)
		}
	}
}

func TestEveryChangeIsStreamed(t *testing.T) {
	r := newRig(t)
	res, err := http.Get(r.url + "/sim/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	read := func() string {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return text
			}
		}
		t.Fatal("the stream ended")
		return ""
	}
	read() // hello
	r.must(r.ann.Text("hello"))
	var kinds []string
	for range 2 {
		e := decode[simulator.Event](t, json.RawMessage(read()))
		kinds = append(kinds, e.Kind)
		if e.Chat != r.ann.ID || e.Seq == 0 {
			t.Fatalf("got %+v", e)
		}
	}
	if strings.Join(kinds, " ") != "message update" {
		t.Fatal(kinds)
	}
}

func TestX18_TheTokenIsMaskedAndCallsAreBounded(t *testing.T) {
	r := newRig(t, func(o *simulator.Options) { o.KeepCalls = 10 })
	for range 50 {
		r.ok("sendMessage", params{"chat_id": r.ann.ID, "text": "see https://api.telegram.org/bot" + token + "/x"})
	}
	calls := r.s.Calls("")
	if len(calls) != 10 || strings.Contains(calls[0].Params["text"], token) || !strings.Contains(calls[0].Params["text"], "***") {
		t.Fatalf("%d calls, the first %+v", len(calls), calls[0].Params)
	}
}
