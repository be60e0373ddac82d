package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/jobs"
	"govorun/crm/postgres"
)

const (
	// linkLife is how long a link to a file opens it: long enough to press a button, too short to be worth passing on.
	linkLife = 10 * time.Minute
	// linkPath is where files are served, apart from everything else.
	linkPath = "/files/"
	// linkPurpose keeps what is signed for anything else from opening files.
	linkPurpose = "link to a file"
)

// fileLink gives what makes links to files: an address for one employee and one file. It is nil when GOVORUN_PUBLIC doesn't say how people reach
// this program: files are sent into the chat then.
func (y *system) fileLink() (func(crm.AttachmentID, crm.EmployeeID) string, error) {
	if y.settings.Public == "" {
		return nil, nil
	}
	base, err := url.Parse(y.settings.Public)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("GOVORUN_PUBLIC is %q: write the https address that leads to this program, such as https://bot.example.org", y.settings.Public)
	}
	address := strings.TrimSuffix(base.String(), "/") + linkPath
	return func(id crm.AttachmentID, me crm.EmployeeID) string {
		return address + y.signLink(id, me, time.Now().Add(linkLife))
	}, nil
}

// signLink is the last part of a link: file, employee and end, signed.
func (y *system) signLink(id crm.AttachmentID, me crm.EmployeeID, until time.Time) string {
	var message []byte
	for _, n := range []int64{int64(id), int64(me), until.Unix()} {
		message = binary.BigEndian.AppendUint64(message, uint64(n))
	}
	return y.vault.ring.Sign(linkPurpose, message)
}

// readLink is the opposite of signLink; false for what nobody of ours signed, or what has ended.
func (y *system) readLink(link string, now time.Time) (id crm.AttachmentID, me crm.EmployeeID, ok bool) {
	message, err := y.vault.ring.Verify(linkPurpose, link)
	if err != nil || len(message) != 24 {
		return 0, 0, false
	}
	n := func(i int) int64 { return int64(binary.BigEndian.Uint64(message[8*i:])) }
	return crm.AttachmentID(n(0)), crm.EmployeeID(n(1)), now.Before(time.Unix(n(2), 0))
}

// fileDoor serves files by links. Whoever comes, the answer to what may not be seen is the same as to what is not there: the link may be forged
// or old, its employee may work here no more, see the deal no more, or have a role that has no business with such files. Each view is recorded
// before the first byte leaves.
func (y *system) fileDoor(mux *http.ServeMux) {
	mux.HandleFunc("GET "+linkPath+"{link}", func(w http.ResponseWriter, r *http.Request) {
		id, me, ok := y.readLink(r.PathValue("link"), time.Now())
		if !ok {
			http.NotFound(w, r)
			return
		}
		f, err := y.db.ViewFile(r.Context(), me, id, func(role string, f postgres.ViewedFile) bool {
			return y.kit.Reveals(role, f.Pipeline, f.Name)
		})
		var file *jobs.File
		if err == nil {
			file, err = y.files.Open(f.Hash)
		}
		switch {
		case errors.Is(err, crm.ErrNotFound):
			http.NotFound(w, r)
			return
		case err != nil:
			y.log.Error("file not shown", "attachment", int64(id), "err", err)
			http.Error(w, "The file can't be shown now, please try again in a minute.", http.StatusServiceUnavailable)
			return
		}
		defer file.Close()
		onlySaved(w.Header(), f)
		http.ServeContent(w, r, "", time.Time{}, file)
	})
}

// onlySaved makes a browser save a file that came from outside: it neither runs nor shows it, guesses no type, keeps no copy and tells nobody the
// address. The name that a person gave it is left out.
func onlySaved(h http.Header, f postgres.ViewedFile) {
	ending := ""
	if endings, err := mime.ExtensionsByType(f.MIME); err == nil && len(endings) > 0 {
		ending = endings[0]
	}
	if f.MIME == "image/jpeg" { // of its endings the first by the alphabet is .jfif
		ending = ".jpg"
	}
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="file-%d%s"`, f.ID, ending))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}
