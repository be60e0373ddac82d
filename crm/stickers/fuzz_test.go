package stickers

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
)

func FuzzLayoutsAreReadAsTheyAreWritten(f *testing.F) {
	for _, seed := range []string{"3x8", "2×4", "3х8", "0x0", "-1x2", "99999999999999999999x1", "3x8x2", "\xff", " 3x8", "+3x8"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLayout(text)
		if err != nil {
			if !strings.Contains(err.Error(), ": ") {
				t.Fatalf("%q is refused without advice: %v", text, err)
			}
			return
		}
		if w, h := l.cell(); w < minCell || h < minCell || l.Columns < 1 || l.Rows < 1 {
			t.Fatalf("%q is %+v", text, l)
		}
		if again, err := ParseLayout(l.String()); err != nil || again != l {
			t.Fatalf("%q is %v, then %v, %v", text, l, again, err)
		}
	})
}

func FuzzALinkIsDrawnOrTooLong(f *testing.F) {
	for _, seed := range []string{"https://t.me/bot?start=m_7Q2", "", "привет", "\xff\x00", strings.Repeat("A", 2000), strings.Repeat("1", 4000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, link string) {
		picture, err := LinkPNG(link)
		var terminal bytes.Buffer
		if shown := WriteTerminal(&terminal, link); shown != nil && err == nil {
			t.Fatalf("a picture, and nothing for a terminal: %v", shown)
		}
		if err != nil {
			if len(link) < 1000 || !strings.Contains(err.Error(), "characters") {
				t.Fatalf("%d bytes: %v", len(link), err)
			}
			return
		}
		size, err := png.DecodeConfig(bytes.NewReader(picture))
		if err != nil || size.Width != size.Height || size.Width > 1<<12 {
			t.Fatalf("%q is drawn as %+v, %v", link, size, err)
		}
	})
}
