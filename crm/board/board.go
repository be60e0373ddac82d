// Package board serves the CRM to a page: deals, contacts, conversations, and what each message did, as JSON, read-only.
//
// It knows the store's rows and the names that people read; it decides nothing and writes nothing. It has no sign-in of its
// own: whoever mounts it says who may reach it (the simulator mounts it on loopback, guarded by host and origin).
//
//	GET /board/deals?lang=ru[&before=id]               the newest deals
//	GET /board/deals/{id}?lang=ru                      one deal: fields, timeline, files
//	GET /board/contacts[?before=id]                    the newest contacts
//	GET /board/conversation?channel=telegram&chat=1001 the session, its timer, the newest messages
//	GET /board/message?channel=…&chat=…&dir=in|out&ref=17   what a message did, by the provider's id
//	GET /board/turns/{message id}?lang=ru              what the turn of an inbound message wrote
//	GET /board/files/{id}                              the bytes of a stored file
package board

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/seal"
)

// Names turns the kit's words into what people read in a language; a word without a name stays as it is.
type Names interface {
	Pipeline(lang, pipeline string) string
	Stage(lang, pipeline, stage string) string
	Role(lang, role string) string
}

// Config says what a board shows. All fields are required but When.
type Config struct {
	DB    *postgres.DB
	Names Names
	// Open gives the bytes of a stored file by its SHA-256 in hex.
	Open func(hash string) (io.ReadSeekCloser, error)
	Log  *slog.Logger
	// When gives the time to show for a moment of the database's clock; nil shows that. A simulation runs ahead of it.
	When func(time.Time) time.Time
}

// pageSize is how many rows a list has.
const pageSize = 50

type board struct {
	Config
	rows rows
}

// New gives the handler of everything below /board/.
func New(c Config) http.Handler {
	b := &board{Config: c, rows: rows{Board: c.DB.Board(), when: c.When}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /board/deals", b.answer(b.deals))
	mux.HandleFunc("GET /board/deals/{id}", b.answer(b.deal))
	mux.HandleFunc("GET /board/contacts", b.answer(b.contacts))
	mux.HandleFunc("GET /board/conversation", b.answer(b.conversation))
	mux.HandleFunc("GET /board/message", b.answer(b.message))
	mux.HandleFunc("GET /board/turns/{id}", b.answer(b.turn))
	mux.HandleFunc("GET /board/files/{id}", b.file)
	return mux
}

// answer writes what f gives as JSON. People never see the inside of an error.
func (b *board) answer(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		result, err := f(r)
		if err != nil {
			b.refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		text, err := json.Marshal(result)
		if err != nil {
			b.refuse(w, r, err)
			return
		}
		_, _ = io.WriteString(w, seal.Masked(string(text))) // the client is gone when this fails
	}
}

func (b *board) refuse(w http.ResponseWriter, r *http.Request, err error) {
	code, text := http.StatusInternalServerError, "the CRM could not answer: its log says why"
	switch {
	case errors.Is(err, crm.ErrNotFound):
		code, text = http.StatusNotFound, "there is no such thing"
	case errors.Is(err, errNumber):
		code, text = http.StatusBadRequest, err.Error()
	case postgres.Away(err):
		code, text = http.StatusServiceUnavailable, "the database does not answer at the moment"
	case r.Context().Err() != nil:
		return
	default:
		b.Log.Error("board", "path", r.URL.Path, "err", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text})
}

var errNumber = errors.New("an id is a number above zero")

// id reads a number of the path.
func id(r *http.Request) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || n <= 0 {
		return 0, errNumber
	}
	return n, nil
}

// before reads where a page of a list begins; nonsense is the beginning.
func before(r *http.Request) int64 {
	n, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	return max(n, 0)
}

func (b *board) contacts(r *http.Request) (any, error) {
	list, err := b.rows.Contacts(r.Context(), crm.ContactID(before(r)), pageSize)
	return orEmpty(list), err
}

// orEmpty makes a list that is empty an empty list of JSON, not null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
