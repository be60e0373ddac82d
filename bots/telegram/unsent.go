package telegram

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// unsent is the error of a send whose request was never handed to the network as a whole: Telegram has certainly not done it.
// After every other error that is no refusal it may have.
type unsent struct{ error }

func (e unsent) Unwrap() error { return e.error }

// reasonUnanswered is the reason of a failed send that Telegram may have done all the same. The outbox goes by this word: it marks
// the message as one that may come twice.
const reasonUnanswered = "timeout"

// withoutAnswer is the reason of a send that failed without a refusal.
func withoutAnswer(err error) string {
	var never unsent
	switch {
	case !errors.As(err, &never):
		return reasonUnanswered
	case errors.Is(err, context.Canceled):
		return "stopped"
	}
	return "network"
}

// watchWritten tells, of a request that failed, whether all of it was on its way: half a request is no request.
func watchWritten(req *http.Request) (written func() bool, watched *http.Request) {
	var whole atomic.Bool
	trace := httptrace.ClientTrace{WroteRequest: func(info httptrace.WroteRequestInfo) { whole.Store(info.Err == nil) }}
	return whole.Load, req.WithContext(httptrace.WithClientTrace(req.Context(), &trace))
}
