package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"govorun/cmd/govorun/bench"
)

type benchAll struct {
	Rounds int      `placeholder:"N" help:"How often everything is measured, in turns; 5, with --quick 3."`
	Quick  bool     `help:"Smaller bases and shorter measurements: minutes instead of an hour."`
	Only   []string `placeholder:"PART,…" help:"Some parts only: turns, whatsapp, engine, cold, open, outbox, strict, rules, knowledge, broadcast, filters."`
	Calm   float64  `default:"0.15" help:"Mark rounds in which other processes kept more processors busy."`
	Output string   `short:"o" type:"path" placeholder:"FILE" help:"Write the table to this file and the raw values beside it as JSON."`
	againstFlag
}

// Help is shown by bench all --help.
func (c *benchAll) Help() string {
	return `Each round measures every part once, one after the other, so what changes on the machine meanwhile shows in the spread. Ctrl-C ends the run with what
it has found until then; a part that fails loses its round and no other.

` + aboutAgainst + `

With DATABASE_URL each part makes a database of its own on that server and drops it: the user needs the right to create databases.

Examples:
  govorun bench all --quick
  govorun bench all --only turns,cold --rounds 3 -o report.md
  govorun bench all --against mine='node mybot.cjs' --against other='./otherbot' -o report.md`
}

// Run measures everything. Parts that failed are an error; aims that are missed are told in the report.
func (c *benchAll) Run(ctx context.Context, s *settings, std stdio) error {
	all, err := c.plan()
	if err != nil {
		return err
	}
	config, err := settingsOf(s, std)
	if err != nil {
		return err
	}
	return all.Run(ctx, config)
}

// plan checks what was asked for.
func (c *benchAll) plan() (bench.All, error) {
	rounds := c.Rounds
	if rounds == 0 {
		if rounds = 5; c.Quick {
			rounds = 3
		}
	}
	if rounds < 1 || rounds > 100 || c.Calm < 0 {
		return bench.All{}, errors.New("--rounds is from 1 to 100, --calm not below 0")
	}
	for _, name := range c.Only {
		if known := bench.PartNames(); !slices.Contains(known, name) {
			return bench.All{}, fmt.Errorf("there is no part %q: --only takes %s", name, strings.Join(known, ", "))
		}
	}
	bots, err := bench.Bots(c.Against)
	if err != nil {
		return bench.All{}, err
	}
	return bench.All{Rounds: rounds, Quick: c.Quick, Only: c.Only, Against: bots, Calm: c.Calm, Output: c.Output, Command: c.again(rounds, bots), Version: programVersion()}, nil
}

// again is the command that does the same, without paths of this machine.
func (c *benchAll) again(rounds int, bots []bench.Bot) string {
	words := []string{"govorun bench all"}
	if c.Quick {
		words = append(words, "--quick")
	}
	words = append(words, fmt.Sprint("--rounds ", rounds))
	if len(c.Only) > 0 {
		words = append(words, "--only "+strings.Join(c.Only, ","))
	}
	for _, bot := range bots {
		words = append(words, "--against "+bot.Name+"=…")
	}
	return strings.Join(words, " ")
}

// programVersion is the commit that this program was built from, as far as the build noted it.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of unknown version"
	}
	version, changed := info.Main.Version, ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			version = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	return version + changed
}
