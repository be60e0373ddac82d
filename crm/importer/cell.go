package importer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// tidy removes what people don't see: outer and doubled spaces, line ends, zero-width and direction marks.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// cell reads one cell as text. Two habits of spreadsheets are undone: ="00214" and '00214 keep a text from becoming a number.
// A formula is refused, because it would run in the spreadsheet of whoever exports the data again.
func cell(raw string, limit int) (value, wrong string) {
	if len(raw) > maxCell || strings.Count(raw, "\n") > 3 {
		return "", "the cell is very long: a quote above it is not closed, or the text belongs elsewhere"
	}
	value = tidy(raw)
	if inner, ok := strings.CutPrefix(value, `="`); ok && strings.HasSuffix(inner, `"`) && !strings.ContainsAny(strings.TrimSuffix(inner, `"`), `"(`) {
		value = strings.TrimSuffix(inner, `"`)
	}
	if rest, ok := strings.CutPrefix(value, "'"); ok && !strings.HasSuffix(rest, "'") {
		value = rest
	}
	switch {
	case isFormula(value):
		return "", "the cell holds a formula: paste its value instead"
	case strings.ContainsFunc(value, unicode.IsControl):
		return "", "the cell holds a control character: type it anew"
	case len([]rune(value)) > limit:
		return "", fmt.Sprintf("%d characters, at most %d are taken: shorten it", len([]rune(value)), limit)
	}
	return value, ""
}

// isFormula recognises what a spreadsheet would run. "+7 701…" and "-1 этаж" are texts.
func isFormula(s string) bool {
	if s == "" {
		return false
	}
	switch s[0] {
	case '=', '@':
		return true
	case '+', '-':
		return strings.ContainsAny(s, "|!") || strings.Contains(s, "(") && len(s) > 1 && unicode.IsLetter(rune(s[1]))
	}
	return false
}

// aliases lists the headers that stand for a meaning, sorted.
func aliases(names map[string]string, role string) []string {
	var found []string
	for name, r := range names {
		if r == role {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}
