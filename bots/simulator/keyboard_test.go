package simulator_test

import (
	"strings"
	"testing"

	"govorun/bots/simulator"
)

func TestS15_CallbackDataIsCountedInBytes(t *testing.T) {
	r := newRig(t)
	with := func(data string) params {
		return params{"chat_id": r.ann.ID, "text": "x", "reply_markup": inline([]params{button("ok", data)})}
	}
	r.ok("sendMessage", with(strings.Repeat("ж", 32)))
	r.refused(400, "BUTTON_DATA_INVALID", "sendMessage", with(strings.Repeat("ж", 33)))
	r.refused(400, "Text buttons are unallowed in the inline keyboard", "sendMessage", with(""))
}

func TestWrongKeyboardsAreRefused(t *testing.T) {
	r := newRig(t)
	big := make([]params, 101)
	for i := range big {
		big[i] = button("x", "x")
	}
	for name, c := range map[string]struct {
		markup any
		words  string
	}{
		"no object":         {"[]", "object expected as reply markup"},
		"no JSON":           {"{", "can't parse reply keyboard markup JSON object"},
		"null rows":         {params{"inline_keyboard": nil}, `field "inline_keyboard" must be of type Array`},
		"row is no array":   {params{"inline_keyboard": []any{params{}}}, "must be an Array of Arrays"},
		"null row":          {params{"inline_keyboard": []any{nil}}, "must be an Array of Arrays"},
		"empty row":         {inline([]params{}), "keyboard row must be non-empty"},
		"no text":           {inline([]params{{"callback_data": "x"}}), `Can't find field "text"`},
		"no action":         {inline([]params{{"text": "x"}}), "Text buttons are unallowed"},
		"two actions":       {inline([]params{{"text": "x", "callback_data": "x", "url": "https://t.me"}}), "exactly one action"},
		"bad style":         {inline([]params{{"text": "x", "callback_data": "x", "style": "pink"}}), "invalid button style"},
		"bad address":       {inline([]params{{"text": "x", "url": "not a link"}}), "URL 'not a link' is invalid"},
		"web app over http": {inline([]params{{"text": "x", "web_app": params{"url": "http://x.kz"}}}), "Only HTTPS links are allowed"},
		"too many":          {inline(big), "reply markup is too long"},
		"reply null":        {params{"keyboard": nil}, `field "keyboard" must be of type Array`},
		"reply empty row":   {params{"keyboard": []any{[]any{}}}, "keyboard row must be non-empty"},
		"reply no text":     {params{"keyboard": []any{[]any{params{"request_contact": true}}}}, `Can't find field "text"`},
		"reply two wishes": {params{"keyboard": []any{[]any{params{"text": "x", "request_contact": true, "request_location": true}}}},
			"at most one request"},
	} {
		a := r.call("sendMessage", params{"chat_id": r.ann.ID, "text": "x", "reply_markup": c.markup})
		if a.Code != 400 || !strings.Contains(a.Text, c.words) {
			t.Errorf("%s: got %d %q, want %q", name, a.Code, a.Text, c.words)
		}
	}
	group, err := r.s.AddGroup(simulator.NewGroup{Title: "Crew", Owner: r.ann.ID})
	if err != nil {
		t.Fatal(err)
	}
	r.refused(400, "phone number can be requested in private chats only", "sendMessage", params{"chat_id": group, "text": "x",
		"reply_markup": params{"keyboard": []any{[]any{params{"text": "x", "request_contact": true}}}}})
}

func TestAnEmptyCopyTextAsTheLibrarySendsItIsNoAction(t *testing.T) {
	r := newRig(t)
	b := button("ok", "x")
	b["copy_text"] = params{"text": ""}
	m := r.send(params{"chat_id": r.ann.ID, "text": "x", "reply_markup": inline([]params{b})})
	if m.ReplyMarkup.Rows[0][0].CopyText != nil {
		t.Fatal("the empty action was kept")
	}
}

func TestReplyKeyboardsOpenCloseAndShareTheOwnContact(t *testing.T) {
	r := newRig(t)
	r.send(params{"chat_id": r.ann.ID, "text": "phone?", "reply_markup": params{
		"keyboard": []any{[]any{params{"text": "📱 Share", "request_contact": true}, "Later"}}, "resize_keyboard": true,
	}})
	if v, _ := r.s.View(r.ann.ID); v.Keyboard == nil || v.Keyboard.Rows[0][1].Text != "Later" {
		t.Fatalf("got %+v", v.Keyboard)
	}
	r.must(r.ann.Press("📱 Share"))
	r.must(r.ann.Press("Later"))
	u := r.updates()
	if len(u) != 2 || u[0].Message.Contact == nil || u[0].Message.Contact.UserID != r.ann.ID || u[1].Message.Text != "Later" {
		t.Fatalf("got %+v", u)
	}
	r.send(params{"chat_id": r.ann.ID, "text": "thanks", "reply_markup": params{"remove_keyboard": true}})
	if v, _ := r.s.View(r.ann.ID); v.Keyboard != nil {
		t.Fatal("the keyboard is still open")
	}
	if _, err := r.ann.Press("Later"); err == nil {
		t.Fatal("a closed keyboard was pressed")
	}
}
