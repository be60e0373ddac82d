package board

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"govorun/crm"
)

// pictures are the types shown in place, by content and never by name; all else is only saved.
var pictures = map[string]bool{"image/jpeg": true, "image/png": true, "image/webp": true}

// file serves bytes that came from outside: a browser may show a picture or save a file, never run it or guess its type.
func (b *board) file(w http.ResponseWriter, r *http.Request) {
	n, err := id(r)
	if err != nil {
		b.refuse(w, r, err)
		return
	}
	row, err := b.rows.File(r.Context(), crm.AttachmentID(n))
	if err == nil && row.Hash == "" {
		err = fmt.Errorf("file %d is %s: %w", row.ID, row.Status, crm.ErrNotFound)
	}
	if err != nil {
		b.refuse(w, r, err)
		return
	}
	content, err := b.Open(row.Hash)
	if err != nil {
		b.refuse(w, r, fmt.Errorf("open file %d: %w: %w", row.ID, crm.ErrNotFound, err))
		return
	}
	defer content.Close()
	kind, err := sniff(content)
	if err != nil {
		b.refuse(w, r, fmt.Errorf("read file %d: %w", row.ID, err))
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("Content-Type", kind)
	if !pictures[kind] {
		h.Set("Content-Type", "application/octet-stream")
		// The name a person gave stays out of the header: the number is enough to find it again.
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="file-%d"`, row.ID))
	}
	http.ServeContent(w, r, "", time.Time{}, content)
}

// sniff tells the type from the first bytes and goes back to the beginning.
func sniff(content io.ReadSeeker) (string, error) {
	var head [512]byte
	n, err := io.ReadFull(content, head[:])
	if err != nil && n == 0 && err != io.EOF {
		return "", err
	}
	_, err = content.Seek(0, io.SeekStart)
	return http.DetectContentType(head[:n]), err
}
