package simulator_test

import (
	"testing"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// Someone writes from a LID; the phone number behind it comes out later.
func TestLIDFirst(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", types.EmptyJID, anaLID)
	ctx, from := t.Context(), c.Mark()
	m := c.message(from, must(p.SendText(ctx, own, "guess who")))
	equal(t, "chat", m.Info.Chat, anaLID)
	equal(t, "other address", m.Info.SenderAlt, types.EmptyJID)
	equal(t, "phone number", must(c.Store.LIDs.GetPNForLID(ctx, anaLID)), types.EmptyJID)
	id := c.says(m.Info.Chat, "no idea")
	equal(t, "answered to", got(t, p.User, id).To, anaLID)
	wait(c, from, func(e *events.Receipt) bool { return e.MessageIDs[0] == id && e.Chat == anaLID })

	p.SetPhone(ana)
	from = c.Mark()
	m = c.message(from, must(p.SendText(ctx, own, "it is me")))
	equal(t, "chat", m.Info.Chat, anaLID)
	equal(t, "other address", m.Info.SenderAlt, ana)
	equal(t, "phone number", must(c.Store.LIDs.GetPNForLID(ctx, anaLID)), ana)
	for _, chat := range []types.JID{anaLID, ana} {
		equal(t, "answered to", got(t, p.User, c.says(chat, "hello Ana")).To, anaLID)
	}
}

// A chat that began by phone number goes on by LID.
func TestMigration(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, anaLID)
	ctx := t.Context()
	equal(t, "chat", c.message(0, must(p.SendText(ctx, own, "by number"))).Info.Chat, ana)
	got(t, p.User, c.says(ana, "fine"))
	p.ByLID = true
	m := c.message(0, must(p.SendText(ctx, own, "by LID")))
	equal(t, "chat", m.Info.Chat, anaLID)
	equal(t, "other address", m.Info.SenderAlt, ana)
	got(t, p.User, c.says(anaLID, "fine too"))
}
