package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/turn"
)

// maxBody is the most that a form or a call may have.
const maxBody = 64 << 10

// api takes web forms and telephone calls over HTTP. What it answers with 2xx is committed.
type api struct {
	kit    *dialogs.Kit
	keys   apiKeys
	accept func(context.Context, crm.Inbound) (turn.Receipt, error)
	lead   func(ctx context.Context, form, key string) (postgres.FormLead, error)
	next   func(ctx context.Context, roles []string, caller string, open bool) (postgres.Callee, error)
	now    func() time.Time
	limits *limiter
}

// newAPI makes the API of a running system.
func newAPI(y *system, keys apiKeys) *api {
	return &api{kit: y.kit, keys: keys, accept: y.runner.Accept, lead: y.db.FormLead, next: y.db.NextCallee, now: time.Now, limits: newLimiter(time.Now)}
}

// routes adds the addresses of the API. Without keys there are none: nobody could use them.
func (a *api) routes(mux *http.ServeMux) {
	if len(a.keys) == 0 {
		return
	}
	mux.HandleFunc("POST /api/leads/{form}", a.leads)
	mux.HandleFunc("OPTIONS /api/leads/{form}", a.preflight)
	mux.HandleFunc("POST /api/calls", a.calls)
}

// refusal is an answer that takes nothing.
type refusal struct {
	status int
	what   string
}

func (r refusal) Error() string { return r.what }

// answer writes JSON.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// refuse answers an error: what is wrong and what to do.
func refuse(w http.ResponseWriter, err error) {
	var r refusal
	if !errors.As(err, &r) {
		r = refusal{http.StatusServiceUnavailable, "This can't be taken just now: send it again, with the same key."}
	}
	if r.status == http.StatusServiceUnavailable || r.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "5")
	}
	answer(w, r.status, map[string]string{"error": r.what})
}

// admit lets in who doesn't ask too often and has the key for a purpose.
func (a *api) admit(r *http.Request, purpose string) error {
	for name := range r.URL.Query() {
		if strings.Contains(strings.ToLower(name), "key") || strings.EqualFold(name, "token") {
			return refusal{http.StatusBadRequest, "A key does not belong into an address, where logs keep it: send it as the header X-Api-Key."}
		}
	}
	if !a.limits.allow(caller(r)) {
		return refusal{http.StatusTooManyRequests, "Too many requests: wait a little."}
	}
	given := r.Header.Get("X-Api-Key")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && given == "" {
		given = bearer
	}
	if !a.keys.match(purpose, given) {
		return refusal{http.StatusUnauthorized, "The key in the header X-Api-Key is not the one of “" + purpose + "”: see GOVORUN_API_KEYS."}
	}
	return nil
}

// fields reads a JSON object or a form of texts.
func fields(w http.ResponseWriter, r *http.Request) (map[string]string, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" && kind != "application/x-www-form-urlencoded" {
		return nil, refusal{http.StatusUnsupportedMediaType, "Send application/json or application/x-www-form-urlencoded."}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is over %d KB: send less.", maxBody>>10)}
	}
	if err != nil {
		return nil, refusal{http.StatusBadRequest, "The body could not be read to its end: send it again."}
	}
	if kind == "application/json" {
		return plainFields(body)
	}
	typed, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, refusal{http.StatusBadRequest, "The body is no form: encode it as application/x-www-form-urlencoded."}
	}
	values := map[string]string{}
	for name := range typed {
		values[name] = storable(typed.Get(name))
	}
	return values, nil
}

// plainFields reads an object of texts, numbers and truths.
func plainFields(body []byte) (map[string]string, error) {
	var given map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber() // 87071234567 stays what it is
	if err := decoder.Decode(&given); err != nil || decoder.Decode(new(any)) != io.EOF {
		return nil, refusal{http.StatusBadRequest, "The body is no JSON object: send one, such as {\"phone\": \"+77071234567\"}."}
	}
	values := map[string]string{}
	for name, value := range given {
		switch v := value.(type) {
		case string:
			values[name] = storable(v)
		case json.Number:
			values[name] = v.String()
		case bool:
			values[name] = strconv.FormatBool(v)
		case nil:
		default:
			return nil, refusal{http.StatusBadRequest, "“" + name + "” is a list or an object: send a text."}
		}
	}
	return values, nil
}

// failed tells what to answer when a turn didn't come about.
func failed(err error) error {
	if errors.Is(err, crm.ErrUnavailable) {
		return refusal{http.StatusServiceUnavailable, "This can't be taken just now: send it again, with the same key."}
	}
	return err
}

// storable is a text as the database takes it: valid, without zero bytes.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}
