package simulator

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths of what a bot writes, in UTF-16 units after markup is taken out.
const (
	maxText    = 4096
	maxCaption = 1024
)

// markup reads a text parameter with its parse_mode or entities, as sendMessage and captions do.
func markup(a args, key, entitiesKey string) (string, []Entity, *apiError) {
	return markupOf(a.str(key), a.str("parse_mode"), a.str(entitiesKey))
}

func markupOf(text, mode, given string) (string, []Entity, *apiError) {
	if !utf8.ValidString(text) {
		return "", nil, badRequest("strings must be encoded in UTF-8")
	}
	if len(text) > 1<<15 {
		return "", nil, badRequest("text is too long")
	}
	var entities []Entity
	switch strings.ToLower(mode) {
	case "", "none":
		if given != "" && json.Unmarshal([]byte(given), &entities) != nil {
			return "", nil, badRequest("can't parse entities JSON object")
		}
		units := utf16Len(text)
		entities = slices.DeleteFunc(entities, func(e Entity) bool {
			return e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > units
		})
	case "html":
		var refused *apiError
		if text, entities, refused = parseHTML(text); refused != nil {
			return "", nil, refused
		}
	default:
		// The real server also knows two kinds of Markdown; the product writes HTML only, so anything else is a mistake.
		return "", nil, badRequest("unsupported parse_mode")
	}
	text, entities = trim(text, entities)
	return text, withFound(text, entities), nil
}

// trim removes white space around the text and moves the entities along.
func trim(text string, entities []Entity) (string, []Entity) {
	left := strings.TrimLeftFunc(text, unicode.IsSpace)
	shift := utf16Len(text) - utf16Len(left)
	trimmed := strings.TrimRightFunc(left, unicode.IsSpace)
	if len(trimmed) == len(text) {
		return text, entities
	}
	units := utf16Len(trimmed)
	kept := entities[:0]
	for _, e := range entities {
		from, to := max(0, e.Offset-shift), min(units, e.Offset+e.Length-shift)
		if to > from {
			e.Offset, e.Length = from, to-from
			kept = append(kept, e)
		}
	}
	return trimmed, kept
}

// messageText checks sendMessage's text.
func messageText(a args) (string, []Entity, *apiError) {
	if a.str("text") == "" {
		return "", nil, badRequest("message text is empty")
	}
	text, entities, refused := markup(a, "text", "entities")
	switch {
	case refused != nil:
		return "", nil, refused
	case text == "":
		return "", nil, badRequest("text must be non-empty")
	case utf16Len(text) > maxText:
		return "", nil, badRequest("message is too long")
	}
	return text, entities, nil
}

// caption checks the caption of a file, which may be empty.
func caption(a args) (string, []Entity, *apiError) {
	text, entities, refused := markup(a, "caption", "caption_entities")
	if refused == nil && utf16Len(text) > maxCaption {
		refused = badRequest("message caption is too long")
	}
	return text, entities, refused
}

func sortEntities(list []Entity) {
	slices.SortStableFunc(list, func(a, b Entity) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return b.Length - a.Length
	})
}

// checkedURL gives the link as Telegram would open it, or "" for one it would not.
func checkedURL(link string) string {
	link = strings.TrimSpace(link)
	if link == "" || strings.ContainsAny(link, " \t\n") {
		return ""
	}
	if !strings.Contains(link, "://") {
		link = "http://" + link
	}
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		host := u.Hostname()
		if !strings.Contains(host, ".") && host != "localhost" {
			return ""
		}
		if u.Path == "" {
			u.Path = "/"
		}
		return u.String()
	case "tg", "ton", "tonsite":
		return link
	}
	return ""
}

// utf16Len counts the UTF-16 units of a text, the unit of every length and offset in the Bot API.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		if r >= 0x10000 {
			n++
		}
		n++
	}
	return n
}

func isSpaceByte(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' || c == 0 }

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
