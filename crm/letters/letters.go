// Package letters measures and writes lines of text on pictures, in DejaVu Sans, which has all letters of Kazakh, ₸ and №. It
// knows no texts and draws nothing else.
package letters

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Face is letters of one weight and size.
type Face struct{ font.Face }

// Plain gives thin letters of so many pixels.
func Plain(pixels float64) (Face, error) { return open(dejavusans.TTF, pixels) }

// Bold gives thick letters of so many pixels.
func Bold(pixels float64) (Face, error) { return open(dejavusansbold.TTF, pixels) }

func open(ttf []byte, pixels float64) (Face, error) {
	parsed, err := opentype.Parse(ttf)
	if err != nil {
		return Face{}, fmt.Errorf("read the font: %w", err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: pixels, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return Face{}, fmt.Errorf("read the font: %w", err)
	}
	return Face{face}, nil
}

// Write puts a line of text on a picture: its left end at x, its letters standing on y.
func (f Face) Write(on draw.Image, x, y int, tint color.Color, text string) {
	d := font.Drawer{Dst: on, Src: image.NewUniform(tint), Face: f.Face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// Width is how wide a line of text is, in pixels.
func (f Face) Width(text string) int { return font.MeasureString(f.Face, text).Ceil() }

// Widest is the width of the widest of some lines.
func (f Face) Widest(lines ...string) (wide int) {
	for _, l := range lines {
		wide = max(wide, f.Width(l))
	}
	return wide
}

// Wrap breaks a text into lines of a width, between words, and inside of a word that is too long alone.
func (f Face) Wrap(text string, wide int) []string {
	var lines []string
	now := ""
	for _, word := range strings.Fields(text) {
		if longer := strings.TrimSpace(now + " " + word); f.Width(longer) <= wide {
			now = longer
			continue
		}
		if now != "" {
			lines = append(lines, now)
		}
		pieces := f.broken(word, wide)
		lines, now = append(lines, pieces[:len(pieces)-1]...), pieces[len(pieces)-1]
	}
	if now != "" {
		lines = append(lines, now)
	}
	return lines
}

// broken cuts a word into pieces of a width, at least one letter each.
func (f Face) broken(word string, wide int) (pieces []string) {
	now := ""
	for _, letter := range word {
		if now != "" && f.Width(now+string(letter)) > wide {
			pieces, now = append(pieces, now), ""
		}
		now += string(letter)
	}
	return append(pieces, now)
}

// Cut shortens a text to a width; what is left out leaves "…".
func (f Face) Cut(text string, wide int) string {
	if f.Width(text) <= wide {
		return text
	}
	left := []rune(text)
	for len(left) > 0 && f.Width(string(left)+"…") > wide {
		left = left[:len(left)-1]
	}
	return string(left) + "…"
}
