package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"govorun/bots/simulator"
)

func TestS02_A429ForOneChatLeavesTheOthersAlone(t *testing.T) {
	r := newRig(t)
	r.s.AddFault(simulator.Fault{Kind: simulator.TooMany, Chat: r.ann.ID, RetryAfter: 40, Times: 1, Sticky: true})
	ann, bob := params{"chat_id": r.ann.ID, "text": "x"}, params{"chat_id": r.bob.ID, "text": "x"}
	a := r.refused(429, "Too Many Requests: retry after 40", "sendMessage", ann)
	if a.Parameters.RetryAfter != 40 {
		t.Fatalf("got %+v", a)
	}
	r.ok("sendMessage", bob)
	r.clock.Add(30 * time.Second)
	r.refused(429, "retry after 10", "sendMessage", ann)
	r.clock.Add(10 * time.Second)
	r.ok("sendMessage", ann)
	if list := r.s.Faults(); len(list) != 0 {
		t.Fatalf("got %+v", list)
	}
}

func TestFaultsHitTheirMethodAndTimesOnly(t *testing.T) {
	r := newRig(t)
	send := params{"chat_id": r.ann.ID, "text": "x"}
	r.s.AddFault(simulator.Fault{Kind: simulator.ServerError, Code: 502, Method: "SendMessage", Times: 2})
	r.ok("getMe", nil)
	r.refused(502, "Bad Gateway", "sendMessage", send)
	r.refused(502, "", "sendMessage", send)
	r.ok("sendMessage", send)
	r.s.AddFault(simulator.Fault{Kind: simulator.Refuse, Description: "Bad Request: TOPIC_DELETED", Times: 1})
	r.ok("getUpdates", nil)
	r.refused(400, "TOPIC_DELETED", "sendMessage", send)
	r.s.AddFault(simulator.Fault{Kind: simulator.Blocked, Times: 1})
	r.refused(403, "bot was blocked by the user", "sendMessage", send)
	for kind, code := range map[simulator.FaultKind]int{simulator.Unauthorized: 401, simulator.Conflict: 409, simulator.TooMany: 429} {
		r.s.AddFault(simulator.Fault{Kind: kind, Method: "getUpdates", Times: 1, RetryAfter: 30})
		r.refused(code, "", "getUpdates", nil) // T11, T09, T12
	}
	id := r.s.AddFault(simulator.Fault{Kind: simulator.ServerError, Probability: 0.5})
	failed := 0
	for range 200 {
		if !r.call("sendMessage", send).OK {
			failed++
		}
	}
	if failed < 60 || failed > 140 {
		t.Fatalf("%d of 200 failed at one half", failed)
	}
	r.s.RemoveFault(id)
	r.ok("sendMessage", send)
}

func TestS01S11_DroppedConnectionsBeforeAndAfterActing(t *testing.T) {
	r := newRig(t)
	send := params{"chat_id": r.ann.ID, "text": "once"}
	count := func() int { return len(r.s.Messages(r.ann.ID)) }
	before := count()
	r.s.AddFault(simulator.Fault{Kind: simulator.DropBefore, Times: 1})
	if _, err := r.try("sendMessage", send); err == nil {
		t.Fatal("the answer came")
	}
	if count() != before {
		t.Fatal("it acted before the connection broke")
	}
	r.s.AddFault(simulator.Fault{Kind: simulator.DropAfter, Times: 1})
	if _, err := r.try("sendMessage", send); err == nil {
		t.Fatal("the answer came")
	}
	if count() != before+1 {
		t.Fatal("it did not act before the answer was lost")
	}
	calls := r.s.Calls("sendMessage")
	if len(calls) != 2 || calls[1].Code != 0 || calls[1].Fault != "drop_after" || calls[0].Fault != "drop_before" {
		t.Fatalf("got %+v", calls)
	}
}

func TestSlowAnswersAndBrokenDownloads(t *testing.T) {
	r := newRig(t)
	r.s.AddFault(simulator.Fault{Kind: simulator.Slow, DelayMS: 30, Times: 1})
	start := time.Now()
	r.ok("getMe", nil)
	if took := time.Since(start); took < 30*time.Millisecond {
		t.Fatalf("took %s", took)
	}
	d := r.must(r.ann.Do(simulator.Action{Do: "voice"}))
	info := decode[map[string]any](t, r.ok("getFile", params{"file_id": d.Messages[0].Voice.FileID}))
	r.s.AddFault(simulator.Fault{Kind: simulator.ServerError, Method: "file", Times: 1})
	for _, want := range []int{500, 200} {
		res, err := http.Get(r.url + "/file/bot" + token + "/" + info["file_path"].(string))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Fatalf("got %d, want %d", res.StatusCode, want)
		}
	}
}

func TestS16_LimitsAreEnforcedWhenAsked(t *testing.T) {
	r := newRig(t, func(o *simulator.Options) { o.Limits = simulator.TelegramLimits() })
	group, err := r.s.AddGroup(simulator.NewGroup{Title: "Crew", Owner: r.ann.ID})
	if err != nil {
		t.Fatal(err)
	}
	send := params{"chat_id": r.ann.ID, "text": "x"}
	r.ok("sendMessage", send)
	r.refused(429, "retry after 1", "sendMessage", send)
	r.clock.Add(time.Second)
	r.ok("sendMessage", send)

	for i := range 20 {
		if a := r.call("sendMessage", params{"chat_id": group, "text": "x"}); !a.OK {
			t.Fatalf("message %d: %s", i, a.Text)
		}
		r.clock.Add(time.Second)
	}
	a := r.refused(429, "", "sendMessage", params{"chat_id": group, "text": "x"})
	if a.Parameters.RetryAfter < 39 || a.Parameters.RetryAfter > 40 {
		t.Fatalf("retry after %d", a.Parameters.RetryAfter)
	}
	sent := 0
	for i := range 40 {
		p := r.s.MustUser(simulator.NewUser{FirstName: "P"})
		r.must(p.Start(""))
		if r.call("sendMessage", params{"chat_id": p.ID, "text": i}).OK {
			sent++
		}
	}
	if sent != 30 {
		t.Fatalf("%d went out in one second", sent)
	}
	if n := r.s.FloodRefusals(); n != 12 {
		t.Fatalf("%d refusals counted", n)
	}
}
