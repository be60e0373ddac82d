// Command govorun is a chatbot-first CRM: bots that hold dialogs, and the deals they lead to, in one program.
//
// This folder is the front door: it reads settings, wires the rooms together in starting order (serve.go) and holds one
// file per command. Everything else lives in bots, dialogs and crm.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"govorun/cmd/govorun/chaos"

	_ "time/tzdata" // time zones on machines that have none
)

// Exit codes: what a script may tell apart.
const (
	exitOK      = 0
	exitTrouble = 1 // it ran and failed: the message says why and what to do
	exitUsage   = 2 // it was called wrongly
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() { // the second signal ends the program at once
		<-ctx.Done()
		stop()
	}()
	os.Exit(run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// stdio is where a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// run parses and runs one command and gives its exit code.
func run(ctx context.Context, args []string, io stdio) int {
	var c commands
	code := -1
	parser, err := kong.New(&c, kong.Name("govorun"), kong.Description(about), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}), kong.Writers(io.out, io.err), kong.Exit(func(n int) { code = n }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(io), kong.Vars{"data": defaultData(), "faults": strings.Join(chaos.Names(), ", ")})
	if err != nil {
		fmt.Fprintln(io.err, err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if code >= 0 { // --help
		return code
	}
	if err != nil {
		fmt.Fprintf(io.err, "govorun: %v\nTry: %s --help\n", err, helped(err))
		return exitUsage
	}
	if err := parsed.Run(&c.settings); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintf(io.err, "govorun: %v\n", err)
		return exitTrouble
	}
	return exitOK
}

// helped is the command whose arguments were wrong.
func helped(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context.Selected() != nil {
		return wrong.Context.Selected().FullPath()
	}
	return "govorun"
}

const about = `A chatbot-first CRM: Telegram and WhatsApp bots hold dialogs, every conversation lands in deals.

  govorun try                     the whole system in a browser, nothing needed
  govorun serve                   the real bot: GOVORUN_TELEGRAM_TOKEN=… govorun serve
  govorun doctor                  what is wrong with this setup, and the fix

Settings are environment variables; each is named in the help of the commands that use it.`

// commands are all commands with the settings they share.
type commands struct {
	settings `embed:""`

	Try      tryCommand      `cmd:"" help:"Run the whole system in a browser, with simulated phones."`
	Serve    serveCommand    `cmd:"" help:"Run the bot."`
	Check    checkCommand    `cmd:"" help:"Check a kit and report every mistake with file, line and column."`
	Graph    graphCommand    `cmd:"" help:"Draw the dialogs and pipelines of a kit."`
	Preview  previewCommand  `cmd:"" help:"Show what contacts are told on each stage."`
	Talk     talkCommand     `cmd:"" help:"Hold a dialog of a kit in the terminal."`
	Import   importCommand   `cmd:"" help:"Import machines, staff, contacts, balances or correspondence from a table."`
	Staff    staffCommand    `cmd:"" help:"List employees, invite them, dismiss them and take them back."`
	Slots    slotsCommand    `cmd:"" help:"Places of work: list, make, give to somebody."`
	Why      whyCommand      `cmd:"" help:"Tell the story of a deal: what was sent, held or skipped, and why."`
	Rules    rulesCommand    `cmd:"" help:"List the rules of the kit, and explain what they would do to a deal."`
	Report   reportCommand   `cmd:"" help:"Parked deals, refused duplicates, rating."`
	Sources  sourcesCommand  `cmd:"" help:"Where leads come from: codes of links, and what advertisements cost."`
	Contacts contactsCommand `cmd:"" help:"Merge contacts that are one person, and take merges back."`
	Acts     actsCommand     `cmd:"" help:"List acts of deletion: what was forgotten, and why."`
	Archive  archiveCommand  `cmd:"" help:"Months of messages and events: list, take out, bring back."`
	QR       qrCommand       `cmd:"" name:"qr" help:"Print signed QR stickers for machines."`
	Hooks    hooksCommand    `cmd:"" help:"What is told to addresses outside: what waits and failed, and try again."`
	Keys     keysCommand     `cmd:"" help:"Keys of sealed secrets and files: list, rotate."`
	Dead     deadCommand     `cmd:"" help:"List messages that could not be handled, and try them again."`
	Pair     pairCommand     `cmd:"" help:"Link a WhatsApp number, by a QR code or by a code to type on its phone."`
	Doctor   doctorCommand   `cmd:"" help:"Find what is wrong with this setup and say the fix."`
	Backup   backupCommand   `cmd:"" help:"Write one file with the database and all files, beside a running program too."`
	Restore  restoreCommand  `cmd:"" help:"Make the database and the files of a backup; yesterday is not sent again."`
	Token    tokenCommand    `cmd:"" help:"Check a bot's token before it is used: rotation."`
	Ready    readyCommand    `cmd:"" help:"Ask the running program whether it takes messages."`
	Operate  operateCommand  `cmd:"" help:"Print files for deployment: systemd, Docker, dashboard, alerts."`
	Bench    benchCommand    `cmd:"" help:"Measure this program on this machine."`
	Chaos    chaosCommand    `cmd:"" help:"Break everything while people talk, and compare what is promised with what they saw."`
}

// logger writes structured lines for machines and people; level is a word of slog.
func logger(w io.Writer, level string) *slog.Logger { return formatted(w, level, "text") }

// formatted is logger with lines of words or of JSON.
func formatted(w io.Writer, level, format string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l}))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l}))
}
