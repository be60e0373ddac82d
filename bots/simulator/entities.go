package simulator

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// withFound adds what Telegram finds in any text by itself: commands, mentions, hashtags, links, mail and phones.
// Found entities never overlap given ones.
func withFound(text string, given []Entity) []Entity {
	if !strings.ContainsAny(text, "/@#.+:") {
		return given
	}
	list := given
	for _, f := range findEntities(text) {
		if !overlaps(given, f) {
			list = append(list, f)
		}
	}
	sortEntities(list)
	return list
}

func overlaps(list []Entity, f Entity) bool {
	for _, e := range list {
		// Bold or a quote may hold a link; code, links and mentions may not.
		switch e.Type {
		case "code", "pre", "text_link", "text_mention", "custom_emoji":
			if f.Offset < e.Offset+e.Length && e.Offset < f.Offset+f.Length {
				return true
			}
		}
	}
	return false
}

// findEntities walks over the words of a text. Offsets come in UTF-16 units.
func findEntities(text string) []Entity {
	var found []Entity
	units, last := 0, rune(' ')
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		kind, n := "", 0
		if !isWordRune(last) {
			switch {
			case r == '/' && last != '/' && last != '<':
				kind, n = "bot_command", commandLen(text[i:])
			case r == '@':
				kind, n = "mention", nameLen(text[i:], 4)
			case r == '#':
				kind, n = "hashtag", hashtagLen(text[i:])
			case r == '+':
				kind, n = "phone_number", phoneLen(text[i:])
			case isWordRune(r):
				kind, n = linkLen(text[i:])
			}
		}
		if n == 0 {
			units += utf16Len(text[i : i+size])
			i, last = i+size, r
			continue
		}
		length := utf16Len(text[i : i+n])
		found = append(found, Entity{Type: kind, Offset: units, Length: length})
		units, i, last = units+length, i+n, 'x'
	}
	return found
}

func isWordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func wordLen(s string) int {
	n := 0
	for n < len(s) && isWordByte(s[n]) {
		n++
	}
	return n
}

// commandLen reads /name or /name@bot.
func commandLen(s string) int {
	n := wordLen(s[1:])
	if n == 0 || n > 64 {
		return 0
	}
	n++
	if n < len(s) && s[n] == '@' {
		if m := nameLen(s[n:], 3); m > 0 {
			n += m
		}
	}
	if r, _ := utf8.DecodeRuneInString(s[n:]); n < len(s) && (r == '/' || isWordRune(r)) {
		return 0
	}
	return n
}

// nameLen reads @name with at least atLeast letters.
func nameLen(s string, atLeast int) int {
	if n := wordLen(s[1:]); n >= atLeast && n <= 32 {
		return n + 1
	}
	return 0
}

func hashtagLen(s string) int {
	n, letters := 1, false
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !isWordRune(r) {
			break
		}
		letters = letters || !unicode.IsDigit(r)
		n += size
	}
	if !letters {
		return 0
	}
	return n
}

// phoneLen reads a plus with 7 to 15 digits, with spaces, brackets and hyphens between them.
func phoneLen(s string) int {
	digits, end := 0, 0
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
			end = i + 1
		case strings.IndexByte(" ()-", c) >= 0:
		default:
			i = len(s)
		}
	}
	if digits < 7 || digits > 15 {
		return 0
	}
	return end
}

// linkLen reads a web address or an e-mail address at the start of s.
func linkLen(s string) (string, int) {
	end := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("<>\"'«»“”|{}^`\\", r)
	})
	if end < 0 {
		end = len(s)
	}
	word := strings.TrimRight(s[:end], ".,;:!?)]…")
	if rest, ok := cutScheme(word); ok {
		if rest == "" {
			return "", 0
		}
		return "url", len(word)
	}
	if local, domain, ok := strings.Cut(word, "@"); ok {
		if local != "" && knownDomain(domain) && strings.IndexFunc(local, notMail) < 0 {
			return "email", len(word)
		}
		return "", 0
	}
	host, _, _ := strings.Cut(word, "/")
	host, _, _ = strings.Cut(host, "?")
	if knownDomain(host) {
		return "url", len(word)
	}
	return "", 0
}

func cutScheme(word string) (string, bool) {
	if rest, ok := strings.CutPrefix(word, "https://"); ok {
		return rest, true
	}
	return strings.CutPrefix(word, "http://")
}

func notMail(r rune) bool {
	return r >= 0x80 || !isWordByte(byte(r)) && strings.IndexByte(".+-", byte(r)) < 0
}

// knownDomain tells whether a bare word is a host: the real server has the whole list of top domains, this one the
// few that matter to a chat.
func knownDomain(host string) bool {
	dot := strings.LastIndexByte(host, '.')
	if dot <= 0 || strings.Contains(host, "..") {
		return false
	}
	switch strings.ToLower(host[dot+1:]) {
	case "com", "org", "net", "me", "io", "info", "app", "dev", "ru", "kz", "kg", "uz", "by", "ua", "рф", "қаз":
		return true
	}
	return false
}
