package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"govorun/bots"
)

// apiError is a refusal of the Bot API server.
type apiError struct {
	method      string
	code        int
	description string
	retryAfter  time.Duration
	migrateTo   int64
}

func (e *apiError) Error() string { return fmt.Sprintf("%s: %d %s", e.method, e.code, e.description) }

func (e *apiError) says(words string) bool {
	return strings.Contains(strings.ToLower(e.description), words)
}

// unknownMethod tells that the server is older than the method; a malformed token gets a 404 with other words.
func (e *apiError) unknownMethod() bool {
	return e.code == http.StatusNotFound && e.says("method not found")
}

// badCredentials tells that the token was revoked or mistyped.
func (e *apiError) badCredentials() bool {
	return e.code == http.StatusUnauthorized || e.code == http.StatusNotFound && e.description == "Not Found"
}

// webhookSet tells a poll that is refused because a webhook is registered from one refused because another copy polls.
func (e *apiError) webhookSet() bool {
	return e.code == http.StatusConflict && e.says("webhook")
}

// refused returns err as a refusal of the server, nil when it is something else.
func refused(err error) *apiError {
	var refusal *apiError
	if errors.As(err, &refusal) {
		return refusal
	}
	return nil
}

func (a envelope) refusal(method string, code int) *apiError {
	if a.ErrorCode != 0 {
		code = a.ErrorCode
	}
	return &apiError{
		method: method, code: code, description: bots.Shorten(a.Description, 200),
		retryAfter: pauseOf(a.Parameters.RetryAfter), migrateTo: a.Parameters.MigrateTo,
	}
}

// longestPause bounds what a server may ask for, in seconds: Telegram has been seen to ask for a day.
const longestPause = 7 * 24 * 60 * 60

func pauseOf(seconds int) time.Duration {
	return time.Duration(min(max(seconds, 0), longestPause)) * time.Second
}

// readRefusal decodes an answer other than 200. A gateway answers HTML: then the status must do.
func readRefusal(method string, resp *http.Response) *apiError {
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	var answer envelope
	if err := json.Unmarshal(raw, &answer); (err != nil && !isTypeError(err)) || answer.Description == "" {
		answer = envelope{Description: "(" + http.StatusText(resp.StatusCode) + ", not from the Bot API)"}
	}
	refusal := answer.refusal(method, resp.StatusCode)
	if refusal.retryAfter <= 0 {
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		refusal.retryAfter = pauseOf(seconds)
	}
	return refusal
}
