package simulator_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"govorun/bots/whatsapp/simulator"
)

var picture = bytes.Repeat([]byte("PNG!"), 5000)

// How a peer can look: with a LID that the test did not name, with a named
// one, and with messages that come from the LID.
var looks = []struct {
	name  string
	lid   types.JID
	byLID bool
}{{"made up LID", types.EmptyJID, false}, {"named LID", anaLID, false}, {"by LID", anaLID, true}}

func TestTexts(t *testing.T) {
	for _, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			s, c := paired(t)
			p := s.NewPeer("Ana", ana, look.lid)
			p.ByLID = look.byLID
			ctx, from := t.Context(), c.Mark()
			id := must(p.SendText(ctx, own, "hello"))
			m := c.message(from, id)
			equal(t, "text", m.Message.GetConversation(), "hello")
			equal(t, "push name", m.Info.PushName, "Ana")
			if look.byLID {
				equal(t, "sender", m.Info.Sender, p.LID)
				equal(t, "other address", m.Info.SenderAlt, ana)
			} else {
				equal(t, "sender", m.Info.Sender, ana)
				equal(t, "other address", m.Info.SenderAlt, p.LID)
			}
			receipt(t, s, id, "inactive")
			check(t, c.MarkRead(ctx, []string{id}, time.Now(), m.Info.Chat, m.Info.Sender))
			receipt(t, s, id, "read")

			from = c.Mark()
			r := must(c.SendMessage(ctx, m.Info.Chat, &waE2E.Message{Conversation: proto.String("hi back")}))
			equal(t, "chat of the answer", r.Chat, p.LID)
			equal(t, "answer", got(t, p.User, r.ID).Message.GetConversation(), "hi back")
			if r.Timestamp.IsZero() {
				t.Fatal("ack without a time")
			}
			wait(c, from, func(e *events.Receipt) bool { return e.MessageIDs[0] == r.ID && e.Type == types.ReceiptTypeDelivered })
			for _, typ := range []types.ReceiptType{types.ReceiptTypeRead, types.ReceiptTypePlayed} {
				check(t, p.Receipt(own, r.ID, typ))
				e := wait(c, from, func(e *events.Receipt) bool { return e.Type == typ })
				equal(t, "chat of the receipt", e.Chat, p.LID)
			}
			check(t, p.Typing(own, true))
			wait(c, from, func(e *events.ChatPresence) bool { return e.State == types.ChatPresenceComposing })
		})
	}
}

func TestMedia(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	ctx, from := t.Context(), c.Mark()
	m := c.message(from, must(p.SendImage(ctx, own, picture, "image/png", "look")))
	img := m.Message.GetImageMessage()
	equal(t, "media type", m.Info.MediaType, "image")
	equal(t, "caption", img.GetCaption(), "look")
	for _, way := range []string{"URL", "direct path"} {
		if !bytes.Equal(must(c.Download(ctx, img)), picture) {
			t.Fatalf("image by %s differs", way)
		}
		img.URL = nil
	}
	up := must(c.Upload(ctx, picture, whatsmeow.MediaImage))
	r := must(c.SendMessage(ctx, ana, &waE2E.Message{ImageMessage: &waE2E.ImageMessage{
		URL: &up.URL, DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileSHA256: up.FileSHA256, FileEncSHA256: up.FileEncSHA256, FileLength: &up.FileLength,
		Mimetype: proto.String("image/png"),
	}}))
	out := got(t, p.User, r.ID).Message.GetImageMessage()
	if !bytes.Equal(must(s.Fetch(out.GetDirectPath(), out.GetMediaKey(), whatsmeow.MediaImage)), picture) {
		t.Fatal("sent image differs")
	}
}

func TestQueries(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	ctx := t.Context()
	on := must(c.IsOnWhatsApp(ctx, []string{"+" + ana.User, "+15550000000"}))
	equal(t, "answers", len(on), 2)
	equal(t, "known number", on[0], types.IsOnWhatsAppResponse{Query: "+" + ana.User, JID: p.LID, PhoneNumber: ana, IsIn: true})
	equal(t, "unknown number is in", on[1].IsIn, false)
	equal(t, "LID of the contact", must(c.GetUserInfo(ctx, []types.JID{ana}))[ana].LID, p.LID)
	if _, err := c.GetProfilePictureInfo(ctx, ana, nil); err == nil {
		t.Fatal("got a picture")
	}
	if _, err := c.SendMessage(ctx, types.NewJID("15550000000", types.DefaultUserServer), &waE2E.Message{Conversation: proto.String("?")}); err == nil {
		t.Fatal("could write to someone without WhatsApp")
	}
	c.Store.PushName = "Shop"
	check(t, c.SendPresence(ctx, types.PresenceAvailable))
}

func TestRetry(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, types.EmptyJID)
	p.NoResend = true // it would open a session of its own meanwhile
	ctx := t.Context()
	c.message(0, must(p.SendText(ctx, own, "one")))
	sent := c.says(ana, "two")
	got(t, p.User, sent)

	p.Tamper()
	from := c.Mark()
	id := must(p.SendText(ctx, own, "broken"))
	wait(c, from, func(e *events.UndecryptableMessage) bool { return e.Info.ID == id })
	receipt(t, s, id, "retry")

	check(t, p.ForgetSession(own))
	check(t, p.AskRetry(own, sent))
	again := must(p.WaitNth(ctx, sent, 2))
	equal(t, "resend", again.Message.GetConversation(), "two")
	equal(t, "kind of ciphertext", again.EncType, "pkmsg")
}

// Two real clients talk through the server.
func TestTwoClients(t *testing.T) {
	s, a := paired(t)
	b := open(t, s, library(t))
	other := types.JID{User: bob.User, Device: 3, Server: types.DefaultUserServer}
	b.pair(s, simulator.Account{JID: other})
	for i := range 3 {
		for _, way := range []struct {
			from, to *client
			chat     types.JID
		}{{a, b, other.ToNonAD()}, {b, a, own.ToNonAD()}} {
			mark, text := way.to.Mark(), fmt.Sprint("number ", i)
			m := way.to.message(mark, way.from.says(way.chat, text))
			equal(t, "text", m.Message.GetConversation(), text)
		}
	}
}

// The fake neither listens nor dials anywhere but on loopback.
func TestLoopbackOnly(t *testing.T) {
	if _, err := simulator.Listen("0.0.0.0:0"); err == nil {
		t.Fatal("listens on every address")
	}
	for _, c := range []struct{ addr, url string }{
		{"192.0.2.1:443", "https://web.whatsapp.com/"},
		{"127.0.0.1:1", "https://www.example.com/"},
		{"127.0.0.1:1", "http://web.whatsapp.com/"},
	} {
		_, err := (&http.Client{Transport: simulator.Transport(c.addr)}).Get(c.url)
		if err == nil || !strings.Contains(err.Error(), "refusing to dial") && !strings.Contains(err.Error(), "no loopback") {
			t.Errorf("%s by %s: %v", c.url, c.addr, err)
		}
	}
}

func TestPush(t *testing.T) {
	s, c := paired(t)
	from := c.Mark()
	check(t, s.Push(own, waBinary.Node{Tag: "presence", Attrs: waBinary.Attrs{"from": ana, "type": "unavailable"}}))
	equal(t, "presence of", wait[*events.Presence](c, from, nil).From, ana)
}
