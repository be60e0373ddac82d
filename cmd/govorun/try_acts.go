package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/passport"
	"govorun/crm/stickers"
)

var errOrder = errors.New("the worker can be told to start, stop, restart or kill")

// serveWorker stops and starts the product: {"do":"restart"}, "stop", "start", "kill" (and start again).
func (t *trial) serveWorker(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Do string `json:"do"`
	}
	if !readJSON(w, r, &order) {
		return
	}
	switch order.Do {
	case "start":
	case "stop", "restart":
		t.worker.stop()
	case "kill":
		t.worker.kill()
	default:
		refuseJSON(w, http.StatusBadRequest, errOrder)
		return
	}
	t.traces.tell("worker", t.worker.state())
	if order.Do != "stop" {
		if err := t.worker.start(); err != nil {
			refuseJSON(w, http.StatusServiceUnavailable, err)
			return
		}
	}
	t.traces.tell("worker", t.worker.state())
	writeJSON(w, t.worker.state())
}

// longestOutage bounds an outage that a page asks for.
const longestOutage = 10 * time.Minute

// serveDatabase takes the database away: {"away_seconds":10}.
func (t *trial) serveDatabase(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Away float64 `json:"away_seconds"`
	}
	if !readJSON(w, r, &order) {
		return
	}
	d := time.Duration(order.Away * float64(time.Second))
	if d <= 0 || d > longestOutage {
		refuseJSON(w, http.StatusBadRequest, errors.New("say how many seconds, up to 600"))
		return
	}
	told := func() {
		var s databaseState
		s.Up, s.Until = t.base.state()
		t.traces.tell("database", s)
	}
	if !t.base.away(d, told) {
		refuseJSON(w, http.StatusConflict, errors.New("the database is away already"))
		return
	}
	writeJSON(w, map[string]bool{"ok": true})
}

// serveMachines finds machines by number, city or address.
func (t *trial) serveMachines(w http.ResponseWriter, r *http.Request) {
	list, err := t.db.Board().Machines(r.Context(), "machine", strings.TrimSpace(r.URL.Query().Get("q")), 12)
	if err != nil {
		t.refuse(w, err)
		return
	}
	writeJSON(w, list)
}

// sticker makes what is glued to a machine: payload is what a scan hands to the bot.
func (t *trial) sticker(ctx context.Context, code string) (asset crm.Asset, link, payload string, err error) {
	asset, err = t.db.AssetByCode(ctx, "machine", code)
	if err != nil {
		return asset, "", "", err
	}
	link = passport.TelegramLink(botName, machineLink, t.signer.sign(asset))
	_, payload, _ = strings.Cut(link, "?start=")
	return asset, link, payload, nil
}

func (t *trial) serveMachine(w http.ResponseWriter, r *http.Request) {
	asset, link, payload, err := t.sticker(r.Context(), r.PathValue("code"))
	if err != nil {
		t.refuse(w, err)
		return
	}
	writeJSON(w, map[string]string{"code": asset.Code, "name": asset.Name, "city": asset.City, "address": asset.Address, "link": link, "payload": payload})
}

func (t *trial) serveQR(w http.ResponseWriter, r *http.Request) {
	asset, link, _, err := t.sticker(r.Context(), r.PathValue("code"))
	if err != nil {
		t.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "no-store")
	_ = stickers.WritePNG(w, stickers.For(asset, link, t.names.kit.Languages...)) // the client is gone when this fails
}

func (t *trial) refuse(w http.ResponseWriter, err error) {
	code := http.StatusInternalServerError
	switch {
	case errors.Is(err, crm.ErrNotFound):
		code, err = http.StatusNotFound, errors.New("there is no such machine")
	case errors.Is(err, crm.ErrUnavailable):
		code, err = http.StatusServiceUnavailable, errors.New("the database does not answer at the moment")
	}
	refuseJSON(w, code, err)
}

// readJSON reads a small body strictly: a misspelt field is an error.
func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		refuseJSON(w, http.StatusBadRequest, err)
		return false
	}
	return true
}
