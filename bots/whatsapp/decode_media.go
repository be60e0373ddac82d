package whatsapp

import (
	"encoding/base64"
	"math"
	"strings"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"govorun/bots"
	"govorun/crm"
)

// file is what every kind of file says of itself.
type file interface {
	whatsmeow.DownloadableMessage
	GetMimetype() string
	GetFileLength() uint64
	GetContextInfo() *waE2E.ContextInfo
}

// decodeMedia reads a file with its caption.
func decodeMedia(in *crm.Inbound, h heard) bool {
	m := h.message
	var media crm.Media
	caption := ""
	switch {
	case m.GetImageMessage() != nil:
		f := m.GetImageMessage()
		caption, media = f.GetCaption(), fileOf(h, crm.Photo, f)
		media.Width, media.Height = column(f.GetWidth()), column(f.GetHeight())
	case m.GetVideoMessage() != nil, m.GetPtvMessage() != nil:
		f, kind := m.GetVideoMessage(), crm.Video
		if f == nil {
			f, kind = m.GetPtvMessage(), crm.VideoNote
		} else if f.GetGifPlayback() {
			kind = crm.Animation
		}
		caption, media = f.GetCaption(), fileOf(h, kind, f)
		media.Width, media.Height, media.Duration = column(f.GetWidth()), column(f.GetHeight()), column(f.GetSeconds())
	case m.GetDocumentMessage() != nil:
		f := m.GetDocumentMessage()
		caption, media = f.GetCaption(), fileOf(h, crm.Document, f)
		media.Name = bots.FileName(f.GetFileName())
		if media.Name == "" {
			media.Name = bots.FileName(f.GetTitle())
		}
		if caption == f.GetFileName() { // phones put the name there when nothing was written
			caption = ""
		}
	case m.GetAudioMessage() != nil:
		f, kind := m.GetAudioMessage(), crm.Audio
		if f.GetPTT() {
			kind = crm.Voice
		}
		media = fileOf(h, kind, f)
		media.Duration = column(f.GetSeconds())
	case m.GetStickerMessage() != nil:
		f := m.GetStickerMessage()
		media = fileOf(h, crm.Sticker, f)
		media.Width, media.Height = column(f.GetWidth()), column(f.GetHeight())
		in.Kind, in.Note, in.Media = crm.InOther, "sticker", []crm.Media{media}
		return true
	default:
		return false
	}
	in.Kind, in.Media = crm.InMedia, []crm.Media{media}
	if in.Text = bots.Clean(caption, maxText); in.Text != "" {
		readWords(in)
	}
	return true
}

func fileOf(h heard, kind crm.MediaKind, f file) crm.Media {
	return crm.Media{
		Kind: kind, Ref: refOf(h, f), Unique: base64.RawURLEncoding.EncodeToString(hash(f.GetFileSHA256())), MIME: mime(f.GetMimetype()),
		Size: int64(min(f.GetFileLength(), math.MaxInt64)), Forwarded: f.GetContextInfo().GetIsForwarded(),
	}
}

// mime is the type without its parameters ("audio/ogg; codecs=opus").
func mime(given string) string {
	name, _, _ := strings.Cut(given, ";")
	return bots.Line(name, maxMIME)
}

// hash is a SHA-256, nil for what can't be one.
func hash(given []byte) []byte {
	if len(given) != 32 {
		return nil
	}
	return given
}

func column(n uint32) int { return int(min(n, math.MaxInt32)) }

// albumOf gives what the parts of an album have in common: the id of the message that announced it.
func albumOf(m *waE2E.Message) string {
	with := m.GetMessageContextInfo().GetMessageAssociation()
	if with.GetAssociationType() != waE2E.MessageAssociation_MEDIA_ALBUM {
		return ""
	}
	return bots.Clean(with.GetParentMessageKey().GetID(), maxID)
}

// companion tells a file that is another one over again: finer, or moving. The first is enough.
func companion(m *waE2E.Message) bool {
	switch m.GetMessageContextInfo().GetMessageAssociation().GetAssociationType() {
	case waE2E.MessageAssociation_HD_IMAGE_DUAL_UPLOAD, waE2E.MessageAssociation_HD_VIDEO_DUAL_UPLOAD, waE2E.MessageAssociation_HEVC_VIDEO_DUAL_UPLOAD,
		waE2E.MessageAssociation_MOTION_PHOTO:
		return true
	}
	return false
}

// decodePoint reads a contact card or a point on the map.
func decodePoint(in *crm.Inbound, m *waE2E.Message) bool {
	card := m.GetContactMessage()
	if all := m.GetContactsArrayMessage().GetContacts(); card == nil && len(all) > 0 {
		card = all[0]
	}
	switch {
	case card != nil:
		in.Kind, in.Card = crm.InContact, cardOf(card, in.From.Phone)
	case m.GetLocationMessage() != nil:
		l := m.GetLocationMessage()
		title := l.GetName()
		if title == "" {
			title = l.GetAddress()
		}
		in.Location = &crm.Location{Latitude: l.GetDegreesLatitude(), Longitude: l.GetDegreesLongitude(), Title: bots.Line(title, maxName)}
	case m.GetLiveLocationMessage() != nil:
		l := m.GetLiveLocationMessage()
		in.Location = &crm.Location{Latitude: l.GetDegreesLatitude(), Longitude: l.GetDegreesLongitude()}
		in.Text = bots.Clean(l.GetCaption(), maxText)
	default:
		return false
	}
	if in.Location == nil {
		return true
	}
	in.Kind = crm.InLocation
	if p := in.Location; !(math.Abs(p.Latitude) <= 90 && math.Abs(p.Longitude) <= 180) { // forged, or no number at all
		in.Kind, in.Location, in.Note = crm.InOther, nil, "location"
	}
	return true
}

// cardOf reads a contact card. It is the sender's own when its number is the one under which WhatsApp knows them.
func cardOf(c *waE2E.ContactMessage, senders string) *crm.Card {
	phone, name := readCard(bots.Clean(c.GetVcard(), maxText))
	card := &crm.Card{Phone: phone, Name: bots.Line(c.GetDisplayName(), maxName)}
	if card.Name == "" {
		card.Name = bots.Line(name, maxName)
	}
	card.Own = senders != "" && digits(phone) == digits(senders)
	return card
}

// readCard finds the number and the name in a vCard. A number that WhatsApp knows stands first: "TEL;waid=77071234567:+7 707 123-45-67".
func readCard(vcard string) (phone, name string) {
	vcard = strings.NewReplacer("\r\n ", "", "\n ", "", "\r\n", "\n").Replace(vcard) // long lines are folded
	for one := range strings.SplitSeq(vcard, "\n") {
		field, value, is := strings.Cut(strings.TrimSpace(one), ":")
		if !is {
			continue
		}
		parts := strings.Split(field, ";")
		key := strings.ToUpper(parts[0][strings.LastIndexByte(parts[0], '.')+1:]) // "item1.TEL"
		switch {
		case key == "FN" && name == "":
			name = value
		case key == "TEL" && phone == "":
			phone = bots.Line(strings.TrimPrefix(value, "tel:"), 64)
		}
		for _, p := range parts[1:] {
			id, known := strings.CutPrefix(strings.ToLower(p), "waid=")
			if digits := digits(id); key == "TEL" && known && digits != "" && len(digits) <= 15 {
				return "+" + digits, name
			}
		}
	}
	return phone, name
}

// wordless tells messages in which nobody said anything: keys of groups, the announcement of an album, whose parts come by themselves.
func wordless(m *waE2E.Message) bool {
	if m == nil {
		return true
	}
	said := proto.Clone(m).(*waE2E.Message)
	said.MessageContextInfo, said.SenderKeyDistributionMessage, said.FastRatchetKeySenderKeyDistributionMessage = nil, nil, nil
	said.AlbumMessage, said.PinInChatMessage, said.KeepInChatMessage, said.StickerSyncRmrMessage = nil, nil, nil, nil
	said.PlaceholderMessage = nil
	return proto.Size(said) == 0
}

// unusual says what a message is that has none of the contents we read: by the name of the field that holds it.
func unusual(m *waE2E.Message) string {
	note := "unknown"
	fields := m.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if f := fields.Get(i); m.ProtoReflect().Has(f) && f.Name() != "messageContextInfo" && f.Name() != "senderKeyDistributionMessage" {
			return bots.Line(strings.TrimSuffix(string(f.Name()), "Message"), 64)
		}
	}
	return note
}
