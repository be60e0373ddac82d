package main

import (
	"context"
	"errors"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/turn"
)

// openActs opens database and kit for a command that does what an administrator does in a chat, beside a running program: what it
// writes for people is sent by that program, or by the next one. Nobody answers questions here, so it needs no key of secrets.
func openActs(ctx context.Context, s *settings, io stdio) (*turn.Runner, *postgres.DB, error) {
	kit, err := openKit(s.Kit)
	if err != nil {
		return nil, nil, err
	}
	db, err := openStore(ctx, s, io)
	if err != nil {
		return nil, nil, err
	}
	unsigned := func(string) (crm.AssetID, int, error) { return 0, 0, errors.New("no codes are read here") }
	return turn.New(turn.Config{DB: db, Kit: kit, Log: logger(io.err, "warn"), Verify: unsigned, Nonce: nonce, Groups: 1,
		Capabilities: func(string) dialogs.Capabilities { return dialogs.Capabilities{Buttons: true, Contact: true} }}), db, nil
}
