package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
)

// Week is a table: a row for each crew, a column for each day. Today is the column of this day, below zero when it is none of them.
type Week struct {
	Title string
	Days  []string
	Today int
	Rows  []Row
}

// Row is a crew with the lines of each day, such as “10:00 № 5512”.
type Row struct {
	Name string
	Days [][]string
}

// Sizes of the table in pixels, and how many rows and lines of a cell it shows.
const (
	nameWide  = 190
	dayWide   = 172
	headHigh  = 68
	mostRows  = 30
	mostLines = 8
)

// DrawWeek gives a week as PNG.
func DrawWeek(w Week) ([]byte, error) {
	w.Rows = w.Rows[:min(len(w.Rows), mostRows)]
	heights, high := make([]int, len(w.Rows)), 0
	for i, row := range w.Rows {
		lines := 2
		for _, day := range row.Days {
			lines = max(lines, min(len(day), mostLines))
		}
		heights[i] = lines*line + 18
		high += heights[i]
	}
	size := image.Rect(0, 0, 2*margin+nameWide+dayWide*len(w.Days), margin+60+headHigh+high+margin)
	c := &canvas{RGBA: image.NewRGBA(size)}
	if err := c.fonts(); err != nil {
		return nil, err
	}
	c.fill(size, paper)
	c.write(c.title, margin, margin+30, size.Dx()-2*margin, ink, w.Title)
	top := margin + 60
	if w.Today >= 0 && w.Today < len(w.Days) {
		x := margin + nameWide + w.Today*dayWide
		c.fill(image.Rect(x, top, x+dayWide, size.Dy()-margin), today)
	}
	for i, day := range w.Days {
		for j, part := range c.bold.Wrap(day, dayWide-20) {
			if j < 2 {
				c.write(c.bold, margin+nameWide+i*dayWide+10, top+26+j*line, dayWide-20, ink, part)
			}
		}
	}
	y := top + headHigh
	for i, row := range w.Rows {
		c.fill(image.Rect(margin, y, size.Dx()-margin, y+1), faint)
		c.row(row, y, heights[i])
		y += heights[i]
	}
	for i := range len(w.Days) {
		x := margin + nameWide + i*dayWide
		c.fill(image.Rect(x, top, x+1, size.Dy()-margin), faint)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, c.RGBA); err != nil {
		return nil, fmt.Errorf("draw the week: %w", err)
	}
	return out.Bytes(), nil
}

func (c *canvas) row(row Row, y, high int) {
	for i, part := range c.bold.Wrap(row.Name, nameWide-14) {
		if (i+1)*line+8 <= high {
			c.write(c.bold, margin, y+27+i*line, nameWide-14, ink, part)
		}
	}
	for i, day := range row.Days {
		x := margin + nameWide + i*dayWide
		for j, text := range day {
			if j == mostLines-1 && len(day) > mostLines {
				c.write(c.plain, x+10, y+27+j*line, dayWide-20, grey, fmt.Sprintf("+%d", len(day)-j))
				break
			}
			c.write(c.plain, x+10, y+27+j*line, dayWide-20, ink, text)
		}
	}
}
