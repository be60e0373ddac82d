package simulator_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots/whatsapp/simulator"
)

// What a client does not acknowledge comes again at the next login, and not again after that.
func TestWhatIsNotAcknowledgedComesAgain(t *testing.T) {
	s := server(t)
	tables := library(t)
	c := open(t, s, tables)
	refuse := true
	c.AddEventHandlerWithSuccessStatus(func(evt any) bool {
		_, is := evt.(*events.Message)
		return !is || !refuse
	})
	c.pair(s, simulator.Account{JID: own, LID: ownLID})
	p := s.NewPeer("Ana", ana, anaLID)
	id := must(p.SendText(t.Context(), own, "keep me"))
	c.message(0, id)
	c.Disconnect()
	check(t, s.WaitOffline(t.Context(), own))
	equal(t, "kept", s.Pending(own), 1)
	refuse = false
	from := c.Mark()
	connect[*events.Connected](c)
	equal(t, "text", c.message(from, id).Message.GetConversation(), "keep me")
	check(t, s.WaitSettled(t.Context(), own))
}

func TestOrderAndCopies(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, anaLID)
	ctx := t.Context()
	check(t, s.Hold(own))
	first, second := must(p.SendText(ctx, own, "one")), must(p.SendText(ctx, own, "two"))
	check(t, s.Release(own, true))
	c.message(0, first)
	order := []string{}
	all, _ := c.since(0)
	for _, e := range all {
		if m, is := e.(*events.Message); is {
			order = append(order, m.Info.ID)
		}
	}
	equal(t, "first that came", order[0], second)

	from := c.Mark()
	check(t, p.Resend(ctx, own, first, simulator.Resend{ByLID: true}))
	again := c.message(from, first)
	equal(t, "chat", again.Info.Chat, anaLID)
	check(t, s.Repeat(own, first)) // the same bytes: the library knows them already
	check(t, s.WaitSettled(ctx, own))
}

// A message that can't be opened is sent again by itself, as phones do; and the other way round.
func TestWhatCanNotBeOpenedIsSentAgain(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, anaLID)
	p.AsksAgain = true
	ctx := t.Context()
	c.message(0, must(p.SendText(ctx, own, "hello")))
	got(t, p.User, c.says(ana, "hello yourself"))
	p.Tamper()
	id := must(p.SendText(ctx, own, "broken on the way"))
	wait(c, 0, func(e *events.UndecryptableMessage) bool { return e.Info.ID == id })
	equal(t, "text", c.message(0, id).Message.GetConversation(), "broken on the way")

	check(t, p.ForgetSession(own))
	sent := c.says(ana, "for a new phone")
	equal(t, "text", seen(t, p, "for a new phone").ID, sent)

	check(t, p.Reinstall(true))
	wait[*events.IdentityChange](c, 0, nil)
	seen(t, p, "for a new phone")
	c.message(0, must(p.SendText(ctx, own, "new phone")))
	c.says(ana, "same person")
	seen(t, p, "same person")
}

func TestSendsWithoutAnAnswer(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, anaLID)
	ctx := t.Context()
	check(t, s.FaultNextSend(own, simulator.SendFault{NoAck: true}))
	_, err := c.SendMessage(ctx, ana, &waE2E.Message{Conversation: proto.String("unknown")}, whatsmeow.SendRequestExtra{ID: "3EB0BB", Timeout: 200 * time.Millisecond})
	if err == nil {
		t.Fatal("acknowledged all the same")
	}
	got(t, p.User, "3EB0BB")
	check(t, s.FaultNextSend(own, simulator.SendFault{Lost: true}))
	c.says(ana, "lost")
	check(t, s.FaultNextSend(own, simulator.SendFault{Drop: true}))
	_, _ = c.SendMessage(ctx, ana, &waE2E.Message{Conversation: proto.String("cut")}, whatsmeow.SendRequestExtra{ID: "3EB0CC"})
	seen(t, p, "cut")
	for _, b := range p.Screen(own) {
		if b.Text == "lost" {
			t.Fatal("what was lost arrived")
		}
	}
}

// A world that was saved goes on with the same client: sessions, chats and files are there.
func TestASavedWorldGoesOn(t *testing.T) {
	old := server(t)
	tables := library(t)
	c := open(t, old, tables)
	c.pair(old, simulator.Account{JID: own, LID: ownLID})
	p := old.NewPeer("Ana", ana, anaLID)
	ctx := t.Context()
	c.message(0, must(p.SendImage(ctx, own, picture, "image/png", "before")))
	poll := must(c.SendMessage(ctx, ana, c.BuildPollCreation("Which day?", []string{"today", "tomorrow"}, 1))).ID
	seen(t, p, "Which day?")
	check(t, old.WaitSettled(ctx, own))
	c.Disconnect()
	check(t, old.WaitOffline(ctx, own))

	s := server(t)
	check(t, s.Load(must(old.Save())))
	p = s.Peers()[0]
	equal(t, "bubbles", len(p.Screen(own)), 2)
	equal(t, "bytes of the picture", len(must(p.Screen(own)[0].File.Data())), len(picture))
	c = open(t, s, tables)
	connect[*events.Connected](c)
	must(p.Vote(ctx, own, poll, "today"))
	equal(t, "text", c.message(0, must(p.SendText(ctx, own, "after"))).Message.GetConversation(), "after")
	c.says(anaLID, "welcome back")
	seen(t, p, "welcome back")
}
