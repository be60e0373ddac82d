package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"govorun/bots/simulator"
)

func TestAWrongTokenIsAnsweredAsTelegramDoes(t *testing.T) {
	r := newRig(t)
	for path, code := range map[string]int{
		"/botnonsense/getMe": 404, "/bot123456:other/getMe": 401, "/file/bot123456:other/x": 401, "/elsewhere": 404,
		"/bot" + token + "/getMee": 404, "/bot" + token + "/": 404,
	} {
		res, err := http.Get(r.url + path)
		if err != nil {
			t.Fatal(err)
		}
		a, err := read(res)
		if err != nil || a.status != code || a.Code != code || a.OK {
			t.Errorf("%s: got %d %v, want %d", path, a.status, err, code)
		}
	}
	r.s.SetToken("123456:new")
	r.refused(401, "Unauthorized", "getMe", nil)
}

func TestParametersComeByQueryFormMultipartAndJSONWithAnyCaseOfTheMethod(t *testing.T) {
	r := newRig(t)
	chat := params{"chat_id": r.ann.ID}
	q := url.Values{"chat_id": {itoa(r.ann.ID)}, "text": {"by query"}}
	res, err := http.Get(r.url + "/bot" + token + "/SENDMESSAGE?" + q.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if a, err := read(res); err != nil || !a.OK {
		t.Fatal(a.Text, err)
	}
	q.Set("text", "by form")
	if res, err = http.PostForm(r.url+"/bot"+token+"/sendmessage", q); err != nil {
		t.Fatal(err)
	}
	if a, err := read(res); err != nil || !a.OK {
		t.Fatal(a.Text, err)
	}
	chat["text"] = "by JSON"
	r.send(chat)
	if a := r.upload("sendDocument", map[string]string{"chat_id": itoa(r.ann.ID)}, "document", "a.txt", []byte("x")); !a.OK {
		t.Fatal(a.Text)
	}
	// The library of the product sends an empty multipart body when a method has no parameters.
	res, err = http.Post(r.url+"/bot"+token+"/getMe", "multipart/form-data; boundary=x", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := read(res); err != nil || !a.OK {
		t.Fatal(a.Text, err)
	}
	var texts []string
	for _, m := range r.s.Messages(r.ann.ID)[1:] {
		texts = append(texts, m.Text)
	}
	if got := strings.Join(texts, ","); got != "by query,by form,by JSON," {
		t.Fatal(got)
	}
}

func TestTextsAreCheckedAfterMarkupIsTakenOut(t *testing.T) {
	r := newRig(t)
	to := func(text string) params { return params{"chat_id": r.ann.ID, "text": text, "parse_mode": "HTML"} }
	r.refused(400, "message text is empty", "sendMessage", to(""))
	r.refused(400, "text must be non-empty", "sendMessage", to("<b> </b>\n"))
	r.refused(400, "message is too long", "sendMessage", to(strings.Repeat("😀", 2049)))
	m := r.send(to("<b>" + strings.Repeat("😀", 2048) + "</b>"))
	if e := m.Entities[0]; e.Type != "bold" || e.Length != 4096 {
		t.Fatalf("got %+v", e)
	}
	if m := r.send(to("  <i>x</i> \n")); m.Text != "x" || m.Entities[0].Offset != 0 {
		t.Fatalf("got %q %+v", m.Text, m.Entities)
	}
	p := to("**x**")
	p["parse_mode"] = "Markdown2"
	r.refused(400, "unsupported parse_mode", "sendMessage", p)
}

func TestS05_TheBotMayOnlyWriteToThoseItMayReach(t *testing.T) {
	r := newRig(t)
	to := func(id any) params { return params{"chat_id": id, "text": "hello"} }
	r.refused(400, "chat_id is empty", "sendMessage", params{"text": "x"})
	r.refused(400, "chat not found", "sendMessage", to(42))
	r.refused(400, "chat not found", "sendMessage", to("@nobody"))
	r.refused(400, "chat not found", "sendMessage", to("@ann_driver"))
	r.refused(403, "bot can't initiate conversation with a user", "sendMessage", to(r.eve.ID))
	r.must(r.bob.Do(simulator.Action{Do: "deactivate"}))
	r.refused(403, "Forbidden: user is deactivated", "sendMessage", to(r.bob.ID))
	other := r.s.MustUser(simulator.NewUser{FirstName: "Robot", IsBot: true})
	r.refused(403, "bots can't send messages to bots", "sendMessage", to(other.ID))
}

func TestS04_ABlockedBotIsRefusedUntilUnblocked(t *testing.T) {
	r := newRig(t)
	old := r.send(params{"chat_id": r.ann.ID, "text": "before"})
	r.must(r.ann.Do(simulator.Action{Do: "block"}))
	r.refused(403, "Forbidden: bot was blocked by the user", "sendMessage", params{"chat_id": r.ann.ID, "text": "x"})
	r.refused(403, "bot was blocked", "sendChatAction", params{"chat_id": r.ann.ID, "action": "typing"})
	r.ok("editMessageText", params{"chat_id": r.ann.ID, "message_id": old.ID, "text": "after"})
	if _, err := r.ann.Text("hello?"); err == nil {
		t.Fatal("a person who blocked the bot wrote to it")
	}
	r.must(r.ann.Do(simulator.Action{Do: "unblock"}))
	r.send(params{"chat_id": r.ann.ID, "text": "x"})
	u := r.updates()
	if len(u) != 2 || u[0].Member.New.Status != "kicked" || u[1].Member.Old.Status != "kicked" || u[1].Member.New.Status != "member" {
		t.Fatalf("got %+v", u)
	}
}

func TestRepliesForwardsAndCopies(t *testing.T) {
	r := newRig(t)
	q := r.must(r.ann.Text("question"))
	m := r.send(params{"chat_id": r.ann.ID, "text": "answer", "reply_parameters": params{"message_id": q.MessageID}})
	if m.ReplyTo == nil || m.ReplyTo.Text != "question" {
		t.Fatalf("got %+v", m.ReplyTo)
	}
	r.refused(400, "message to be replied not found", "sendMessage",
		params{"chat_id": r.ann.ID, "text": "x", "reply_parameters": params{"message_id": 999}})
	m = r.send(params{"chat_id": r.ann.ID, "text": "x", "reply_parameters": params{"message_id": 999, "allow_sending_without_reply": true}})
	if m.ReplyTo != nil {
		t.Fatal("replied to nothing")
	}
	p := params{"chat_id": r.bob.ID, "from_chat_id": r.ann.ID, "message_id": q.MessageID}
	f := decode[simulator.Message](t, r.ok("forwardMessage", p))
	if f.ForwardOrigin == nil || f.ForwardOrigin.SenderUser.ID != r.ann.ID || f.Text != "question" {
		t.Fatalf("got %+v", f)
	}
	r.ok("copyMessage", p)
	p["message_id"] = 999
	r.refused(400, "message to forward not found", "forwardMessage", p)
	r.refused(400, "message to copy not found", "copyMessage", p)
}

func TestMessageIdsGrowInEachChatByItself(t *testing.T) {
	r := newRig(t)
	a := r.send(params{"chat_id": r.ann.ID, "text": "1"})
	b := r.send(params{"chat_id": r.bob.ID, "text": "1"})
	c := r.send(params{"chat_id": r.ann.ID, "text": "2"})
	if a.ID != 2 || b.ID != 2 || c.ID != 3 {
		t.Fatal(a.ID, b.ID, c.ID)
	}
}

func TestOtherKindsOfMessagesAndActions(t *testing.T) {
	r := newRig(t)
	to := func(p params) params { p["chat_id"] = r.ann.ID; return p }
	r.refused(400, "latitude is empty", "sendLocation", to(params{}))
	r.ok("sendLocation", to(params{"latitude": 43.2, "longitude": 76.9}))
	r.refused(400, `"phone_number" is required`, "sendContact", to(params{"first_name": "Help"}))
	r.ok("sendContact", to(params{"first_name": "Help", "phone_number": "+77070000000"}))
	r.ok("sendVenue", to(params{"latitude": 43.2, "longitude": 76.9, "title": "Depot", "address": "Abay 1"}))
	r.ok("sendDice", to(params{}))
	r.refused(400, "wrong parameter action", "sendChatAction", to(params{"action": "dancing"}))
	r.ok("sendChatAction", to(params{"action": "typing"}))
	if v, _ := r.s.View(r.ann.ID); v.Typing != "typing" {
		t.Fatal("typing is not shown")
	}
	r.clock.Add(6e9)
	if v, _ := r.s.View(r.ann.ID); v.Typing != "" {
		t.Fatal("typing is still shown")
	}
}

func TestCommandsAreCheckedAndShownByScopeAndLanguage(t *testing.T) {
	r := newRig(t)
	list := func(text string) []params { return []params{{"command": "help", "description": text}} }
	r.refused(400, "BOT_COMMAND_INVALID", "setMyCommands", params{"commands": []params{{"command": "Помощь", "description": "x"}}})
	r.refused(400, "DESCRIPTION_INVALID", "setMyCommands", params{"commands": list("")})
	r.refused(400, "Unsupported type", "setMyCommands", params{"commands": list("x"), "scope": params{"type": "all"}})
	r.refused(400, "chat not found", "setMyCommands", params{"commands": list("x"), "scope": params{"type": "chat", "chat_id": 7}})
	r.ok("setMyCommands", params{"commands": list("help")})
	r.ok("setMyCommands", params{"commands": list("помощь"), "language_code": "ru"})
	r.ok("setMyCommands", params{"commands": list("only Bob"), "scope": params{"type": "chat", "chat_id": r.bob.ID}})
	seen := func(p *simulator.Person) string {
		v, _ := r.s.View(p.ID)
		return v.Commands[0].Description
	}
	if seen(r.ann) != "помощь" || seen(r.bob) != "only Bob" {
		t.Fatal(seen(r.ann), seen(r.bob))
	}
	r.ok("deleteMyCommands", params{"language_code": "ru"})
	if got := string(r.ok("getMyCommands", params{"language_code": "ru"})); got != "[]" || seen(r.ann) != "help" {
		t.Fatal(got, seen(r.ann))
	}
	r.ok("setChatMenuButton", params{"menu_button": params{"type": "commands"}})
	r.refused(400, "unsupported type", "setChatMenuButton", params{"menu_button": params{"type": "x"}})
	r.ok("setMyDescription", params{"description": "We repair machines"})
	r.refused(400, "too long", "setMyShortDescription", params{"short_description": strings.Repeat("x", 121)})
}

func BenchmarkSendMessage(b *testing.B) {
	s := simulator.New(simulator.Options{Token: token})
	ann := s.MustUser(simulator.NewUser{FirstName: "Ann"})
	if _, err := ann.Start(""); err != nil {
		b.Fatal(err)
	}
	body := `{"chat_id":` + itoa(ann.ID) + `,"text":"<b>Step 2 of 6.</b> Driving licence, both sides &amp; no glare","parse_mode":"HTML",` +
		`"reply_markup":{"inline_keyboard":[[{"text":"Back","callback_data":"n1:back"},{"text":"Operator","callback_data":"n1:human"}]]}}`
	b.ReportAllocs()
	for b.Loop() {
		req := httptest.NewRequest("POST", "/bot"+token+"/sendMessage", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, req)
		if rec.Code != 200 {
			b.Fatal(rec.Body.String())
		}
	}
}
