package slot

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
)

// Limits of files.
const (
	maxFile      = 20 << 20 // bytes that Telegram hands to a bot
	minSide      = 600      // pixels of the shorter side: less and a document can't be read
	defaultCount = 10       // photos of a slot that names no maximum: one album
)

// parsePhotos takes one photo, or several that add up with those already there. Pictures and PDFs sent as files count.
func parsePhotos(spec Spec, given Given) (Value, *Wrong) {
	most, least := 1, 1
	v := Value{}
	if spec.Type == "photos" {
		most, least = int(spec.Max), max(int(spec.Min), 1)
		if most <= 0 {
			most = defaultCount
		}
		v = Value{Media: slices.Clone(spec.Have.Media), Flags: slices.Clone(spec.Have.Flags)}
		if len(v.Media) >= most {
			return Value{}, wrong("slot.photos_full", "n", most)
		}
	}
	var refused *Wrong
	taken := 0
	for _, m := range given.Media {
		w := picture(spec, m)
		if w == nil && len(v.Media) < most {
			if w = v.check(spec, given, m); w == nil {
				v.Media = append(v.Media, m)
				taken++
			}
		}
		if refused == nil {
			refused = w
		}
	}
	switch {
	case taken == 0 && refused == nil:
		return Value{}, wrong("slot.photo_wanted")
	case taken == 0:
		return Value{}, refused
	case refused != nil && spec.Type == "photos" && len(v.Media) < most:
		refused.Keep = true
		return v, refused
	case len(v.Media) < least:
		w := wrong("slot.photos_more", "n", least-len(v.Media))
		w.Keep = true
		return v, w
	}
	return v, nil
}

// picture says what is wrong with a file that should be a photo; nil when nothing is.
func picture(spec Spec, m crm.Media) *Wrong {
	least := minSide
	if spec.Side > 0 {
		least = spec.Side
	}
	switch {
	case m.Kind == crm.Document && !image(m) && !pdf(m):
		return wrong("slot.photo_file")
	case m.Kind != crm.Document && m.Kind != crm.Photo:
		return wrong("slot.photo_wanted")
	case m.Size > maxFile:
		return tooLarge(m)
	case !pdf(m) && m.Width > 0 && m.Height > 0 && min(m.Width, m.Height) < least:
		return wrong("slot.photo_small", "width", m.Width, "height", m.Height)
	}
	return nil
}

func tooLarge(m crm.Media) *Wrong {
	return wrong("slot.file_too_large", "mb", int((m.Size+1<<20-1)>>20), "limit", maxFile>>20)
}

func image(m crm.Media) bool {
	if m.MIME != "" && m.MIME != "application/octet-stream" {
		// Drawings that hold scripts are no photos.
		return strings.HasPrefix(m.MIME, "image/") && !strings.Contains(m.MIME, "svg")
	}
	return slices.Contains([]string{".jpg", ".jpeg", ".png", ".heic", ".heif", ".webp", ".bmp", ".tif", ".tiff"}, strings.ToLower(path.Ext(m.Name)))
}

func pdf(m crm.Media) bool {
	return m.Kind == crm.Document && (m.MIME == "application/pdf" ||
		(m.MIME == "" || m.MIME == "application/octet-stream") && strings.EqualFold(path.Ext(m.Name), ".pdf"))
}

// parseFile takes one file of any kind that can hold a document.
func parseFile(spec Spec, given Given) (Value, *Wrong) {
	var v Value
	for _, m := range given.Media {
		switch m.Kind {
		case crm.Document, crm.Photo, crm.Video, crm.Audio:
		default:
			continue
		}
		if m.Size > maxFile {
			return Value{}, tooLarge(m)
		}
		if w := v.check(spec, given, m); w != nil {
			return Value{}, w
		}
		v.Media = append(v.Media, m)
		return v, nil
	}
	return Value{}, wrong("slot.file_wanted")
}

// showMedia says how many files there are.
func showMedia(_ Spec, v Value) any {
	if len(v.Media) == 0 {
		return ""
	}
	return strconv.Itoa(len(v.Media))
}
