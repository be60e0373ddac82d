package simulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/util/cbcutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
)

const (
	mediaHost = "mmg.whatsapp.net"
	mediaAuth = "fake-media-auth"
	macLen    = 10
	maxUpload = 100 << 20
)

func mediaConn() []node {
	return []node{{Tag: "media_conn", Attrs: attrs{"auth": mediaAuth, "ttl": 3600, "auth_ttl": 21600, "max_buckets": 12},
		Content: []node{{Tag: "host", Attrs: attrs{"hostname": mediaHost}}}}}
}

// media serves the hosts of files, and the front page that names the web version.
func (s *Server) media(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Host == chatHost:
		s.mu.Lock()
		rev := s.revision
		s.mu.Unlock()
		_, _ = fmt.Fprintf(w, `<html><script>{"client_revision":%d,}</script></html>`, rev)
	case r.Method == http.MethodPost:
		s.takeUpload(w, r)
	case r.Method == http.MethodDelete:
		if path, err := base64.RawURLEncoding.DecodeString(r.URL.Query().Get("d_md")); err == nil {
			s.mu.Lock()
			s.files.drop(string(path))
			s.mu.Unlock()
		}
	default:
		path, _, _ := strings.Cut(r.URL.Path, "&") // clients append "&hash=..." to a path that has no query
		s.giveFile(w, r, path)
	}
}

func (s *Server) takeUpload(w http.ResponseWriter, r *http.Request) {
	if code := s.uploadFault(); code != 0 {
		http.Error(w, "upload refused", code)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxUpload))
	sum := sha256.Sum256(body)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case r.URL.Query().Get("auth") != mediaAuth:
		http.Error(w, "auth", http.StatusUnauthorized)
	case r.URL.Query().Get("token") != base64.URLEncoding.EncodeToString(sum[:]):
		http.Error(w, "token is not the body's hash", http.StatusBadRequest)
	default:
		path := s.store(body)
		_ = json.NewEncoder(w).Encode(map[string]string{"url": "https://" + mediaHost + path, "direct_path": path})
	}
}

// store keeps an encrypted file and returns its direct path.
func (s *Server) store(b []byte) string {
	p := "/v/t62.7118-24/" + rand.Text() + ".enc"
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files.put(p, b)
	return p + "?ccb=11-4&oh=fake&oe=fake"
}

// stored gives an encrypted file by its direct path.
func (s *Server) stored(directPath string) ([]byte, error) {
	path, _, _ := strings.Cut(directPath, "?")
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.files.bytes[path]; ok {
		return b, nil
	}
	return nil, errors.New("the server has no such file")
}

// files holds encrypted files by path, the oldest go first. Server.mu guards it.
type files struct {
	bytes  map[string][]byte
	order  []string
	size   int
	faults map[string]*MediaFault // by path; "" is for all
	upload struct{ status, times int }
}

func newFiles() files { return files{bytes: map[string][]byte{}, faults: map[string]*MediaFault{}} }

func (f *files) put(path string, b []byte) {
	f.bytes[path] = b
	f.order = append(f.order, path)
	for f.size += len(b); f.size > keptFiles && len(f.order) > 1; f.order = f.order[1:] {
		f.drop(f.order[0])
	}
}

func (f *files) drop(path string) {
	f.size -= len(f.bytes[path])
	delete(f.bytes, path)
	delete(f.faults, path)
}

// newest gives the files that came last, up to so many bytes.
func (f *files) newest(size int) map[string][]byte {
	out := map[string][]byte{}
	for _, path := range slices.Backward(f.order) {
		if size -= len(f.bytes[path]); size < 0 {
			break
		}
		out[path] = f.bytes[path]
	}
	return out
}

func mediaKeys(key []byte, t whatsmeow.MediaType) (iv, cipher, mac []byte) {
	k := hkdfutil.SHA256(key, nil, []byte(t), 112)
	return k[:16], k[16:48], k[48:80]
}

func mediaMAC(key, iv, ciphertext []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(iv)
	h.Write(ciphertext)
	return h.Sum(nil)[:macLen]
}

// Upload encrypts and stores a file, as a sender does before a media message.
func (s *Server) Upload(plain []byte, t whatsmeow.MediaType) (whatsmeow.UploadResponse, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	iv, ck, mk := mediaKeys(key, t)
	ct, err := cbcutil.Encrypt(ck, iv, plain)
	if err != nil {
		return whatsmeow.UploadResponse{}, fmt.Errorf("encrypt a file of %d bytes: %w", len(plain), err)
	}
	ct = append(ct, mediaMAC(mk, iv, ct)...)
	sum, encSum := sha256.Sum256(plain), sha256.Sum256(ct)
	path := s.store(ct)
	return whatsmeow.UploadResponse{
		URL: "https://" + mediaHost + path, DirectPath: path, MediaKey: key,
		FileSHA256: sum[:], FileEncSHA256: encSum[:], FileLength: uint64(len(plain)),
	}, nil
}

// Fetch downloads and decrypts a file, as a recipient does with a media message.
func (s *Server) Fetch(directPath string, key []byte, t whatsmeow.MediaType) ([]byte, error) {
	b, err := s.stored(directPath)
	if err != nil {
		return nil, err
	}
	if len(b) <= macLen {
		return nil, errors.New("the stored file is too short to be one")
	}
	ct, mac := b[:len(b)-macLen], b[len(b)-macLen:]
	iv, ck, mk := mediaKeys(key, t)
	if !hmac.Equal(mediaMAC(mk, iv, ct), mac) {
		return nil, errors.New("the file is not the one that was sent: its checksum differs")
	}
	return cbcutil.Decrypt(ck, iv, slices.Clone(ct)) // it works in place
}
