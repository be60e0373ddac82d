package documents

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzEveryTextIsPrintedOrRefusedWithAReason(f *testing.F) {
	for _, seed := range []string{"# Договор\n\nТекст.\n- раз\n- два\n---\n## Подпись", "-", "#", "---", "- ", strings.Repeat("слово", 400), "👍\u202e\x00\xff", "a\tb\r\nc", "\n\n", strings.Repeat("#\n", 300), "|\\()<<>>"} {
		f.Add(seed, "Договор №5")
	}
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text, title string) {
		if len(text) > 8<<10 { // twenty pages take a second each time
			text = text[:8<<10]
		}
		file, err := PDF(Document{Title: title, Text: text, Footer: title, MadeAt: at})
		empty := strings.TrimSpace(printable(text)) == ""
		if (err != nil) != empty {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			return
		}
		if !bytes.HasPrefix(file, []byte("%PDF-")) || !bytes.Contains(file[len(file)-16:], []byte("%%EOF")) || len(file) > 4<<20 {
			t.Fatalf("%q became %d bytes: %.20q", text, len(file), file)
		}
	})
}

func FuzzNoWordOfATextIsLost(f *testing.F) {
	for _, seed := range []string{"# Договор\n\nТекст.\n- раз\nдва\n---\n## Подпись", "-", "#", "---\nx", "a\x00b", "👍\u202e", "\n\n", "a\u0085b", "- a\n\nb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = printable(text)
		if printable(text) != text || !utf8.ValidString(text) {
			t.Fatalf("%q is not printable yet", text)
		}
		said := ""
		for _, b := range blocks(text) {
			said += " " + b.mark + " " + b.text
		}
		if wanted := strings.Fields(text); !slices.Equal(strings.Fields(said), wanted) {
			t.Fatalf("%q is printed as %q", text, said)
		}
	})
}
