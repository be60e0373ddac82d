package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"govorun/bots/telegram"
	"govorun/crm"
	"govorun/crm/passport"
	"govorun/crm/postgres"
	"govorun/crm/stickers"
)

type qrCommand struct {
	telegramSettings
	Bot        string   `env:"GOVORUN_BOT" placeholder:"NAME" help:"User name of the bot; without it Telegram is asked by the token."`
	Kind       string   `default:"machine" help:"Kind of things to print for."`
	City       []string `help:"Only machines of these cities." placeholder:"CITY"`
	Code       []string `name:"number" help:"Only these machines." placeholder:"NUMBER"`
	Layout     string   `default:"3x8" help:"Stickers on a page: columns x rows."`
	Lang       []string `default:"ru,en" help:"Languages of the line that invites."`
	WhatsApp   string   `name:"whatsapp" placeholder:"PHONE" help:"A second code beside Telegram's that opens WhatsApp with this number; the linked one by itself, - for none."`
	Prefix     string   `default:"m" help:"Link word of the dialog that the code opens."`
	Out        string   `short:"o" default:"stickers.pdf" help:"File to write: .pdf for sheets, or a folder for single PNGs."`
	Links      bool     `help:"Print the links instead of drawing them."`
	RotateKey  bool     `help:"Sign with a new key from now on; stickers on machines stay good until --retire-keys."`
	RetireKeys bool     `help:"Make all stickers worthless that were signed by older keys."`
	Reissue    bool     `help:"With --number: make the stickers on these machines worthless and print new ones."`
}

// Help is shown by qr --help.
func (c *qrCommand) Help() string {
	return `Examples:
  govorun qr --bot vending_bot                      all machines, 24 stickers a page
  govorun qr --bot vending_bot --city Алматы --layout 2x4 -o almaty.pdf
  govorun qr --bot vending_bot --number 214 -o ./png/
  govorun qr --bot vending_bot --whatsapp +77071234567   two codes on each sticker, Telegram and WhatsApp
  govorun qr --bot vending_bot --number 214 --reissue   the old sticker was stolen`
}

// Run prints stickers for the machines that fit.
func (c *qrCommand) Run(ctx context.Context, s *settings, io stdio) error {
	c.read()
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	if err := c.keys(ctx, db, io); err != nil || c.RetireKeys {
		return err
	}
	bot, err := c.bot(ctx)
	if err != nil {
		return err
	}
	phone, err := c.phone(ctx, db)
	if err != nil {
		return err
	}
	assets, err := c.assets(ctx, db)
	if err != nil {
		return err
	}
	signer, err := newSigner(ctx, db)
	if err != nil {
		return err
	}
	list := make([]stickers.Sticker, len(assets))
	for i, a := range assets {
		list[i] = stickers.Sticker{Link: passport.TelegramLink(bot, c.Prefix, signer.sign(a)), Number: a.Code,
			Place: strings.TrimPrefix(a.City+", "+a.Address, ", "), Calls: c.calls()}
		if phone != "" {
			list[i].WhatsApp = passport.WhatsAppLink(phone, c.Prefix, signer.sign(a))
		}
	}
	if c.Links {
		for i, a := range assets {
			fmt.Fprintln(io.out, strings.TrimSuffix(strings.Join([]string{a.Code, list[i].Link, list[i].WhatsApp}, "\t"), "\t"))
		}
		return nil
	}
	return c.write(list, io)
}

func (c *qrCommand) keys(ctx context.Context, db *postgres.DB, io stdio) error {
	if c.RotateKey {
		if _, err := db.RotateQRKey(ctx, rand.Reader); err != nil {
			return err
		}
		fmt.Fprintln(io.err, "A new key signs from now on; running programs take it up within a minute.")
	}
	if c.RetireKeys {
		n, err := db.RetireQRKeys(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(io.err, "%d older keys retired: stickers signed by them are worthless within a minute. Print new ones.\n", n)
	}
	return nil
}

// bot is the user name for the links.
func (c *qrCommand) bot(ctx context.Context) (string, error) {
	if c.Bot != "" {
		return strings.TrimPrefix(c.Bot, "@"), nil
	}
	if c.Token == "" {
		return "", errors.New("the links need the bot's user name: give --bot NAME, or GOVORUN_TELEGRAM_TOKEN so that Telegram can be asked")
	}
	channel, err := telegram.New(telegram.Config{Token: c.Token, API: c.API})
	if err != nil {
		return "", err
	}
	me, err := channel.Probe(ctx)
	return me.Username, err
}

// phone is the number for the links of WhatsApp: the one that was asked for, else the first that is linked; empty when there is none.
func (c *qrCommand) phone(ctx context.Context, db *postgres.DB) (string, error) {
	switch digits := strings.Trim(c.WhatsApp, "+0123456789 -()"); {
	case c.WhatsApp == "-":
		return "", nil
	case c.WhatsApp != "" && (digits != "" || len(c.WhatsApp) < 8):
		return "", fmt.Errorf("--whatsapp %s is no phone number: write such as +77071234567", c.WhatsApp)
	case c.WhatsApp != "":
		return c.WhatsApp, nil
	}
	accounts, err := db.Accounts(ctx)
	for _, a := range accounts {
		if a.Device != "" && a.Phone != "" {
			return a.Phone, err
		}
	}
	return "", err
}

func (c *qrCommand) assets(ctx context.Context, db *postgres.DB) ([]crm.Asset, error) {
	if c.Reissue {
		if len(c.Code) == 0 {
			return nil, errors.New("--reissue needs --number: name the machines whose stickers are to become worthless")
		}
		for _, code := range c.Code {
			if _, err := db.RotateSticker(ctx, c.Kind, code); err != nil {
				return nil, err
			}
		}
	}
	assets, err := db.ListAssets(ctx, postgres.AssetFilter{Kind: c.Kind, Cities: c.City, Codes: c.Code})
	if err == nil && len(assets) == 0 {
		return nil, errors.New("no machine fits: import them by `govorun import machines FILE`, or ask for another city or number")
	}
	return assets, err
}

func (c *qrCommand) calls() []string {
	var calls []string
	for _, lang := range c.Lang {
		if call, ok := stickers.Call(lang); ok {
			calls = append(calls, call)
		}
	}
	return calls
}

// write makes one PDF, or a PNG for each machine when the place is a folder.
func (c *qrCommand) write(list []stickers.Sticker, io stdio) error {
	if !strings.EqualFold(filepath.Ext(c.Out), ".pdf") {
		return c.writePictures(list, io)
	}
	layout, err := stickers.ParseLayout(c.Layout)
	if err != nil {
		return err
	}
	file, err := os.Create(c.Out)
	if err != nil {
		return fmt.Errorf("write stickers: %w", err)
	}
	err = errors.Join(stickers.WritePDF(file, list, stickers.Sheet{Layout: layout, Title: "QR", MadeAt: time.Now()}), file.Close())
	if err == nil {
		fmt.Fprintf(io.out, "stickers in %s: %d\n", c.Out, len(list))
	}
	return err
}

func (c *qrCommand) writePictures(list []stickers.Sticker, io stdio) error {
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return fmt.Errorf("write stickers: %w", err)
	}
	for i, sticker := range list {
		// The number is for people and may hold a slash; the place in the list keeps names apart.
		name := fmt.Sprintf("%04d_%s.png", i+1, strings.Map(func(r rune) rune {
			if r == '/' || r == '\\' || r < ' ' || r == ':' {
				return '_'
			}
			return r
		}, sticker.Number))
		file, err := os.Create(filepath.Join(c.Out, name))
		if err != nil {
			return fmt.Errorf("write sticker of machine %s: %w", sticker.Number, err)
		}
		if err := errors.Join(stickers.WritePNG(file, sticker), file.Close()); err != nil {
			return err
		}
	}
	fmt.Fprintf(io.out, "stickers in %s: %d\n", c.Out, len(list))
	return nil
}
