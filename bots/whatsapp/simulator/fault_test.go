package simulator_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots/whatsapp/simulator"
)

func TestFilesThatCanNotBeHad(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, anaLID)
	ctx := t.Context()
	gone := c.message(0, must(p.SendFile(ctx, own, simulator.File{Kind: "image", Data: picture, Fault: simulator.MediaFault{Status: 410}})))
	img := gone.Message.GetImageMessage()
	if _, err := c.Download(ctx, img); !errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith410) {
		t.Fatal(err)
	}
	check(t, c.SendMediaRetryReceipt(ctx, &gone.Info, img.GetMediaKey()))
	e := wait(c, 0, func(e *events.MediaRetry) bool { return e.MessageID == gone.Info.ID })
	img.DirectPath = must(whatsmeow.DecryptMediaRetryNotification(e, img.GetMediaKey())).DirectPath
	img.URL = nil
	if !bytes.Equal(must(c.Download(ctx, img)), picture) {
		t.Fatal("another file was uploaded anew")
	}

	must(s.Phone(own)).MediaRetry = simulator.RetryNotFound
	from := c.Mark()
	check(t, c.SendMediaRetryReceipt(ctx, &gone.Info, img.GetMediaKey()))
	equal(t, "answer", wait[*events.MediaRetry](c, from, nil).Error.Code, 2)

	bad := c.message(0, must(p.SendFile(ctx, own, simulator.File{Kind: "image", Data: picture, Fault: simulator.MediaFault{Corrupt: true}})))
	if _, err := c.Download(ctx, bad.Message.GetImageMessage()); err == nil {
		t.Fatal("a broken file is taken")
	}
}

// A body that claims to be small and never ends is read as far as somebody reads.
func TestAFileWithoutEnd(t *testing.T) {
	s, c := paired(t)
	p := s.NewPeer("Ana", ana, anaLID)
	f := simulator.File{Kind: "document", Name: "bomb", Data: picture, ClaimedLength: 1000, Fault: simulator.MediaFault{Endless: true}}
	doc := c.message(0, must(p.SendFile(t.Context(), own, f))).Message.GetDocumentMessage()
	equal(t, "claimed", doc.GetFileLength(), 1000)
	res := must((&http.Client{Transport: simulator.Transport(s.Addr())}).Get(doc.GetURL()))
	defer func() { _ = res.Body.Close() }()
	equal(t, "bytes that were read", must(io.Copy(io.Discard, io.LimitReader(res.Body, 5<<20))), 5<<20)
}

func TestABanEnds(t *testing.T) {
	s, c := paired(t)
	c.EnableAutoReconnect = false
	check(t, s.Ban(own, events.TempBanBlockedByUsers, time.Hour))
	check(t, s.WaitOffline(t.Context(), own))
	for range 2 {
		c.Disconnect()
		ban := connect[*events.TemporaryBan](c)
		equal(t, "why", ban.Code, events.TempBanBlockedByUsers)
		equal(t, "long", ban.Expire > 59*time.Minute, true)
	}
	check(t, s.Refuse(own, nil))
	c.Disconnect()
	connect[*events.Connected](c)
}

func TestAnOldWebVersionIsRefused(t *testing.T) {
	s := server(t)
	c := open(t, s, library(t))
	s.Revision(1_999_999_999)
	got := must(whatsmeow.GetLatestVersion(t.Context(), &http.Client{Transport: simulator.Transport(s.Addr())}))
	equal(t, "version of the front page", *got, store.WAVersionContainer{2, 3000, 1_999_999_999})
	s.Outdate(1_999_999_999)
	connect[*events.ClientOutdated](c)
	s.Outdate(0)
	c.Disconnect()
	connect[*events.QR](c)
}

// Whoever sends what no client sends loses the connection; the server goes on.
func TestJunkEndsOnlyItsOwnConnection(t *testing.T) {
	s := server(t)
	for _, junk := range []string{"\x00", "GET /ws/chat HTTP/1.1\r\nHost: web.whatsapp.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\x82\x85\x00\x00\x00\x00WAxyz\xff\xff\xff"} {
		conn := must(net.Dial("tcp", s.Addr()))
		must(conn.Write([]byte(junk)))
		check(t, conn.Close())
	}
	c := open(t, s, library(t))
	c.pair(s, simulator.Account{JID: own, LID: ownLID})
	p := s.NewPeer("Ana", ana, anaLID)
	check(t, s.Push(own, bareStanza("message")))
	check(t, s.Push(own, bareStanza("notification")))
	c.message(0, must(p.SendText(t.Context(), own, "still here")))
}

// bareStanza is a stanza without anything that a stanza needs.
func bareStanza(tag string) waBinary.Node { return waBinary.Node{Tag: tag} }
