package stickers

import "strings"

// millimetresPerPoint is the height of a font size of 1.
const millimetresPerPoint = 25.4 / 72

// line is one line of text on a sticker with its font size in points.
type line struct {
	text  string
	style string // "", "B"
	size  float64
	gap   float64 // above it, in millimetres
}

// text writes number, place and calls into a box, centred from top to bottom; middle centres them from left to right too.
func (p *page) text(s Sticker, in box, middle bool) {
	lines := p.lines(s, in.w, 1)
	for scale := 0.9; height(lines) > in.h && scale > 0.4; scale -= 0.1 {
		lines = p.lines(s, in.w, scale)
	}
	p.pdf.SetTextColor(0, 0, 0)
	y := in.y + max(0, (in.h-height(lines))/2)
	for _, l := range lines {
		p.pdf.SetFont(fontName, l.style, l.size)
		x := in.x
		if middle {
			x += max(0, (in.w-p.pdf.GetStringWidth(l.text))/2)
		}
		y += l.gap + l.size*millimetresPerPoint
		p.pdf.Text(x, y-0.2*l.size*millimetresPerPoint, l.text)
	}
}

// lines breaks a sticker's texts to a width, at sizes that suit it.
func (p *page) lines(s Sticker, width, scale float64) []line {
	number := min(26, width*0.62) * scale
	p.pdf.SetFont(fontName, "B", number)
	if wide := p.pdf.GetStringWidth(s.heading()); wide > width {
		number *= width / wide
	}
	small := min(10, max(5.5, width*0.21)) * scale
	lines := []line{{s.heading(), "B", number, 0}}
	for i, text := range p.wrap(printable(s.Place), width, "", small, 3) {
		lines = append(lines, line{text, "", small, first(i, 0.9, 0.15)})
	}
	return append(lines, p.invitation(s.Calls, width, small)...)
}

// callSize is what the lines of an invitation depend on.
type callSize struct {
	calls       string
	width, size float64
}

// invitation breaks the calls into lines, once for all stickers that share them.
func (p *page) invitation(calls []string, width, size float64) []line {
	key := callSize{strings.Join(calls, "\x00"), width, size}
	lines, known := p.calls[key]
	if known {
		return lines
	}
	for n, call := range calls {
		for i, text := range p.wrap(printable(call), width, "B", size, 2) {
			lines = append(lines, line{text, "B", size, first(i, first(n, 1.6, 0.6), 0.15)})
		}
	}
	p.calls[key] = lines
	return lines
}

// wrap breaks a text between words into at most most lines; what doesn't fit ends in "…".
func (p *page) wrap(text string, width float64, style string, size float64, most int) []string {
	p.pdf.SetFont(fontName, style, size)
	var lines []string
	now := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimSpace(now + " " + word)
		if now == "" || p.pdf.GetStringWidth(longer) <= width {
			now = longer
			continue
		}
		if len(lines) == most-1 {
			return append(lines, p.cut(now+" "+word, width))
		}
		lines, now = append(lines, p.cut(now, width)), word
	}
	if now != "" {
		lines = append(lines, p.cut(now, width))
	}
	return lines
}

// cut shortens a line that is too wide in the current font.
func (p *page) cut(text string, width float64) string {
	if p.pdf.GetStringWidth(text) <= width {
		return text
	}
	letters := []rune(text)
	for len(letters) > 1 && p.pdf.GetStringWidth(string(letters)+"…") > width {
		letters = letters[:len(letters)-1]
	}
	return strings.TrimRight(string(letters), " ,") + "…"
}

func height(lines []line) (h float64) {
	for _, l := range lines {
		h += l.gap + l.size*millimetresPerPoint
	}
	return h
}

// first gives a for the first of a row, else b.
func first(i int, a, b float64) float64 {
	if i == 0 {
		return a
	}
	return b
}
