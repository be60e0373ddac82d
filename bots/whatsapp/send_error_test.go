package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"

	"govorun/bots"
	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
)

func TestW10_ARefusedReachOutIsTriedAgainOnlyForWhoWroteLately(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	refusal := fmt.Errorf("%w 463", whatsmeow.ErrServerReturnedError)
	for name, c := range map[string]struct {
		heard    time.Time
		attempts int
		policy   crm.Policy
	}{
		"never wrote":           {time.Time{}, 0, crm.GiveUp},
		"wrote days ago":        {now.Add(-72 * time.Hour), 0, crm.GiveUp},
		"wrote an hour ago":     {now.Add(-time.Hour), 0, crm.Retry},
		"wrote, second refusal": {now.Add(-time.Hour), 1, crm.GiveUp},
	} {
		channel := New(Config{Memory: &ledger{heard: c.heard}, Now: func() time.Time { return now }})
		got := channel.sendError(t.Context(), crm.Outbound{Attempts: c.attempts}, refusal)
		if got.Policy != c.policy || got.Reason != "reachout" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestEveryFailureHasItsPolicyAndNamesNobody(t *testing.T) {
	t.Parallel()
	channel := New(Config{Memory: &ledger{}})
	for _, c := range []struct {
		err    error
		policy crm.Policy
		reason string
	}{
		{whatsmeow.ErrMessageTimedOut, crm.Retry, "timeout"},
		{fmt.Errorf("device list: %w", whatsmeow.ErrIQTimedOut), crm.Retry, "timeout"},
		{context.DeadlineExceeded, crm.Retry, "timeout"},
		{fmt.Errorf("%w 429", whatsmeow.ErrServerReturnedError), crm.Wait, "slow_down"},
		{whatsmeow.ErrIQRateOverLimit, crm.Wait, "slow_down"},
		{fmt.Errorf("%w 500", whatsmeow.ErrServerReturnedError), crm.Retry, "server"},
		{fmt.Errorf("%w 479", whatsmeow.ErrServerReturnedError), crm.Retry, "server"},
		{uploaded(errors.New("upload failed with status code 503")), crm.Retry, "files"},
		{errors.New("failed to get device list of 77070000001@s.whatsapp.net"), crm.Retry, "server"},
		{&whatsmeow.DisconnectedError{Action: "message send"}, crm.Wait, "offline"}, // as its state says
		{uploaded(fmt.Errorf("failed to execute request: %w", &url.Error{Op: "Post", URL: "https://mmg.whatsapp.net/?auth=secret", Err: errors.New("no route")})), crm.Retry, "files"},
		{bots.GiveUp("empty", "x"), crm.GiveUp, "empty"},
	} {
		got := channel.sendError(t.Context(), crm.Outbound{}, c.err)
		if got.Policy != c.policy || got.Reason != c.reason {
			t.Errorf("%v: %v", c.err, got)
		}
		if strings.Contains(got.Error(), "7707") || strings.Contains(got.Error(), "secret") {
			t.Errorf("a number or a key is in %v", got)
		}
		if c.policy == crm.Wait && (!got.Global || got.After <= 0) {
			t.Errorf("%v: %+v", c.err, got)
		}
	}
	channel.states.set(State{Kind: Linked})
	if got := channel.sendError(t.Context(), crm.Outbound{}, whatsmeow.ErrNotConnected); got.Policy != crm.Wait || !got.Global || got.Reason != "offline" {
		t.Errorf("a connection that went away: %v", got)
	}
}

func TestW07_W09_W24_TheQueueWaitsWhileTheNumberCantSend(t *testing.T) {
	t.Parallel()
	r := newSendRig(t)
	out := r.row(crm.Outbound{Text: "patience"})
	must(t, r.server.FaultNextSend(r.dev, simulator.SendFault{NoAck: true}))
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := r.Send(short, out)
	if got := verdictOf(t, err); got.Policy != crm.Retry || got.Reason != "timeout" {
		t.Fatal(err)
	}
	until := time.Now().Add(24 * time.Hour)
	client := r.client.Swap(nil)
	for state, want := range map[State]crm.SendError{
		{Kind: Banned, Until: until}: {Policy: crm.Wait, Reason: "banned", Global: true},
		{Kind: LoggedOut}:            {Policy: crm.BadSetup, Reason: "whatsapp_logged_out"},
		{Kind: Connecting}:           {Policy: crm.Wait, Reason: "offline", Global: true},
	} {
		r.states.set(state)
		_, err := r.Send(t.Context(), out)
		got := verdictOf(t, err)
		if got.Policy != want.Policy || got.Reason != want.Reason || got.Global != want.Global {
			t.Errorf("%s: %v", state.Kind, err)
		}
		if state.Kind == Banned && time.Until(until)-got.After > time.Minute {
			t.Errorf("banned for a day, but the wait is %s", got.After)
		}
	}
	// linked again: the same row goes out under the id that it had, and stands there once
	r.client.Store(client)
	r.states.set(State{Kind: Linked})
	ref, err := r.Send(t.Context(), out)
	must(t, err)
	r.bubble(func(b simulator.Bubble) bool { return b.ID == ref && b.Copies == 2 })
	if n := len(r.ann.Screen(shop)); n != 1 {
		t.Errorf("%d messages on the phone", n)
	}
}
