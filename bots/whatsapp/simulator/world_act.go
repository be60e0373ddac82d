package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"

	"go.mau.fi/whatsmeow/types"
)

// Act is a deed of a person on the phone.
//
//	text, reply (to Message), edit, revoke, react (Text is the emoji, empty takes it off), vote (Options)
//	image, album, voice, document, sticker, video: the files that came along, or an invented one; Text is the caption
//	location, contact, typing, read
//	show_number: what was hidden is seen from now on; by_lid: the chat moves to the hidden address, or back with On false
//	unreadable: the next Count messages can't be opened; reinstall: a new phone with the same number
type Act struct {
	Do      string   `json:"do"`
	Text    string   `json:"text,omitempty"`
	Message string   `json:"message,omitempty"`
	Options []string `json:"options,omitempty"`
	Phone   string   `json:"phone,omitempty"`
	Name    string   `json:"name,omitempty"`
	Count   int      `json:"count,omitempty"`
	On      bool     `json:"on,omitempty"`
}

// act does a deed and gives the ids of the messages that it made.
func (w *World) act(ctx context.Context, p *Peer, a Act, sent []File) ([]string, error) {
	if !w.Known() {
		switch a.Do {
		case "show_number", "by_lid", "unreadable", "reinstall":
		default:
			return nil, errors.New("the number of the company is not linked: link it first")
		}
	}
	id, err := w.say(ctx, p, a)
	if errors.Is(err, errNotSaid) {
		if id, err = w.touch(ctx, p, a); errors.Is(err, errNotSaid) {
			return w.attach(ctx, p, a, sent)
		}
	}
	if err != nil || id == "" {
		return []string{}, err
	}
	return []string{id}, nil
}

// errNotSaid says that a deed is of another kind.
var errNotSaid = errors.New("something else")

func (w *World) say(ctx context.Context, p *Peer, a Act) (string, error) {
	switch a.Do {
	case "text":
		if a.Text == "" {
			return "", errors.New("write something first")
		}
		if a.Message != "" {
			return p.Reply(ctx, w.own, a.Message, a.Text)
		}
		return p.SendText(ctx, w.own, a.Text)
	case "edit":
		return p.Edit(ctx, w.own, a.Message, a.Text)
	case "revoke":
		return p.Revoke(ctx, w.own, a.Message)
	case "react":
		return p.React(ctx, w.own, a.Message, a.Text)
	case "vote":
		return p.Vote(ctx, w.own, a.Message, a.Options...)
	case "location":
		return p.SendLocation(ctx, w.own, 43.238949, 76.889709, a.Text)
	case "contact":
		phone := digits(a.Phone)
		return p.SendContact(ctx, w.own, a.Name, fmt.Sprintf("BEGIN:VCARD\nVERSION:3.0\nFN:%s\nTEL;type=CELL;waid=%s:+%s\nEND:VCARD", a.Name, phone, phone))
	}
	return "", errNotSaid
}

// touch does what sends no message.
func (w *World) touch(_ context.Context, p *Peer, a Act) (string, error) {
	switch a.Do {
	case "typing":
		return "", p.Typing(w.own, a.On)
	case "read":
		return "", p.Receipt(w.own, a.Message, types.ReceiptTypeRead)
	case "show_number":
		phone := digits(a.Phone)
		if len(phone) < 7 || len(phone) > 15 {
			return "", errors.New("give a phone number of 7 to 15 digits")
		}
		p.SetPhone(types.NewJID(phone, types.DefaultUserServer))
	case "by_lid":
		p.UseLID(a.On)
	case "unreadable":
		p.Unreadable(max(0, min(a.Count, 10)))
	case "reinstall":
		return "", p.Reinstall(true)
	default:
		return "", errNotSaid
	}
	w.happened("")
	return "", nil
}

// attach sends files, or invents one.
func (w *World) attach(ctx context.Context, p *Peer, a Act, sent []File) ([]string, error) {
	kind := a.Do
	if kind == "album" {
		kind = "image"
	}
	if typ, _ := mediaType(kind); typ == "" {
		return nil, fmt.Errorf("a person can't do %q", a.Do)
	}
	if len(sent) == 0 {
		if sent = []File{w.invented(kind)}; a.Do == "album" {
			sent = append(sent, w.invented(kind))
		}
	}
	for i := range sent {
		sent[i].Kind = kind
	}
	if a.Do == "album" {
		return p.SendAlbum(ctx, w.own, a.Text, sent...)
	}
	ids := []string{}
	for i, f := range sent {
		if i == 0 {
			f.Caption = a.Text
		}
		id, err := p.SendFile(ctx, w.own, f)
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// invented makes a file of a kind for those who have none at hand. No two photos are the same.
func (w *World) invented(kind string) File {
	switch kind {
	case "image":
		return File{Data: photo(w.photos.Add(1) + w.server.Now().UnixNano()), Mime: "image/jpeg"}
	case "document":
		return File{Data: []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"), Mime: "application/pdf", Name: "чек.pdf"}
	case "voice":
		return File{Data: append([]byte("OggS\x00\x02"), bytes.Repeat([]byte{0x4f}, 4000)...), Seconds: 7}
	case "sticker":
		return File{Data: []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")}
	}
	return File{Data: bytes.Repeat([]byte{0}, 4000)}
}

// photo draws a picture of stripes, in the size of a photo; another number makes another one.
func photo(number int64) []byte {
	const width, height, stripe = 1280, 960, 80
	random := rand.New(rand.NewPCG(uint64(number), 0))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := 0; x < width; x += stripe {
		for y := 0; y < height; y += stripe {
			tone := color.RGBA{uint8(random.UintN(256)), uint8(random.UintN(256)), uint8(random.UintN(256)), 255}
			draw.Draw(img, image.Rect(x, y, x+stripe, y+stripe), image.NewUniform(tone), image.Point{}, draw.Src)
		}
	}
	var out bytes.Buffer
	_ = jpeg.Encode(&out, img, &jpeg.Options{Quality: 70}) // a bytes.Buffer takes everything
	return out.Bytes()
}
