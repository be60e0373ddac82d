package stickers

import "fmt"

const (
	// A4 in millimetres.
	pageWidth, pageHeight = 210.0, 297.0
	// margin is what office printers leave white, and where the cut marks stand.
	margin = 8.0
	// padding keeps text and code off the cut.
	padding = 2.5
	// minCell is the smallest sticker side: below it a module is finer than a phone reads from half a metre.
	minCell = 24.0
	// minCode is the smallest side of one of two codes: such are read from a hand's length.
	minCode = 16.0
)

// Layout is how many stickers stand on an A4 page.
type Layout struct{ Columns, Rows int }

// ParseLayout reads "3x8" (also with ×): columns, then rows.
func ParseLayout(text string) (Layout, error) {
	var l Layout
	var cross rune
	if n, err := fmt.Sscanf(text, "%d%c%d", &l.Columns, &cross, &l.Rows); n != 3 || err != nil || cross != 'x' && cross != '×' && cross != 'х' ||
		text != fmt.Sprintf("%d%c%d", l.Columns, cross, l.Rows) {
		return Layout{}, fmt.Errorf("%q is not a layout: write columns and rows, such as 3x8 or 2x4", text)
	}
	return l, l.check()
}

// String gives the layout as ParseLayout reads it.
func (l Layout) String() string { return fmt.Sprintf("%dx%d", l.Columns, l.Rows) }

// cell is the size of one sticker in millimetres.
func (l Layout) cell() (w, h float64) {
	return (pageWidth - 2*margin) / float64(l.Columns), (pageHeight - 2*margin) / float64(l.Rows)
}

func (l Layout) check() error {
	if l.Columns < 1 || l.Rows < 1 {
		return fmt.Errorf("a page of %s stickers has none: write such as 3x8", l)
	}
	if w, h := l.cell(); w < minCell || h < minCell {
		return fmt.Errorf("stickers of %s on a page are %.0f×%.0f mm, a phone needs at least %.0f×%.0f: take fewer", l, w, h, minCell, minCell)
	}
	return nil
}
