package simulator

import (
	"bytes"
	"image"
	"image/color"
	_ "image/gif" // decodes what a person or the bot sends
	"image/jpeg"
	_ "image/png" // the same
	"net/http"
)

// photoSides are the longer sides of the sizes Telegram makes of a photo.
var photoSides = []int{90, 320, 800, 1280}

const (
	variants     = 6  // different pictures of one size
	keepPictures = 60 // pictures kept drawn
)

// sized is a picture at one size.
type sized struct {
	width, height int
	data          []byte
}

// newPhoto keeps a picture in the sizes Telegram would make. Content that is no picture is refused.
func (s *Server) newPhoto(name string, data []byte) (*file, *apiError) {
	sizes, refused := sizesOf(data)
	if refused != nil {
		return nil, refused
	}
	return s.keepPhoto(name, sizes), nil
}

func (s *Server) keepPhoto(name string, sizes []sized) *file {
	files := make([]*file, len(sizes))
	for i, size := range sizes {
		files[i] = s.files.add(&file{
			kind: "photo", name: name, mime: http.DetectContentType(size.data), data: size.data,
			width: size.width, height: size.height,
		})
	}
	n := files[len(files)-1]
	n.sizes = files
	return n
}

// sizesOf gives the sizes of a picture, smallest first.
func sizesOf(data []byte) ([]sized, *apiError) {
	if len(data) > maxPhotoBytes {
		return nil, badRequest("file of size %d bytes is too big for a photo; the maximum size is %d bytes", len(data), maxPhotoBytes)
	}
	// The header first: decoding a picture of 50,000 by 50,000 would take 10 GB.
	conf, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, badRequest("IMAGE_PROCESS_FAILED")
	}
	sizes, refused := dimensions(conf.Width, conf.Height)
	if refused != nil {
		return nil, refused
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, badRequest("IMAGE_PROCESS_FAILED")
	}
	for i, size := range sizes {
		if size.width == conf.Width && size.height == conf.Height {
			sizes[i].data = data
		} else {
			sizes[i].data = scale(img, size.width, size.height)
		}
	}
	return sizes, nil
}

// dimensions gives the sizes Telegram makes of a picture, still without content; a large original is not among them.
func dimensions(w, h int) ([]sized, *apiError) {
	if w+h > 10_000 || w > 20*h || h > 20*w || w <= 0 || h <= 0 {
		return nil, badRequest("PHOTO_INVALID_DIMENSIONS")
	}
	long := max(w, h)
	var sizes []sized
	for _, side := range photoSides {
		if side < long {
			sizes = append(sizes, sized{width: max(1, w*side/long), height: max(1, h*side/long)})
		}
	}
	if long <= photoSides[len(photoSides)-1] {
		sizes = append(sizes, sized{width: w, height: h})
	}
	return sizes, nil
}

// scale picks points: quick, and good enough for a preview.
func scale(src image.Image, w, h int) []byte {
	from := src.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := src.At(from.Min.X+x*from.Dx()/w, from.Min.Y+y*from.Dy()/h)
			dst.SetRGBA(x, y, color.RGBAModel.Convert(c).(color.RGBA))
		}
	}
	return encode(dst)
}

func encode(img image.Image) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, &jpeg.Options{Quality: 75}) // a buffer never fails
	return b.Bytes()
}

// drawnPhoto gives a made-up picture of this size. Drawing takes a while, so pictures are kept and each use gets a
// comment of its own: no two photos have the same bytes.
func (s *Server) drawnPhoto(width, height int) ([]sized, *apiError) {
	key := [3]int{width, height, s.rand.IntN(variants)}
	sizes := s.pictures[key]
	if sizes == nil {
		var refused *apiError
		if sizes, refused = dimensions(width, height); refused != nil {
			return nil, refused
		}
		cb, cr := uint8(s.rand.IntN(256)), uint8(s.rand.IntN(256))
		for i, size := range sizes {
			sizes[i].data = draw(size.width, size.height, cb, cr)
		}
		if s.pictures == nil || len(s.pictures) >= keepPictures {
			s.pictures = map[[3]int][]sized{}
		}
		s.pictures[key] = sizes
	}
	mine := make([]sized, len(sizes))
	for i, size := range sizes {
		mine[i] = sized{size.width, size.height, comment(size.data, s.rand.Uint64())}
	}
	return mine, nil
}

// draw makes a JPEG of soft stripes in one colour.
func draw(width, height int, cb, cr uint8) []byte {
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for y := range height {
		row := img.Y[y*img.YStride : y*img.YStride+width]
		for x := range row {
			row[x] = uint8(64 + (x+y)/8%128)
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = cb, cr
	}
	return encode(img)
}

// comment puts a JPEG comment of eight letters right after the start marker.
func comment(jpg []byte, n uint64) []byte {
	out := make([]byte, 0, len(jpg)+12)
	out = append(out, jpg[:2]...)
	out = append(out, 0xFF, 0xFE, 0, 10)
	for range 8 {
		out = append(out, 'a'+byte(n%26))
		n /= 26
	}
	return append(out, jpg[2:]...)
}

// newFile keeps any other file.
func (s *Server) newFile(n file) *file {
	if n.mime == "" {
		n.mime = http.DetectContentType(n.data)
	}
	if (n.kind == "video" || n.kind == "animation") && n.width == 0 {
		n.width, n.height = 640, 360
	}
	if n.kind == "sticker" && n.width == 0 {
		n.width, n.height = 512, 512
	}
	return s.files.add(&n)
}
