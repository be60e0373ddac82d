package whatsapp

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"testing"

	"govorun/crm"
)

// picture is a PNG of a size.
func picture(width, height int) []byte {
	canvas := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Black})
	canvas.SetColorIndex(1, 1, 1)
	var b bytes.Buffer
	if err := png.Encode(&b, canvas); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// claimed is a PNG of a few bytes that says it is huge.
func claimed(width, height uint32) []byte {
	data := picture(1, 1)
	binary.BigEndian.PutUint32(data[16:], width)
	binary.BigEndian.PutUint32(data[20:], height)
	return data
}

// voiceNote is what the beginning and the end of a voice note look like.
func voiceNote(seconds int) []byte {
	page := func(samples uint64, body string) []byte {
		p := append([]byte("OggS\x00\x02"), binary.LittleEndian.AppendUint64(nil, samples)...)
		return append(append(p, make([]byte, 14)...), body...)
	}
	return append(page(0, "OpusHead\x01\x01"), page(uint64(seconds)*48_000, "sound")...)
}

func openedBytes(kind crm.MediaKind, data []byte) *opened {
	f := &opened{kind: kind, ReadSeeker: bytes.NewReader(data), close: func() {}}
	if err := f.measure(); err != nil {
		panic(err)
	}
	return f
}

func TestX13_APictureIsMeasuredBeforeItIsOpened(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		ok   bool
	}{
		"ordinary":               {picture(640, 480), true},
		"claims to be huge":      {claimed(50_000, 50_000), false},
		"claims to be very wide": {claimed(1<<31-1, 1<<31-1), false},
		"broken":                 {claimed(64, 64)[:60], false},
		"not a picture":          {[]byte("hello"), false},
	} {
		look, ok := lookAt(openedBytes(crm.Photo, c.data))
		if ok != c.ok {
			t.Errorf("%s: %v", name, ok)
		}
		if c.ok && (look.width != 640 || look.height != 480 || len(look.small) == 0) {
			t.Errorf("%s: %+v", name, look)
		}
	}
	if look, ok := lookAt(openedBytes(crm.Photo, picture(5000, 4000))); !ok || look.small != nil {
		t.Error("a large picture was opened for its small copy")
	}
}

func TestAVoiceNoteSaysHowLongItIs(t *testing.T) {
	if seconds, ok := voiceLength(openedBytes(crm.Voice, voiceNote(42))); !ok || seconds != 42 {
		t.Errorf("got %d %v", seconds, ok)
	}
	for _, other := range []string{"ID3 an mp3", "OggS without opus, but long enough to be looked at in its whole head, really"} {
		if _, ok := voiceLength(openedBytes(crm.Voice, []byte(other))); ok {
			t.Errorf("%q passes as a voice note", other)
		}
	}
}

func TestDocumentsHaveNames(t *testing.T) {
	for _, c := range []struct{ name, mime, want string }{
		{"offer.pdf", "", "offer.pdf"}, {`..\..\a.txt`, "", "a.txt"}, {"/etc/passwd", "", "passwd"}, {"", "application/pdf", "file.pdf"}, {"", "x/y", "file"},
	} {
		if got := documentName(c.name, c.mime); got != c.want {
			t.Errorf("%q %q: got %q", c.name, c.mime, got)
		}
	}
}
