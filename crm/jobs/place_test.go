package jobs

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"testing"
)

// taken is a JPEG as a phone makes it: with orientation and place in Exif, and the place once more in XMP.
func taken(t testing.TB, order binary.AppendByteOrder) []byte {
	t.Helper()
	mark := "II"
	if order.String() == binary.BigEndian.String() {
		mark = "MM"
	}
	entry := func(b []byte, tag, kind uint16, count, value uint32) []byte {
		b = order.AppendUint16(order.AppendUint16(b, tag), kind)
		return order.AppendUint32(order.AppendUint32(b, count), value)
	}
	exif := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	exif = order.AppendUint16(exif, 2)
	exif = entry(exif, 0x0112, 4, 1, 6)        // orientation
	exif = entry(exif, gpsTag, 4, 1, 8+2+24+4) // the place
	exif = order.AppendUint32(exif, 0)
	exif = order.AppendUint16(exif, 1)
	exif = entry(exif, 2, 5, 3, uint32(len(exif))+12+4)
	exif = append(order.AppendUint32(exif, 0), "55751244GPSLATITUDE00000"...)
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 20, 10)), nil); err != nil {
		t.Fatal(err)
	}
	file := []byte{jpegMark, jpegStart}
	for _, body := range [][]byte{append([]byte(exifHead), exif...), append([]byte(xmpHead), `<x exif:GPSLatitude="55,45.07N"/>`...)} {
		file = binary.BigEndian.AppendUint16(append(file, jpegMark, jpegMark, jpegApp1), uint16(len(body)+2))
		file = append(file, body...)
	}
	return append(file, picture.Bytes()[2:]...)
}

func TestD23_WhereAPhotoWasTakenIsForgottenAndItsOrientationKept(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		file := taken(t, order)
		if !bytes.Contains(file, []byte("GPSLAT")) || !bytes.Contains(file, []byte("GPSLatitude")) {
			t.Fatal("the photo has no place: this test tests nothing")
		}
		for _, size := range []int{1, 7, 1000, len(file)} { // however it comes in
			var kept bytes.Buffer
			p := forgetPlace(&kept)
			for part := range chunks(file, size) {
				if _, err := p.Write(part); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(kept.Bytes(), []byte("GPS")) || bytes.Contains(kept.Bytes(), []byte("5575")) {
				t.Errorf("in parts of %d: the place is kept", size)
			}
			if kept.Len() != len(file) {
				t.Errorf("in parts of %d: %d bytes of %d", size, kept.Len(), len(file))
			}
			orientation := order.AppendUint32(order.AppendUint32(order.AppendUint16(order.AppendUint16(nil, 0x0112), 4), 1), 6)
			if !bytes.Contains(kept.Bytes(), orientation) {
				t.Errorf("in parts of %d: the orientation is lost", size)
			}
			if _, err := jpeg.Decode(&kept); err != nil {
				t.Errorf("in parts of %d: %v", size, err)
			}
		}
	}
}

func TestD23_WhatIsNoPhotoOrABrokenOnePassesWithoutHarm(t *testing.T) {
	whole := taken(t, binary.LittleEndian)
	broken := bytes.Clone(whole)
	copy(broken[2+5+6+4:], "\xff\xff\xff\x7f") // the first directory lies outside
	for name, file := range map[string][]byte{"empty": nil, "short": {jpegMark}, "pdf": []byte("%PDF-1.7 …"), "half": whole[:40], "broken": broken,
		"length of zero": {jpegMark, jpegStart, jpegMark, jpegApp1, 0, 0, 1, 2, 3}} {
		var kept bytes.Buffer
		p := forgetPlace(&kept)
		_, err := p.Write(file)
		if err == nil {
			err = p.Close()
		}
		if err != nil || kept.Len() != len(file) {
			t.Errorf("%s: %d bytes of %d, %v", name, kept.Len(), len(file), err)
		}
		if name == "broken" && bytes.Contains(kept.Bytes(), []byte("GPSLAT")) {
			t.Error("a place that could not be found is kept")
		}
	}
}

func chunks(b []byte, size int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			n := min(size, len(b))
			if !yield(bytes.Clone(b[:n])) {
				return
			}
			b = b[n:]
		}
	}
}
