package stickers

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
)

const (
	// pointsPerMillimetre turns millimetres into PDF's own unit.
	pointsPerMillimetre = 72 / 25.4
	// markLength is how far a cut mark reaches into the margin; inside, small crosses stand where four stickers meet.
	markLength, crossLength = 4.0, 1.2
	fontName                = "dejavu"
)

// Sheet says how stickers are laid on paper. MadeAt is written into the file.
type Sheet struct {
	Layout Layout
	Title  string
	MadeAt time.Time
}

// WritePDF writes A4 pages with the stickers in order, row by row, with marks to cut along.
func WritePDF(w io.Writer, stickers []Sticker, sheet Sheet) error {
	if err := sheet.Layout.check(); err != nil {
		return err
	}
	if len(stickers) == 0 {
		return fmt.Errorf("no sticker to print: no machine fits the filter")
	}
	p := newPage(sheet)
	perPage := sheet.Layout.Columns * sheet.Layout.Rows
	for i, s := range stickers {
		if i%perPage == 0 {
			p.pdf.AddPage()
			p.cutMarks(sheet.Layout)
		}
		if err := p.sticker(s, i%perPage, sheet.Layout); err != nil {
			return err
		}
	}
	if err := p.pdf.Output(w); err != nil {
		return fmt.Errorf("write PDF of %d stickers: %w", len(stickers), err)
	}
	return nil
}

// page draws on the current page of a document.
type page struct {
	pdf   *fpdf.Fpdf
	bytes []byte              // of path commands, reused
	calls map[callSize][]line // the invitations, which are the same on most stickers, broken into lines
}

func newPage(sheet Sheet) *page {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetCatalogSort(true)
	pdf.SetTitle(sheet.Title, true)
	pdf.SetCreationDate(sheet.MadeAt)
	pdf.SetModificationDate(sheet.MadeAt)
	pdf.AddUTF8FontFromBytes(fontName, "", dejavusans.TTF)
	pdf.AddUTF8FontFromBytes(fontName, "B", dejavusansbold.TTF)
	return &page{pdf: pdf, calls: map[callSize][]line{}}
}

// cutMarks draws ticks in the margin at every cut, and crosses where cuts meet.
func (p *page) cutMarks(l Layout) {
	p.pdf.SetDrawColor(120, 120, 120)
	p.pdf.SetLineWidth(0.1)
	w, h := l.cell()
	for column := range l.Columns + 1 {
		x := margin + float64(column)*w
		p.pdf.Line(x, margin-1-markLength, x, margin-1)
		p.pdf.Line(x, pageHeight-margin+1, x, pageHeight-margin+1+markLength)
		for row := 1; row < l.Rows; row++ {
			y := margin + float64(row)*h
			p.pdf.Line(x-crossLength, y, x+crossLength, y)
			p.pdf.Line(x, y-crossLength, x, y+crossLength)
		}
	}
	for row := range l.Rows + 1 {
		y := margin + float64(row)*h
		p.pdf.Line(margin-1-markLength, y, margin-1, y)
		p.pdf.Line(pageWidth-margin+1, y, pageWidth-margin+1+markLength, y)
	}
}

// box is a place on the page in millimetres.
type box struct{ x, y, w, h float64 }

// sticker draws one sticker into its cell: the text beside the code in a wide cell, below it in a tall one and below two codes.
func (p *page) sticker(s Sticker, at int, l Layout) error {
	codes, err := s.codes()
	if err != nil {
		return err
	}
	w, h := l.cell()
	inner := box{margin + float64(at%l.Columns)*w + padding, margin + float64(at/l.Columns)*h + padding, w - 2*padding, h - 2*padding}
	if len(codes) > 1 {
		return p.pair(s, codes, inner, l)
	}
	var side float64
	text := inner
	if wide := inner.w >= 1.35*inner.h; wide {
		side = min(inner.h, inner.w*0.55)
		text.x, text.w = inner.x+side+1, inner.w-side-1
	} else {
		side = min(inner.w, inner.h*0.68)
		text.y, text.h = inner.y+side, inner.h-side
	}
	corner := box{inner.x, inner.y, side, side}
	if text.y > inner.y {
		corner.x += (inner.w - side) / 2
	} else {
		corner.y += (inner.h - side) / 2
	}
	p.code(bars(codes[0].Code), corner, codes[0].modules())
	p.text(s, text, text.y > inner.y)
	return nil
}

// pair draws two codes side by side, each above its name, and the text below both.
func (p *page) pair(s Sticker, codes []mark, inner box, l Layout) error {
	const nameSize = 7.0 // points
	side := min(inner.w/2, inner.h*0.62)
	if side < minCode {
		return fmt.Errorf("two codes on stickers of %s on a page are %.0f mm wide each, a phone needs at least %.0f: take fewer", l, side, minCode)
	}
	p.pdf.SetTextColor(0, 0, 0)
	p.pdf.SetFont(fontName, "B", nameSize)
	gap := (inner.w - 2*side) / 3
	for i, m := range codes {
		corner := box{inner.x + gap + float64(i)*(side+gap), inner.y, side, side}
		p.code(bars(m.Code), corner, m.modules())
		p.pdf.SetFont(fontName, "B", nameSize)
		p.pdf.Text(corner.x+(side-p.pdf.GetStringWidth(m.name))/2, inner.y+side+0.5*nameSize*millimetresPerPoint, m.name)
	}
	top := side + nameSize*millimetresPerPoint
	p.text(s, box{inner.x, inner.y + top, inner.w, inner.h - top}, true)
	return nil
}

// code fills the rectangles of a code as one path, in a square that holds modules of them with their quiet zone. The coordinate
// system is turned into the code's own, so that the path is of whole numbers: short, and exact.
func (p *page) code(bars []bar, square box, modules int) {
	unit := square.w / float64(modules) * pointsPerMillimetre
	left := square.x*pointsPerMillimetre + quietZone*unit
	top := (pageHeight-square.y)*pointsPerMillimetre - quietZone*unit
	b := fmt.Appendf(p.bytes[:0], "q 0 g %.4f 0 0 %.4f %.3f %.3f cm\n", unit, -unit, left, top)
	for _, r := range bars {
		for _, v := range [4]int{r.x, r.y, r.w, r.h} {
			b = append(strconv.AppendInt(b, int64(v), 10), ' ')
		}
		b = append(b, "re\n"...)
	}
	p.bytes = append(b, "f Q"...)
	p.pdf.RawWriteStr(string(p.bytes))
}
