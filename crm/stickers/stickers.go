// Package stickers prints what is glued to machines: a QR code, the number under which people know the machine, its place, and
// a line that says what to do. Sheets are PDF with the codes as vectors, single stickers are PNG.
//
// It draws what it is given: codes are signed by crm/passport, machines come from the store.
package stickers

import (
	"fmt"
	"strings"

	"rsc.io/qr"

	"govorun/crm"
)

const (
	// level Q lets a quarter of a code be scratched off or hidden by dirt and still be read.
	level = qr.Q
	// quietZone is the white border that a reader needs, in modules (ISO/IEC 18004, 6.3.8).
	quietZone = 4
)

// Sticker is one sticker. Link is the address that the code opens; WhatsApp, when set, is that of a second code beside it, and each bears the name
// of its messenger. Number is what people read and type when the code fails; Place is optional; Calls are the lines that invite, one for each
// language of the place.
type Sticker struct {
	Link     string
	WhatsApp string
	Number   string
	Place    string
	Calls    []string
}

// For makes the sticker of a machine: link is its signed address, languages are those of the place, in the order of the lines.
// A language without an invitation is left out.
func For(machine crm.Asset, link string, languages ...string) Sticker {
	s := Sticker{Link: link, Number: machine.Code, Place: strings.Trim(machine.City+", "+machine.Address, ", ")}
	for _, lang := range languages {
		if call, ok := Call(lang); ok {
			s.Calls = append(s.Calls, call)
		}
	}
	return s
}

// Call returns the line that invites in a language; false when there is none in it.
func Call(lang string) (string, bool) {
	switch lang {
	case "ru":
		return "Сломалось? Наведите камеру", true
	case "kk":
		return "Бұзылды ма? Камераны бағыттаңыз", true
	case "en":
		return "Broken? Point your camera", true
	}
	return "", false
}

// heading is the number as it is printed.
func (s Sticker) heading() string { return "№ " + printable(s.Number) }

// mark is one code of a sticker with the name under it, empty when there is only one.
type mark struct {
	*qr.Code
	name string
}

// modules is the side of a code with its quiet zone.
func (m mark) modules() int { return m.Size + 2*quietZone }

// codes makes the QR codes of a sticker.
func (s Sticker) codes() ([]mark, error) {
	links := []struct{ link, name string }{{s.Link, ""}}
	if s.WhatsApp != "" {
		links = []struct{ link, name string }{{s.Link, "Telegram"}, {s.WhatsApp, "WhatsApp"}}
	}
	var marks []mark
	for _, l := range links {
		code, err := qr.Encode(l.link, level)
		if err != nil {
			return nil, fmt.Errorf("make QR code of machine %s: a link of %d characters: %w", s.Number, len(l.link), err)
		}
		marks = append(marks, mark{code, l.name})
	}
	return marks, nil
}

// printable drops what the font has no letters for and what would break a line: fonts end at U+FFFF here.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r > 0xFFFF || r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// bar is a black rectangle of a code, in modules from its upper left corner.
type bar struct{ x, y, w, h int }

// bars covers the black modules of a code with few rectangles: runs of a row, and equal runs below each other as one.
// Each module is covered once; fewer rectangles make smaller files and no hairlines between rows.
func bars(code *qr.Code) []bar {
	done := make([]bar, 0, code.Size*code.Size/5)
	type run struct{ x, w, at int }
	var above, row []run // the runs of the row before and of this one, from left to right, with their rectangle among done
	for y := range code.Size {
		row = row[:0]
		next := 0 // the first run above that may still begin where one of this row does
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			r := run{x: x, w: 1, at: len(done)}
			for code.Black(x+r.w, y) { // outside the code nothing is black
				r.w++
			}
			for next < len(above) && above[next].x < x {
				next++
			}
			if next < len(above) && above[next].x == x && above[next].w == r.w {
				r.at = above[next].at
			} else {
				done = append(done, bar{x, y, r.w, 0})
			}
			done[r.at].h++
			row = append(row, r)
			x += r.w
		}
		above, row = row, above
	}
	return done
}
