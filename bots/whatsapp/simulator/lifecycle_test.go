package simulator_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"govorun/bots/whatsapp/simulator"
)

func TestQRChannel(t *testing.T) {
	s := server(t)
	c := open(t, s, library(t))
	ch := must(c.GetQRChannel(t.Context()))
	qr := connect[*events.QR](c)
	item := <-ch
	equal(t, "item", item.Event, whatsmeow.QRChannelEventCode)
	equal(t, "code", item.Code, qr.Codes[0])
	check(t, s.Pair(t.Context(), item.Code, simulator.Account{JID: own}))
	equal(t, "last item", <-ch, whatsmeow.QRChannelSuccess)
	wait[*events.Connected](c, 0, nil)
}

func TestPairRefused(t *testing.T) {
	s := server(t)
	c := open(t, s, library(t))
	qr := connect[*events.QR](c).Codes[2]
	err := s.Pair(t.Context(), qr, simulator.Account{JID: own, BadSignature: true})
	if err == nil || !strings.Contains(err.Error(), "signature-mismatch") {
		t.Fatal(err)
	}
	wait[*events.PairError](c, 0, nil)
}

func TestResume(t *testing.T) {
	s := server(t)
	file := library(t)
	c := open(t, s, file)
	c.pair(s, simulator.Account{JID: own, LID: ownLID})
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	ctx := t.Context()
	c.message(0, must(p.SendText(ctx, own, "one")))

	c.Disconnect()
	check(t, s.WaitOffline(ctx, own))
	id := must(p.SendText(ctx, own, "while away"))
	c = open(t, s, file)
	connect[*events.Connected](c)
	equal(t, "offline message", c.message(0, id).Message.GetConversation(), "while away")
	receipt(t, s, id, "")
	for _, cut := range []func(types.JID) error{s.Drop, s.Restart} {
		from := c.Mark()
		check(t, cut(own))
		wait[*events.Disconnected](c, from, nil)
		wait[*events.Connected](c, from, nil)
	}
	got(t, p.User, c.says(ana, "still here"))
}

func TestReplaced(t *testing.T) {
	s, c := paired(t)
	from := c.Mark()
	check(t, s.Replace(own))
	wait[*events.StreamReplaced](c, from, nil)
	c.Disconnect()
	connect[*events.Connected](c)
}

func TestLoggedOut(t *testing.T) {
	s := server(t)
	file := library(t)
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	c := open(t, s, file)
	again := func() {
		t.Helper()
		c.forgotten()
		c.Disconnect()
		c = open(t, s, file)
		if c.Store.ID != nil {
			t.Fatal("device still stored")
		}
		c.pair(s, simulator.Account{JID: own, LID: ownLID})
		from := c.Mark()
		c.message(from, must(p.SendText(t.Context(), own, "you are back")))
	}
	again()
	from := c.Mark()
	check(t, s.Unlink(own))
	equal(t, "at login", wait[*events.LoggedOut](c, from, nil).OnConnect, false)
	again()
	for _, reason := range []events.ConnectFailureReason{events.ConnectFailureLoggedOut, events.ConnectFailureMainDeviceGone, events.ConnectFailureUnknownLogout} {
		c.Disconnect()
		s.RefuseNextLogin(simulator.Refusal{Reason: reason})
		e := connect[*events.LoggedOut](c)
		equal(t, "at login", e.OnConnect, true)
		equal(t, "reason", e.Reason, reason)
		again()
	}
	check(t, c.Logout(t.Context()))
	c.forgotten()
}

func TestRefusedLogins(t *testing.T) {
	s, c := paired(t)
	c.Disconnect()
	s.RefuseNextLogin(simulator.Refusal{Reason: events.ConnectFailureTempBanned, Code: events.TempBanSentToTooManyPeople, Expire: time.Hour})
	equal(t, "ban", *connect[*events.TemporaryBan](c), events.TemporaryBan{Code: events.TempBanSentToTooManyPeople, Expire: time.Hour})
	c.Disconnect()
	s.RefuseNextLogin(simulator.Refusal{Reason: events.ConnectFailureClientOutdated})
	connect[*events.ClientOutdated](c)
	c.Disconnect()
	s.RefuseNextLogin(simulator.Refusal{Reason: events.ConnectFailureBadUserAgent})
	equal(t, "reason", connect[*events.ConnectFailure](c).Reason, events.ConnectFailureBadUserAgent)
	c.Disconnect()
	s.RefuseNextLogin(simulator.Refusal{Reason: events.ConnectFailureServiceUnavailable})
	connect[*events.Connected](c) // comes back by itself
}

func TestRejectedSend(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	check(t, s.FailNextSend(own, 463))
	_, err := c.SendMessage(t.Context(), ana, &waE2E.Message{Conversation: proto.String("to a stranger")})
	if !errors.Is(err, whatsmeow.ErrServerReturnedError) || !strings.HasSuffix(err.Error(), " 463") {
		t.Fatal(err)
	}
	from, ends := c.Mark(), time.Now().Add(time.Hour).Truncate(time.Second)
	check(t, s.Timelock(own, "WEB_COMPANION_ONLY", ends))
	e := wait[*events.NotifyAccountReachoutTimelock](c, from, nil)
	equal(t, "limit", e.EnforcementType, "WEB_COMPANION_ONLY")
	equal(t, "active", e.IsActive, true)
	equal(t, "end", e.TimeEnforcementEnds.Unix(), ends.Unix())
	got(t, p.User, c.says(ana, "now it works"))
	equal(t, "messages", len(p.Inbox()), 1)
}
