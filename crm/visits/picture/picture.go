// Package picture draws plans of visits as PNG: a day with a column for each crew, or the days of a week. It knows no texts: words come
// with the plan. Letters are of DejaVu Sans, which has those of Kazakh.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"time"

	"govorun/crm/letters"
)

// Plan is what is drawn: Columns side by side, under one axis of hours. Now, when set, is a line across columns of that day.
type Plan struct {
	Title   string
	Columns []Column
	From    int // hours of the axis; widened to hold every visit
	To      int
	Now     time.Time
}

// Column is a crew, or a day of a week.
type Column struct {
	Name   string
	Day    time.Time // midnight, in the zone of the column
	Visits []Visit
}

// Visit is one box: Lines are written into it as far as they fit, the first one bold.
type Visit struct {
	Start time.Time
	End   time.Time
	Lines []string
	Done  bool
}

// Sizes in pixels: a phone shows 1280 wide pictures sharply.
const (
	margin     = 24
	axis       = 72
	head       = 96
	hour       = 84
	widest     = 340
	narrowest  = 172
	width      = 1280
	mostInARow = 12 // columns; more are not legible
	line       = 25 // from one line of text to the next
)

var (
	paper  = color.RGBA{0xff, 0xff, 0xff, 0xff}
	ink    = color.RGBA{0x1c, 0x23, 0x2b, 0xff}
	faint  = color.RGBA{0xe3, 0xe7, 0xec, 0xff}
	grey   = color.RGBA{0x6b, 0x75, 0x80, 0xff}
	filled = color.RGBA{0xd6, 0xe8, 0xfb, 0xff}
	edge   = color.RGBA{0x2b, 0x7a, 0xc9, 0xff}
	over   = color.RGBA{0xe6, 0xee, 0xe2, 0xff}
	ended  = color.RGBA{0x5f, 0x93, 0x4e, 0xff}
	today  = color.RGBA{0xf2, 0xf7, 0xfd, 0xff}
	alarm  = color.RGBA{0xd0, 0x3a, 0x2f, 0xff}
)

// canvas is a picture under way with its fonts.
type canvas struct {
	*image.RGBA
	title, bold, plain letters.Face
}

// Draw gives the plan as PNG. Plans of more than twelve columns show the first ones.
func Draw(p Plan) ([]byte, error) {
	p.Columns = p.Columns[:min(len(p.Columns), mostInARow)]
	p.widen()
	column := min(max((width-2*margin-axis)/max(len(p.Columns), 1), narrowest), widest)
	size := image.Rect(0, 0, max(2*margin+axis+column*len(p.Columns), 640), margin+head+(p.To-p.From)*hour+margin)
	c := &canvas{RGBA: image.NewRGBA(size)}
	if err := c.fonts(); err != nil {
		return nil, err
	}
	c.fill(size, paper)
	c.write(c.title, margin, margin+30, size.Dx()-2*margin, ink, p.Title)
	c.hours(p, size)
	for i, col := range p.Columns {
		c.column(p, col, image.Rect(margin+axis+i*column, margin+head, margin+axis+(i+1)*column, size.Dy()-margin))
	}
	var out bytes.Buffer
	if err := png.Encode(&out, c.RGBA); err != nil {
		return nil, fmt.Errorf("draw the plan: %w", err)
	}
	return out.Bytes(), nil
}

// widen makes the axis hold every visit.
func (p *Plan) widen() {
	if p.To <= p.From {
		p.From, p.To = 9, 18
	}
	for _, col := range p.Columns {
		for _, v := range col.Visits {
			from, to := v.span(col)
			p.From, p.To = min(p.From, int(from)/60), max(p.To, (int(to)+59)/60)
		}
	}
	p.From, p.To = max(p.From, 0), min(p.To, 24)
}

// span is when a visit begins and ends by the clock of its column, in minutes since midnight.
func (v Visit) span(col Column) (from, to int) {
	start, end := v.Start.In(col.Day.Location()), v.End.In(col.Day.Location())
	from, to = start.Hour()*60+start.Minute(), end.Hour()*60+end.Minute()
	if to <= from {
		to = 24 * 60
	}
	return from, to
}

func (c *canvas) hours(p Plan, size image.Rectangle) {
	for h := p.From; h <= p.To; h++ {
		y := margin + head + (h-p.From)*hour
		c.fill(image.Rect(margin+axis-8, y, size.Dx()-margin, y+1), faint)
		if h < p.To {
			c.write(c.plain, margin, y+8, axis, grey, fmt.Sprintf("%02d:00", h))
		}
	}
}

func (c *canvas) column(p Plan, col Column, box image.Rectangle) {
	c.fill(image.Rect(box.Min.X, margin+head-44, box.Min.X+1, box.Max.Y), faint)
	c.write(c.bold, box.Min.X+10, margin+head-20, box.Dx()-20, ink, col.Name)
	at := func(minute int) int { return box.Min.Y + (minute-p.From*60)*hour/60 }
	for _, v := range col.Visits {
		from, to := v.span(col)
		c.visit(v, image.Rect(box.Min.X+6, at(from)+2, box.Max.X-6, max(at(to)-2, at(from)+26)))
	}
	if now := p.Now.In(col.Day.Location()); now.Format(time.DateOnly) == col.Day.Format(time.DateOnly) {
		if minute := now.Hour()*60 + now.Minute(); minute >= p.From*60 && minute < p.To*60 {
			c.fill(image.Rect(box.Min.X, at(minute), box.Max.X, at(minute)+2), alarm)
		}
	}
}

func (c *canvas) visit(v Visit, box image.Rectangle) {
	fill, border := filled, edge
	if v.Done {
		fill, border = over, ended
	}
	c.fill(box, fill)
	c.fill(image.Rect(box.Min.X, box.Min.Y, box.Min.X+5, box.Max.Y), border)
	y := box.Min.Y + 21
	for i, text := range v.Lines {
		face := c.plain
		if i == 0 {
			face = c.bold
		}
		for _, part := range face.Wrap(text, box.Dx()-20) {
			if y+4 > box.Max.Y {
				return
			}
			c.write(face, box.Min.X+14, y, box.Dx()-20, ink, part)
			y += line
		}
	}
}

func (c *canvas) fill(r image.Rectangle, tint color.RGBA) {
	r = r.Intersect(c.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c.SetRGBA(x, y, tint)
		}
	}
}

// write puts a line of text at a baseline; what is wider than its place ends in "…".
func (c *canvas) write(face letters.Face, x, y, wide int, tint color.RGBA, text string) {
	face.Write(c.RGBA, x, y, tint, face.Cut(text, wide))
}

func (c *canvas) fonts() (err error) {
	if c.title, err = letters.Bold(30); err != nil {
		return err
	}
	if c.bold, err = letters.Bold(19); err != nil {
		return err
	}
	c.plain, err = letters.Plain(18)
	return err
}
