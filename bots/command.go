package bots

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Command is a command found in a text: its name in lower case, the bot it is meant for if it names one, and what follows.
type Command struct{ Name, Bot, Args string }

// FindCommand gives the first command of a text: a slash at the start or after a space or bracket, a Latin letter, then letters,
// digits and _, at most 32, and the end of a word. It goes by the text alone: offsets that come with a message may be forged.
func FindCommand(text string) (found Command, ok bool) {
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
	return Command{}, false
}

func opens(before string) bool {
	if before == "" {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsSpace(r) || strings.ContainsRune("([{«\"'\u200b\ufeff", r)
}

func readCommand(text string) (Command, bool) {
	name := latin(text)
	if name == "" || len(name) > 32 || name[0] < 'A' || name[0] == '_' {
		return Command{}, false
	}
	found := Command{Name: strings.ToLower(name)}
	rest := text[len(name):]
	if after, is := strings.CutPrefix(rest, "@"); is && latin(after) != "" {
		found.Bot = latin(after)
		rest = after[len(found.Bot):]
	}
	next, _ := utf8.DecodeRuneInString(rest)
	if rest != "" && (unicode.IsLetter(next) || unicode.IsDigit(next) || strings.ContainsRune("/@<>", next)) {
		return Command{}, false // a path or a word in another alphabet
	}
	found.Args = strings.TrimSpace(rest)
	return found, true
}

// latin gives the Latin letters, digits and _ with which a text starts.
func latin(text string) string {
	end := 0
	for end < len(text) && (text[end] == '_' || text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z' || text[end] >= '0' && text[end] <= '9') {
		end++
	}
	return text[:end]
}
