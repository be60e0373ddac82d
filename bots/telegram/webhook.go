package telegram

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// serve listens by webhook: it opens the door of Handler, registers the webhook in the background and waits for ctx.
func (c *Channel) serve(ctx context.Context, l listening) error {
	c.intake.open(l.work, l.inbox)
	defer c.intake.close()
	defer l.stop()
	if err := c.keepTrying(ctx, "set the webhook", c.register); err != nil {
		return err
	}
	if ctx.Err() == nil {
		c.states.set(Listening, "")
	}
	<-ctx.Done()
	return nil
}

func (c *Channel) register(ctx context.Context) error {
	_, err := c.Probe(ctx)
	if err == nil {
		err = c.SetWebhook(ctx)
	}
	if err != nil && !errors.Is(err, ErrBadCredentials) && ctx.Err() == nil {
		c.states.set(Offline, "the webhook is not registered yet: "+err.Error())
	}
	return err
}

// Handler receives what Telegram posts. It answers 200 only when the inbox has committed the update, or when the update is
// worth no row; 503 with Retry-After while the inbox can't store and while Run does not run, so that Telegram delivers
// it again. Bodies are never logged. The server that serves it should limit the time for headers (ReadHeaderTimeout).
func (c *Channel) Handler() http.Handler {
	var secret [sha256.Size]byte
	if c.config.Webhook != nil {
		secret = sha256.Sum256([]byte(c.config.Webhook.Secret))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			turnAway(w, http.StatusMethodNotAllowed)
			return
		}
		given := sha256.Sum256([]byte(r.Header.Get("X-Telegram-Bot-Api-Secret-Token")))
		// Hashes have equal lengths, so the time says nothing about the secret.
		if subtle.ConstantTimeCompare(given[:], secret[:]) != 1 || c.config.Webhook == nil {
			c.counts.unauthorized.Add(1)
			turnAway(w, http.StatusUnauthorized)
			return
		}
		c.receive(w, r)
	})
}

// turnAway answers without reading the body; closing the connection keeps the server from reading it for us.
func turnAway(w http.ResponseWriter, status int) {
	w.Header().Set("Connection", "close")
	w.WriteHeader(status)
}

func (c *Channel) receive(w http.ResponseWriter, r *http.Request) {
	work, inbox, open := c.intake.enter()
	if !open {
		comeBack(w)
		return
	}
	defer c.intake.inside.Done()

	update, status := c.readUpdate(w, r)
	if status != 0 {
		c.counts.malformed.Add(1)
		turnAway(w, status)
		return
	}
	c.counts.received.Add(1)
	if !update.store {
		c.acknowledge(update)
		return
	}
	place := c.lanes.enter(update.in.Address.Chat)
	defer place.leave()
	if place.wait(r.Context()) != nil {
		return // Telegram hung up and will deliver it again
	}
	if err := c.accept(work, inbox, update.in); err != nil {
		c.config.Log.Warn("update_not_accepted", "channel", c.config.Name, "error", err)
		if away(err) {
			c.states.set(StoreAway, "the database can't be reached; messages wait at Telegram")
			comeBack(w)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	c.states.set(Listening, "")
}

func comeBack(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "2")
	w.WriteHeader(http.StatusServiceUnavailable)
}

// readUpdate reads and decodes a body. Status is zero when it is an update.
func (c *Channel) readUpdate(w http.ResponseWriter, r *http.Request) (update decoded, status int) {
	if r.ContentLength > maxBody {
		return update, http.StatusRequestEntityTooLarge
	}
	if r.Header.Get("Content-Encoding") != "" {
		return update, http.StatusBadRequest
	}
	body := c.body()
	defer c.bodies.Put(body)

	// The deadline is of the connection: by the real clock, and lifted for the time that the inbox takes.
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(bodyTimeout)) // a recorder in a test has none
	_, err := body.ReadFrom(io.LimitReader(r.Body, maxBody+1))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return update, http.StatusRequestTimeout
	}
	if err != nil {
		return update, http.StatusBadRequest
	}
	if body.Len() > maxBody {
		return update, http.StatusRequestEntityTooLarge
	}
	_ = connection.SetReadDeadline(time.Time{})
	update, err = c.decode(body.Bytes())
	if err != nil {
		return update, http.StatusBadRequest
	}
	return update, 0
}

// body gives a buffer to read into; decoding copies what it keeps, so that the buffer can be used again.
func (c *Channel) body() *bytes.Buffer {
	if body, ok := c.bodies.Get().(*bytes.Buffer); ok && body.Cap() <= 64<<10 {
		body.Reset()
		return body
	}
	return bytes.NewBuffer(make([]byte, 0, 4<<10))
}
