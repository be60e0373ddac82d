package simulator

import (
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// outline is what a stanza says about its message in clear text.
type outline struct {
	typ   string // of the stanza
	media string
	edit  types.EditAttribute
	poll  string
	hide  bool // the receiver shows nothing if decryption fails
}

func outlineOf(m *waE2E.Message) outline {
	in := unwrap(m)
	switch {
	case in.GetReactionMessage() != nil:
		return outline{typ: "reaction", hide: true}
	case pollOf(in) != nil:
		return outline{typ: "poll", poll: "creation"}
	case in.GetPollUpdateMessage() != nil:
		return outline{typ: "poll", poll: "vote", hide: true}
	case in.GetProtocolMessage().GetType() == waE2E.ProtocolMessage_MESSAGE_EDIT && in.GetProtocolMessage().GetEditedMessage() != nil:
		return outline{typ: "text", edit: types.EditAttributeMessageEdit, hide: true}
	case in.GetProtocolMessage().GetKey() != nil:
		return outline{typ: "text", edit: types.EditAttributeSenderRevoke, hide: true}
	}
	if media := mediaOf(in); media != "" {
		return outline{typ: "media", media: media}
	}
	return outline{typ: "text"}
}

func mediaOf(m *waE2E.Message) string {
	switch {
	case m.GetImageMessage() != nil:
		return "image"
	case m.GetVideoMessage() != nil:
		return "video"
	case m.GetDocumentMessage() != nil:
		return "document"
	case m.GetStickerMessage() != nil:
		return "sticker"
	case m.GetAudioMessage().GetPTT():
		return "ptt"
	case m.GetAudioMessage() != nil:
		return "audio"
	case m.GetLocationMessage() != nil:
		return "location"
	case m.GetContactMessage() != nil:
		return "vcard"
	}
	return ""
}

// pollOf gives the poll that an unwrapped message opens, nil for others; phones have used several fields for it.
func pollOf(m *waE2E.Message) *waE2E.PollCreationMessage {
	for _, p := range []*waE2E.PollCreationMessage{
		m.GetPollCreationMessage(), m.GetPollCreationMessageV2(), m.GetPollCreationMessageV3(), m.GetPollCreationMessageV5(), m.GetPollCreationMessageV6(),
	} {
		if p != nil {
			return p
		}
	}
	return nil
}

// stanza makes a user's message stanza, without addresses. The last of encs holds msg itself.
func (u *User) stanza(id string, msg *waE2E.Message, encs ...node) node {
	o := outlineOf(msg)
	at, enc := attrs{"id": id, "t": u.srv.unix(), "type": o.typ, "notify": u.Name}, encs[len(encs)-1]
	if o.edit != "" {
		at["edit"] = string(o.edit)
	}
	if o.media != "" {
		enc.Attrs["mediatype"] = o.media
	}
	if o.hide {
		enc.Attrs["decrypt-fail"] = string(events.DecryptFailHide)
	}
	if o.poll != "" {
		encs = append(encs, node{Tag: "meta", Attrs: attrs{"polltype": o.poll}})
	}
	return node{Tag: "message", Attrs: at, Content: encs}
}
