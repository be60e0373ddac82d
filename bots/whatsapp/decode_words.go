package whatsapp

import (
	"errors"

	"go.mau.fi/whatsmeow/proto/waE2E"

	"govorun/bots"
	"govorun/crm"
)

// errSealed is something that needs a key which is not known here.
var errSealed = errors.New("it is sealed by a message that is not known here")

// decodeWords reads a text, with the command in it. An answer to a list or to buttons of somebody else's making is the
// text that was chosen.
func decodeWords(in *crm.Inbound, h heard) bool {
	m := h.message
	text := ""
	for _, words := range []string{m.GetConversation(), m.GetExtendedTextMessage().GetText(), m.GetListResponseMessage().GetTitle(),
		m.GetButtonsResponseMessage().GetSelectedDisplayText(), m.GetTemplateButtonReplyMessage().GetSelectedDisplayText(),
		m.GetInteractiveResponseMessage().GetBody().GetText()} {
		if words != "" {
			text = words
			break
		}
	}
	if text == "" {
		return false
	}
	in.Kind, in.Text = crm.InText, bots.Clean(text, maxText)
	readWords(in)
	return true
}

// readWords looks for a command: nothing offers them here, they are typed, so "/My new" is "/my new". The codes of links come as
// plain texts; which of them are codes only the dialogs know.
func readWords(in *crm.Inbound) {
	found, is := bots.FindCommand(in.Text)
	if !is {
		return
	}
	in.Command, in.Args = found.Name, found.Args
	if found.Name == "start" {
		in.Start = bots.Shorten(found.Args, maxStart)
	}
}

// maxStart is how long the payload of a link may be.
const maxStart = 64

// contextOf is what a message says of the one it answers, of whatever kind it is.
func contextOf(m *waE2E.Message) *waE2E.ContextInfo {
	for _, c := range []interface{ GetContextInfo() *waE2E.ContextInfo }{m.GetExtendedTextMessage(), m.GetImageMessage(), m.GetVideoMessage(), m.GetPtvMessage(),
		m.GetDocumentMessage(), m.GetAudioMessage(), m.GetStickerMessage(), m.GetContactMessage(), m.GetContactsArrayMessage(), m.GetLocationMessage(),
		m.GetLiveLocationMessage(), m.GetListResponseMessage(), m.GetButtonsResponseMessage(), m.GetTemplateButtonReplyMessage()} {
		if info := c.GetContextInfo(); info != nil {
			return info
		}
	}
	return nil
}

// unwrapped takes off the wrappings that say how a message came or how long it stays.
func unwrapped(m *waE2E.Message) *waE2E.Message {
	for range 8 { // nobody wraps deeper
		inner := (*waE2E.Message)(nil)
		for _, wrapping := range []*waE2E.FutureProofMessage{m.GetEphemeralMessage(), m.GetEditedMessage(), m.GetDocumentWithCaptionMessage(),
			m.GetLottieStickerMessage(), m.GetAssociatedChildMessage(), m.GetGroupMentionedMessage(), m.GetBotInvokeMessage(), m.GetQuestionMessage()} {
			if inner = wrapping.GetMessage(); inner != nil {
				break
			}
		}
		if inner == nil {
			return m
		}
		if inner.MessageContextInfo == nil {
			inner.MessageContextInfo = m.MessageContextInfo
		}
		m = inner
	}
	return m
}
