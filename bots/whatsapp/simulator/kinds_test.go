package simulator_test

import (
	"bytes"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"govorun/bots/whatsapp/simulator"
)

func TestIncomingKinds(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	ctx := t.Context()
	receive := func(typ, media string) func(string, error) *waE2E.Message {
		return func(id string, err error) *waE2E.Message {
			t.Helper()
			check(t, err)
			m := c.message(0, id)
			equal(t, "type", m.Info.Type, typ)
			equal(t, "media type", m.Info.MediaType, media)
			return m.Message
		}
	}
	place := receive("media", "location")(p.SendLocation(ctx, own, -23.5, -46.6, "Office")).GetLocationMessage()
	equal(t, "latitude", place.GetDegreesLatitude(), -23.5)
	equal(t, "place", place.GetName(), "Office")

	card := receive("media", "vcard")(p.SendContact(ctx, own, "Bob", "BEGIN:VCARD\nFN:Bob\nEND:VCARD")).GetContactMessage()
	equal(t, "name", card.GetDisplayName(), "Bob")
	equal(t, "card", card.GetVcard(), "BEGIN:VCARD\nFN:Bob\nEND:VCARD")

	sticker := receive("media", "sticker")(p.SendSticker(ctx, own, []byte("RIFF....WEBP"))).GetStickerMessage()
	equal(t, "sticker", string(must(c.Download(ctx, sticker))), "RIFF....WEBP")

	voice := receive("media", "ptt")(p.SendVoice(ctx, own, []byte("OggS"), 3*time.Second)).GetAudioMessage()
	equal(t, "is a voice note", voice.GetPTT(), true)
	equal(t, "length", voice.GetSeconds(), 3)
	equal(t, "voice", string(must(c.Download(ctx, voice))), "OggS")
}

func TestIncomingChanges(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	ctx := t.Context()
	id := must(p.SendText(ctx, own, "helo"))
	c.message(0, id)

	m := c.message(0, must(p.Edit(ctx, own, id, "hello")))
	equal(t, "is an edit", m.IsEdit, true)
	equal(t, "edit attribute", m.Info.Edit, types.EditAttributeMessageEdit)
	equal(t, "edited message", m.Message.GetProtocolMessage().GetKey().GetID(), id)
	equal(t, "new text", m.Message.GetProtocolMessage().GetEditedMessage().GetConversation(), "hello")

	m = c.message(0, must(p.Revoke(ctx, own, id)))
	equal(t, "edit attribute", m.Info.Edit, types.EditAttributeSenderRevoke)
	equal(t, "kind", m.Message.GetProtocolMessage().GetType(), waE2E.ProtocolMessage_REVOKE)
	equal(t, "revoked message", m.Message.GetProtocolMessage().GetKey().GetID(), id)

	ours := c.says(ana, "thanks")
	got(t, p.User, ours)
	m = c.message(0, must(p.React(ctx, own, ours, "👍")))
	equal(t, "type", m.Info.Type, "reaction")
	equal(t, "reaction", m.Message.GetReactionMessage().GetText(), "👍")
	equal(t, "to", m.Message.GetReactionMessage().GetKey().GetID(), ours)
}

func TestOutgoingChanges(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	theirs := must(p.SendText(t.Context(), own, "hi"))
	chat := c.message(0, theirs).Info.Chat
	ours := c.says(chat, "helo")
	send := func(m *waE2E.Message) *waE2E.Message {
		t.Helper()
		r, err := c.SendMessage(t.Context(), chat, m)
		check(t, err)
		return got(t, p.User, r.ID).Message
	}
	edit := send(c.BuildEdit(chat, ours, &waE2E.Message{Conversation: proto.String("hello")})).GetEditedMessage().GetMessage().GetProtocolMessage()
	equal(t, "edited message", edit.GetKey().GetID(), ours)
	equal(t, "new text", edit.GetEditedMessage().GetConversation(), "hello")
	revoke := send(c.BuildRevoke(chat, types.EmptyJID, ours)).GetProtocolMessage()
	equal(t, "kind", revoke.GetType(), waE2E.ProtocolMessage_REVOKE)
	equal(t, "revoked message", revoke.GetKey().GetID(), ours)
	reaction := send(c.BuildReaction(chat, chat, theirs, "❤️")).GetReactionMessage()
	equal(t, "reaction", reaction.GetText(), "❤️")
	equal(t, "to", reaction.GetKey().GetID(), theirs)
}

func TestPoll(t *testing.T) {
	for _, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			s, c := paired(t)
			p := s.NewPeer("Ana", ana, look.lid)
			p.ByLID = look.byLID
			voted(t, c, p, own, ana)
		})
	}
}

// voted sends a poll to a chat and checks the vote of a peer.
func voted(t *testing.T, c *client, p *simulator.Peer, to, chat types.JID) {
	t.Helper()
	options := []string{"today", "tomorrow"}
	r, err := c.SendMessage(t.Context(), chat, c.BuildPollCreation("When?", options, 1))
	check(t, err)
	got(t, p.User, r.ID)
	from := c.Mark()
	m := c.message(from, must(p.Vote(t.Context(), to, r.ID, "tomorrow")))
	equal(t, "type", m.Info.Type, "poll")
	equal(t, "poll", m.Message.GetPollUpdateMessage().GetPollCreationMessageKey().GetID(), r.ID)
	vote := must(c.DecryptPollVote(t.Context(), m))
	equal(t, "options", len(vote.GetSelectedOptions()), 1)
	if !bytes.Equal(vote.GetSelectedOptions()[0], whatsmeow.HashPollOptions(options)[1]) {
		t.Fatal("voted for something else")
	}
}
