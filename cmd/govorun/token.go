package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"govorun/bots/telegram"
	"govorun/crm/postgres"
)

type tokenCommand struct {
	telegramSettings
	Adopt bool `help:"Give the database to this bot although people have their talks with another one."`
}

// Help is shown by token --help.
func (c *tokenCommand) Help() string {
	return `Examples:
  GOVORUN_TELEGRAM_TOKEN=123:new govorun token

To rotate a token: @BotFather, /revoke, choose the bot; put the new token into the settings of govorun serve; check it by this command; restart. It is the
same bot, so talks and what waits to be sent go on. Between the revocation and the restart messages wait at Telegram. The token of another bot is
refused: nobody has pressed Start there. With --adopt it is taken nevertheless, and people must write to the new bot first.`
}

// Run asks Telegram whose token it is, and compares that with the database's bot.
func (c *tokenCommand) Run(ctx context.Context, s *settings, std stdio) error {
	c.read()
	if c.Token == "" {
		return errors.New("there is no token to check: set GOVORUN_TELEGRAM_TOKEN to what @BotFather gave")
	}
	channel, err := telegram.New(telegram.Config{Token: c.Token, API: c.API})
	if err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	me, err := channel.Probe(asking)
	if err != nil {
		return err
	}
	db, err := openStore(ctx, s, std)
	if err != nil {
		return err
	}
	defer closeStore(db)
	if err := ownBot(ctx, db, channel.Name(), c.Token, c.Adopt); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "The token is @%s's, whose database this is. Restart govorun serve with it.\n", me.Username)
	return nil
}

// botOf is the id of the bot that a token is of, which stands before the colon; empty for what is no usual token.
func botOf(token string) string {
	id, _, _ := strings.Cut(token, ":")
	if strings.Trim(id, "0123456789") != "" {
		return ""
	}
	return id
}

// ownBot refuses a token of another bot than the one that people have their talks with. A new token of the same bot has the same number.
func ownBot(ctx context.Context, db *postgres.DB, channel, token string, adopt bool) error {
	bot := botOf(token)
	if bot == "" {
		return nil
	}
	owner, err := db.OwnChannel(ctx, channel, bot, adopt)
	if err != nil || owner == bot {
		return err
	}
	return fmt.Errorf("the token is of bot %s, and the talks of this database are with bot %s, which alone can write to these people: set GOVORUN_TELEGRAM_TOKEN to a token of bot %[2]s, name another database, or run `govorun token --adopt` if people are to begin anew with the other bot", bot, owner)
}
