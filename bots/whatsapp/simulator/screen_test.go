package simulator_test

import (
	"bytes"
	"context"
	"testing"

	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots/whatsapp/simulator"
)

// seen waits for a bubble with this text on a phone.
func seen(t *testing.T, p *simulator.Peer, text string) simulator.Bubble {
	t.Helper()
	return bubble(t, p, func(b simulator.Bubble) bool { return b.Text == text })
}

func bubble(t *testing.T, p *simulator.Peer, match func(simulator.Bubble) bool) simulator.Bubble {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	b, err := p.WaitBubble(ctx, own, match)
	if err != nil {
		t.Fatalf("the phone shows %+v: %v", p.Screen(own), err)
	}
	return b
}

// A phone shows what stands there in the end: edits, what was taken back, reactions, votes, and a message that came twice once.
func TestAScreenShowsWhatStandsInTheEnd(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	ctx := t.Context()
	mine := must(p.SendText(ctx, own, "helo"))
	c.message(0, mine)
	c.message(0, must(p.Edit(ctx, own, mine, "hello"))) // each side waits for the other: the library has one session for both ways
	gone := must(p.SendText(ctx, own, "oops"))
	c.message(0, must(p.Revoke(ctx, own, gone)))
	ours := c.says(ana, "what now?")
	must(c.SendMessage(ctx, ana, c.BuildEdit(ana, ours, &waE2E.Message{Conversation: proto.String("When?")})))
	c.message(0, must(p.React(ctx, own, seen(t, p, "When?").ID, "👍")))
	must(c.SendMessage(ctx, ana, c.BuildReaction(ana, ana, mine, "🙏")))
	check(t, c.SendChatPresence(ctx, ana, types.ChatPresenceComposing, types.ChatPresenceMediaText))
	poll := must(c.SendMessage(ctx, ana, c.BuildPollCreation("Which day?", []string{"today", "tomorrow"}, 1))).ID
	seen(t, p, "Which day?")
	must(p.Vote(ctx, own, poll, "today"))
	c.message(0, must(p.Vote(ctx, own, poll, "tomorrow")))
	again := must(c.SendMessage(ctx, ana, &waE2E.Message{Conversation: proto.String("twice")}, whatsmeow.SendRequestExtra{ID: "3EB0AA"}))
	must(c.SendMessage(ctx, ana, &waE2E.Message{Conversation: proto.String("twice")}, whatsmeow.SendRequestExtra{ID: "3EB0AA"}))
	check(t, c.MarkRead(ctx, []string{mine}, again.Timestamp, ana, types.EmptyJID))
	bubble(t, p, func(b simulator.Bubble) bool { return b.ID == mine && b.Status == simulator.Read && b.Them == "🙏" })
	bubble(t, p, func(b simulator.Bubble) bool { return b.ID == "3EB0AA" && b.Copies == 2 })

	screen := p.Screen(own)
	equal(t, "bubbles", len(screen), 5)
	equal(t, "own text", screen[0].Text, "hello")
	equal(t, "own text is edited", screen[0].Edited, true)
	equal(t, "taken back", screen[1].Revoked, true)
	equal(t, "text of what was taken back", screen[1].Text, "")
	equal(t, "their text", screen[2].Text, "When?")
	equal(t, "reaction", screen[2].Me, "👍")
	equal(t, "vote", screen[3].Poll.Votes[0], "tomorrow")
	equal(t, "text that came twice", screen[4].Text, "twice")
}

func TestFilesAndQuotesStandOnTheScreen(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	ctx := t.Context()
	ids := must(p.SendAlbum(ctx, own, "two", simulator.File{Kind: "image", Data: picture}, simulator.File{Kind: "image", Data: []byte("PNG")}))
	first := c.message(0, ids[0])
	equal(t, "caption", first.Message.GetImageMessage().GetCaption(), "two")
	album := first.Message.GetMessageContextInfo().GetMessageAssociation().GetParentMessageKey().GetID()
	equal(t, "album announced", c.message(0, album).Message.GetAlbumMessage().GetExpectedImageCount(), 2)
	quote := c.message(0, must(p.Reply(ctx, own, ids[0], "this one"))).Message.GetExtendedTextMessage().GetContextInfo()
	equal(t, "quoted", quote.GetStanzaID(), ids[0])
	equal(t, "seen once", c.message(0, must(p.SendFile(ctx, own, simulator.File{Kind: "image", Data: picture, ViewOnce: true}))).IsViewOnce, true)
	equal(t, "vanishes", c.message(0, must(p.SendFading(ctx, own, "psst", 86400))).IsEphemeral, true)

	up := must(c.Upload(ctx, picture, whatsmeow.MediaDocument))
	must(c.SendMessage(ctx, ana, &waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey,
		FileSHA256: up.FileSHA256, FileEncSHA256: up.FileEncSHA256, FileLength: &up.FileLength, Mimetype: proto.String("application/pdf"),
		FileName: proto.String("act.pdf"), Caption: proto.String("the act")}}))
	b := seen(t, p, "the act")
	equal(t, "name", b.File.Name, "act.pdf")
	for range 2 {
		if !bytes.Equal(must(b.File.Data()), picture) {
			t.Fatal("the phone shows another file")
		}
	}
	screen := p.Screen(own)
	equal(t, "bubbles", len(screen), 6)
	equal(t, "album of the second picture", screen[1].Album, album)
	equal(t, "answered to", screen[2].Quote, ids[0])
	equal(t, "seen once", screen[3].ViewOnce, true)
}

// Nobody but its author changes a message.
func TestAForeignEditChangesNothing(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	id := must(p.SendText(t.Context(), own, "mine"))
	c.message(0, id)
	must(c.SendMessage(t.Context(), ana, c.BuildEdit(ana, id, &waE2E.Message{Conversation: proto.String("forged")})))
	c.says(ana, "after")
	seen(t, p, "after")
	equal(t, "text", p.Screen(own)[0].Text, "mine")
}

func TestStrangeSenders(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, anaLID)
	ctx := t.Context()
	equal(t, "chat of a status", c.message(0, must(p.PostStatus(ctx, own, "on holiday"))).Info.Chat, types.StatusBroadcastJID)
	equal(t, "server of a list", c.message(0, must(p.Broadcast(ctx, own, "sale"))).Info.Chat.Server, types.BroadcastServer)
	news := types.NewJID("120363999999999999", types.NewsletterServer)
	id := must(s.SendNewsletter(own, news, "news"))
	equal(t, "text of a channel", c.message(0, id).Message.GetConversation(), "news")
	id = must(p.SendUnavailable(own, "view_once"))
	e := wait(c, 0, func(e *events.UndecryptableMessage) bool { return e.Info.ID == id })
	equal(t, "kept from linked devices", e.UnavailableType, events.UnavailableTypeViewOnce)
}
