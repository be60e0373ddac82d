package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"govorun/cmd/govorun/bench"
)

type benchCommand struct {
	All       benchAll       `cmd:"" help:"Everything below in one run, in rounds, with its aims: a table in Markdown and the raw values."`
	Turns     benchTurns     `cmd:"" help:"Turns a second: simulated chats hold dialogs, beside what the parts alone could do."`
	Cold      benchCold      `cmd:"" help:"Time from the start of the process to its first answer."`
	Open      benchOpen      `cmd:"" help:"Memory of the program before and after many dialogs were left open."`
	Outbox    benchOutbox    `cmd:"" help:"How fast waiting messages are sent, without limits or under strict ones."`
	Rules     benchRules     `cmd:"" help:"Rules, timers and distribution in a base of a million deals."`
	Broadcast benchBroadcast `cmd:"" help:"What a broadcast to many people costs those who are talking."`
	Knowledge benchKnowledge `cmd:"" help:"Answers of the knowledge base to questions with mistakes, among thousands."`
	Filters   benchFilters   `cmd:"" help:"Lists and searches of employees in a base of a million deals, and what row-level security costs."`
}

// Help is shown by bench --help.
func (c *benchCommand) Help() string {
	return `Examples:
  govorun bench all --quick -o report.md               everything, in minutes; without --quick in an hour
  govorun bench turns                                  five sizes, three rounds: about five minutes
  govorun bench turns --chats 64 --rounds 1 --seconds 3
  govorun bench turns --against mine='node mybot.cjs'  another bot in the same rounds
  govorun bench turns --channel whatsapp --chats 1,16,64
  govorun bench cold
  govorun bench open --dialogs 20000
  govorun bench outbox
  govorun bench outbox --strict
  govorun bench rules --deals 100000 --rounds 1
  govorun bench filters --deals 100000 --plans
  govorun bench broadcast --messages 100000
  govorun bench knowledge --entries 5000

Everything runs on this machine over loopback, the program as a child process with the kit "lead" (rules: within this process, with a kit of its own), on a private PostgreSQL in a
temporary folder (TMPDIR says on which disk) or on the empty database in DATABASE_URL. Nothing is left behind.`
}

// settingsOf is what all measurements need of the program's own settings.
func settingsOf(s *settings, std stdio) (bench.Config, error) {
	program, err := os.Executable()
	if err != nil {
		return bench.Config{}, fmt.Errorf("find the file of this program: %w", err)
	}
	return bench.Config{Program: program, Database: s.Database, Out: std.out, Err: std.err}, nil
}

type benchTurns struct {
	Channel string        `default:"telegram" enum:"telegram,whatsapp" help:"Over which channel."`
	Chats   []int         `default:"1,16,40,64,100" help:"How many chats talk at once; one measurement each."`
	Seconds int           `default:"6" help:"Length of each measurement."`
	Warm    time.Duration `default:"2s" help:"What is played before each and not counted."`
	Rounds  int           `default:"3" help:"How often all is repeated."`
	Floors  bool          `default:"true" negatable:"" help:"Measure beside it what webhook and database alone could do."`
	Calm    float64       `placeholder:"N" help:"Wait for quiet moments, and repeat up to twice what other processes disturbed by more than so many processors, such as 0.15."`
	Numbers int           `default:"8" help:"WhatsApp: how many more numbers are linked to see what memory one takes; 0 leaves cold starts and memory out."`
	againstFlag
}

// againstFlag names other bots.
type againstFlag struct {
	Against []string `sep:"none" placeholder:"NAME=COMMAND" help:"Measure another bot in the same rounds, or each program of a folder; may be given several times."`
}

// aboutAgainst tells what another bot is told.
const aboutAgainst = `Another bot (--against) takes updates at http://127.0.0.1:PORT/tg with the secret s3cret and calls the Bot API at API. Both stand in its environment,
beside PGHOST, PGPORT, PGUSER, PGDATABASE and DATABASE_URL of the database in which the program is measured, for tables of its own.`

// Help is shown by bench turns --help.
func (c *benchTurns) Help() string {
	return `Each chat says /start, a name, a phone, a city, sends a photo and says yes; its next message follows when the webhook has
answered and the reply has arrived. Each dialog is a new chat. At the end the database is compared with what was played.

` + aboutAgainst + `

Over WhatsApp the phones and a server that stands in for WhatsApp's own run beside it; the floor is the library that answers by itself.

Examples:
  govorun bench turns --chats 16,64 --against mine='node mybot.cjs'
  govorun bench turns --channel whatsapp --chats 1,16,64`
}

// Run measures turns. Lost or doubled turns are an error.
func (c *benchTurns) Run(ctx context.Context, s *settings, std stdio) error {
	config, err := settingsOf(s, std)
	if err != nil {
		return err
	}
	for _, chats := range c.Chats {
		if chats < 1 || chats > 1000 {
			return errors.New("--chats takes numbers from 1 to 1000")
		}
	}
	if c.Seconds < 1 || c.Seconds > 600 || c.Rounds < 1 || c.Rounds > 100 || c.Warm < 0 || c.Calm < 0 {
		return errors.New("--seconds is from 1 to 600, --rounds from 1 to 100, --warm and --calm not below 0")
	}
	if c.Channel == "whatsapp" {
		return c.overWhatsApp(ctx, config)
	}
	bots, err := bench.Bots(c.Against)
	if err != nil {
		return err
	}
	_, err = bench.Turns{Talks: c.talks(), Against: bots, Floors: c.Floors, Calm: c.Calm}.Run(ctx, config)
	return err
}

func (c *benchTurns) talks() bench.Talks {
	return bench.Talks{Chats: c.Chats, Measure: time.Duration(c.Seconds) * time.Second, Warm: c.Warm, Rounds: c.Rounds}
}

// overWhatsApp measures turns over WhatsApp, cold starts of a number and what memory one takes.
func (c *benchTurns) overWhatsApp(ctx context.Context, config bench.Config) error {
	if len(c.Against) > 0 || c.Calm > 0 || c.Numbers < 0 || c.Numbers > 100 {
		return errors.New("--against and --calm are for Telegram only; --numbers is from 0 to 100")
	}
	w := bench.WhatsApp{Talks: c.talks(), Numbers: c.Numbers}
	if c.Numbers > 0 {
		w.Starts = c.Rounds
	}
	_, err := w.Run(ctx, config)
	return err
}

type benchCold struct {
	Runs int `default:"5" help:"How many starts."`
}

// Run measures cold starts.
func (c *benchCold) Run(ctx context.Context, s *settings, std stdio) error {
	config, err := settingsOf(s, std)
	if err != nil {
		return err
	}
	if c.Runs < 1 || c.Runs > 100 {
		return errors.New("--runs is from 1 to 100")
	}
	return bench.Cold(ctx, config, c.Runs)
}

type benchOpen struct {
	Dialogs int `default:"100000" help:"How many dialogs are left open."`
}

// Run measures the memory of open dialogs.
func (c *benchOpen) Run(ctx context.Context, s *settings, std stdio) error {
	config, err := settingsOf(s, std)
	if err != nil {
		return err
	}
	if c.Dialogs < 1 || c.Dialogs > 10_000_000 {
		return errors.New("--dialogs is from 1 to 10000000")
	}
	return bench.Open(ctx, config, c.Dialogs)
}

type benchOutbox struct {
	Rows   int  `default:"50000" help:"How many messages wait."`
	Strict bool `help:"Send replies and broadcasts to a Bot API that refuses more than 30 a second, 1 a second in a chat and 20 a minute in a group."`
}

// Run measures sending.
func (c *benchOutbox) Run(ctx context.Context, s *settings, std stdio) error {
	config, err := settingsOf(s, std)
	if err != nil {
		return err
	}
	if c.Strict {
		return bench.Strict(ctx, config, bench.StrictWindow)
	}
	if c.Rows < 100 || c.Rows > 10_000_000 {
		return errors.New("--rows is from 100 to 10000000")
	}
	return bench.Drain(ctx, config, c.Rows)
}

type benchRules struct {
	Deals   int     `default:"1000000" help:"How many deals are in the base."`
	Presses int     `default:"2000" help:"How many buttons are pressed in each round, one at a time and again eight at a time."`
	Timers  int     `default:"10000" help:"How many timers are due in the same second."`
	Rate    int     `default:"50" help:"Interactive turns a second beside them."`
	Shared  int     `default:"1000" help:"How many new deals are shared out to 200 people by two replicas."`
	Rounds  int     `default:"3" help:"How often all is repeated."`
	Calm    float64 `placeholder:"N" help:"Wait for quiet moments before each measurement of presses, and repeat up to twice what other processes disturbed by more than so many processors, such as 0.15."`
}

// Help is shown by bench rules --help.
func (c *benchRules) Help() string {
	return `The rows are compared with what was done; whatever is lost, doubled or shared unequally is an error.

Example:
  govorun bench rules --deals 100000 --rounds 1`
}

// Run measures what the CRM does by itself.
func (c *benchRules) Run(ctx context.Context, s *settings, std stdio) error {
	config, err := settingsOf(s, std)
	if err != nil {
		return err
	}
	if c.Rounds < 1 || c.Rounds > 100 || c.Presses < 10 || c.Timers < 2 || c.Shared < 2 || c.Rate < 1 || c.Rate > 10_000 || c.Calm < 0 {
		return errors.New("--rounds is from 1 to 100, --presses from 10, --timers and --shared from 2, --rate from 1 to 10000, --calm not below 0")
	}
	r := bench.Rules{Deals: c.Deals, Presses: c.Presses, Timers: c.Timers, Rate: c.Rate, Shared: c.Shared, Rounds: c.Rounds, Calm: c.Calm, Before: 8 * time.Second}
	if need := r.Least(); c.Deals < need || c.Deals > 100_000_000 {
		return fmt.Errorf("--deals is from %d for these numbers to 100000000", need)
	}
	return r.Run(ctx, config)
}

type benchFilters struct {
	Deals int  `default:"1000000" help:"How many deals are in the base, with half as many contacts."`
	Each  int  `default:"200" help:"How often each filter is asked one at a time; four times as often by sixteen."`
	Plans bool `help:"Print the plans of the slowest three."`
}

// Run measures lists and searches.
func (c *benchFilters) Run(ctx context.Context, s *settings, std stdio) error {
	config, err := settingsOf(s, std)
	if err != nil {
		return err
	}
	if c.Deals < 1000 || c.Deals > 100_000_000 || c.Each < 10 || c.Each > 100_000 {
		return errors.New("--deals is from 1000 to 100000000, --each from 10 to 100000")
	}
	return bench.Filters{Deals: c.Deals, Each: c.Each, Plans: c.Plans}.Run(ctx, config)
}

type benchKnowledge struct {
	Entries int `default:"5000" help:"How many answers are in the base, each with three ways to ask for it."`
	Each    int `default:"400" help:"How often each kind of question is asked one at a time, and as often by sixteen."`
}

// Run measures the knowledge base.
func (c *benchKnowledge) Run(ctx context.Context, s *settings, std stdio) error {
	config, err := settingsOf(s, std)
	if err != nil {
		return err
	}
	if c.Entries < 10 || c.Entries > 1_000_000 || c.Each < 10 || c.Each > 100_000 {
		return errors.New("--entries is from 10 to 1000000, --each from 10 to 100000")
	}
	return bench.Knowledge{Entries: c.Entries, Each: c.Each}.Run(ctx, config)
}
