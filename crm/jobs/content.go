package jobs

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"golang.org/x/image/webp"
)

// maxPixels bounds a picture: 50,000 × 50,000 fit into five kilobytes of PNG, and into ten gigabytes of memory.
const maxPixels = 40_000_000

// Refusal is why a file is not wanted: a short word for the attachment's reason.
type Refusal string

func (r Refusal) Error() string { return "the file is not wanted: " + string(r) }

// Refusals.
const (
	RefusedType       Refusal = "type"       // not one of the kinds of file we take
	RefusedUnreadable Refusal = "unreadable" // says it is a picture and is not
	RefusedPixels     Refusal = "pixels"
	RefusedSize       Refusal = "too_large"
	RefusedEmpty      Refusal = "empty"
)

// content is what a file is by its bytes.
type content struct {
	mime          string
	width, height int
}

// pictures are the kinds whose size is known without decoding them. GIFs are not taken: a small one can hold thousands of frames.
var pictures = map[string]func(io.Reader) (image.Config, error){
	"image/jpeg": jpeg.DecodeConfig,
	"image/png":  png.DecodeConfig,
	"image/webp": webp.DecodeConfig,
}

// others are the kinds taken as they are.
var others = map[string]string{
	"application/pdf": "application/pdf",
	"application/ogg": "audio/ogg",
	"audio/mpeg":      "audio/mpeg",
	"video/mp4":       "video/mp4",
}

// brands are the major brands of ISO media files (ISO/IEC 14496-12, registered at mp4ra.org).
var brands = map[string]string{
	"heic": "image/heic", "heix": "image/heic", "heim": "image/heic", "heis": "image/heic", "hevc": "image/heic", "hevx": "image/heic",
	"mif1": "image/heif", "msf1": "image/heif",
	"qt  ": "video/quicktime", "M4A ": "audio/mp4", "M4V ": "video/mp4",
	"isom": "video/mp4", "iso2": "video/mp4", "iso4": "video/mp4", "iso5": "video/mp4", "iso6": "video/mp4", "avc1": "video/mp4",
	"mp41": "video/mp4", "mp42": "video/mp4", "dash": "video/mp4", "MSNV": "video/mp4", "3gp4": "video/mp4", "3gp5": "video/mp4",
}

// inspect says what a file is, by its content alone: neither its name nor what the sender says counts. What we do not take is
// a Refusal. Nothing is decoded.
func inspect(r io.ReadSeeker) (content, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(r, head)
	if n == 0 {
		return content{}, RefusedEmpty
	}
	if err != nil && err != io.ErrUnexpectedEOF {
		return content{}, fmt.Errorf("read file: %w", err)
	}
	head = head[:n]
	if len(head) >= 12 && bytes.Equal(head[4:8], []byte("ftyp")) {
		if mime, ok := brands[string(head[8:12])]; ok {
			return content{mime: mime}, nil
		}
		return content{}, RefusedType
	}
	mime := http.DetectContentType(head)
	if taken, ok := others[mime]; ok {
		return content{mime: taken}, nil
	}
	config, ok := pictures[mime]
	if !ok {
		return content{}, RefusedType
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return content{}, fmt.Errorf("read file: %w", err)
	}
	size, err := config(r)
	if err != nil {
		return content{}, RefusedUnreadable
	}
	if int64(size.Width)*int64(size.Height) > maxPixels {
		return content{}, RefusedPixels
	}
	return content{mime, size.Width, size.Height}, nil
}
