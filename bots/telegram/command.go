package telegram

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// command is a command found in a text. The entities that come with a message are not asked: their offsets count UTF-16 units and
// anybody may forge them.
type command struct{ name, bot, args string }

// findCommand returns the first command of a text: a slash at the start or after a space or bracket, a Latin letter, then letters,
// digits and _, at most 32, and the end of a word.
func findCommand(text string) (command, bool) {
	for at := 0; at < len(text); at++ {
		slash := strings.IndexByte(text[at:], '/')
		if slash < 0 {
			break
		}
		at += slash
		if !opens(text[:at]) {
			continue
		}
		if found, ok := readCommand(text[at+1:]); ok {
			return found, true
		}
	}
	return command{}, false
}

func opens(before string) bool {
	if before == "" {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsSpace(r) || strings.ContainsRune("([{«\"'\u200b\ufeff", r)
}

func readCommand(text string) (command, bool) {
	name := word(text)
	if name == "" || len(name) > 32 || name[0] < 'A' || name[0] == '_' {
		return command{}, false
	}
	found := command{name: strings.ToLower(name)}
	rest := text[len(name):]
	if after, ok := strings.CutPrefix(rest, "@"); ok && word(after) != "" {
		found.bot = word(after)
		rest = after[len(found.bot):]
	}
	next, _ := utf8.DecodeRuneInString(rest)
	if rest != "" && (unicode.IsLetter(next) || unicode.IsDigit(next) || strings.ContainsRune("/@<>", next)) {
		return command{}, false // a path or a word in another alphabet
	}
	found.args = strings.TrimSpace(rest)
	return found, true
}

// word returns the Latin letters, digits and _ with which a text starts.
func word(text string) string {
	end := 0
	for end < len(text) && (text[end] == '_' || text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z' || text[end] >= '0' && text[end] <= '9') {
		end++
	}
	return text[:end]
}

var startPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// startPayload returns the payload of a deep link. What was typed by hand and can't be one is kept, cut, so that it is
// answered as an unknown code.
func startPayload(args string) string {
	if startPattern.MatchString(args) {
		return args
	}
	return shorten(args, maxStart)
}
