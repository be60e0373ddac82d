package reports

import (
	"image"
	"image/color"
	"image/draw"

	"govorun/crm/letters"
)

// pen writes and fills. It measures before there is a picture.
type pen struct {
	*image.RGBA
	title, bold, plain, small letters.Face
}

func newPen() (*pen, error) {
	p := &pen{}
	for _, f := range []struct {
		face   *letters.Face
		open   func(pixels float64) (letters.Face, error)
		pixels float64
	}{{&p.title, letters.Bold, 28}, {&p.bold, letters.Bold, 19}, {&p.plain, letters.Plain, 19}, {&p.small, letters.Plain, 16}} {
		var err error
		if *f.face, err = f.open(f.pixels); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *pen) fill(r image.Rectangle, tint color.RGBA) {
	draw.Draw(p.RGBA, r, image.NewUniform(tint), image.Point{}, draw.Src)
}

// write puts a line of text at a baseline.
func (p *pen) write(face letters.Face, x, y int, tint color.RGBA, text string) {
	face.Write(p.RGBA, x, y, tint, text)
}

// writeRight is write for a text that ends at x.
func (p *pen) writeRight(face letters.Face, x, y int, tint color.RGBA, text string) {
	p.write(face, x-face.Width(text), y, tint, text)
}
