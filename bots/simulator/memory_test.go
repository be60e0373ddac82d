package simulator_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"govorun/bots/simulator"
)

func TestPhonesAreRecalledAsTheyWere(t *testing.T) {
	r := newRig(t)
	question := decode[simulator.Message](t, r.ok("sendMessage", params{"chat_id": r.ann.ID, "text": "What <b>happened</b>?", "parse_mode": "HTML",
		"reply_markup": params{"inline_keyboard": []any{[]any{params{"text": "Took money", "callback_data": "n:money"}}}}}))
	if _, err := r.ann.Photo(900, 700, "look"); err != nil {
		t.Fatal(err)
	}
	r.ok("setMessageReaction", params{"chat_id": r.ann.ID, "message_id": question.ID + 1, "reaction": []any{params{"type": "emoji", "emoji": "👀"}}})
	r.ok("sendMessage", params{"chat_id": r.bob.ID, "text": "Number?", "reply_markup": params{"keyboard": []any{[]any{params{"text": "Share", "request_contact": true}}}}})
	dir := filepath.Join(t.TempDir(), "phones")
	if err := r.s.Keep(dir); err != nil {
		t.Fatal(err)
	}

	next := simulator.New(simulator.Options{Token: token, Clock: r.clock.Now, FirstID: 1000})
	defer next.Close()
	if err := next.Recall(dir); err != nil {
		t.Fatal(err)
	}
	for _, id := range []int64{r.ann.ID, r.bob.ID} {
		before, _ := r.s.View(id)
		after, ok := next.View(id)
		if !ok || !reflect.DeepEqual(before, after) {
			t.Errorf("the chat of %d was\n%+v\nand is\n%+v", id, before, after)
		}
		if r.s.Transcript(id) != next.Transcript(id) {
			t.Errorf("the transcript of %d is %q", id, next.Transcript(id))
		}
	}
	photo := r.s.Messages(r.ann.ID)
	sizes := photo[len(photo)-1].Photo
	want, _, _ := r.s.FileBytes(sizes[len(sizes)-1].FileID)
	if got, _, ok := next.FileBytes(sizes[len(sizes)-1].FileID); !ok || string(got) != string(want) {
		t.Error("the photo is gone")
	}

	// The bot can edit what it sent, the person press what stands there, and new messages have ids of their own.
	web := httptest.NewServer(next)
	defer web.Close()
	again := &rig{t: t, s: next, url: web.URL, clock: r.clock}
	if _, err := next.Person(r.ann.ID).PressOn(question.ID, "Took money"); err != nil {
		t.Error(err)
	}
	again.ok("editMessageText", params{"chat_id": r.ann.ID, "message_id": question.ID, "text": "Received"})
	if m := decode[simulator.Message](t, again.ok("sendMessage", params{"chat_id": r.ann.ID, "text": "new"})); m.ID <= 1000 {
		t.Errorf("a new message has the id %d", m.ID)
	}
}

func TestPhonesWithoutAMemoryAreEmptyAndADamagedOneIsRefused(t *testing.T) {
	s := simulator.New(simulator.Options{Token: token})
	defer s.Close()
	dir := t.TempDir()
	if err := s.Recall(dir); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "chats.json"), []byte(`{"chats":[{`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Recall(dir); err == nil || len(s.State().Chats) != 0 {
		t.Errorf("a damaged memory gave %v and %v", err, s.State().Chats)
	}
}
