package simulator_test

import (
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots/whatsapp/simulator"
)

func TestGroup(t *testing.T) {
	for _, mode := range []struct {
		name    string
		byPhone bool
	}{{"by LID", false}, {"by phone number", true}} {
		t.Run(mode.name, func(t *testing.T) {
			s, c := paired(t)
			a, b := s.NewPeer("Ana", ana, anaLID), s.NewPeer("Bob", bob, types.EmptyJID)
			g := must(s.NewGroup("Team", own, ana, bob))
			g.ByPhone = mode.byPhone
			sender, alt := anaLID, ana
			if mode.byPhone {
				sender, alt = ana, anaLID
			}
			ctx := t.Context()
			for _, text := range []string{"first, with the key", "second"} {
				m := c.message(0, must(a.SendText(ctx, g.JID, text)))
				equal(t, "text", m.Message.GetConversation(), text)
				equal(t, "chat", m.Info.Chat, g.JID)
				equal(t, "in a group", m.Info.IsGroup, true)
				equal(t, "sender", m.Info.Sender, sender)
				equal(t, "other address", m.Info.SenderAlt, alt)
				receipt(t, s, m.Info.ID, "")
				check(t, c.MarkRead(ctx, []string{m.Info.ID}, time.Now(), g.JID, sender))
				equal(t, "read message of", receipt(t, s, m.Info.ID, "read").Attrs["participant"], any(sender))
			}
			c.message(0, must(b.SendText(ctx, g.JID, "from another one")))

			for _, text := range []string{"one", "two"} {
				from := c.Mark()
				id := c.says(g.JID, text)
				for _, p := range []*simulator.Peer{a, b} {
					r := got(t, p.User, id)
					equal(t, "text", r.Message.GetConversation(), text)
					equal(t, "to", r.To, g.JID)
				}
				e := wait(c, from, func(e *events.Receipt) bool { return e.MessageIDs[0] == id && e.Sender == sender })
				equal(t, "chat of the receipt", e.Chat, g.JID)
			}
			info := must(c.GetGroupInfo(ctx, g.JID))
			equal(t, "name", info.Name, "Team")
			equal(t, "members", len(info.Participants), 3)
			equal(t, "phone number of a member", info.Participants[1].PhoneNumber, ana)
			equal(t, "LID of a member", info.Participants[1].LID, anaLID)
			equal(t, "owner is admin", info.Participants[0].IsSuperAdmin, true)
			equal(t, "groups", len(must(c.GetJoinedGroups(ctx))), 1)
			voted(t, c, a, g.JID, g.JID)
		})
	}
}

func TestGroupRetry(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, anaLID)
	g := must(s.NewGroup("Team", ana, own))
	id := c.says(g.JID, "twice")
	got(t, p.User, id)
	check(t, p.ForgetSession(own))
	check(t, p.AskRetry(own, id))
	equal(t, "resend", must(p.WaitNth(t.Context(), id, 2)).Message.GetConversation(), "twice")
}

func TestGroupFromOwnPhone(t *testing.T) {
	s, c := paired(t)
	s.NewPeer("Ana", ana, anaLID)
	g := must(s.NewGroup("Team", ana, own))
	ph := must(s.Phone(own))
	m := c.message(0, must(ph.SendText(t.Context(), g.JID, "typed on the phone")))
	equal(t, "own message", m.Info.IsFromMe, true)
	equal(t, "chat", m.Info.Chat, g.JID)
	got(t, ph.User, c.says(g.JID, "typed here"))
}

func TestGroupOfClients(t *testing.T) {
	s, a := paired(t)
	b := open(t, s, library(t))
	b.pair(s, simulator.Account{JID: types.JID{User: bob.User, Device: 3, Server: types.DefaultUserServer}})
	g := must(s.NewGroup("Team", own, bob))
	equal(t, "text", b.message(0, a.says(g.JID, "hello")).Message.GetConversation(), "hello")
	equal(t, "text", a.message(0, b.says(g.JID, "hello too")).Message.GetConversation(), "hello too")
}

func TestForeignGroup(t *testing.T) {
	s, c := paired(t)
	s.NewPeer("Ana", ana, anaLID)
	g := must(s.NewGroup("Others", ana))
	if _, err := c.GetGroupInfo(t.Context(), g.JID); err == nil {
		t.Fatal("got the info of a foreign group")
	}
	equal(t, "groups", len(must(c.GetJoinedGroups(t.Context()))), 0)
}
