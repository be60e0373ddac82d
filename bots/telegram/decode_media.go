package telegram

import (
	"math"
	"strings"

	"github.com/go-telegram/bot/models"

	"govorun/bots"
	"govorun/crm"
)

// media returns the file of a message, nil when it has none. An animation comes with a document beside it: it is one file.
func media(m *message) []crm.Media {
	var file crm.Media
	switch {
	case len(m.Photo) > 0:
		file = photo(m.Photo)
	case m.Animation != nil:
		f := m.Animation
		file = crm.Media{Kind: crm.Animation, Ref: f.FileID, Unique: f.FileUniqueID, Name: f.FileName, MIME: f.MimeType, Size: f.FileSize, Width: f.Width, Height: f.Height, Duration: f.Duration}
	case m.Document != nil:
		f := m.Document
		file = crm.Media{Kind: crm.Document, Ref: f.FileID, Unique: f.FileUniqueID, Name: f.FileName, MIME: f.MimeType, Size: f.FileSize}
	case m.Video != nil:
		f := m.Video
		file = crm.Media{Kind: crm.Video, Ref: f.FileID, Unique: f.FileUniqueID, Name: f.FileName, MIME: f.MimeType, Size: f.FileSize, Width: f.Width, Height: f.Height, Duration: f.Duration}
	case m.VideoNote != nil:
		f := m.VideoNote
		file = crm.Media{Kind: crm.VideoNote, Ref: f.FileID, Unique: f.FileUniqueID, Size: int64(f.FileSize), Width: f.Length, Height: f.Length, Duration: f.Duration}
	case m.Voice != nil:
		f := m.Voice
		file = crm.Media{Kind: crm.Voice, Ref: f.FileID, Unique: f.FileUniqueID, MIME: f.MimeType, Size: f.FileSize, Duration: f.Duration}
	case m.Audio != nil:
		f := m.Audio
		file = crm.Media{Kind: crm.Audio, Ref: f.FileID, Unique: f.FileUniqueID, Name: f.FileName, MIME: f.MimeType, Size: f.FileSize, Duration: f.Duration}
	default:
		return nil
	}
	return []crm.Media{tidyFile(file, m)}
}

// photo takes the largest of the sizes that Telegram made.
func photo(sizes []models.PhotoSize) crm.Media {
	best := sizes[0]
	for _, size := range sizes[1:] {
		if int64(size.Width)*int64(size.Height) >= int64(best.Width)*int64(best.Height) {
			best = size
		}
	}
	return crm.Media{Kind: crm.Photo, Ref: best.FileID, Unique: best.FileUniqueID, MIME: "image/jpeg", Size: int64(best.FileSize), Width: best.Width, Height: best.Height}
}

func sticker(m *message) crm.Media {
	f := m.Sticker
	return tidyFile(crm.Media{Kind: crm.Sticker, Ref: f.FileID, Unique: f.FileUniqueID, Size: int64(f.FileSize), Width: f.Width, Height: f.Height}, m)
}

// tidyFile makes what a sender says of a file fit to store: sizes fit the columns and the name is only a name.
func tidyFile(file crm.Media, m *message) crm.Media {
	file.Ref, file.Unique = bots.Clean(file.Ref, maxID), bots.Clean(file.Unique, maxID)
	file.Name, file.MIME = bots.FileName(file.Name), bots.Clean(file.MIME, maxName)
	file.Size = max(file.Size, 0)
	file.Width, file.Height, file.Duration = column(file.Width), column(file.Height), column(file.Duration)
	file.Forwarded = m.ForwardOrigin != nil
	return file
}

func column(n int) int { return min(max(n, 0), math.MaxInt32) }

// card is own when Telegram says that the number belongs to the sender.
func card(m *message) *crm.Card {
	c := m.Contact
	return &crm.Card{
		Phone: bots.Clean(c.PhoneNumber, 64),
		Name:  bots.Clean(strings.TrimSpace(c.FirstName+" "+c.LastName), maxName),
		Own:   c.UserID != 0 && m.From != nil && m.SenderChat == nil && c.UserID == m.From.ID,
	}
}

func location(m *message) *crm.Location {
	place := &crm.Location{Latitude: m.Location.Latitude, Longitude: m.Location.Longitude}
	if m.Venue != nil {
		place.Title = bots.Clean(m.Venue.Title, maxName)
	}
	return place
}
