package simulator

import (
	"crypto/rand"

	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waMmsRetry"
	"go.mau.fi/whatsmeow/util/gcmutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
)

// RetryMode is how the phone answers a linked device that asks for a file which the server dropped.
type RetryMode int

// Ways to answer.
const (
	RetryAnswers  RetryMode = iota // the phone uploads it anew and says where
	RetryNotFound                  // the phone has it no longer
	RetrySilent                    // the phone is off
)

// askedForFile answers SendMediaRetryReceipt, as the phone of the account does (events.MediaRetry).
func (c *conn) askedForFile(n *node) {
	id := text(n.Attrs["id"])
	c.srv.mu.Lock()
	mode := c.dev.phone.MediaRetry
	l := c.srv.sent.byID[id]
	c.srv.mu.Unlock()
	if mode == RetrySilent {
		return
	}
	asked := n.GetChildByTag("rmr")
	answer := node{Tag: "notification", Attrs: attrs{"id": id, "from": c.dev.jid.ToNonAD(), "type": "mediaretry", "t": c.srv.unix()}}
	content := []node{{Tag: "rmr", Attrs: asked.Attrs}}
	sealed := []node(nil)
	if mode == RetryAnswers && l != nil {
		sealed = c.srv.uploadAnew(l)
	}
	if sealed != nil {
		content = append(content, node{Tag: "encrypt", Content: sealed})
	} else {
		content = append(content, node{Tag: "error", Attrs: attrs{"code": 2}})
	}
	answer.Content = content
	_ = c.srv.deliver(c.dev, answer)
}

// uploadAnew stores the file of a message once more and says where, sealed with its own key; nil when it is gone for good.
func (s *Server) uploadAnew(l *letter) []node {
	file := fileOf(unwrap(l.msg))
	if file == nil {
		return nil
	}
	body, err := s.stored(file.GetDirectPath())
	if err != nil {
		return nil
	}
	plain, err := proto.Marshal(&waMmsRetry.MediaRetryNotification{
		StanzaID: &l.id, DirectPath: proto.String(s.store(body)), Result: waMmsRetry.MediaRetryNotification_SUCCESS.Enum(),
	})
	if err != nil {
		return nil
	}
	key := hkdfutil.SHA256(file.GetMediaKey(), nil, []byte("WhatsApp Media Retry Notification"), 32)
	iv := make([]byte, 12)
	_, _ = rand.Read(iv)
	sealed, err := gcmutil.Encrypt(key, iv, plain, []byte(l.id))
	if err != nil {
		return nil
	}
	return []node{{Tag: "enc_p", Content: sealed}, {Tag: "enc_iv", Content: iv}}
}

// remote is what messages with a file have in common.
type remote interface {
	GetDirectPath() string
	GetMediaKey() []byte
	GetMimetype() string
	GetFileLength() uint64
}

// fileOf gives the file of an unwrapped message, nil when it has none.
func fileOf(m *waE2E.Message) remote {
	switch {
	case m.GetImageMessage() != nil:
		return m.ImageMessage
	case m.GetVideoMessage() != nil:
		return m.VideoMessage
	case m.GetAudioMessage() != nil:
		return m.AudioMessage
	case m.GetDocumentMessage() != nil:
		return m.DocumentMessage
	case m.GetStickerMessage() != nil:
		return m.StickerMessage
	}
	return nil
}

// unwrap takes a message out of what it may be wrapped in: for linked devices, disappearing, to be seen once, with a caption.
func unwrap(m *waE2E.Message) *waE2E.Message {
	for range 8 {
		inner := m.GetDeviceSentMessage().GetMessage()
		for _, w := range []*waE2E.FutureProofMessage{
			m.GetEphemeralMessage(), m.GetViewOnceMessage(), m.GetViewOnceMessageV2(), m.GetViewOnceMessageV2Extension(),
			m.GetDocumentWithCaptionMessage(), m.GetEditedMessage(), m.GetAssociatedChildMessage(),
		} {
			if w.GetMessage() != nil {
				inner = w.GetMessage()
			}
		}
		if inner == nil {
			break
		}
		m = inner
	}
	return m
}
