package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"govorun/dialogs"
)

type doctorCommand struct {
	telegramSettings
	Offline bool `help:"Ask Telegram nothing."`
}

// Help is shown by doctor --help.
func (c *doctorCommand) Help() string {
	return `Examples:
  govorun doctor
  GOVORUN_TELEGRAM_TOKEN=123:abc DATABASE_URL=postgres://crm@db/crm govorun doctor

It looks with the same settings as serve, beside a running program too, and changes nothing. Each line is ok, a warning or a
problem; below a finding stands the way to mend it. Exit code 1 when there is a problem, else 0.`
}

// doctorPatience bounds the whole examination: a provider or a database that hangs is a finding, too.
const doctorPatience = 90 * time.Second

// Run examines the setup and prints what it finds.
func (c *doctorCommand) Run(ctx context.Context, s *settings, std stdio) error {
	c.read()
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	d := &doctor{settings: s, telegram: c.telegramSettings, out: std.out, now: time.Now}
	usable := d.machine()
	d.zones()
	d.doors()
	d.business()
	if usable || s.Database != "" {
		d.database(ctx)
	}
	if !c.Offline {
		d.provider(ctx)
	}
	return d.summary()
}

// level is how bad a finding is.
type level string

const (
	fine    level = "ok"
	warning level = "warning"
	problem level = "problem"
)

// doctor is one examination. Each check says one line or more by report.
type doctor struct {
	settings *settings
	telegram telegramSettings
	out      io.Writer
	now      func() time.Time
	kit      *dialogs.Kit // nil while it has mistakes
	linked   bool         // there is a number of WhatsApp
	counts   map[level]int
}

// report prints one finding: what was looked at, what is so, and the fix, which may be empty when the sentence says it.
func (d *doctor) report(l level, what, says, fix string) {
	if d.counts == nil {
		d.counts = map[level]int{}
	}
	d.counts[l]++
	says = strings.NewReplacer("\n", "\n"+strings.Repeat(" ", 24), "\t", "").Replace(strings.TrimSpace(says))
	fmt.Fprintf(d.out, "%-8s %-14s %s\n", l, what, says)
	if fix != "" {
		fmt.Fprintf(d.out, "%-8s %-14s Fix: %s\n", "", "", fix)
	}
}

func (d *doctor) ok(what, says string, args ...any) {
	d.report(fine, what, fmt.Sprintf(says, args...), "")
}

// wrong reports an error whose sentence names the next step.
func (d *doctor) wrong(what string, err error) { d.report(problem, what, err.Error(), "") }

// summary ends the examination; its error makes the exit code.
func (d *doctor) summary() error {
	bad, doubtful := d.counts[problem], d.counts[warning]
	switch {
	case bad > 0:
		return fmt.Errorf("%s, %s: mend them from the top and run `govorun doctor` again", many(bad, "problem"), many(doubtful, "warning"))
	case doubtful > 0:
		fmt.Fprintf(d.out, "\n%s, no problem: govorun can run.\n", many(doubtful, "warning"))
	default:
		fmt.Fprintln(d.out, "\nEverything is in order.")
	}
	return nil
}

func many(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
