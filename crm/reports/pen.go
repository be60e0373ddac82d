package reports

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

// pen writes and fills. It measures before there is a picture.
type pen struct {
	*image.RGBA
	title, bold, plain, small font.Face
}

func newPen() (*pen, error) {
	p := &pen{}
	for _, f := range []struct {
		face   *font.Face
		ttf    []byte
		pixels float64
	}{{&p.title, dejavusansbold.TTF, 28}, {&p.bold, dejavusansbold.TTF, 19}, {&p.plain, dejavusans.TTF, 19}, {&p.small, dejavusans.TTF, 16}} {
		parsed, err := opentype.Parse(f.ttf)
		if err != nil {
			return nil, fmt.Errorf("read the font: %w", err)
		}
		if *f.face, err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: f.pixels, DPI: 72, Hinting: font.HintingFull}); err != nil {
			return nil, fmt.Errorf("read the font: %w", err)
		}
	}
	return p, nil
}

func (p *pen) fill(r image.Rectangle, tint color.RGBA) {
	draw.Draw(p.RGBA, r, image.NewUniform(tint), image.Point{}, draw.Src)
}

// write puts a line of text at a baseline.
func (p *pen) write(face font.Face, x, y int, tint color.RGBA, text string) {
	d := font.Drawer{Dst: p.RGBA, Src: image.NewUniform(tint), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// writeRight is write for a text that ends at x.
func (p *pen) writeRight(face font.Face, x, y int, tint color.RGBA, text string) {
	p.write(face, x-width(face, text), y, tint, text)
}

// width is how wide a line of text is.
func width(face font.Face, text string) int { return font.MeasureString(face, text).Ceil() }

// wrap breaks a text into lines of a width, between words, and inside of a word that is too long alone.
func wrap(face font.Face, text string, wide int) []string {
	var lines []string
	now := ""
	for _, word := range strings.Fields(text) {
		if longer := strings.TrimSpace(now + " " + word); width(face, longer) <= wide {
			now = longer
			continue
		}
		if now != "" {
			lines = append(lines, now)
		}
		pieces := broken(face, word, wide)
		lines, now = append(lines, pieces[:len(pieces)-1]...), pieces[len(pieces)-1]
	}
	if now != "" {
		lines = append(lines, now)
	}
	return lines
}

// broken cuts a word into pieces of a width, at least one letter each.
func broken(face font.Face, word string, wide int) (pieces []string) {
	now := ""
	for _, letter := range word {
		if now != "" && width(face, now+string(letter)) > wide {
			pieces, now = append(pieces, now), ""
		}
		now += string(letter)
	}
	return append(pieces, now)
}

// widest is the width of the widest of some lines.
func widest(face font.Face, lines ...string) (wide int) {
	for _, l := range lines {
		wide = max(wide, width(face, l))
	}
	return wide
}
