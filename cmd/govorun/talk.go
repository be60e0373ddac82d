package main

import (
	"context"

	"govorun/dialogs"
)

type talkCommand struct {
	Kit    string `arg:"" help:"A folder with kit.yaml in it, or a built-in kit."`
	Dialog string `arg:"" optional:"" help:"Dialog to hold; the kit's home when empty."`
	Lang   string `help:"Language to hold it in; the kit's first when empty."`
}

// Help is shown by talk --help.
func (c *talkCommand) Help() string {
	return `Examples:
  govorun talk vending
  govorun talk vending report --lang en

Type answers as on a phone; :asset sets up a machine to talk about, :help lists what else may be sent (photos, waiting, another language).`
}

// Run holds the dialog without a database: effects are printed, nothing is stored.
func (c *talkCommand) Run(ctx context.Context, io stdio) error {
	kit, err := openKit(c.Kit)
	if err != nil {
		return err
	}
	return dialogs.Talk(ctx, kit, c.Dialog, c.Lang, io.in, io.out)
}
