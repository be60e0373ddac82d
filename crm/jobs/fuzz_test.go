package jobs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

func FuzzAFileIsWhatItsBytesSay(f *testing.F) {
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		f.Fatal(err)
	}
	huge := bytes.Clone(small.Bytes())
	binary.BigEndian.PutUint32(huge[16:], 50_000)
	binary.BigEndian.PutUint32(huge[20:], 50_000)
	var moving bytes.Buffer
	if err := gif.Encode(&moving, image.NewGray(image.Rect(0, 0, 3, 2)), nil); err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{small.Bytes(), huge, moving.Bytes(), taken(f, binary.BigEndian), nil, []byte("%PDF-1.7\n"), []byte("PK\x03\x04"), []byte("MZ\x90"), []byte("<svg/>"),
		[]byte("<!DOCTYPE html>"), []byte("OggS\x00\x02"), []byte("\x00\x00\x00\x18ftypheic\x00"), []byte("RIFF\x24\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00")} {
		f.Add(seed)
	}
	harmless := map[string]bool{"image/jpeg": true, "image/png": true, "image/webp": true, "image/heic": true, "image/heif": true, "application/pdf": true,
		"audio/ogg": true, "audio/mpeg": true, "audio/mp4": true, "video/mp4": true, "video/quicktime": true}
	f.Fuzz(func(t *testing.T, file []byte) {
		what, err := inspect(bytes.NewReader(file))
		if err != nil {
			var refusal Refusal
			if !errors.As(err, &refusal) || refusal == "" || what != (content{}) {
				t.Fatalf("%.40q is refused by %v as %+v", file, err, what)
			}
			return
		}
		if !harmless[what.mime] || what.width < 0 || what.height < 0 || int64(what.width)*int64(what.height) > maxPixels {
			t.Fatalf("%.40q is taken as %+v", file, what)
		}
		if strings.HasPrefix(string(file), "MZ") || strings.HasPrefix(string(file), "PK") || strings.HasPrefix(string(file), "<") {
			t.Fatalf("a program, an archive or a page is taken as %s", what.mime)
		}
	})
}

func FuzzOnlyThePlaceOfAPhotoIsForgotten(f *testing.F) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		f.Add(taken(f, order), uint16(7))
	}
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x02"), uint16(1))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x00Exif\x00\x00"), uint16(1))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x20Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x88%\x00\x04\x00\x00\x00\x01\x00\x00\x00\x08"), uint16(3))
	f.Add([]byte("no photo"), uint16(2))
	f.Fuzz(func(t *testing.T, file []byte, part uint16) {
		given := bytes.Clone(file)
		whole, parts := forgotten(t, file, len(file)), forgotten(t, file, int(part)%4096)
		if !bytes.Equal(whole, parts) {
			t.Fatal("a file that comes in parts becomes another one")
		}
		if !bytes.Equal(given, file) {
			t.Fatal("the caller's bytes are changed")
		}
		if len(whole) != len(file) {
			t.Fatalf("%d bytes became %d", len(file), len(whole))
		}
		if again := forgotten(t, whole, len(whole)); !bytes.Equal(again, whole) {
			t.Fatal("forgetting once was not enough")
		}
		size, err := jpeg.DecodeConfig(bytes.NewReader(file))
		if err != nil {
			return
		}
		if now, err := jpeg.DecodeConfig(bytes.NewReader(whole)); err != nil || now.Width != size.Width || now.Height != size.Height {
			t.Fatalf("a photo of %+v became %+v, %v", size, now, err)
		}
	})
}

// forgotten passes a file through in parts of a size.
func forgotten(t *testing.T, file []byte, size int) []byte {
	t.Helper()
	var kept bytes.Buffer
	p := forgetPlace(&kept)
	for part := range chunks(bytes.Clone(file), max(1, size)) {
		if n, err := p.Write(part); err != nil || n != len(part) {
			t.Fatalf("%d of %d bytes written, %v", n, len(part), err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return kept.Bytes()
}
