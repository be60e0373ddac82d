package simulator_test

import (
	"context"
	"strings"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots/whatsapp/simulator"
)

func TestPairingByACodeTypedOnThePhone(t *testing.T) {
	s := server(t)
	c := open(t, s, library(t))
	connect[*events.QR](c)
	if _, err := c.PairPhone(t.Context(), "+"+own.User, true, whatsmeow.PairClientChrome, "Govorun"); err == nil {
		t.Fatal("a display name of any shape is taken")
	}
	code := must(c.PairPhone(t.Context(), "+"+own.User, true, whatsmeow.PairClientChrome, "Chrome (Linux)"))
	check(t, s.PairCode(t.Context(), code, simulator.Account{JID: own, LID: ownLID, Name: "Shop"}))
	wait[*events.PairSuccess](c, 0, nil)
	wait[*events.Connected](c, 0, nil)
	p := s.NewPeer("Ana", ana, anaLID)
	c.message(0, must(p.SendText(t.Context(), own, "hello")))
}

func TestAWrongCodeIsRefused(t *testing.T) {
	s := server(t)
	c := open(t, s, library(t))
	connect[*events.QR](c)
	must(c.PairPhone(t.Context(), "+"+own.User, true, whatsmeow.PairClientChrome, "Chrome (Linux)"))
	err := s.PairCode(t.Context(), "AAAA-AAAA", simulator.Account{JID: own})
	if err == nil || !strings.Contains(err.Error(), "code is wrong") {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s.PairCode(ctx, "AAAA-AAAA", simulator.Account{JID: bob}) == nil {
		t.Fatal("nobody asked for a code of this number")
	}
}

func TestAnAccountThatWantsItsPasskey(t *testing.T) {
	s := server(t)
	c := open(t, s, library(t))
	qr := connect[*events.QR](c).Codes[0]
	check(t, s.Pair(t.Context(), qr, simulator.Account{JID: own, Passkey: true}))
	equal(t, "who asks", wait[*events.PairPasskeyRequest](c, 0, nil).PublicKey.RelyingPartID, "whatsapp.com")
}
