package simulator_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"govorun/bots/simulator"
)

func TestPollsConfirmByOffsetAndHonourLimits(t *testing.T) {
	r := newRig(t)
	for _, text := range []string{"1", "2", "3", "4"} {
		r.must(r.ann.Text(text))
	}
	get := func(p params) []update { return decode[[]update](t, r.ok("getUpdates", p)) }
	if u := get(params{"limit": 2}); len(u) != 2 || u[0].Message.Text != "1" {
		t.Fatalf("got %+v", u)
	}
	first := get(params{"offset": 0})
	if len(first) != 4 || first[1].ID != first[0].ID+1 {
		t.Fatalf("nothing was confirmed, got %+v", first)
	}
	if u := get(params{"offset": first[1].ID}); len(u) != 3 || u[0].Message.Text != "2" {
		t.Fatalf("got %+v", u)
	}
	if u := get(params{"offset": -1}); len(u) != 1 || u[0].Message.Text != "4" {
		t.Fatalf("got %+v", u)
	}
	if n := r.s.Pending(); n != 1 {
		t.Fatalf("a negative offset forgets the others, %d left", n)
	}
	get(params{"offset": first[3].ID + 1})
	if err := r.s.WaitDelivered(soon(t)); err != nil {
		t.Fatal(err)
	}
}

func TestALongPollWakesUpForTheFirstUpdate(t *testing.T) {
	r := newRig(t)
	got := make(chan answer, 1)
	go func() {
		a, _ := r.try("getUpdates", params{"timeout": 50})
		got <- a
	}()
	r.waitPolling()
	r.must(r.ann.Text("wake up"))
	if u := decode[[]update](t, (<-got).Result); len(u) != 1 || u[0].Message.Text != "wake up" {
		t.Fatalf("got %+v", u)
	}
}

// waitPolling returns when a getUpdates waits at the server.
func (r *rig) waitPolling() {
	r.t.Helper()
	if err := r.s.WaitPolling(soon(r.t)); err != nil {
		r.t.Fatal(err)
	}
}

func TestT09_TheSecondPollEndsTheFirstWithAConflict(t *testing.T) {
	r := newRig(t)
	got := make(chan answer, 1)
	go func() {
		a, _ := r.try("getUpdates", params{"timeout": 50})
		got <- a
	}()
	r.waitPolling()
	r.ok("getUpdates", params{})
	if a := <-got; a.Code != 409 || !strings.HasPrefix(a.Text, "Conflict: terminated by other getUpdates request") {
		t.Fatalf("got %+v", a)
	}
}

func TestT10_PollingIsRefusedWhileAWebhookIsSet(t *testing.T) {
	r := newRig(t)
	r.ok("setWebhook", params{"url": "http://127.0.0.1:1/hook"})
	r.refused(409, "can't use getUpdates method while webhook is active", "getUpdates", params{})
	r.ok("deleteWebhook", params{})
	r.ok("getUpdates", params{})
}

func TestT08_UpdatesLiveADayAndPressesTwoAndAHalfMinutes(t *testing.T) {
	r := newRig(t)
	r.send(params{"chat_id": r.ann.ID, "text": "x", "reply_markup": inline([]params{button("Yes", "y")})})
	r.must(r.ann.Text("old"))
	r.clock.Add(23 * time.Hour)
	r.must(r.ann.Press("Yes"))
	r.clock.Add(100 * time.Second)
	if u := decode[[]update](t, r.ok("getUpdates", params{})); len(u) != 2 {
		t.Fatalf("got %+v", u)
	}
	r.clock.Add(100 * time.Second)
	if u := decode[[]update](t, r.ok("getUpdates", params{})); len(u) != 1 || u[0].Message.Text != "old" {
		t.Fatalf("got %+v", u)
	}
	r.clock.Add(time.Hour)
	if u := r.updates(); len(u) != 0 {
		t.Fatalf("got %+v", u)
	}
}

func TestD01_AnAlbumCanBeTornOverPolls(t *testing.T) {
	r := newRig(t)
	d := r.must(r.ann.Album(3, "licence", true))
	if len(d.Messages) != 3 || d.Messages[0].MediaGroupID == "" || d.Messages[0].MediaGroupID != d.Messages[2].MediaGroupID {
		t.Fatalf("got %+v", d)
	}
	var sizes []int
	offset := int64(0)
	for {
		batch := decode[[]update](t, r.ok("getUpdates", params{"offset": offset}))
		if len(batch) == 0 {
			break
		}
		sizes = append(sizes, len(batch))
		offset = batch[len(batch)-1].ID + 1
	}
	if len(sizes) != 3 {
		t.Fatalf("polls of %v updates, want three of one", sizes)
	}
}

func TestT16_AnyJSONCanBeInjected(t *testing.T) {
	r := newRig(t)
	for _, raw := range []string{`{"story_of_2031":{"x":1}}`, `null`, `[]`, `{"update_id":999999999,"message":null}`, `{"next":1}`} {
		if err := r.s.Inject([]byte(raw), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.s.Inject([]byte(`{`), 0); err == nil {
		t.Fatal("broken JSON went into a poll")
	}
	list := decode[[]json.RawMessage](t, r.ok("getUpdates", params{}))
	if len(list) != 5 || !strings.Contains(string(list[0]), `"update_id":8`) || string(list[1]) != "null" ||
		!strings.Contains(string(list[4]), `"update_id":1000000000`) {
		t.Fatalf("got %s", list)
	}
}

func TestFaultsOfUpdates(t *testing.T) {
	r := newRig(t)
	texts := func() string {
		var list []string
		for _, u := range r.updates() {
			if u.Message != nil {
				list = append(list, u.Message.Text)
			} else if u.Callback != nil {
				list = append(list, "press")
			}
		}
		return strings.Join(list, " ")
	}
	add := func(f simulator.Fault) { f.Times = 1; r.s.AddFault(f) }

	add(simulator.Fault{Kind: simulator.Duplicate, Chat: r.ann.ID})
	r.must(r.bob.Text("other"))
	r.must(r.ann.Text("twice"))
	if u := decode[[]update](t, r.ok("getUpdates", params{})); len(u) != 3 || u[1].ID != u[2].ID {
		t.Fatalf("T01: got %+v", u)
	}
	r.updates()

	add(simulator.Fault{Kind: simulator.DuplicateNewID})
	r.must(r.ann.Text("twice"))
	if u := decode[[]update](t, r.ok("getUpdates", params{})); len(u) != 2 || u[0].ID == u[1].ID || u[0].Message.ID != u[1].Message.ID {
		t.Fatalf("T02: got %+v", u)
	}
	r.updates()

	r.send(params{"chat_id": r.ann.ID, "text": "x", "reply_markup": inline([]params{button("Yes", "y")})})
	add(simulator.Fault{Kind: simulator.Reorder, Update: "callback_query"})
	r.must(r.ann.Press("Yes"))
	r.must(r.ann.Text("text"))
	if got := texts(); got != "text press" {
		t.Fatalf("O04: got %s", got)
	}

	add(simulator.Fault{Kind: simulator.DropPress})
	r.must(r.ann.Text("kept"))
	r.must(r.ann.Press("Yes"))
	if got := texts(); got != "kept" {
		t.Fatalf("T07: got %s", got)
	}

	add(simulator.Fault{Kind: simulator.Delay, DelayMS: 20})
	r.must(r.ann.Text("late"))
	r.must(r.ann.Text("early"))
	if r.s.Pending() != 2 {
		t.Fatal("the delayed update isn't counted")
	}
	u := decode[[]update](t, r.ok("getUpdates", params{}))
	u = decode[[]update](t, r.ok("getUpdates", params{"offset": u[0].ID + 1, "timeout": 10}))
	if len(u) != 1 || u[0].Message.Text != "late" {
		t.Fatalf("got %+v", u)
	}
}
