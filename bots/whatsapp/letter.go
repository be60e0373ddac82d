package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"govorun/bots"
	"govorun/crm"
)

// maxLetters is how many letters a message takes at most; ours are written for the 4,096 of other channels.
const maxLetters = 65_536

// maxAlbum is how many pictures go out for one row, as on other channels.
const maxAlbum = 10

// letter is one outbound on its way: all that is needed to make its messages, now or once more for a phone that could not read them.
type letter struct {
	channel *Channel
	client  *whatsmeow.Client
	out     crm.Outbound
	chat    types.JID
	salt    []byte
}

// part makes one message of WhatsApp. Files are uploaded by it.
type part func(ctx context.Context) (*waE2E.Message, error)

func (c *Channel) letter(ctx context.Context, client *whatsmeow.Client, out crm.Outbound) (*letter, error) {
	chat, err := personal(out.Address.Chat)
	if err != nil {
		return nil, err
	}
	salt, err := c.salt(ctx)
	if err != nil {
		return nil, &crm.SendError{Policy: crm.Retry, Reason: "storage", Err: err}
	}
	return &letter{channel: c, client: client, out: out, chat: chat, salt: salt}, nil
}

func (l *letter) id(part int) types.MessageID { return messageID(l.salt, l.out.ID, part) }

// ref is the id by which people's answers find the row: that of the text with the choices, or of the picture with the caption.
func (l *letter) ref(parts int) string {
	switch l.out.Kind {
	case crm.OutEdit, crm.OutReaction, crm.OutDelete:
		return l.out.TargetRef
	}
	if l.captioned() {
		return l.id(0)
	}
	return l.id(parts - 1)
}

// parts says of which messages the outbound consists. Their order and number follow from the row alone.
func (l *letter) parts(ctx context.Context) ([]part, error) {
	switch l.out.Kind {
	case crm.OutMessage:
		if strings.TrimSpace(l.out.Text) == "" {
			return nil, bots.GiveUp("empty", "the text is empty")
		}
		return []part{l.poll()}, nil
	case crm.OutMedia, crm.OutAlbum:
		return l.files()
	case crm.OutContact:
		return l.beside(l.contact())
	case crm.OutLocation:
		return l.beside(l.location())
	case crm.OutEdit:
		return l.edit(ctx)
	case crm.OutReaction:
		return l.reaction(ctx)
	case crm.OutDelete:
		return l.revoke(ctx)
	}
	return nil, bots.GiveUp("unknown_kind", "there is no way to send "+strconv.Quote(string(l.out.Kind)))
}

// text is a message of words. A plain one is sent in the plain form, which every phone knows.
func (l *letter) text(quote *waE2E.ContextInfo) (*waE2E.Message, error) {
	text := render(l.out.Text)
	if len([]rune(text)) > maxLetters {
		return nil, bots.GiveUp("too_long", fmt.Sprintf("the text has more than %d letters", maxLetters))
	}
	if quote == nil {
		return &waE2E.Message{Conversation: &text}, nil
	}
	return &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: &text, ContextInfo: quote}}, nil
}

// files are one message each; phones show pictures that follow one another as an album. The text stands under the first, or
// follows when that can't have one.
func (l *letter) files() ([]part, error) {
	media := l.out.Media
	switch {
	case len(media) == 0:
		return nil, bots.GiveUp("empty", "there is no file to send")
	case len(media) > maxAlbum:
		return nil, bots.GiveUp("album", "an album has at most ten parts")
	}
	var parts []part
	for i, file := range media {
		parts = append(parts, func(ctx context.Context) (*waE2E.Message, error) {
			caption, quote := "", (*waE2E.ContextInfo)(nil)
			if i == 0 {
				quote = l.quote()
				if l.captioned() {
					caption = render(l.out.Text)
				}
			}
			return l.media(ctx, file, caption, quote)
		})
	}
	if !l.captioned() && strings.TrimSpace(l.out.Text) != "" {
		parts = append(parts, func(context.Context) (*waE2E.Message, error) { return l.text(nil) })
	}
	return parts, nil
}

// captioned tells whether the text stands under a file.
func (l *letter) captioned() bool {
	if len(l.out.Media) == 0 {
		return false
	}
	switch l.out.Media[0].Kind {
	case crm.Voice, crm.Audio, crm.Sticker, crm.VideoNote:
		return false
	}
	return true
}

// beside is something with its text behind it.
func (l *letter) beside(message *waE2E.Message, err error) ([]part, error) {
	if err != nil {
		return nil, err
	}
	parts := []part{func(context.Context) (*waE2E.Message, error) { return message, nil }}
	if strings.TrimSpace(l.out.Text) != "" {
		parts = append(parts, func(context.Context) (*waE2E.Message, error) { return l.text(nil) })
	}
	return parts, nil
}

func (l *letter) contact() (*waE2E.Message, error) {
	card := l.out.Contact
	if card == nil || strings.TrimSpace(card.Phone) == "" {
		return nil, bots.GiveUp("empty", "the contact card has no phone")
	}
	name := strings.Join(strings.Fields(card.Name), " ")
	if name == "" {
		name = card.Phone
	}
	escaped := strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`).Replace(name)
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, card.Phone)
	vcard := "BEGIN:VCARD\nVERSION:3.0\nN:;" + escaped + ";;;\nFN:" + escaped + "\nTEL;type=CELL;type=VOICE;waid=" + digits + ":+" + digits + "\nEND:VCARD"
	return &waE2E.Message{ContactMessage: &waE2E.ContactMessage{DisplayName: &name, Vcard: &vcard, ContextInfo: l.quote()}}, nil
}

func (l *letter) location() (*waE2E.Message, error) {
	place := l.out.Location
	if place == nil {
		return nil, bots.GiveUp("empty", "there is no place to send")
	}
	return &waE2E.Message{LocationMessage: &waE2E.LocationMessage{
		DegreesLatitude: &place.Latitude, DegreesLongitude: &place.Longitude, Name: optional(place.Title), ContextInfo: l.quote(),
	}}, nil
}

// quote shows which message is answered. Its words are not repeated: they are on the phone, and we may have to forget them.
func (l *letter) quote() *waE2E.ContextInfo {
	if l.out.ReplyTo == "" {
		return nil
	}
	return &waE2E.ContextInfo{
		StanzaID: &l.out.ReplyTo, Participant: proto.String(l.chat.String()), QuotedMessage: &waE2E.Message{Conversation: proto.String("")},
	}
}

// sentBefore gives what we sent as the target, also when its mark is still being written; crm.ErrNotFound when it is none of ours.
func (l *letter) sentBefore(ctx context.Context) (crm.Outbound, error) {
	if !mayBeOurs(l.out.TargetRef) {
		return crm.Outbound{}, crm.ErrNotFound
	}
	sent, _, err := l.channel.sentAs(ctx, l.salt, l.chat, l.out.TargetRef)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return sent, &crm.SendError{Policy: crm.Retry, Reason: "storage", Err: err}
	}
	return sent, err
}
