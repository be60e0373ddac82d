package stickers

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"

	"govorun/crm/letters"
)

// modulePixels is the size of a module in a PNG: a code of 37 modules and its border make 540 pixels, 4.5 cm at 300 dpi.
const modulePixels = 12

// WritePNG writes one sticker as a picture: the code, or two side by side with their names, below number, place and calls.
func WritePNG(w io.Writer, s Sticker) error {
	codes, err := s.codes()
	if err != nil {
		return err
	}
	side := 0
	for _, m := range codes {
		side = max(side, m.modules()*modulePixels)
	}
	width, names := side*len(codes), 0
	if len(codes) > 1 {
		names = 3 * modulePixels
	}
	lines, err := s.pictureLines(width)
	if err != nil {
		return err
	}
	height := side + names
	for _, l := range lines {
		height += l.height
	}
	if len(lines) > 0 {
		height += quietZone * modulePixels / 2
	}
	// Paletted with the greys that letters need is a quarter of the bytes of a full colour picture.
	picture := image.NewPaletted(image.Rect(0, 0, width, height), greys())
	fill(picture, picture.Bounds(), uint8(len(picture.Palette)-1))
	small, err := letters.Bold(28)
	if err != nil {
		return err
	}
	for i, m := range codes {
		left, top := i*side+(side-m.modules()*modulePixels)/2, side-m.modules()*modulePixels
		for _, b := range bars(m.Code) {
			x, y := left+(quietZone+b.x)*modulePixels, top+(quietZone+b.y)*modulePixels
			fill(picture, image.Rect(x, y, x+b.w*modulePixels, y+b.h*modulePixels), 0)
		}
		centred(picture, small, m.name, i*side+side/2, side+modulePixels)
	}
	y := side + names
	for _, l := range lines {
		y += l.height
		centred(picture, l.face, l.text, width/2, y-l.height/4)
	}
	if err := png.Encode(w, picture); err != nil {
		return fmt.Errorf("write picture of machine %s: %w", s.Number, err)
	}
	return nil
}

// centred writes a line whose middle is at x and whose letters stand on y.
func centred(picture *image.Paletted, face letters.Face, text string, x, y int) {
	face.Write(picture, x-face.Width(text)/2, y, color.Black, text)
}

// pictureLine is a line of text with its font and the pixels it takes.
type pictureLine struct {
	text   string
	face   letters.Face
	height int
}

// pictureLines breaks the texts of a sticker to the width of its code.
func (s Sticker) pictureLines(side int) ([]pictureLine, error) {
	width := side - 2*modulePixels
	heading, err := letters.Bold(64)
	if err != nil {
		return nil, err
	}
	for size := 60.0; heading.Width(s.heading()) > width && size > 16; size -= 4 {
		if heading, err = letters.Bold(size); err != nil {
			return nil, err
		}
	}
	plain, err := letters.Plain(24)
	if err != nil {
		return nil, err
	}
	bold, err := letters.Bold(24)
	if err != nil {
		return nil, err
	}
	lines := []pictureLine{{s.heading(), heading, heading.Metrics().Height.Ceil()}}
	for _, text := range plain.Wrap(printable(s.Place), width) {
		lines = append(lines, pictureLine{text, plain, 32})
	}
	for _, call := range s.Calls {
		for _, text := range bold.Wrap(printable(call), width) {
			lines = append(lines, pictureLine{text, bold, 34})
		}
	}
	return lines, nil
}

// greys are sixteen steps from black to white.
func greys() color.Palette {
	palette := make(color.Palette, 16)
	for i := range palette {
		palette[i] = color.Gray{Y: uint8(i * 17)}
	}
	return palette
}

func fill(picture *image.Paletted, r image.Rectangle, index uint8) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := picture.Pix[picture.PixOffset(r.Min.X, y):picture.PixOffset(r.Max.X, y)]
		for i := range row {
			row[i] = index
		}
	}
}
