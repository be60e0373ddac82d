// Package reports draws tables of numbers as PNG, with bars that begin at zero, for phones: nothing is cut off, a long name takes more lines. It
// knows no texts and no business: words and numbers come written out. Letters are of DejaVu Sans, which has those of Kazakh.
package reports

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// Report is one picture: blocks below each other under one title. Note is a line of small print at the end, which is wrapped.
type Report struct {
	Title  string
	Note   string
	Blocks []Block
}

// Block is a table. Columns are the heads of the cells, without the one of the names. Bars, when there are any, name what the bars of the rows are,
// each bar a part of the one before it; all of them have one scale. Empty is what stands in place of no rows.
type Block struct {
	Title   string
	Columns []string
	Bars    []string
	Rows    []Row
	Total   *Row
	Empty   string
}

// Row is a line of a table: as many cells as the block has columns, as many bars as it names, none below zero.
type Row struct {
	Name  string
	Bars  []int
	Cells []string
}

// Sizes in pixels: a phone shows pictures of this width sharply.
const (
	margin    = 28
	narrowest = 760 // of a picture
	nameMost  = 330 // of names; longer ones are wrapped
	barsWide  = 300
	gap       = 26 // between columns
	line      = 24 // from one line of text to the next
	pad       = 9  // above and below the text of a row
	titleHigh = 58
	blockHigh = 52
)

var (
	paper = color.RGBA{0xff, 0xff, 0xff, 0xff}
	ink   = color.RGBA{0x1c, 0x23, 0x2b, 0xff}
	grey  = color.RGBA{0x5d, 0x67, 0x72, 0xff}
	shade = color.RGBA{0xf6, 0xf8, 0xfa, 0xff}
)

// tint is the colour of the nth bar: the wider, the lighter.
func tint(n int) color.RGBA {
	switch n {
	case 0:
		return color.RGBA{0xbf, 0xdb, 0xf7, 0xff}
	case 1:
		return color.RGBA{0x5b, 0x9f, 0xe0, 0xff}
	}
	return color.RGBA{0x17, 0x4a, 0x84, 0xff}
}

// Draw gives the report as PNG, as wide and as high as its words need.
func Draw(r Report) ([]byte, error) {
	pen, err := newPen()
	if err != nil {
		return nil, err
	}
	plans, wide := make([]plan, len(r.Blocks)), narrowest
	names := 0
	for i, b := range r.Blocks {
		plans[i] = pen.plan(b)
		names = max(names, plans[i].name)
	}
	for i := range plans {
		plans[i].named(names)
		wide = max(wide, plans[i].wide())
	}
	title := pen.title.Wrap(r.Title, wide-2*margin)
	note := pen.small.Wrap(r.Note, wide-2*margin)
	high := margin + len(title)*titleHigh*2/3 + titleHigh/3
	for _, p := range plans {
		high += p.high(wide)
	}
	high += len(note)*line + margin
	pen.RGBA = image.NewRGBA(image.Rect(0, 0, wide, high))
	pen.fill(pen.Bounds(), paper)
	y := margin
	for _, part := range title {
		pen.write(pen.title, margin, y+28, ink, part)
		y += titleHigh * 2 / 3
	}
	y += titleHigh / 3
	for _, p := range plans {
		y = p.draw(pen, y, wide)
	}
	for _, part := range note {
		pen.write(pen.small, margin, y+line-6, grey, part)
		y += line
	}
	var out bytes.Buffer
	if err := png.Encode(&out, pen.RGBA); err != nil {
		return nil, fmt.Errorf("draw the report: %w", err)
	}
	return out.Bytes(), nil
}
