package bench

import (
	"context"
	"net/http"
	"time"

	"govorun/bots"
	"govorun/bots/telegram"
	"govorun/crm"
)

// null is the floor without a database: the product's own webhook and sending, with nothing in between.
type null struct {
	driver *driver
	stop   func()
}

// echo answers whatever comes in by one call.
type echo struct{ channel *telegram.Channel }

// Accept sends and is done.
func (e echo) Accept(ctx context.Context, in crm.Inbound) (bots.Receipt, error) {
	_, err := e.channel.Send(ctx, crm.Outbound{Kind: crm.OutMessage, Address: in.Address, Text: "Which city are you in?",
		Buttons: [][]crm.Button{{{Text: "⬅️ Back", Data: "ABCDEF:back"}}}})
	return bots.Receipt{Fresh: true}, err
}

// startNull runs it in this process.
func startNull(ctx context.Context) (*null, error) {
	api, address, err := startStubFor()
	if err != nil {
		return nil, err
	}
	channel, err := telegram.New(telegram.Config{Token: token, API: api.URL, Webhook: &telegram.WebhookConfig{Secret: hookSecret}})
	if err != nil {
		api.close()
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+hookPath, channel.Handler())
	server := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	running, end := context.WithCancel(ctx)
	ended := make(chan struct{})
	go server.ListenAndServe()
	go func() { defer close(ended); channel.Run(running, echo{channel}) }()
	n := &null{driver: newDriver(api, hook{address: address, path: hookPath, secret: hookSecret}),
		stop: func() { end(); <-ended; server.Close(); api.close() }}
	for step := range steps {
		n.driver.answers[step] = 1
	}
	return n, nil
}
