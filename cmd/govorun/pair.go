package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"govorun/bots/whatsapp"
	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/stickers"
)

type pairCommand struct {
	whatsappSettings
	Name    string `placeholder:"NAME" help:"Name of a second number, small letters of Latin and digits; without it the first one."`
	Phone   string `placeholder:"NUMBER" help:"Show a code to type on this phone, instead of a QR code."`
	Text    bool   `help:"Print codes as plain text, for scripts."`
	Replace bool   `help:"Put the new link, of another number too, in the place of the one that is or was there."`
}

// Help is shown by pair --help.
func (c *pairCommand) Help() string {
	return `Examples:
  govorun pair
  govorun pair --phone +77011234567
  govorun pair --name second

On the phone: WhatsApp, Settings, Linked devices, Link a device. It works beside a running govorun serve, which takes the number over
within seconds, and without one. A number that was logged out is linked the same way; what waits goes out then. In a chat the same is /pair.`
}

// numberName is a name of a number, as /pair takes it in a chat too.
var numberName = regexp.MustCompile(`^[a-z0-9_-]{1,32}$`)

// takeOver is how long a running program has to find a number that was linked.
const takeOver = 8 * time.Second

// aloneWait is how long is waited for the right to log in, which a running program has.
const aloneWait = 3 * time.Second

// Run shows codes until the number is linked.
func (c *pairCommand) Run(ctx context.Context, s *settings, std stdio) error {
	server, err := c.server()
	if err != nil {
		return err
	}
	if c.Name != "" && !numberName.MatchString(c.Name) {
		return fmt.Errorf("%q is no name of a number: take up to 32 small letters of Latin, digits, - and _, such as second", c.Name)
	}
	db, err := openStore(ctx, s, std)
	if err != nil {
		return err
	}
	defer closeStore(db)
	tables, err := db.WhatsAppStore(ctx, whatsapp.Prepare)
	if err != nil {
		return err
	}
	defer tables.Close()
	config := linkConfig(db, tables, c.Name)
	config.Server, config.Log = server, logger(std.err, "warn")
	screen := &codeScreen{out: std.out, text: c.Text, live: isTerminal(std.out)}
	account, err := whatsapp.Link(ctx, config, whatsapp.LinkConfig{Phone: c.Phone, Replace: c.Replace, Tell: screen.show})
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "Linked: %s, as %s.\n", account.Phone, account.Channel)
	if takenOver(ctx, db, account) {
		fmt.Fprintln(std.out, "The running govorun serve has it: write to the number to try it.")
		return nil
	}
	alone, cancel := context.WithTimeout(ctx, aloneWait)
	defer cancel()
	_, release, err := db.Outbox().Lead(alone, account.Channel, func() {}) // nobody else logs in meanwhile
	if err != nil {
		fmt.Fprintln(std.out, "The running govorun serve will take it.")
		return nil
	}
	err = whatsapp.Greet(ctx, config)
	release(true)
	if err != nil {
		return fmt.Errorf("the number is linked, but its first login did not come about, and the phone may show the link as failed: start govorun serve now (%w)", err)
	}
	fmt.Fprintln(std.out, "Next: govorun serve. What people write until then waits at WhatsApp.")
	return nil
}

// linkConfig is what linking needs.
func linkConfig(db *postgres.DB, tables *sql.DB, name string) whatsapp.Config {
	return whatsapp.Config{Name: whatsapp.Account(name), Store: tables, Memory: db}
}

// takenOver waits for a program that serves to find the number.
func takenOver(ctx context.Context, db *postgres.DB, account crm.Account) bool {
	ctx, cancel := context.WithTimeout(ctx, takeOver)
	defer cancel()
	for ctx.Err() == nil {
		states, err := db.ChannelStates(ctx)
		for _, s := range states {
			kind := whatsapp.StateKind(s.State)
			if err == nil && s.Channel == account.Channel && (kind == whatsapp.Connecting || kind.Online()) && !s.Since.Before(account.LinkedAt) {
				return true
			}
		}
		sleep(ctx, 250*time.Millisecond)
	}
	return false
}

// codeScreen shows codes, each in place of the one before where that can be done.
type codeScreen struct {
	out   io.Writer
	text  bool // plain codes
	live  bool // a terminal, on which lines can be taken back
	lines int  // shown
}

func (c *codeScreen) show(step whatsapp.LinkStep) {
	if c.text {
		fmt.Fprintln(c.out, step.QR+step.Code)
		return
	}
	var b strings.Builder
	until := step.Until.Local().Format("15:04:05")
	switch {
	case step.Code != "":
		fmt.Fprintf(&b, "Type this code on the phone (WhatsApp, Settings, Linked devices, Link a device, Link with phone number):\n\n    %s\n\nIt is good until %s.\n", step.Code, until)
	default:
		if c.lines > 0 && !c.live {
			b.WriteString("The code above is good no more. The next one:\n")
		}
		if err := stickers.WriteTerminal(&b, step.QR); err != nil {
			fmt.Fprintf(&b, "%v: use --text or --phone\n", err)
		}
		fmt.Fprintf(&b, "Scan it with the phone (WhatsApp, Settings, Linked devices, Link a device). It is good until %s.\n", until)
	}
	if c.live && c.lines > 0 {
		fmt.Fprintf(c.out, "\x1b[%dA\x1b[J", c.lines)
	}
	c.lines = strings.Count(b.String(), "\n")
	fmt.Fprint(c.out, b.String())
}

// isTerminal tells whether somebody looks at what is written.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
