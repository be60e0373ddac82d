// Package documents makes PDF files of plain texts: contracts and acts. It knows no kit and no database.
//
// In a text "# " begins a heading and "## " a smaller one, "- " an item of a list, "---" is a line across the page; lines that follow each other
// are one paragraph, an empty line ends it.
package documents

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
)

// MaxText is the longest text, in bytes: about twenty pages.
const MaxText = 64 << 10

// Document is what is made. Footer stands at the bottom of each page, before the number of the page; MadeAt is written into the file.
type Document struct {
	Title  string
	Text   string
	Footer string
	MadeAt time.Time
}

// Sizes of an A4 page: millimetres, and points for letters.
const (
	margin      = 20.0
	bottom      = 18.0
	indent      = 6.0
	letters     = 10.5
	small       = 8.0
	lineHeight  = 1.4 // of the size of letters
	millimetres = 25.4 / 72
	font        = "dejavu"
)

// PDF makes the file. The same document gives the same bytes. A text that is longer than MaxText, or empty, is an error.
func PDF(d Document) ([]byte, error) {
	d.Title, d.Text, d.Footer = printable(d.Title), printable(d.Text), printable(d.Footer)
	if len(d.Text) > MaxText {
		return nil, fmt.Errorf("make the document %q: its text has %d bytes, at most %d fit", d.Title, len(d.Text), MaxText)
	}
	if strings.TrimSpace(d.Text) == "" {
		return nil, fmt.Errorf("make the document %q: it has no text", d.Title)
	}
	p := newPages(d)
	for _, b := range blocks(d.Text) {
		p.block(b)
	}
	var file bytes.Buffer
	if err := p.Output(&file); err != nil {
		return nil, fmt.Errorf("make the document %q: %w", d.Title, err)
	}
	return file.Bytes(), nil
}

// noLetter stands for what the font has no letter for.
const noLetter = '□'

// printable is a text as it can be printed: people have pictures in their names, which no font of documents knows, and on which the maker of the
// file fails; marks that turn the direction of writing could make a contract read otherwise than it is.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t':
			return c
		case unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Variation_Selector, c):
			return -1
		case c > '\uffff' || c == utf8.RuneError || unicode.Is(unicode.Co, c):
			return noLetter
		}
		return c
	}, text)
}

// block is a paragraph, a heading or an item.
type block struct {
	mark string // "", "#", "##", "-", "---"
	text string
}

// blocks takes a text apart.
func blocks(text string) (all []block) {
	open := false
	for line := range strings.Lines(text) {
		line = strings.Join(strings.Fields(line), " ")
		mark, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "":
			open = false
		case mark == "#" || mark == "##" || mark == "-" || line == "---":
			all = append(all, block{mark, rest})
			open = mark == "-"
		case open:
			all[len(all)-1].text += " " + line
		default:
			all, open = append(all, block{text: line}), true
		}
	}
	return all
}

// pages is a document under way.
type pages struct{ *fpdf.Fpdf }

func newPages(d Document) pages {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(true, bottom+4)
	pdf.SetCatalogSort(true)
	pdf.SetTitle(d.Title, true)
	pdf.SetCreationDate(d.MadeAt)
	pdf.SetModificationDate(d.MadeAt)
	pdf.AddUTF8FontFromBytes(font, "", dejavusans.TTF)
	pdf.AddUTF8FontFromBytes(font, "B", dejavusansbold.TTF)
	pdf.SetFooterFunc(func() {
		pdf.SetY(-bottom)
		pdf.SetFont(font, "", small)
		pdf.SetTextColor(110, 110, 110)
		pdf.CellFormat(0, small*millimetres*lineHeight, fmt.Sprintf("%s · %d", d.Footer, pdf.PageNo()), "", 0, "C", false, 0, "")
		pdf.SetTextColor(0, 0, 0)
	})
	pdf.AddPage()
	return pages{pdf}
}

// block writes one block below the last.
func (p pages) block(b block) {
	size, style, align, gap := letters, "", "L", 2.2
	switch b.mark {
	case "#":
		size, style, align, gap = 15, "B", "C", 4
	case "##":
		size, style = 11.5, "B"
		p.Ln(2)
	case "---":
		p.Ln(2)
		width, _ := p.GetPageSize()
		p.SetDrawColor(150, 150, 150)
		p.Line(margin, p.GetY(), width-margin, p.GetY())
		p.Ln(3)
		return
	}
	height := size * millimetres * lineHeight
	p.SetFont(font, style, size)
	if b.mark == "-" {
		gap = 1
		p.CellFormat(indent, height, "•", "", 0, "R", false, 0, "")
		p.SetLeftMargin(margin + indent + 1)
		p.SetX(margin + indent + 1)
	}
	p.MultiCell(0, height, b.text, "", align, false)
	p.SetLeftMargin(margin)
	p.SetX(margin)
	p.Ln(gap)
}
