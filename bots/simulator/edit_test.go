package simulator_test

import (
	"testing"
	"time"

	"govorun/bots/simulator"
)

func TestS07S08_EditsThatTelegramRefuses(t *testing.T) {
	r := newRig(t)
	keys := inline([]params{button("Take", "n1:take")})
	m := r.send(params{"chat_id": r.ann.ID, "text": "<b>card</b>", "parse_mode": "HTML", "reply_markup": keys})
	edit := func(text string, markup any) params {
		p := params{"chat_id": r.ann.ID, "message_id": m.ID, "text": text, "parse_mode": "HTML"}
		if markup != nil {
			p["reply_markup"] = markup
		}
		return p
	}
	r.refused(400, "Bad Request: message is not modified: specified new message content", "editMessageText", edit("<b>card</b>", keys))
	r.ok("editMessageText", edit("card", keys)) // other entities are a change
	r.ok("editMessageText", edit("card", nil))  // so is leaving the keyboard out: it goes
	r.refused(400, "message is not modified", "editMessageText", edit("card", nil))
	r.refused(400, "message is not modified", "editMessageReplyMarkup", params{"chat_id": r.ann.ID, "message_id": m.ID})
	r.ok("editMessageReplyMarkup", params{"chat_id": r.ann.ID, "message_id": m.ID, "reply_markup": keys})
	r.refused(400, "message to edit not found", "editMessageText", params{"chat_id": r.ann.ID, "message_id": 99, "text": "x"})
	r.refused(400, "there is no caption in the message to edit", "editMessageCaption", params{"chat_id": r.ann.ID, "message_id": m.ID, "caption": "x"})
	theirs := r.must(r.ann.Text("mine"))
	r.refused(400, "message can't be edited", "editMessageText", params{"chat_id": r.ann.ID, "message_id": theirs.MessageID, "text": "x"})
	r.must(r.ann.Do(simulator.Action{Do: "delete", MessageID: m.ID}))
	r.refused(400, "message to edit not found", "editMessageText", edit("new", nil))

	v, _ := r.s.View(r.ann.ID)
	if b := v.Messages[1]; !b.Deleted || len(b.Past) != 3 || b.Past[0].ReplyMarkup == nil || b.Message.EditDate == 0 {
		t.Fatalf("got %+v", b)
	}
}

func TestMediaAndCaptionsAreEdited(t *testing.T) {
	r := newRig(t)
	a := r.upload("sendPhoto", map[string]string{"chat_id": itoa(r.ann.ID), "caption": "old"}, "photo", "a.png", picture(t, 100, 100))
	m := decode[simulator.Message](t, a.Result)
	at := func(p params) params { p["chat_id"], p["message_id"] = r.ann.ID, m.ID; return p }
	r.refused(400, "there is no text in the message to edit", "editMessageText", at(params{"text": "x"}))
	r.refused(400, "message is not modified", "editMessageCaption", at(params{"caption": "old"}))
	r.ok("editMessageCaption", at(params{"caption": "new"}))
	a = r.upload("editMessageMedia", map[string]string{
		"chat_id": itoa(r.ann.ID), "message_id": itoa(m.ID), "media": `{"type":"photo","media":"attach://p","caption":"third"}`,
	}, "p", "b.png", picture(t, 50, 50))
	if m := decode[simulator.Message](t, a.Result); m.Caption != "third" || m.Photo[0].Width != 50 {
		t.Fatalf("got %s", a.Result)
	}
}

func TestDeletingFollowsTelegramsFortyEightHours(t *testing.T) {
	r := newRig(t)
	m := r.send(params{"chat_id": r.ann.ID, "text": "1"})
	at := params{"chat_id": r.ann.ID, "message_id": m.ID}
	r.ok("deleteMessage", at)
	r.refused(400, "message to delete not found", "deleteMessage", at)
	old := r.send(params{"chat_id": r.ann.ID, "text": "2"})
	r.clock.Add(49 * time.Hour)
	r.refused(400, "message can't be deleted for everyone", "deleteMessage", params{"chat_id": r.ann.ID, "message_id": old.ID})
	fresh := r.send(params{"chat_id": r.ann.ID, "text": "3"})
	r.ok("deleteMessages", params{"chat_id": r.ann.ID, "message_ids": []int64{old.ID, fresh.ID, 99}})
	if list := r.s.Messages(r.ann.ID); list[len(list)-1].ID != old.ID {
		t.Fatalf("got %+v", list)
	}
	r.refused(400, "message identifiers are not specified", "deleteMessages", params{"chat_id": r.ann.ID})
}

func TestS09_OnlyFreshKnownPressesAreAnswered(t *testing.T) {
	r := newRig(t)
	r.send(params{"chat_id": r.ann.ID, "text": "x", "reply_markup": inline([]params{button("Yes", "n1:yes"), button("No", "n1:no")})})
	const old = "query is too old and response timeout expired or query ID is invalid"
	r.refused(400, old, "answerCallbackQuery", params{"callback_query_id": "1"})
	d := r.must(r.ann.Press("Yes"))
	r.ok("answerCallbackQuery", params{"callback_query_id": d.CallbackID, "text": "Done", "show_alert": true})
	p, err := r.s.WaitPress(soon(t), d.CallbackID)
	if err != nil || p.Toast != "Done" || !p.Alert || p.Data != "n1:yes" {
		t.Fatalf("got %+v %v", p, err)
	}
	d = r.must(r.ann.Do(simulator.Action{Do: "press", Row: 1, Col: 2}))
	r.clock.Add(151 * time.Second)
	r.refused(400, old, "answerCallbackQuery", params{"callback_query_id": d.CallbackID})
	u := r.updates()
	if len(u) != 0 {
		t.Fatalf("T07: presses outlived 150 s: %+v", u)
	}
}

func TestD12_OldButtonsCanBePressedAfterAnEditOrADeletion(t *testing.T) {
	r := newRig(t)
	m := r.send(params{"chat_id": r.ann.ID, "text": "step 1", "reply_markup": inline([]params{button("Old", "n1:old")})})
	r.ok("editMessageText", params{"chat_id": r.ann.ID, "message_id": m.ID, "text": "step 2", "reply_markup": inline([]params{button("New", "n2:new")})})
	r.must(r.ann.PressOn(m.ID, "Old"))
	r.must(r.ann.Do(simulator.Action{Do: "press", Data: "n2:new"}))
	r.must(r.ann.Do(simulator.Action{Do: "press", MessageID: m.ID, Data: "forged"}))
	r.ok("deleteMessage", params{"chat_id": r.ann.ID, "message_id": m.ID})
	r.must(r.ann.Press("New"))
	if _, err := r.ann.Press("Nothing"); err == nil {
		t.Fatal("a button that never was got pressed")
	}
	u := r.updates()
	if len(u) != 4 || u[0].Callback.Data != "n1:old" || u[1].Callback.Data != "n2:new" || u[2].Callback.Data != "forged" {
		t.Fatalf("got %+v", u)
	}
	if m := u[3].Callback.Message; m.Date != 0 || m.Text != "" {
		t.Fatalf("T18: the message of a deleted button is still readable: %+v", m)
	}
}

func TestReactionsAreOnlyThoseTelegramTakes(t *testing.T) {
	r := newRig(t)
	d := r.must(r.ann.Text("hello"))
	with := func(emoji ...string) params {
		list := []params{}
		for _, e := range emoji {
			list = append(list, params{"type": "emoji", "emoji": e})
		}
		return params{"chat_id": r.ann.ID, "message_id": d.MessageID, "reaction": list}
	}
	r.refused(400, "REACTION_INVALID", "setMessageReaction", with("✅"))
	r.refused(400, "REACTIONS_TOO_MANY", "setMessageReaction", with("👀", "👍"))
	r.ok("setMessageReaction", with("👀"))
	if v, _ := r.s.View(r.ann.ID); v.Messages[1].Reactions[r.s.Bot().ID][0] != "👀" {
		t.Fatalf("got %+v", v.Messages[1])
	}
	r.must(r.ann.Do(simulator.Action{Do: "reaction", MessageID: d.MessageID, Emoji: "👍"}))
	for _, u := range r.updates() {
		if u.Reaction != nil {
			t.Fatal("a reaction came although nobody asked for it")
		}
	}
	r.ok("getUpdates", params{"offset": -1, "allowed_updates": []string{"message", "message_reaction"}})
	r.must(r.ann.Do(simulator.Action{Do: "reaction", MessageID: d.MessageID, Emoji: "🔥"}))
	if u := r.updates(); len(u) != 1 || u[0].Reaction == nil {
		t.Fatalf("got %+v", u)
	}
}
