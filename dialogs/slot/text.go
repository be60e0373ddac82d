package slot

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"govorun/crm"
	"govorun/locales"
)

// Limits of typed answers, in characters: a message of the chat holds no more; a longer name is no name.
const (
	maxText = 4096
	maxName = 100
	maxMail = 254 // RFC 5321
)

// typed returns the text of an answer without what can't be seen; Wrong when there is none, by what came instead.
func typed(given Given) (text string, flags []string, w *Wrong) {
	text, invisible := locales.Clean(given.Text)
	if invisible {
		flags = append(flags, Invisible)
	}
	if text != "" {
		return text, flags, nil
	}
	for _, m := range given.Media {
		switch m.Kind {
		case crm.Voice, crm.VideoNote, crm.Audio:
			return "", nil, wrong("grammar.voice_at_text")
		case crm.Sticker, crm.Animation:
			return "", nil, wrong("grammar.sticker")
		}
	}
	if len(given.Media) > 0 || given.Card != nil || given.Location != nil {
		return "", nil, wrong("slot.text_wanted")
	}
	return "", nil, wrong("slot.text_empty")
}

func parseText(spec Spec, given Given) (Value, *Wrong) {
	text, flags, w := typed(given)
	if w != nil {
		return Value{}, w
	}
	longest := maxText
	if spec.Max > 0 {
		longest = min(int(spec.Max), maxText)
	}
	switch n := utf8.RuneCountInString(text); {
	case n > longest:
		return Value{}, wrong("slot.text_long", "n", n, "max", longest)
	case n < int(spec.Min):
		return Value{}, wrong("slot.text_short", "n", n, "min", int(spec.Min))
	}
	return Value{Text: text, Flags: flags}, nil
}

func showText(_ Spec, v Value) any { return v.Text }

// parseName keeps a name as it was written, in one line and without emoji; markup in it stays what it is and is escaped when shown.
func parseName(spec Spec, given Given) (Value, *Wrong) {
	text, flags, w := typed(given)
	if w != nil {
		return Value{}, w
	}
	letters, digits := 0, 0
	name := strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		case unicode.In(r, unicode.So, unicode.Sk, unicode.Cf) || r == '\ufe0f' || r == '\u20e3':
			return -1
		}
		return r
	}, text)), " ")
	longest := maxName
	if spec.Max > 0 {
		longest = int(spec.Max)
	}
	switch {
	case letters < 2 || digits > letters:
		return Value{}, wrong("slot.name_wrong")
	case utf8.RuneCountInString(name) > longest:
		return Value{}, wrong("slot.name_long", "n", utf8.RuneCountInString(name), "max", longest)
	}
	return Value{Text: name, Flags: flags}, nil
}

// mail is one address: letters of any script in the domain (почта.рф), a dot in it, no quotes.
var mail = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~\x60-]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]*[\p{L}\p{N}]$`)

func parseEmail(_ Spec, given Given) (Value, *Wrong) {
	text, flags, w := typed(given)
	if w != nil {
		return Value{}, w
	}
	text = strings.Trim(strings.TrimPrefix(strings.ToLower(text), "mailto:"), " <>\"'.,;")
	if len(text) > maxMail || !mail.MatchString(text) || strings.Contains(text, "..") {
		return Value{}, wrong("slot.email_wrong")
	}
	return Value{Text: text, Flags: flags}, nil
}
