package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"govorun/crm"
	"govorun/crm/seal"
	"govorun/dialogs"
	"govorun/dialogs/slot"
)

// maxFormKey is how long the key may be under which a site sends a form again.
const maxFormKey = 200

// leadAnswer is what a site gets: the number of the deal, and fields that the form doesn't know.
type leadAnswer struct {
	Number  crm.DealID `json:"number,omitempty"`
	Ignored []string   `json:"ignored,omitempty"`
}

// preflight tells a browser whether a page of this site may send the form.
func (a *api) preflight(w http.ResponseWriter, r *http.Request) {
	f := a.kit.Form(r.PathValue("form"))
	if f == nil || !shared(w, r, f) {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	w.Header().Set("Access-Control-Allow-Methods", "POST")
	w.Header().Set("Access-Control-Allow-Headers", "Content-Type, X-Api-Key, Idempotency-Key")
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

// shared lets pages of the form's sites read the answer; false when the page is of another site.
func shared(w http.ResponseWriter, r *http.Request, f *dialogs.Form) bool {
	origin := r.Header.Get("Origin")
	w.Header().Add("Vary", "Origin")
	if origin == "" { // a server
		return true
	}
	if !slices.Contains(f.Origins, origin) {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	return true
}

// leads takes a web form.
func (a *api) leads(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("form")
	f := a.kit.Form(name)
	if r.Header.Get("Origin") != "" && (f == nil || !shared(w, r, f)) {
		refuse(w, refusal{http.StatusForbidden, "Pages of this site may not send the form: add it to “origins” in intake.yaml."})
		return
	}
	if err := a.admit(r, name); err != nil { // first the key: without it nobody learns which forms there are
		refuse(w, err)
		return
	}
	if f == nil {
		refuse(w, refusal{http.StatusNotFound, "The kit has no form “" + name + "”: add it to intake.yaml."})
		return
	}
	typed, err := fields(w, r)
	if err != nil {
		refuse(w, err)
		return
	}
	a.take(w, r, f, typed)
}

// take takes the answers of a form.
func (a *api) take(w http.ResponseWriter, r *http.Request, f *dialogs.Form, typed map[string]string) {
	lang := a.kit.Texts.Match(either(typed["lang"], r.Header.Get("Accept-Language")))
	delete(typed, "lang")
	for name, text := range typed {
		typed[name], _ = slot.MaskAccounts(seal.Clean(text))
	}
	values, problems, ignored := a.kit.Read(f, typed, lang, a.now().In(a.kit.Zone))
	if len(problems) > 0 {
		answer(w, http.StatusUnprocessableEntity, map[string]any{"error": "Some answers can't be taken.", "problems": problems})
		return
	}
	for _, name := range ignored {
		delete(typed, name)
	}
	in, err := a.inbound(r, f, typed, lang)
	if err != nil {
		refuse(w, err)
		return
	}
	in.Text = a.kit.Summary(f, values, a.now().In(a.kit.Zone))
	if phone := f.PhoneOf(values); phone != "" {
		in.Address.Chat, in.From.ID = phone, phone
	}
	before, err := a.lead(r.Context(), f.Name, in.Form.Key)
	if errors.Is(err, crm.ErrNotFound) {
		if _, err = a.accept(r.Context(), in); err == nil {
			before, err = a.lead(r.Context(), f.Name, in.Form.Key)
		}
	}
	switch {
	case errors.Is(err, crm.ErrNotFound): // put aside, to be looked at by people: it is kept
		answer(w, http.StatusAccepted, leadAnswer{Ignored: ignored})
	case err != nil:
		refuse(w, failed(err))
	case before.Digest != in.Form.Digest:
		refuse(w, refusal{http.StatusConflict, "Another form came under this Idempotency-Key: give each its own."})
	default:
		answer(w, http.StatusOK, leadAnswer{Number: before.Deal, Ignored: ignored})
	}
}

// inbound is a form as it goes through the turn. Without a key of its site the same answers count once a day.
func (a *api) inbound(r *http.Request, f *dialogs.Form, typed map[string]string, lang string) (crm.Inbound, error) {
	written, err := json.Marshal(typed)
	if err != nil {
		return crm.Inbound{}, err
	}
	sum := sha256.Sum256(written)
	digest := hex.EncodeToString(sum[:])
	key := r.Header.Get("Idempotency-Key")
	switch {
	case len(key) > maxFormKey || strings.ContainsFunc(key, func(c rune) bool { return c > unicode.MaxASCII || !unicode.IsPrint(c) }):
		return crm.Inbound{}, refusal{http.StatusBadRequest, "The Idempotency-Key has up to 200 plain letters, digits and signs: send such as a UUID."}
	case key == "":
		key = "auto:" + a.now().In(a.kit.Zone).Format(time.DateOnly) + ":" + digest[:32]
	}
	chat := "key:" + digest[:32]
	return crm.Inbound{
		Address: crm.Address{Channel: "form:" + f.Name, Chat: chat}, From: crm.Person{ID: chat, Lang: lang},
		Key: "f:" + key, Kind: crm.InForm, SentAt: a.now(),
		Form: &crm.FormSent{Name: f.Name, Values: typed, Key: key, Digest: digest, Lang: lang},
	}, nil
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
