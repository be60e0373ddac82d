package whatsapp

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.mau.fi/whatsmeow/proto/waE2E"

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
	in.Kind, in.Text = crm.InText, clean(text, maxText)
	readWords(in)
	return true
}

// readWords looks for a command. The codes of links come as plain texts; which of them are codes only the dialogs know.
func readWords(in *crm.Inbound) {
	name, args, is := findCommand(in.Text)
	if !is {
		return
	}
	in.Command, in.Args = name, args
	if name == "start" {
		in.Start = shorten(args, maxStart)
	}
}

// maxStart is how long the payload of a link may be.
const maxStart = 64

// findCommand gives the first command of a text: a slash at the start or after a space or bracket, a Latin letter, then letters, digits
// and _, at most 32, and the end of a word. Commands are typed here, nothing offers them: "/My new" is "/my new".
func findCommand(text string) (name, args string, is bool) {
	for at := 0; at < len(text); at++ {
		slash := strings.IndexByte(text[at:], '/')
		if slash < 0 {
			break
		}
		at += slash
		if before, _ := utf8.DecodeLastRuneInString(text[:at]); at > 0 && !unicode.IsSpace(before) && !strings.ContainsRune("([{«\"'\u200b\ufeff", before) {
			continue
		}
		rest := text[at+1:]
		word := latin(rest)
		if word == "" || len(word) > 32 || word[0] < 'A' || word[0] == '_' {
			continue
		}
		next, _ := utf8.DecodeRuneInString(rest[len(word):])
		if rest = rest[len(word):]; rest != "" && (unicode.IsLetter(next) || unicode.IsDigit(next) || strings.ContainsRune("/@<>", next)) {
			continue // a path or a word in another alphabet
		}
		return strings.ToLower(word), strings.TrimSpace(rest), true
	}
	return "", "", false
}

// latin gives the Latin letters, digits and _ with which a text starts.
func latin(text string) string {
	end := 0
	for end < len(text) && (text[end] == '_' || text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z' || text[end] >= '0' && text[end] <= '9') {
		end++
	}
	return text[:end]
}

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
