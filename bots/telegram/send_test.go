package telegram

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"govorun/crm"
)

func outText(text string) crm.Outbound {
	return crm.Outbound{ID: 9, Kind: crm.OutMessage, Address: crm.Address{Channel: "telegram", Chat: "5"}, Text: text}
}

func policyOf(t *testing.T, err error) *crm.SendError {
	t.Helper()
	var sendErr *crm.SendError
	if !errors.As(err, &sendErr) {
		t.Fatalf("%v is no SendError", err)
	}
	return sendErr
}

func TestAMessageIsSentWithItsButtons(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	out := outText("<b>Принято</b> &amp; записано")
	out.Thread, out.ReplyTo = "9", "12"
	out.Buttons = [][]crm.Button{{{Text: "Да", Data: "n1:1"}, {Text: "Сайт", URL: "https://x.y"}}, {}, {{Text: "Копия", Copy: "№ 5"}}}
	ref, err := c.Send(t.Context(), out)
	if err != nil || ref != "77" {
		t.Fatalf("got %q %v", ref, err)
	}
	sent := s.seen("sendMessage")[0]
	for name, want := range map[string]string{
		"chat_id": "5", "message_thread_id": "9", "text": out.Text, "parse_mode": "HTML",
		"link_preview_options": `{"is_disabled":true}`,
		"reply_parameters":     `{"allow_sending_without_reply":true,"message_id":12}`,
		"reply_markup":         `{"inline_keyboard":[[{"callback_data":"n1:1","text":"Да"},{"text":"Сайт","url":"https://x.y"}],[{"copy_text":{"text":"№ 5"},"text":"Копия"}]]}`,
	} {
		if sent.text(name) != want {
			t.Errorf("%s: %s, want %s", name, sent.text(name), want)
		}
	}
}

func TestKeyboardsAreShownAndTakenAway(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	out := outText("phone?")
	out.Keyboard = [][]crm.Key{{{Text: "Phone", Contact: true}, {Text: "Place", Location: true}}, {{Text: "Back"}}}
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	hide := outText("ok")
	hide.HideKeyboard = true
	if _, err := c.Send(t.Context(), hide); err != nil {
		t.Fatal(err)
	}
	sent := s.seen("sendMessage")
	if got := sent[0].text("reply_markup"); got != `{"keyboard":[[{"request_contact":true,"text":"Phone"},{"request_location":true,"text":"Place"}],[{"text":"Back"}]],"resize_keyboard":true}` {
		t.Error(got)
	}
	if got := sent[1].text("reply_markup"); got != `{"remove_keyboard":true}` {
		t.Error(got)
	}
}

func TestS15_AButtonThatTelegramWouldRefuseIsRefusedBeforeAnyCall(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	for _, button := range []crm.Button{
		{Text: "x", Data: strings.Repeat("я", 40)}, {Text: "x"}, {Data: "x"}, {Text: "x", Data: "a", URL: "https://x.y"},
	} {
		out := outText("x")
		out.Buttons = [][]crm.Button{{button}}
		_, err := c.Send(t.Context(), out)
		if got := policyOf(t, err); got.Policy != crm.GiveUp || got.Reason != "buttons" {
			t.Errorf("%+v: %v", button, err)
		}
	}
	if len(s.seen("")) != 0 {
		t.Error("a call was made")
	}
}

// The words are those of Telegram's server.
func TestS04_S05_S06_S07_S08_S10_S17_EveryRefusalHasItsPolicy(t *testing.T) {
	for _, c := range []struct {
		kind        crm.OutboundKind
		code        int
		description string
		parameters  string
		policy      crm.Policy
		reason      string
	}{
		{crm.OutMessage, 403, "Forbidden: bot was blocked by the user", "", crm.Blocked, "blocked"},
		{crm.OutMessage, 403, "Forbidden: user is deactivated", "", crm.Blocked, "deactivated"},
		{crm.OutMessage, 403, "Forbidden: bot can't initiate conversation with a user", "", crm.Blocked, "never_started"},
		{crm.OutMessage, 403, "Forbidden: bot was kicked from the supergroup chat", "", crm.Blocked, "kicked"},
		{crm.OutMessage, 403, "Forbidden: bot is not a member of the supergroup chat", "", crm.Blocked, "not_a_member"},
		{crm.OutMessage, 400, "Bad Request: chat not found", "", crm.Blocked, "chat_not_found"},
		{crm.OutMessage, 400, "Bad Request: group chat was upgraded to a supergroup chat", `"migrate_to_chat_id":-10055`, crm.Readdress, "migrated"},
		{crm.OutEdit, 400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same", "", crm.Done, "not_modified"},
		{crm.OutEdit, 400, "Bad Request: message to edit not found", "", crm.Resend, "gone"},
		{crm.OutEdit, 400, "Bad Request: message can't be edited", "", crm.Resend, "not_editable"},
		{crm.OutEdit, 400, "Bad Request: MESSAGE_ID_INVALID", "", crm.Resend, "gone"},
		{crm.OutReaction, 400, "Bad Request: MESSAGE_ID_INVALID", "", crm.Done, "gone"},
		{crm.OutDelete, 400, "Bad Request: message to delete not found", "", crm.Done, "gone"},
		{crm.OutDelete, 400, "Bad Request: message can't be deleted for everyone", "", crm.GiveUp, "not_deletable"},
		{crm.OutMessage, 400, `Bad Request: can't parse entities: Unsupported start tag "x" at byte offset 3`, "", crm.AsPlain, "markup"},
		{crm.OutMessage, 400, "Bad Request: message thread not found", "", crm.Unthread, "topic_gone"},
		{crm.OutMessage, 400, "Bad Request: TOPIC_DELETED", "", crm.Unthread, "topic_gone"},
		{crm.OutMessage, 400, "Bad Request: TOPIC_CLOSED", "", crm.Unthread, "topic_closed"},
		{crm.OutMessage, 400, "Bad Request: not enough rights to send text messages to the chat", "", crm.GiveUp, "no_rights"},
		{crm.OutMessage, 400, "Bad Request: BUTTON_DATA_INVALID", "", crm.GiveUp, "buttons"},
		{crm.OutMessage, 400, "Bad Request: message is too long", "", crm.GiveUp, "too_long"},
		{crm.OutMessage, 400, "Bad Request: something new", "", crm.GiveUp, "refused"},
		{crm.OutMessage, 401, "Unauthorized", "", crm.BadSetup, "bad_credentials"},
		{crm.OutMessage, 404, "Not Found", "", crm.BadSetup, "bad_credentials"},
		{crm.OutMessage, 413, "Request Entity Too Large", "", crm.GiveUp, "too_large"},
		{crm.OutMessage, 500, "Internal Server Error", "", crm.Retry, "server"},
	} {
		s := newServer()
		s.answer = refuse(c.code, c.description, c.parameters)
		channel, _ := open(t, s)
		out := outText("text")
		out.Kind, out.TargetRef = c.kind, "16"
		ref, err := channel.Send(t.Context(), out)
		got := policyOf(t, err)
		if got.Policy != c.policy || got.Reason != c.reason {
			t.Errorf("%s: %s (%s), want %s (%s)", c.description, got.Policy, got.Reason, c.policy, c.reason)
		}
		if (got.Policy == crm.Done) != (ref == "16") {
			t.Errorf("%s: ref %q", c.description, ref)
		}
		if c.policy == crm.Readdress && got.NewChat != "-10055" {
			t.Errorf("new chat %q", got.NewChat)
		}
	}
}

func TestS02_AFloodRefusalOfOneChatConcernsThisChat(t *testing.T) {
	s := newServer()
	s.answer = refuse(429, "Too Many Requests: retry after 40", `"retry_after":40`)
	c, _ := open(t, s)
	_, err := c.Send(t.Context(), outText("x"))
	if got := policyOf(t, err); got.Policy != crm.Wait || got.After != 40*time.Second || got.Global {
		t.Errorf("got %+v", got)
	}
	menu := outText("")
	menu.Kind, menu.Menu = crm.OutMenu, []crm.MenuItem{{Command: "my", Text: "Mine"}}
	_, err = c.Send(t.Context(), menu)
	if got := policyOf(t, err); got.Policy != crm.Wait || !got.Global {
		t.Errorf("a menu: got %+v", got)
	}
}

func TestS11_GatewayErrorsAndLostConnectionsAreRetried(t *testing.T) {
	for name, transport := range map[string]http.RoundTripper{
		"502":     roundTrip(func(*http.Request) (*http.Response, error) { return response(502, "<html>"+testToken), nil }),
		"network": roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset: " + testToken) }),
		"timeout": roundTrip(func(*http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded }),
		"no JSON": roundTrip(func(*http.Request) (*http.Response, error) { return response(200, "<html>"+testToken), nil }),
		"ok:false": roundTrip(func(*http.Request) (*http.Response, error) {
			return response(200, `{"ok":false,"error_code":500,"description":"x"}`), nil
		}),
	} {
		c, err := New(Config{Token: testToken, Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []crm.OutboundKind{crm.OutMessage, crm.OutReaction, crm.OutEdit} {
			out := outText("x")
			out.Kind, out.TargetRef = kind, "16"
			_, err = c.Send(t.Context(), out)
			if got := policyOf(t, err); got.Policy != crm.Retry {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%s: the token is in %v", name, err)
			}
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	return f(r)
}

func TestS14_ALongTextGoesInPartsWithTheButtonsUnderTheLast(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	out := outText(strings.Repeat("<b>слово</b> ", 1000))
	out.ReplyTo = "3"
	out.Buttons = [][]crm.Button{{{Text: "Да", Data: "x"}}}
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	sent := s.seen("sendMessage")
	if len(sent) != 2 || sent[0].text("reply_markup") != "" || sent[1].text("reply_markup") == "" || sent[1].text("reply_parameters") != "" {
		t.Errorf("sent %v", sent)
	}
}

func TestS12_OnlyThePartThatFailedIsSentAgain(t *testing.T) {
	s, fail := newServer(), true
	s.answer = func(c call) (int, string) {
		if strings.Contains(c.text("text"), "LAST") && fail {
			fail = false
			return 500, `{"ok":false,"error_code":500,"description":"Internal Server Error"}`
		}
		return 0, ""
	}
	c, _ := open(t, s)
	out := outText("FIRST " + strings.Repeat("слово ", 1000) + "LAST")
	_, err := c.Send(t.Context(), out)
	if got := policyOf(t, err); got.Policy != crm.Retry {
		t.Fatal(err)
	}
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	firsts := 0
	for _, sent := range s.seen("sendMessage") {
		if strings.HasPrefix(sent.text("text"), "FIRST") {
			firsts++
		}
	}
	if firsts != 1 || len(s.seen("sendMessage")) != 3 {
		t.Errorf("the first part was sent %d times", firsts)
	}
}

func TestEditsReplaceTextCaptionOrOnlyButtons(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	edit := outText("new")
	edit.Kind, edit.TargetRef = crm.OutEdit, "16"
	buttons := edit
	buttons.Text, buttons.Buttons = "", [][]crm.Button{{{Text: "a", Data: "b"}}}
	for _, out := range []crm.Outbound{edit, buttons} {
		if ref, err := c.Send(t.Context(), out); err != nil || ref != "16" {
			t.Errorf("got %q %v", ref, err)
		}
	}
	if len(s.seen("editMessageText")) != 1 || len(s.seen("editMessageReplyMarkup")) != 1 {
		t.Errorf("calls: %v", s.seen(""))
	}
	s.answer = func(c call) (int, string) {
		if c.method != "editMessageText" {
			return 0, ""
		}
		return 400, `{"ok":false,"error_code":400,"description":"Bad Request: there is no text in the message to edit"}`
	}
	if _, err := c.Send(t.Context(), edit); err != nil || len(s.seen("editMessageCaption")) != 1 {
		t.Errorf("the caption was not edited: %v", err)
	}
	for _, change := range []func(*crm.Outbound){
		func(o *crm.Outbound) { o.TargetRef = "" },
		func(o *crm.Outbound) { o.Text = strings.Repeat("x", 5000) },
	} {
		out := edit
		change(&out)
		_, err := c.Send(t.Context(), out)
		if got := policyOf(t, err); got.Policy != crm.Resend {
			t.Error(err)
		}
	}
}

func TestS21_WhatAnOldServerDoesNotKnowIsAskedOnce(t *testing.T) {
	s := newServer()
	s.answer = refuse(404, "Not Found: method not found", "")
	c, _ := open(t, s)
	out := outText("👍")
	out.Kind, out.TargetRef = crm.OutReaction, "16"
	for range 3 {
		_, err := c.Send(t.Context(), out)
		if got := policyOf(t, err); got.Policy != crm.Done {
			t.Error(err)
		}
	}
	if n := len(s.seen("setMessageReaction")); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestReactionsAndDeletions(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	out := outText("👍")
	out.Kind, out.TargetRef = crm.OutReaction, "16"
	if _, err := c.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if got := s.seen("setMessageReaction")[0]; got.text("reaction") != `[{"type":"emoji","emoji":"👍"}]` || got.text("message_id") != "16" {
		t.Errorf("%v", got.params)
	}
	out.Kind = crm.OutDelete
	if _, err := c.Send(t.Context(), out); err != nil || s.seen("deleteMessage")[0].text("message_id") != "16" {
		t.Error(err)
	}
}

func TestMenusAreSetPerScopeAndLanguage(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	items := []crm.MenuItem{{Command: "my", Text: "Мои заявки"}}
	err := c.SetMenus(t.Context(), Menu{Scope: ScopePrivate, Lang: "ru", Items: items}, Menu{Scope: ScopeChat, Chat: "5"}, Menu{Items: []crm.MenuItem{{Command: "Bad Name", Text: "x"}}})
	if err == nil || !strings.Contains(err.Error(), "Bad Name") {
		t.Errorf("a bad line: %v", err)
	}
	set := s.seen("setMyCommands")
	if len(set) != 1 || set[0].text("scope") != `{"type":"all_private_chats"}` || set[0].text("language_code") != "ru" || set[0].text("commands") != `[{"command":"my","description":"Мои заявки"}]` {
		t.Errorf("set: %v", set)
	}
	if gone := s.seen("deleteMyCommands"); len(gone) != 1 || gone[0].text("scope") != `{"type":"chat","chat_id":5}` {
		t.Errorf("removed: %v", gone)
	}
}

func TestS09_APressThatIsTooOldToAnswerIsNoError(t *testing.T) {
	s := newServer()
	s.answer = refuse(400, "Bad Request: query is too old and response timeout expired or query ID is invalid", "")
	c, _ := open(t, s)
	if err := c.Answer(t.Context(), "cb", "late"); err != nil {
		t.Error(err)
	}
}

func TestWhatCantBeSentIsGivenUp(t *testing.T) {
	s := newServer()
	c, _ := open(t, s)
	for name, change := range map[string]func(*crm.Outbound){
		"empty text":  func(o *crm.Outbound) { o.Text = " \n" },
		"bad address": func(o *crm.Outbound) { o.Address.Chat = "7701@s.whatsapp.net" },
		"bad topic":   func(o *crm.Outbound) { o.Thread = "general" },
		"odd kind":    func(o *crm.Outbound) { o.Kind = "song" },
		"no file":     func(o *crm.Outbound) { o.Kind = crm.OutMedia },
		"empty file":  func(o *crm.Outbound) { o.Kind, o.Media = crm.OutMedia, []crm.Upload{{Kind: crm.Photo}} },
	} {
		out := outText("x")
		change(&out)
		_, err := c.Send(t.Context(), out)
		if got := policyOf(t, err); got.Policy != crm.GiveUp {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(s.seen("")) != 0 {
		t.Error("a call was made")
	}
}
