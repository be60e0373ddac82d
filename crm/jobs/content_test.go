package jobs_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"testing"

	"govorun/crm"
)

// bomb is a PNG of a few bytes that says it is 50,000 × 50,000.
func bomb() []byte {
	header := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 50000), 50000)...)
	header = append(header, 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	b = append(b, header...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(header))
}

func TestX12_X13_FilesAreTakenByContentNotByName(t *testing.T) {
	t.Parallel()
	var pngFile bytes.Buffer
	if err := png.Encode(&pngFile, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	ftyp := func(brand string) []byte { return []byte("\x00\x00\x00\x18ftyp" + brand + "\x00\x00\x00\x00") }
	cases := []struct {
		name, status, reason, mime string
		bytes                      []byte
	}{
		{"png", "stored", "", "image/png", pngFile.Bytes()},
		{"pdf", "stored", "", "application/pdf", []byte("%PDF-1.7\n")},
		{"voice", "stored", "", "audio/ogg", []byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00")},
		{"heic", "stored", "", "image/heic", ftyp("heic")},
		{"mov", "stored", "", "video/quicktime", ftyp("qt  ")},
		{"mp4", "stored", "", "video/mp4", ftyp("isom")},
		{"svg", "refused", "type", "", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)},
		{"html", "refused", "type", "", []byte("<!DOCTYPE html><script>alert(1)</script>")},
		{"exe", "refused", "type", "", []byte("MZ\x90\x00\x03\x00\x00\x00")},
		{"elf", "refused", "type", "", []byte("\x7fELF\x02\x01\x01\x00")},
		{"zip", "refused", "type", "", []byte("PK\x03\x04\x14\x00")},
		{"gzip", "refused", "type", "", []byte("\x1f\x8b\x08\x00")},
		{"gif", "refused", "type", "", []byte("GIF89a\x01\x00\x01\x00")},
		{"script", "refused", "type", "", []byte("#!/bin/sh\nrm -rf /\n")},
		{"other brand", "refused", "type", "", ftyp("crx ")},
		{"cut jpeg", "refused", "unreadable", "", []byte("\xff\xd8\xff\xe0\x00\x10JFIF")},
		{"bomb", "refused", "pixels", "", bomb()},
		{"empty", "refused", "empty", "", nil},
	}
	h := newHouse(t)
	ids := map[string]crm.AttachmentID{}
	for _, c := range cases {
		h.fetcher.files[c.name] = c.bytes
		ids[c.name] = h.add(c.name, 0)
	}
	h.work()
	for _, c := range cases {
		if r := h.row(ids[c.name]); r.status != c.status || r.reason != c.reason || r.mime != c.mime {
			t.Errorf("%s: %+v, want %s %s %s", c.name, r, c.status, c.reason, c.mime)
		}
	}
}
