package guard

import (
	"hash/fnv"
	"regexp"
	"strings"
	"unicode"
)

var markup = regexp.MustCompile(`<[^>]*>|&[a-z]+;`)

// Print tells texts apart by what they say: markup, case, spaces and signs don't matter, numbers and the words of names count as any. A text
// without a single word has the print 0, which is that of no other.
func Print(text string, names ...string) int64 {
	masked := map[string]bool{}
	for _, name := range names {
		for _, word := range words(name) {
			masked[word] = true
		}
	}
	sum := fnv.New64a()
	said := false
	for _, word := range words(markup.ReplaceAllString(text, " ")) {
		switch {
		case masked[word]:
			word = "@"
		case strings.ContainsFunc(word, unicode.IsDigit):
			word = "#"
		}
		said = true
		_, _ = sum.Write([]byte(word + " "))
	}
	if !said {
		return 0
	}
	return int64(sum.Sum64())
}

func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
