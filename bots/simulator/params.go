package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Sizes that Telegram accepts from a bot and gives back to it, in bytes.
const (
	maxPhotoBytes    = 10 << 20 // a photo
	maxUploadBytes   = 50 << 20 // any other file
	maxDownloadBytes = 20 << 20 // by getFile
	maxBodyBytes     = maxUploadBytes + 4<<20
)

// args are the parameters of one call. As in Telegram's own server every value is text; objects are JSON text.
type args struct {
	values map[string]string
	files  map[string]upload
}

type upload struct {
	name, mime string
	data       []byte
}

var errBodyTooLarge = &apiError{Code: http.StatusRequestEntityTooLarge, Text: "Request Entity Too Large"}

// readArgs takes parameters from the query and from a JSON, urlencoded or multipart body; the body wins.
func readArgs(w http.ResponseWriter, r *http.Request) (args, *apiError) {
	a := args{values: map[string]string{}}
	if r.URL.RawQuery != "" {
		a.addForm(r.URL.Query())
	}
	if r.Body == nil || r.Method == http.MethodGet {
		return a, nil
	}
	if r.ContentLength > maxBodyBytes {
		return a, errBodyTooLarge
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return a, nil
	}
	switch kind {
	case "application/json":
		err = a.readJSON(r.Body)
	case "application/x-www-form-urlencoded":
		err = a.readForm(r.Body)
	case "multipart/form-data":
		err = a.readMultipart(multipart.NewReader(r.Body, params["boundary"]))
	}
	var tooLarge *http.MaxBytesError
	var refused *apiError
	switch {
	case errors.As(err, &refused):
		return a, refused
	case errors.As(err, &tooLarge):
		return a, errBodyTooLarge
	case err != nil:
		return a, badRequest("can't parse the request: %v", err)
	}
	return a, nil
}

func (a *args) addForm(v url.Values) {
	for key, values := range v {
		if len(values) > 0 {
			a.values[key] = values[0]
		}
	}
}

func (a *args) readForm(body io.Reader) error {
	b, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	v, err := url.ParseQuery(string(b))
	a.addForm(v)
	return err
}

func (a *args) readJSON(body io.Reader) error {
	b, err := io.ReadAll(body)
	if err != nil || len(b) == 0 {
		return err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(b, &object); err != nil {
		return badRequest("can't parse JSON object")
	}
	for key, raw := range object {
		switch {
		case string(raw) == "null":
		case raw[0] == '"':
			var text string
			if err := json.Unmarshal(raw, &text); err != nil {
				return err
			}
			a.values[key] = text
		default:
			a.values[key] = string(raw)
		}
	}
	return nil
}

func (a *args) readMultipart(m *multipart.Reader) error {
	for parts := 0; ; parts++ {
		part, err := m.NextPart()
		// A form without fields has no closing boundary either: some clients send an empty body.
		if err == io.EOF || parts == 0 && errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if part.FileName() == "" {
			a.values[part.FormName()] = string(data)
			continue
		}
		if len(data) > maxUploadBytes {
			return errBodyTooLarge
		}
		if a.files == nil {
			a.files = map[string]upload{}
		}
		a.files[part.FormName()] = upload{name: part.FileName(), mime: part.Header.Get("Content-Type"), data: data}
	}
}

func (a args) str(key string) string { return a.values[key] }

// num gives 0 for what isn't a whole number, as Telegram's server does.
func (a args) num(key string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(a.values[key]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (a args) float(key string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(a.values[key]), 64)
	return f, err == nil
}

func (a args) flag(key string) bool {
	switch strings.ToLower(a.values[key]) {
	case "true", "yes", "1":
		return true
	}
	return false
}

// decode reads a JSON parameter into dest; what names it in the refusal.
func (a args) decode(key, what string, dest any) (found bool, refused *apiError) {
	text := a.values[key]
	if text == "" {
		return false, nil
	}
	if err := json.Unmarshal([]byte(text), dest); err != nil {
		return true, badRequest("can't parse %s JSON object", what)
	}
	return true, nil
}
