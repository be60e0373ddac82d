package reports

import (
	"image"
	"strings"
)

// plan is a block with the places of everything in it.
type plan struct {
	Block
	pen   *pen
	name  int        // width of the names
	cols  []int      // widths of the columns
	heads [][]string // lines of their heads
	names [][]string // lines of the names, the total's last
	most  int        // what a bar of the full width stands for
}

// plan measures a block.
func (p *pen) plan(b Block) plan {
	all := b.Rows
	if b.Total != nil {
		all = append(all[:len(all):len(all)], *b.Total)
	}
	l := plan{Block: b, pen: p}
	for i, head := range b.Columns {
		wide := p.bold.Widest(strings.Fields(head)...)
		for _, row := range all {
			if i < len(row.Cells) {
				wide = max(wide, p.bold.Width(row.Cells[i]))
			}
		}
		l.cols, l.heads = append(l.cols, wide), append(l.heads, p.bold.Wrap(head, wide))
	}
	for _, row := range all {
		l.name = max(l.name, p.bold.Widest(row.Name))
	}
	l.name = max(min(l.name, nameMost), 120)
	for _, row := range b.Rows {
		for _, n := range row.Bars {
			l.most = max(l.most, n)
		}
	}
	if l.most == 0 { // nothing but empty room
		l.Bars = nil
	}
	l.named(l.name)
	return l
}

// named gives names a width: that of the widest block, so that the bars of all blocks stand below each other.
func (l *plan) named(wide int) {
	l.name, l.names = wide, nil
	for _, row := range l.Rows {
		l.names = append(l.names, l.pen.bold.Wrap(row.Name, wide))
	}
	if l.Total != nil {
		l.names = append(l.names, l.pen.bold.Wrap(l.Total.Name, wide))
	}
}

// wide is the width that the block needs, with the margins of the picture.
func (l plan) wide() int {
	wide := 2*margin + l.name
	if len(l.Bars) > 0 {
		wide += gap + barsWide
	}
	for _, c := range l.cols {
		wide += gap + c
	}
	legend := 2 * margin
	for _, name := range l.Bars {
		legend += 24 + l.pen.small.Width(name) + gap
	}
	return max(wide, legend)
}

// heading is the lines of the title in a picture of a width.
func (l plan) heading(wide int) []string { return l.pen.bold.Wrap(l.Title, wide-2*margin) }

func (l plan) headHigh() int {
	lines := 1
	for _, head := range l.heads {
		lines = max(lines, len(head))
	}
	return lines*line + 2*pad
}

func (l plan) rowHigh(i int) int { return max(len(l.names[i]), 1)*line + 2*pad }

// high is the height of the block in a picture of a width.
func (l plan) high(wide int) int {
	high := blockHigh + max(len(l.heading(wide))-1, 0)*line
	if len(l.Rows) == 0 {
		return high + len(l.pen.plain.Wrap(l.Empty, wide-2*margin))*line + 2*pad
	}
	if len(l.Bars) > 0 {
		high += line + pad
	}
	high += l.headHigh()
	for i := range l.names {
		high += l.rowHigh(i)
	}
	return high + 2*pad
}

// draw draws the block from y down and gives where it ends.
func (l plan) draw(p *pen, y, wide int) int {
	bottom := y + l.high(wide)
	y += 30
	for i, part := range l.heading(wide) {
		if i > 0 {
			y += line
		}
		p.write(p.bold, margin, y, ink, part)
	}
	y += blockHigh - 30
	if len(l.Rows) == 0 {
		for _, part := range p.plain.Wrap(l.Empty, wide-2*margin) {
			p.write(p.plain, margin, y+line-6, grey, part)
			y += line
		}
		return bottom
	}
	if len(l.Bars) > 0 {
		l.legend(p, y)
		y += line + pad
	}
	right := l.columns(wide)
	for i, head := range l.heads {
		for j, part := range head {
			p.writeRight(p.bold, right[i], y+pad+(j+1)*line-6, grey, part)
		}
	}
	y += l.headHigh()
	for i, row := range l.Rows {
		if i%2 == 0 {
			p.fill(image.Rect(margin-pad, y, wide-margin+pad, y+l.rowHigh(i)), shade)
		}
		l.row(p, i, row, y, right)
		y += l.rowHigh(i)
	}
	if l.Total != nil {
		p.fill(image.Rect(margin-pad, y, wide-margin+pad, y+2), grey)
		l.row(p, len(l.Rows), *l.Total, y, right)
	}
	return bottom
}

// columns are the right ends of the columns, the last one at the margin.
func (l plan) columns(wide int) []int {
	ends := make([]int, len(l.cols))
	x := wide - margin
	for i := len(l.cols) - 1; i >= 0; i-- {
		ends[i] = x
		x -= l.cols[i] + gap
	}
	return ends
}

func (l plan) row(p *pen, i int, row Row, y int, right []int) {
	face, total := p.plain, i == len(l.Rows)
	if total {
		face = p.bold
	}
	for j, part := range l.names[i] {
		p.write(face, margin, y+pad+(j+1)*line-6, ink, part)
	}
	middle := y + l.rowHigh(i)/2
	for j, cell := range row.Cells {
		if j < len(right) {
			p.writeRight(face, right[j], middle+7, ink, cell)
		}
	}
	if len(l.Bars) > 0 && !total {
		l.bars(p, row.Bars, middle)
	}
}

// bars draws the bars of a row over each other, all of them from one line that is zero.
func (l plan) bars(p *pen, values []int, middle int) {
	x := margin + l.name + gap
	for i, n := range values {
		if l.most == 0 || n <= 0 {
			continue
		}
		half := max(13-5*i, 3)
		long := max(n*barsWide/l.most, 2) // what is there is seen
		p.fill(image.Rect(x, middle-half, x+long, middle+half), tint(i))
	}
	p.fill(image.Rect(x-1, middle-line/2-pad, x, middle+line/2+pad), grey)
}

// legend says what the bars are.
func (l plan) legend(p *pen, y int) {
	x := margin
	for i, name := range l.Bars {
		p.fill(image.Rect(x, y+4, x+16, y+20), tint(i))
		p.write(p.small, x+24, y+18, grey, name)
		x += 24 + p.small.Width(name) + gap
	}
}
