package jobs

import (
	"bytes"
	"encoding/binary"
	"io"
)

// Segments of a JPEG file (ITU-T T.81, annex B) and what cameras put into APP1 (CIPA DC-008 "Exif", and XMP part 3).
const (
	jpegMark  = 0xFF
	jpegStart = 0xD8 // of the image
	jpegScan  = 0xDA // what follows is the picture
	jpegApp1  = 0xE1
	gpsTag    = 0x8825 // points to where the photo was taken
)

var (
	exifHead = []byte("Exif\x00\x00")
	xmpHead  = []byte("http://ns.adobe.com/xap/1.0/\x00")
)

// placeless passes a file on and takes out of a JPEG where it was taken: nobody who sends a photo of a fault has said where
// they live. Everything else, and the length, stays as it is, so that a photo keeps its orientation.
type placeless struct {
	to   io.Writer
	wait []byte // the beginning of a segment that has not come whole
	rest bool   // no more segments to look at
}

func forgetPlace(to io.Writer) *placeless { return &placeless{to: to} }

// Write takes the next part of the file. What it holds back comes with a later part, or with Close.
func (p *placeless) Write(part []byte) (int, error) {
	if p.rest {
		return p.to.Write(part)
	}
	p.wait = append(p.wait, part...)
	for !p.rest {
		n := p.segment()
		if n == 0 {
			return len(part), nil
		}
		if err := p.pass(n); err != nil {
			return 0, err
		}
	}
	return len(part), p.pass(len(p.wait))
}

// Close passes on what is left of a file that ended too early.
func (p *placeless) Close() error { return p.pass(len(p.wait)) }

func (p *placeless) pass(n int) error {
	_, err := p.to.Write(p.wait[:n])
	p.wait = p.wait[n:]
	return err
}

// segment cleans the next segment and gives its length, 0 when it has not come whole. At the end of the segments, and in what is
// no JPEG, it sets rest.
func (p *placeless) segment() int {
	b := p.wait
	switch {
	case len(b) < 4:
		return 0
	case b[0] != jpegMark || b[1] == jpegScan:
		p.rest = true
		return len(b)
	case b[1] == jpegStart:
		return 2
	case b[1] == jpegMark: // filling
		return 1
	}
	n := 2 + int(binary.BigEndian.Uint16(b[2:]))
	if len(b) < n {
		return 0
	}
	if b[1] == jpegApp1 {
		body := b[4:max(n, 4)]
		switch {
		case bytes.HasPrefix(body, exifHead):
			if tiff := body[len(exifHead):]; !forgetGPS(tiff) {
				clear(tiff) // not understood: better without than with a place
			}
		case bytes.HasPrefix(body, xmpHead):
			for i := len(xmpHead); i < len(body); i++ {
				body[i] = ' '
			}
		}
	}
	return n
}

// forgetGPS empties the directory of the place in a TIFF block. It reports false when the block is not as the standard says.
func forgetGPS(b []byte) bool {
	t := tiff{b: b, order: binary.LittleEndian}
	if bytes.HasPrefix(b, []byte("MM")) {
		t.order = binary.BigEndian
	}
	first := t.long(4)
	for i := range t.short(first) {
		if entry := first + 2 + 12*i; t.short(entry) == gpsTag {
			place := t.long(entry + 8)
			for j := range t.short(place) {
				t.forget(place + 2 + 12*j)
			}
			t.clear(place, 2)
		}
	}
	return !t.broken
}

// tiff reads and clears within its bounds.
type tiff struct {
	b      []byte
	order  binary.ByteOrder
	broken bool // something lay outside
}

func (t *tiff) in(at, n int) bool {
	ok := at >= 0 && n >= 0 && at <= len(t.b)-n
	t.broken = t.broken || !ok
	return ok
}

func (t *tiff) short(at int) int {
	if !t.in(at, 2) {
		return 0
	}
	return int(t.order.Uint16(t.b[at:]))
}

func (t *tiff) long(at int) int {
	if !t.in(at, 4) {
		return 0
	}
	return int(t.order.Uint32(t.b[at:]))
}

func (t *tiff) clear(at, n int) {
	if t.in(at, n) {
		clear(t.b[at : at+n])
	}
}

// sizes of the types of values, by their number.
var tiffSizes = [...]int{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}

// forget clears an entry and its value, which stands elsewhere when it is longer than four bytes.
func (t *tiff) forget(entry int) {
	kind, count := t.short(entry+2), t.long(entry+4)
	if kind >= len(tiffSizes) || count > len(t.b) {
		t.broken = true
		return
	}
	if n := tiffSizes[kind] * count; n > 4 {
		t.clear(t.long(entry+8), n)
	}
	t.clear(entry, 12)
}
