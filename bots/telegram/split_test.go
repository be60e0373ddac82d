package telegram

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

var tagPattern = regexp.MustCompile(`<(/?)([a-zA-Z0-9_]+)[^<>]*>`)

// shown is what a person sees of an HTML text.
func shown(text string) string { return html.UnescapeString(tagPattern.ReplaceAllString(text, "")) }

func units(text string) int { return len(utf16.Encode([]rune(text))) }

func withoutSpace(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

// balanced tells whether every tag is closed in the order in which it was opened.
func balanced(text string) bool {
	var open []string
	for _, tag := range tagPattern.FindAllStringSubmatch(text, -1) {
		if tag[1] == "" {
			open = append(open, tag[2])
			continue
		}
		if len(open) == 0 || open[len(open)-1] != tag[2] {
			return false
		}
		open = open[:len(open)-1]
	}
	return len(open) == 0
}

func TestS14_ALongRussianTextIsSplitAtParagraphs(t *testing.T) {
	paragraph := "<b>Заявка № 5512</b> 😀 принята &amp; записана. " + strings.Repeat("Техник уже в пути. ", 60)
	var paragraphs []string
	for range 9 {
		paragraphs = append(paragraphs, strings.TrimSpace(paragraph))
	}
	text := strings.Join(paragraphs, "\n\n")
	parts := Split(text, maxText)
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	for _, part := range parts {
		if units(shown(part)) > maxText || !balanced(part) {
			t.Errorf("a part of %d units, balanced %v", units(shown(part)), balanced(part))
		}
		if !strings.HasPrefix(part, "<b>Заявка") || !strings.HasSuffix(part, "пути.") {
			t.Errorf("not cut at a paragraph: %.30s…", part)
		}
	}
	if strings.Join(parts, "\n\n") != text {
		t.Error("the parts are not the text")
	}
}

func TestS14_SplitKeepsTagsEntitiesAndLettersWhole(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  []string
	}{
		{"short", 5, []string{"short"}},
		{"one two three", 8, []string{"one two", "three"}},
		{"line one\nline two is here", 18, []string{"line one", "line two is here"}},
		{"<b>one two</b> three", 8, []string{"<b>one two</b>", "three"}},
		{"<b>one <i>two three</i></b>", 8, []string{"<b>one <i>two</i></b>", "<b><i>three</i></b>"}},
		{`<a href="https://x.y/z?a=1&amp;b=2">link text</a>`, 5, []string{`<a href="https://x.y/z?a=1&amp;b=2">link</a>`, `<a href="https://x.y/z?a=1&amp;b=2">text</a>`}},
		{"a&amp;b&lt;c", 3, []string{"a&amp;b", "&lt;c"}},
		{"😀😀😀", 4, []string{"😀😀", "😀"}},
		{"xx👩‍👧yy", 6, []string{"xx", "👩‍👧y", "y"}},
		{"a < b & c", 3, []string{"a <", "b &", "c"}},
	} {
		got := Split(c.text, c.limit)
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%q by %d: got %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("<b>one <i>two three</i></b> four", 8)
	f.Add("a&amp;b&#128512;c &nosuch &", 3)
	f.Add("😀<a href=\"x\">😀</a>\n\n\n😀 </b> <", 4)
	f.Add(strings.Repeat("x", 300), 7)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if !utf8.ValidString(text) || limit < 2 || limit > 5000 {
			return
		}
		parts := Split(text, limit)
		joined := strings.Join(parts, " ") // not "": two pieces of broken markup could make a tag
		if withoutSpace(tagless(joined)) != withoutSpace(tagless(text)) {
			t.Errorf("the parts of %q are %q", text, parts)
		}
		for _, part := range parts {
			if length(part) > limit {
				t.Errorf("%q is longer than %d", part, limit)
			}
			if balanced(text) && !strings.ContainsAny(text, "&") && !balanced(part) {
				t.Errorf("%q of %q is not balanced", part, text)
			}
			if len(parts) > 1 && !visible(part) {
				t.Errorf("%q shows nothing", part)
			}
		}
	})
}

// tagless is the text that Split takes for seen, by its own tokens: broken markup is text.
func tagless(text string) string {
	var seen strings.Builder
	for text != "" {
		t := nextToken(text)
		if t.units > 0 {
			seen.WriteString(t.raw)
		}
		text = text[len(t.raw):]
	}
	return seen.String()
}

func length(text string) int {
	total := 0
	for text != "" {
		t := nextToken(text)
		total += t.units
		text = text[len(t.raw):]
	}
	return total
}
