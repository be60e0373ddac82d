package simulator_test

import (
	"testing"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"govorun/bots/whatsapp/simulator"
)

func TestOwnPhone(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, anaLID)
	ph := must(s.Phone(own))
	ctx := t.Context()
	for _, chat := range []types.JID{ana, anaLID} {
		id := must(ph.SendText(ctx, chat, "typed on the phone"))
		m := c.message(0, id)
		equal(t, "own message", m.Info.IsFromMe, true)
		equal(t, "chat", m.Info.Chat, chat)
		equal(t, "destination", m.Info.DeviceSentMeta.DestinationJID, chat.String())
		equal(t, "text", m.Message.GetConversation(), "typed on the phone")
		equal(t, "text that the peer got", got(t, p.User, id).Message.GetConversation(), "typed on the phone")
		receipt(t, s, id, "sender")
	}
	equal(t, "other address", c.message(0, must(ph.SendText(ctx, anaLID, "x"))).Info.RecipientAlt, ana)

	sent := got(t, ph.User, c.says(ana, "typed here")).Message.GetDeviceSentMessage()
	equal(t, "text that the phone got", sent.GetMessage().GetConversation(), "typed here")
	equal(t, "destination", sent.GetDestinationJID(), anaLID.String())
}

func TestHistory(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, anaLID)
	g := must(s.NewGroup("Team", own, ana))
	ph := must(s.Phone(own))
	long := time.Now().Add(-time.Hour).Truncate(time.Second)
	text := func(text string) *waE2E.Message { return &waE2E.Message{Conversation: &text} }
	check(t, ph.SendHistory(t.Context(), waHistorySync.HistorySync_INITIAL_BOOTSTRAP,
		simulator.OldChat{Chat: p.LID, Name: "Ana", Unread: 1, Messages: []simulator.OldMessage{
			{ID: "OLD1", Time: long, FromMe: true, Message: text("are you there?")},
			{ID: "OLD2", Time: long.Add(time.Minute), Message: text("yes")},
		}},
		simulator.OldChat{Chat: g.JID, Name: "Team", Messages: []simulator.OldMessage{
			{ID: "OLD3", Time: long, Sender: p.LID, Message: text("hello team")},
		}}))
	h := wait[*events.HistorySync](c, 0, nil).Data
	equal(t, "type", h.GetSyncType(), waHistorySync.HistorySync_INITIAL_BOOTSTRAP)
	equal(t, "conversations", len(h.GetConversations()), 2)
	var old []*events.Message
	for _, conv := range h.GetConversations() {
		chat := must(types.ParseJID(conv.GetID()))
		for _, m := range conv.GetMessages() {
			old = append(old, must(c.ParseWebMessage(chat, m.GetMessage())))
		}
	}
	equal(t, "messages", len(old), 3)
	newest, oldest, group := old[0], old[1], old[2]
	equal(t, "unread", h.GetConversations()[0].GetUnreadCount(), 1)
	equal(t, "text", newest.Message.GetConversation(), "yes")
	equal(t, "time", newest.Info.Timestamp, long.Add(time.Minute))
	equal(t, "chat", newest.Info.Chat, anaLID)
	equal(t, "own message", newest.Info.IsFromMe, false)
	equal(t, "own message", oldest.Info.IsFromMe, true)
	equal(t, "sender in the group", group.Info.Sender, anaLID)
	must(s.WaitStanza(t.Context(), func(n waBinary.Node) bool { return n.Tag == "receipt" && n.Attrs["type"] == "hist_sync" }))
}

func TestHistoryPushNames(t *testing.T) {
	s, c := paired(t)
	check(t, must(s.Phone(own)).SendHistorySync(t.Context(), &waHistorySync.HistorySync{
		SyncType:  waHistorySync.HistorySync_PUSH_NAME.Enum(),
		Pushnames: []*waHistorySync.Pushname{{ID: proto.String(ana.String()), Pushname: proto.String("Ana")}},
	}))
	names := wait[*events.HistorySync](c, 0, nil).Data.GetPushnames()
	equal(t, "names", len(names), 1)
	equal(t, "name", names[0].GetPushname(), "Ana")
}
