package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
)

// makeFile turns an Item into a kept file.
func (x *actor) makeFile(kind string, it Item) (*file, error) {
	if it.Width < 0 || it.Height < 0 || it.Size < 0 {
		return nil, errors.New("sizes can't be negative")
	}
	if kind == "photo" {
		var sizes []sized
		var refused *apiError
		if it.Content != nil {
			sizes, refused = sizesOf(it.Content)
		} else {
			sizes, refused = x.drawnPhoto(cmp.Or(it.Width, 1280), cmp.Or(it.Height, 960))
		}
		if refused != nil {
			return nil, refused
		}
		return x.keepPhoto(it.FileName, sizes), nil
	}
	n := file{
		kind: kind, name: it.FileName, mime: it.Mime, data: it.Content, size: it.Size, path: it.FilePath,
		width: it.Width, height: it.Height, duration: it.Duration,
	}
	if n.data == nil && n.size == 0 {
		n.size = 1024
	}
	n.size = max(n.size, int64(len(n.data)))
	def, known := defaults[kind]
	if known {
		n.mime, n.name = cmp.Or(n.mime, def.mime), cmp.Or(n.name, def.name)
		n.duration = cmp.Or(n.duration, def.duration)
	}
	if kind == "video_note" {
		n.width = cmp.Or(n.width, 384)
	}
	return x.newFile(n), nil
}

// defaults are what a phone would have called such a file.
var defaults = map[string]struct {
	mime, name string
	duration   int
}{
	"document":   {"application/pdf", "document.pdf", 0},
	"video":      {"video/mp4", "", 5},
	"animation":  {"video/mp4", "animation.mp4", 2},
	"audio":      {"audio/mpeg", "song.mp3", 180},
	"voice":      {"audio/ogg", "", 3},
	"video_note": {"video/mp4", "", 4},
	"sticker":    {"image/webp", "", 0},
}

// file1 makes the deed that sends one file.
func file1(kind string) func(*actor) error {
	return func(x *actor) error {
		n, err := x.makeFile(kind, x.Item)
		if err != nil {
			return err
		}
		m := Message{Media: n.media(), Caption: x.Caption}
		if kind == "sticker" {
			m.Sticker.Emoji = cmp.Or(x.Emoji, "👍")
			m.Caption = ""
		}
		return x.write(m, false)
	}
}

func (x *actor) album() error {
	if len(x.Items) < 2 || len(x.Items) > 10 {
		return fmt.Errorf("an album has 2 to 10 items, not %d", len(x.Items))
	}
	group := x.newAlbum()
	for i, it := range x.Items {
		n, err := x.makeFile(cmp.Or(it.Kind, "photo"), it)
		if err != nil {
			return err
		}
		m := Message{Media: n.media(), MediaGroupID: group}
		if i == 0 {
			m.Caption = x.Caption
		}
		if err := x.write(m, x.Torn); err != nil {
			return err
		}
	}
	return nil
}

func (x *actor) contact() error {
	c := Contact{PhoneNumber: x.Phone, FirstName: cmp.Or(x.FirstName, x.p.FirstName), LastName: x.LastName, UserID: x.ContactUser}
	if x.Own {
		c = Contact{PhoneNumber: cmp.Or(x.Phone, x.p.phone), FirstName: x.p.FirstName, LastName: x.p.LastName, UserID: x.p.ID}
	}
	if c.PhoneNumber == "" {
		return errors.New("a contact needs a phone")
	}
	m := Message{Contact: &c}
	return x.write(m, false)
}

func (x *actor) point() *Location {
	return &Location{Latitude: x.Latitude, Longitude: x.Longitude, LivePeriod: x.LivePeriod}
}

func (x *actor) location() error { return x.write(Message{Location: x.point()}, false) }

func (x *actor) venue() error {
	l := x.point()
	return x.write(Message{Location: l, Venue: &Venue{Location: *l, Title: x.Title, Address: x.Address}}, false)
}

func (x *actor) move() error {
	b, err := x.own()
	if err != nil {
		return err
	}
	if b.msg.Location == nil || b.msg.Location.LivePeriod == 0 {
		return fmt.Errorf("message %d is no live location", x.MessageID)
	}
	next := *b.msg
	l := *b.msg.Location
	l.Latitude, l.Longitude = x.Latitude, x.Longitude
	next.Location = &l
	return x.edited(b, next)
}

func (x *actor) dice() error {
	value := cmp.Or(x.Value, 1+x.rand.IntN(6))
	return x.write(Message{Dice: &Dice{Emoji: cmp.Or(x.Emoji, "🎲"), Value: value}}, false)
}

func (x *actor) poll() error {
	options := make([]PollOption, len(x.Options))
	for i, text := range x.Options {
		options[i].Text = text
	}
	if len(options) < 2 {
		return errors.New("a poll needs two options")
	}
	return x.write(Message{Poll: x.newPoll(x.Text, options)}, false)
}

func (x *actor) forward() error {
	if x.MessageID == 0 {
		m := Message{Text: x.Text, ForwardOrigin: &Origin{Type: "hidden_user", Date: x.unix(), SenderUserName: cmp.Or(x.FirstName, "Somebody")}}
		return x.write(m, false)
	}
	from := x.c
	if x.FromChat != 0 {
		if from = x.chats[x.FromChat]; from == nil {
			return fmt.Errorf("there is no chat %d", x.FromChat)
		}
	}
	b := from.find(x.MessageID)
	if b == nil {
		return errors.New("there is no message " + strconv.FormatInt(x.MessageID, 10) + " to forward")
	}
	m := content(b.msg)
	m.ForwardOrigin = origin(b.msg)
	return x.write(m, false)
}
