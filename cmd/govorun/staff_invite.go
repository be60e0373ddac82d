package main

import (
	"context"
	"fmt"

	"govorun/crm/passport"
	"govorun/crm/stickers"
	"govorun/dialogs/turn"
)

type staffInvite struct {
	telegramSettings
	Bot  string `env:"GOVORUN_BOT" placeholder:"NAME" help:"User name of the bot; without it Telegram is asked by the token."`
	Role string `arg:"" help:"The role, as the kit calls it in any language."`
	City string `help:"City of the new employee."`
	Crew string `help:"Crew of the new employee."`
	Name string `help:"Their name; without it that of their Telegram account."`
}

// Help is shown by staff invite --help.
func (c *staffInvite) Help() string {
	return `Examples:
  govorun staff invite manager --city Алматы --name "Айгуль Сапарова"
  govorun staff invite техник --crew Алматы-2

The link makes an employee of whoever opens it first, within 24 hours. In a chat the same is /invite.`
}

// Run prints the link and its QR code.
func (c *staffInvite) Run(ctx context.Context, s *settings, io stdio) error {
	c.read()
	bot, err := (&qrCommand{telegramSettings: c.telegramSettings, Bot: c.Bot}).bot(ctx)
	if err != nil {
		return err
	}
	runner, db, err := openActs(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	made, err := runner.InviteOutside(ctx, turn.InviteWanted{Role: c.Role, City: c.City, Crew: c.Crew, Name: c.Name})
	if err != nil {
		return err
	}
	link := passport.Link(bot, made.Payload)
	fmt.Fprintf(io.out, "%s\nFor one person, role %s, until %s. The code is the same link:\n\n", link, made.Role, made.Until.Local().Format("2006-01-02 15:04"))
	return stickers.WriteTerminal(io.out, link)
}
