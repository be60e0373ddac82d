package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"govorun/bots"
	"govorun/crm"
)

// Codes with which WhatsApp refuses a message.
const (
	codeReachout = 463 // the number may not write first to people for a while
	codeTooMany  = 429
)

const (
	// slowDown is how long the number is silent after WhatsApp found it too fast.
	slowDown = time.Minute
	// offlinePause is when to try again after the connection went away during a send.
	offlinePause = 5 * time.Second
	// reachoutPause lies between the two tries to answer somebody who wrote lately.
	reachoutPause = 30 * time.Second
	// talked is how long after their last word somebody counts as one who writes to us.
	talked = 24 * time.Hour
)

func htmlText(text string) string { return html.EscapeString(text) }

// numbers are what could be a number of somebody.
var numbers = regexp.MustCompile(`\d{5,}`)

// scrubbed is what an error says, without the numbers that the library puts into its own, and without an address that was called: it lets whoever
// has it act for the number.
func scrubbed(err error) string {
	text := err.Error()
	if called := (*url.Error)(nil); errors.As(err, &called) {
		text = strings.ReplaceAll(text, called.Error(), called.Err.Error())
	}
	return numbers.ReplaceAllString(text, "…")
}

// sendError says what follows from a failed send.
func (c *Channel) sendError(ctx context.Context, out crm.Outbound, err error) *crm.SendError {
	var ready *crm.SendError
	if errors.As(err, &ready) {
		return ready
	}
	verdict := c.judge(ctx, out, err)
	verdict.Err = bots.Reason(scrubbed(err))
	return verdict
}

func (c *Channel) judge(ctx context.Context, out crm.Outbound, err error) *crm.SendError {
	var cut *whatsmeow.DisconnectedError
	switch {
	case errors.Is(err, whatsmeow.ErrMessageTimedOut), errors.Is(err, whatsmeow.ErrIQTimedOut), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &crm.SendError{Policy: crm.Retry, Reason: "timeout"} // it may have arrived: the next try has the same id
	case errors.As(err, &cut), errors.Is(err, whatsmeow.ErrNotConnected), errors.Is(err, whatsmeow.ErrNotLoggedIn):
		return c.cutOff()
	case errors.Is(err, whatsmeow.ErrServerReturnedError):
		return c.refused(ctx, out, codeOf(err))
	case errors.Is(err, whatsmeow.ErrIQRateOverLimit):
		return tooFast()
	case errors.Is(err, errNobody):
		return &crm.SendError{Policy: crm.Retry, Reason: "no_keys"}
	case strings.Contains(err.Error(), "no LID found for"):
		return c.unknown(ctx, out)
	case strings.Contains(err.Error(), uploadFailed):
		return &crm.SendError{Policy: crm.Retry, Reason: "files"}
	}
	return &crm.SendError{Policy: crm.Retry, Reason: "server"}
}

// cutOff is what follows when the connection went away under a send: what the state of the number asks for, or a moment's patience.
func (c *Channel) cutOff() *crm.SendError {
	var state *crm.SendError
	if _, err := c.linked(); errors.As(err, &state) {
		return &crm.SendError{Policy: state.Policy, Reason: state.Reason, After: state.After, Global: state.Global}
	}
	return &crm.SendError{Policy: crm.Wait, Reason: "offline", After: offlinePause, Global: true}
}

func tooFast() *crm.SendError {
	return &crm.SendError{Policy: crm.Wait, Reason: "slow_down", After: slowDown, Global: true}
}

// codeOf is the code at the end of WhatsApp's refusal.
func codeOf(err error) int {
	text := err.Error()
	code, _ := strconv.Atoi(text[strings.LastIndexByte(text, ' ')+1:])
	return code
}

// refused judges a refusal. Writing to strangers is what numbers get locked for: whoever did not write lately is not tried again.
func (c *Channel) refused(ctx context.Context, out crm.Outbound, code int) *crm.SendError {
	switch {
	case code == codeReachout:
		heard, err := c.config.HeardAt(ctx, out.Address)
		if err == nil && out.Attempts == 0 && c.config.Now().Sub(heard) < talked {
			return &crm.SendError{Policy: crm.Retry, Reason: "reachout", After: reachoutPause}
		}
		return &crm.SendError{Policy: crm.GiveUp, Reason: "reachout"}
	case code == codeTooMany:
		return tooFast()
	}
	return &crm.SendError{Policy: crm.Retry, Reason: "server"}
}

// unknown judges a number of which WhatsApp knows no address: it is asked outright before the person counts as unreachable.
func (c *Channel) unknown(ctx context.Context, out crm.Outbound) *crm.SendError {
	client, err := c.linked()
	jid, bad := types.ParseJID(out.Address.Chat)
	if err != nil || bad != nil {
		return &crm.SendError{Policy: crm.Retry, Reason: "server"}
	}
	answers, err := client.IsOnWhatsApp(ctx, []string{"+" + jid.User})
	if err != nil || len(answers) == 0 || answers[0].IsIn {
		return &crm.SendError{Policy: crm.Retry, Reason: "server"}
	}
	return &crm.SendError{Policy: crm.Blocked, Reason: "not_on_whatsapp"}
}

// uploadFailed marks errors of giving a file to WhatsApp.
const uploadFailed = "upload a file"

func uploaded(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(uploadFailed+": %w", err)
}
