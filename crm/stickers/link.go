package stickers

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"strings"

	"rsc.io/qr"
)

// LinkPNG draws the QR code of a link as a picture, to be shown on one phone and read by another.
func LinkPNG(link string) ([]byte, error) {
	code, err := qr.Encode(link, qr.M)
	if err != nil {
		return nil, fmt.Errorf("make QR code: a link of %d characters: %w", len(link), err)
	}
	side := (code.Size + 2*quietZone) * modulePixels
	picture := image.NewPaletted(image.Rect(0, 0, side, side), greys())
	fill(picture, picture.Bounds(), uint8(len(picture.Palette)-1))
	for _, b := range bars(code) {
		x, y := (quietZone+b.x)*modulePixels, (quietZone+b.y)*modulePixels
		fill(picture, image.Rect(x, y, x+b.w*modulePixels, y+b.h*modulePixels), 0)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		return nil, fmt.Errorf("write the QR code of a link: %w", err)
	}
	return file.Bytes(), nil
}

// WriteTerminal prints the QR code of a link with half blocks, two rows of the code on a line. It is light on dark: most terminals are dark, and
// phones read both.
func WriteTerminal(w io.Writer, link string) error {
	code, err := qr.Encode(link, qr.L)
	if err != nil {
		return fmt.Errorf("make QR code: a link of %d characters: %w", len(link), err)
	}
	const quiet = 2
	var b strings.Builder
	for y := -quiet; y < code.Size+quiet; y += 2 {
		for x := -quiet; x < code.Size+quiet; x++ {
			b.WriteRune([]rune("█▀▄ ")[2*bit(code.Black(x, y))+bit(code.Black(x, y+1))])
		}
		b.WriteByte('\n')
	}
	_, err = io.WriteString(w, b.String())
	return err
}

func bit(black bool) int {
	if black {
		return 1
	}
	return 0
}
