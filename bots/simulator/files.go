package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// filePathLife is how long a file_path works after getFile: Telegram promises an hour.
const filePathLife = time.Hour

// PhotoSize is one size of a photo; a message carries several, smallest first.
type PhotoSize struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	Width        int    `json:"width"`
	Height       int    `json:"height"`
	FileSize     int64  `json:"file_size,omitempty"`
}

// FileRef is a file in a message: document, video, voice, sticker and so on share it, each with its own fields set.
type FileRef struct {
	FileID       string     `json:"file_id"`
	FileUniqueID string     `json:"file_unique_id"`
	FileName     string     `json:"file_name,omitempty"`
	MimeType     string     `json:"mime_type,omitempty"`
	FileSize     int64      `json:"file_size,omitempty"`
	Width        int        `json:"width,omitempty"`
	Height       int        `json:"height,omitempty"`
	Length       int        `json:"length,omitempty"`
	Duration     int        `json:"duration,omitempty"`
	Performer    string     `json:"performer,omitempty"`
	Title        string     `json:"title,omitempty"`
	Type         string     `json:"type,omitempty"` // of a sticker: regular
	Emoji        string     `json:"emoji,omitempty"`
	Thumbnail    *PhotoSize `json:"thumbnail,omitempty"`
}

// file is what the server keeps; kind is photo, document, video, voice, audio, animation, video_note or sticker.
type file struct {
	id, unique, kind string
	name, mime       string
	path             string
	data             []byte
	size             int64 // what Telegram says; data may be shorter for files that only pretend to be large
	width, height    int
	duration         int
	sizes            []*file // a photo's sizes, smallest first, the last one is the photo itself
	linked           time.Time
}

// fileStore keeps files up to a number of bytes; the oldest lose their content first.
type fileStore struct {
	byID   map[string]*file
	byPath map[string]*file
	order  []*file
	bytes  int64
	keep   int64
	next   int64
}

func newFileStore(keep, above int64) fileStore {
	return fileStore{byID: map[string]*file{}, byPath: map[string]*file{}, keep: keep, next: above}
}

// filePrefix makes ids look like Telegram's, where the first letters tell the kind.
var filePrefix = map[string]string{
	"photo": "AgACAgIAAxkB", "document": "BQACAgIAAxkB", "video": "BAACAgIAAxkB", "voice": "AwACAgIAAxkB",
	"audio": "CQACAgIAAxkB", "animation": "CgACAgIAAxkB", "video_note": "DQACAgIAAxkB", "sticker": "CAACAgIAAxkB",
}

// add keeps the file under new ids.
func (f *fileStore) add(n *file) *file {
	f.next++
	n.id = fmt.Sprintf("%s%011d", filePrefix[n.kind], f.next)
	n.unique = fmt.Sprintf("AQAD%09d", f.next)
	if n.size == 0 {
		n.size = int64(len(n.data))
	}
	n.path = cmp.Or(n.path, fmt.Sprintf("%ss/file_%d%s", n.kind, f.next, extension(n)))
	f.byID[n.id], f.byPath[n.path] = n, n
	f.order = append(f.order, n)
	f.bytes += int64(len(n.data))
	for f.bytes > f.keep && len(f.order) > 1 {
		old := f.order[0]
		f.order = f.order[1:]
		f.bytes -= int64(len(old.data))
		delete(f.byID, old.id)
		delete(f.byPath, old.path)
	}
	return n
}

func extension(n *file) string {
	if ext := path.Ext(n.name); ext != "" && len(ext) < 8 && !strings.ContainsAny(ext, `/\`) {
		return strings.ToLower(ext)
	}
	switch n.kind {
	case "photo":
		return ".jpg"
	case "voice":
		return ".oga"
	case "video", "video_note", "animation":
		return ".mp4"
	case "audio":
		return ".mp3"
	case "sticker":
		return ".webp"
	}
	return ""
}

func (n *file) photoSize() PhotoSize {
	return PhotoSize{FileID: n.id, FileUniqueID: n.unique, Width: n.width, Height: n.height, FileSize: n.size}
}

func (n *file) ref() *FileRef {
	r := &FileRef{
		FileID: n.id, FileUniqueID: n.unique, FileName: n.name, MimeType: n.mime, FileSize: n.size,
		Width: n.width, Height: n.height, Duration: n.duration,
	}
	switch n.kind {
	case "sticker":
		r.Type, r.FileName = "regular", ""
	case "video_note":
		r.Length, r.Width, r.Height, r.FileName = n.width, 0, 0, ""
	case "voice":
		r.FileName = ""
	}
	return r
}

// media puts the file into the field of its kind.
func (n *file) media() Media {
	switch n.kind {
	case "photo":
		m := Media{}
		for _, size := range n.sizes {
			m.Photo = append(m.Photo, size.photoSize())
		}
		return m
	case "document":
		return Media{Document: n.ref()}
	case "video":
		return Media{Video: n.ref()}
	case "audio":
		return Media{Audio: n.ref()}
	case "voice":
		return Media{Voice: n.ref()}
	case "animation":
		return Media{Animation: n.ref(), Document: n.ref()}
	case "video_note":
		return Media{VideoNote: n.ref()}
	}
	return Media{Sticker: n.ref()}
}

// getFile answers the method of that name.
func getFile(s *Server, a args) (any, *apiError) {
	id := a.str("file_id")
	if id == "" {
		return nil, badRequest("file_id not specified")
	}
	n := s.files.byID[id]
	if n == nil {
		return nil, badRequest("wrong file_id or the file is temporarily unavailable")
	}
	if n.size > maxDownloadBytes {
		return nil, badRequest("file is too big")
	}
	n.linked = s.now()
	return map[string]any{"file_id": n.id, "file_unique_id": n.unique, "file_size": n.size, "file_path": n.path}, nil
}

// serveFile answers a download; the path must come from a getFile of the last hour.
func (s *Server) serveFile(w http.ResponseWriter, token, name string) {
	if refused := s.checkToken(token); refused != nil {
		writeError(w, refused)
		return
	}
	s.mu.Lock()
	n := s.files.byPath[name]
	gone := n == nil || n.linked.IsZero() || s.now().Sub(n.linked) > filePathLife
	f, fired := s.faults.take(s.rand, callScope{method: "file"})
	s.mu.Unlock()
	if fired && !applyToFile(w, f) {
		return
	}
	if gone {
		writeError(w, &apiError{Code: http.StatusNotFound, Text: "Not Found"})
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(n.size, 10))
	_, _ = w.Write(n.data)
	zeros := make([]byte, 64<<10)
	for left := n.size - int64(len(n.data)); left > 0; left -= int64(len(zeros)) {
		if _, err := w.Write(zeros[:min(left, int64(len(zeros)))]); err != nil {
			return
		}
	}
}

// FileBytes gives the content of a file by its file_id, for the page and for tests.
func (s *Server) FileBytes(fileID string) (data []byte, mime string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.files.byID[fileID]
	if n == nil {
		return nil, "", false
	}
	return n.data, n.mime, true
}
