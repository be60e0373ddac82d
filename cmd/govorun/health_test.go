package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"govorun/bots"
	"govorun/bots/simulator"
	"govorun/bots/telegram"
	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

// awayInbox is one whose database is away.
type awayInbox struct{}

func (awayInbox) Accept(context.Context, crm.Inbound) (bots.Receipt, error) {
	return bots.Receipt{}, fmt.Errorf("store: %w", crm.ErrUnavailable)
}

func TestT06_AfterAnOutageAWebhookIsReadyBeforeAMessageComesForNoBalancerWouldSendOne(t *testing.T) {
	t.Parallel()
	_, api := simulate(t, simulator.Options{Token: testToken}, nil)
	y := &system{db: openStored(t, pgtest.DSN(t)), webhook: &telegram.WebhookConfig{URL: "http://127.0.0.1:1/telegram", Secret: testSecret}}
	var err error
	y.telegram, err = telegram.New(telegram.Config{Token: testToken, API: api, Webhook: y.webhook})
	well(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- y.telegram.Run(ctx, awayInbox{}) }()
	defer func() { stop(); well(t, <-ended) }()
	is := func(kind telegram.StateKind) {
		t.Helper()
		until(t, "the bot is "+string(kind), func() bool { return y.telegram.State().Kind == kind })
	}
	is(telegram.Listening)
	post := httptest.NewRequest("POST", "/telegram", strings.NewReader(written(1, 1, 101, "слово")))
	post.Header.Set("X-Telegram-Bot-Api-Secret-Token", testSecret)
	answer := httptest.NewRecorder()
	y.telegram.Handler().ServeHTTP(answer, post)
	if answer.Code != 503 {
		t.Errorf("a message that can't be stored is answered %d", answer.Code)
	}
	is(telegram.StoreAway)
	if why := y.unready(ctx); why != "" {
		t.Errorf("the database is back, and it takes no messages: %s", why)
	}
}
