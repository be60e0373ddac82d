package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// MediaFault is what happens to the download of a file. The zero value is no fault.
type MediaFault struct {
	Status  int           // answered instead of the file: 404 and 410 mean that the server dropped it
	Endless bool          // the body goes on for as long as somebody reads
	Slow    time.Duration // before each 64 KB
	Corrupt bool          // one bit is wrong
	Times   int           // how often; 0 is always
}

// FaultMedia makes something happen to all downloads from now on; the zero value ends it.
func (s *Server) FaultMedia(f MediaFault) { s.faultFile("", f) }

// FaultUpload refuses uploads with an HTTP status so many times.
func (s *Server) FaultUpload(status, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files.upload.status, s.files.upload.times = status, times
}

func (s *Server) uploadFault() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files.upload.times == 0 {
		return 0
	}
	s.files.upload.times--
	return s.files.upload.status
}

func (s *Server) faultFile(directPath string, f MediaFault) {
	path, _, _ := strings.Cut(directPath, "?")
	s.mu.Lock()
	defer s.mu.Unlock()
	if delete(s.files.faults, path); f != (MediaFault{}) {
		s.files.faults[path] = &f
	}
}

// takeMediaFault gives the fault of one download, counted.
func (s *Server) takeMediaFault(path string) MediaFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range []string{path, ""} {
		f := s.files.faults[at]
		if f == nil {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				delete(s.files.faults, at)
			}
		}
		return *f
	}
	return MediaFault{}
}

const chunk = 64 << 10

// giveFile answers a download.
func (s *Server) giveFile(w http.ResponseWriter, r *http.Request, path string) {
	f := s.takeMediaFault(path)
	if f.Status != 0 {
		http.Error(w, http.StatusText(f.Status), f.Status)
		return
	}
	body, err := s.stored(path)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if f.Corrupt && len(body) > 0 {
		body = slices.Clone(body)
		body[0] ^= 1
	}
	for len(body) > 0 {
		part := body[:min(len(body), chunk)]
		if !f.Endless {
			body = body[len(part):]
		}
		if f.Slow > 0 {
			select {
			case <-time.After(f.Slow):
			case <-r.Context().Done():
				return
			}
		}
		if _, err := w.Write(part); err != nil {
			return
		}
	}
}
