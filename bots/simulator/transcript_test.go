package simulator_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"govorun/bots/simulator"
)

func TestATalkReadsLikeAPlay(t *testing.T) {
	r := newRig(t)
	m := r.send(params{"chat_id": r.bob.ID, "text": "Coffee machine No. 214.\nWhat happened?",
		"reply_markup": inline([]params{button("Took money", "1")}, []params{button("Other", "2")})})
	r.must(r.bob.Press("Took money"))
	r.ok("editMessageText", params{"chat_id": r.bob.ID, "message_id": m.ID, "text": "Received."})
	r.must(r.bob.Photo(100, 100, "look"))
	r.must(r.bob.Album(2, "both sides", false))
	r.must(r.bob.OwnContact())
	r.must(r.bob.Do(simulator.Action{Do: "contact", Phone: "1", ContactUser: r.ann.ID}))
	r.must(r.bob.Do(simulator.Action{Do: "sticker"}))
	r.ok("setMessageReaction", params{"chat_id": r.bob.ID, "message_id": 3, "reaction": []params{{"type": "emoji", "emoji": "👀"}}})
	r.must(r.bob.Do(simulator.Action{Do: "block"}))
	want := `> /start
< Coffee machine No. 214.
  What happened?
  [Took money] [Other]
> [Took money]
< (edit) Received.
> (photo) look
> (album 2) both sides
> (contact)
> (contact of another)
> (sticker 👍)
< (reaction 👀)
= blocked the bot
`
	if got := r.s.Transcript(r.bob.ID); got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	group, err := r.s.AddGroup(simulator.NewGroup{Title: "Crew", Owner: r.ann.ID})
	if err != nil {
		t.Fatal(err)
	}
	r.must(r.ann.In(group).Text("hi"))
	if got := r.s.Transcript(group); got != "> Ann: hi\n" {
		t.Fatal(got)
	}
}

func TestWaitSeesWhatIsThereAndWhatComes(t *testing.T) {
	r := newRig(t)
	first := r.send(params{"chat_id": r.ann.ID, "text": "step 1"})
	m, err := r.s.Wait(soon(t), r.ann.ID, simulator.Contains("step"))
	if err != nil || m.ID != first.ID {
		t.Fatal(m, err)
	}
	got := make(chan simulator.Message)
	go func() {
		m, err := r.s.WaitAfter(soon(t), r.ann.ID, first.ID, simulator.Contains("step"))
		if err != nil {
			t.Error(err)
		}
		got <- m
	}()
	r.must(r.ann.Text("step of mine"))
	next := r.send(params{"chat_id": r.ann.ID, "text": "step 2"})
	r.send(params{"chat_id": r.ann.ID, "text": "step 3"})
	if m := <-got; m.ID != next.ID {
		t.Fatalf("got %+v", m)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err = r.s.Wait(ctx, r.ann.ID, simulator.Contains("never"))
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "< step 3") {
		t.Fatalf("the error doesn't show the talk: %v", err)
	}
}

func TestChatsRememberABoundedNumberOfMessages(t *testing.T) {
	r := newRig(t, func(o *simulator.Options) { o.KeepMessages = 20 })
	for range 200 {
		r.send(params{"chat_id": r.ann.ID, "text": "x"})
	}
	if n := len(r.s.Messages(r.ann.ID)); n < 20 || n > 25 {
		t.Fatalf("%d messages kept", n)
	}
	if n := strings.Count(r.s.Transcript(r.ann.ID), "\n"); n > 100 {
		t.Fatalf("%d lines kept", n)
	}
}

func TestARecordedTalkCanBePlayedAgain(t *testing.T) {
	talk := `> /start m_7Q2
< Hello.
  [Took money]
> [Took money]
> two
  lines
> (photo) look
> (album 3) both
> (document act.pdf)
> (contact)
> (video note)
> (sticker 👍)
> (dice 🎲 6)
> (location 43.23895,76.88971)
= blocked the bot
`
	deeds, err := simulator.ReadTranscript(talk)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	for i, a := range deeds {
		r.must(r.eve.Do(a))
		if i == 0 {
			r.send(params{"chat_id": r.eve.ID, "text": "Hello.", "reply_markup": inline([]params{button("Took money", "1")})})
		}
	}
	if got := r.s.Transcript(r.eve.ID); got != talk {
		t.Fatalf("got\n%s\nwant\n%s", got, talk)
	}
	if _, err := simulator.ReadTranscript("< hi\n> (edit) x\n"); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Fatal(err)
	}
}
