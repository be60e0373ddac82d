package stickers

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
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
	small, err := face(dejavusansbold.TTF, 28)
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
func centred(picture *image.Paletted, face font.Face, text string, x, y int) {
	d := font.Drawer{Dst: picture, Src: image.Black, Face: face}
	d.Dot = fixed.Point26_6{X: fixed.I(x) - d.MeasureString(text)/2, Y: fixed.I(y)}
	d.DrawString(text)
}

// pictureLine is a line of text with its font and the pixels it takes.
type pictureLine struct {
	text   string
	face   font.Face
	height int
}

// pictureLines breaks the texts of a sticker to the width of its code.
func (s Sticker) pictureLines(side int) ([]pictureLine, error) {
	width := side - 2*modulePixels
	heading, err := face(dejavusansbold.TTF, 64)
	if err != nil {
		return nil, err
	}
	for size := 60.0; font.MeasureString(heading, s.heading()).Ceil() > width && size > 16; size -= 4 {
		if heading, err = face(dejavusansbold.TTF, size); err != nil {
			return nil, err
		}
	}
	plain, err := face(dejavusans.TTF, 24)
	if err != nil {
		return nil, err
	}
	bold, err := face(dejavusansbold.TTF, 24)
	if err != nil {
		return nil, err
	}
	lines := []pictureLine{{s.heading(), heading, heading.Metrics().Height.Ceil()}}
	for _, text := range breakLines(plain, printable(s.Place), width) {
		lines = append(lines, pictureLine{text, plain, 32})
	}
	for _, call := range s.Calls {
		for _, text := range breakLines(bold, printable(call), width) {
			lines = append(lines, pictureLine{text, bold, 34})
		}
	}
	return lines, nil
}

// breakLines breaks a text between words; a word wider than the line is left whole and runs over its border.
func breakLines(face font.Face, text string, width int) []string {
	var lines []string
	now := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimSpace(now + " " + word)
		if now != "" && font.MeasureString(face, longer).Ceil() > width {
			lines, now = append(lines, now), word
			continue
		}
		now = longer
	}
	if now != "" {
		lines = append(lines, now)
	}
	return lines
}

func face(ttf []byte, pixels float64) (font.Face, error) {
	parsed, err := opentype.Parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	return opentype.NewFace(parsed, &opentype.FaceOptions{Size: pixels, DPI: 72, Hinting: font.HintingFull})
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
