package whatsapp

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	_ "image/png" // photos made by us are PNG
	"io"
	mimes "mime"
	"path/filepath"
	"strings"
)

const (
	// maxPixels bounds what is opened as a picture: a file of a few kilobytes may claim to be larger than all memory.
	maxPixels = 40_000_000
	// smallFrom is up to how many pixels a picture is made small: four bytes for each are needed.
	smallFrom = 12_000_000
	smallSide = 72 // of the blurred picture that stands there until the file is loaded
)

// look is how a photo looks before it is loaded.
type look struct {
	width, height int
	small         []byte // JPEG; nil for a large one
}

// lookAt measures a photo before it opens it; false when WhatsApp would not show it as one.
func lookAt(f *opened) (l look, ok bool) {
	if f.mime != "image/jpeg" && f.mime != "image/png" {
		return l, false
	}
	defer f.Seek(0, io.SeekStart)
	size, _, err := image.DecodeConfig(f)
	if err != nil || size.Width <= 0 || size.Height <= 0 || size.Width > maxPixels/size.Height {
		return l, false
	}
	l = look{width: size.Width, height: size.Height}
	if size.Width*size.Height > smallFrom {
		return l, true
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return l, true
	}
	picture, _, err := image.Decode(f)
	if err != nil {
		return l, false // broken: as a document at least it arrives as it is
	}
	var small bytes.Buffer
	if jpeg.Encode(&small, shrink(picture), &jpeg.Options{Quality: 50}) == nil {
		l.small = small.Bytes()
	}
	return l, true
}

// looked is lookAt, of one photo at a time: a large one takes a hundred megabytes while it is open.
func (c *Channel) looked(f *opened) (look, bool) {
	c.looking.Lock()
	defer c.looking.Unlock()
	return lookAt(f)
}

// shrink takes every so many pixels; the result is shown blurred.
func shrink(picture image.Image) image.Image {
	from := picture.Bounds()
	step := max(1, (max(from.Dx(), from.Dy())+smallSide-1)/smallSide)
	small := image.NewRGBA(image.Rect(0, 0, max(1, from.Dx()/step), max(1, from.Dy()/step)))
	for y := range small.Rect.Max.Y {
		for x := range small.Rect.Max.X {
			small.Set(x, y, picture.At(from.Min.X+x*step, from.Min.Y+y*step))
		}
	}
	return small
}

// oggTail is how much of the end of a voice note surely holds the beginning of its last page.
const oggTail = 128 << 10

// voiceLength gives the seconds of a voice note (Ogg Opus): its last page says how many samples came, 48,000 a second. False when
// it is none.
func voiceLength(f *opened) (seconds uint32, ok bool) {
	defer f.Seek(0, io.SeekStart)
	head := make([]byte, 64)
	if n, err := f.head(head); err != nil || !bytes.HasPrefix(head[:n], []byte("OggS")) || !bytes.Contains(head[:n], []byte("OpusHead")) {
		return 0, false
	}
	if _, err := f.Seek(max(0, f.size-oggTail), io.SeekStart); err != nil {
		return 0, false
	}
	tail, err := io.ReadAll(f)
	if err != nil {
		return 0, false
	}
	if at := bytes.LastIndex(tail, []byte("OggS")); at >= 0 && at+14 <= len(tail) {
		seconds = uint32(min(binary.LittleEndian.Uint64(tail[at+6:])/48_000, 24*60*60))
	}
	return seconds, true
}

// documentName is what the person sees; without a name it says what it is.
func documentName(name, kind string) string {
	name = strings.TrimSpace(filepath.Base(strings.ReplaceAll(name, `\`, "/")))
	if name != "" && name != "." && name != "/" {
		return name
	}
	if endings, err := mimes.ExtensionsByType(kind); err == nil && len(endings) > 0 {
		return "file" + endings[0]
	}
	return "file"
}
