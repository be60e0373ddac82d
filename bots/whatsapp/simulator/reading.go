package simulator

import (
	"cmp"

	"go.mau.fi/whatsmeow/proto/waE2E"
)

// kindOf names what an unwrapped message shows; nothing for what a phone shows nowhere.
func kindOf(m *waE2E.Message) string {
	switch {
	case m.GetConversation() != "" || m.GetExtendedTextMessage() != nil:
		return "text"
	case pollOf(m) != nil:
		return "poll"
	case m.GetAlbumMessage() != nil || m.GetProtocolMessage() != nil || isKeyOnly(m):
		return ""
	case m.GetContactMessage() != nil:
		return "contact"
	case m.GetAudioMessage().GetPTT():
		return "voice"
	}
	return cmp.Or(mediaOf(m), "other")
}

// textOf gives the words of an unwrapped message.
func textOf(m *waE2E.Message) string {
	return cmp.Or(m.GetConversation(), m.GetExtendedTextMessage().GetText(), m.GetImageMessage().GetCaption(), m.GetVideoMessage().GetCaption(),
		m.GetDocumentMessage().GetCaption(), pollOf(m).GetName(), m.GetContactMessage().GetDisplayName(), m.GetLocationMessage().GetName())
}

// contextOf gives what a message says about the one that it answers.
func contextOf(m *waE2E.Message) *waE2E.ContextInfo {
	for _, part := range []interface{ GetContextInfo() *waE2E.ContextInfo }{
		m.GetExtendedTextMessage(), m.GetImageMessage(), m.GetVideoMessage(), m.GetAudioMessage(), m.GetDocumentMessage(), m.GetStickerMessage(),
		m.GetLocationMessage(), m.GetContactMessage(), pollOf(m),
	} {
		if info := part.GetContextInfo(); info != nil {
			return info
		}
	}
	return nil
}
