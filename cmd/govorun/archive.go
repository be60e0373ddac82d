package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

type archiveCommand struct {
	List   archiveList   `cmd:"" default:"1" help:"List the months of messages and events, with rows and size."`
	Detach archiveDetach `cmd:"" help:"Take months that are over out of the tables, or out of the database."`
	Attach archiveAttach `cmd:"" help:"Bring a month back, from beside the tables or from a file."`
}

// Help is shown by archive --help.
func (c *archiveCommand) Help() string {
	return `Examples:
  govorun archive
  govorun archive detach 2026-03                          it stands apart, in the database
  govorun archive detach 2026-03 --to 2026-03.zip         it goes into a file
  govorun archive detach --older 24mo --to /archive       a file for each month
  govorun archive attach 2026-03
  govorun archive attach --from 2026-03.zip

Messages and events lie in a table for each month. Detaching stops nobody; deals, contacts and talks stay, only what was said and done in that
month is shown no more. What is delivered late is known still. A file is a zip of two CSV tables.

Who asks to be forgotten is erased from months apart as well. A file is out of reach: keep it no longer than you may, and treat it as what it
is, people's letters. When it comes back, what belongs to people forgotten meanwhile is left out.`
}

type archiveList struct{}

// Run prints a line for each month.
func (c *archiveList) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	months, err := db.Months(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MONTH\tMESSAGES\tEVENTS\tMB\tWHERE")
	for _, m := range months {
		where := "in place"
		switch {
		case m.File != "":
			where = "in " + m.File + " since " + m.At.Format(time.DateOnly)
		case m.Apart:
			where = "apart"
		case !m.Ended:
			where = "in place, not over"
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%.1f\t%s\n", m.Name, m.Messages, m.Events, float64(m.Bytes)/1e6, where)
	}
	return table.Flush()
}

type archiveDetach struct {
	Month string `arg:"" optional:"" help:"Such as 2026-03; first is what lay there before there were months."`
	Older string `placeholder:"24mo" help:"All months that ended so many months (mo) or years (y) ago."`
	To    string `placeholder:"FILE" help:"Write it there and remove it from the database; with --older a folder."`
}

// Run detaches one month, or all that are old enough, the oldest first.
func (c *archiveDetach) Run(ctx context.Context, s *settings, io stdio) error {
	if (c.Month == "") == (c.Older == "") {
		return fmt.Errorf("say which month, such as 2026-03, or how old: --older 24mo")
	}
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	names := []string{c.Month}
	if c.Older != "" {
		if names, err = olderMonths(ctx, db, c.Older, c.To != ""); err != nil {
			return err
		}
		if c.To != "" {
			if err := os.MkdirAll(c.To, 0o700); err != nil {
				return fmt.Errorf("make the folder for files of months: %w", err)
			}
		}
	}
	if len(names) == 0 {
		fmt.Fprintln(io.out, "No month is that old.")
	}
	var refused error
	for _, name := range names {
		err := c.detach(ctx, db, name, io)
		if err != nil && !errors.Is(err, crm.ErrRefused) {
			return errors.Join(refused, err)
		}
		refused = errors.Join(refused, err) // what still waits in one month keeps no other
	}
	return refused
}

// detach takes one month out, and into a file when one is wanted.
func (c *archiveDetach) detach(ctx context.Context, db *postgres.DB, name string, io stdio) error {
	if err := db.DetachMonth(ctx, name); err != nil {
		return err
	}
	if c.To == "" {
		fmt.Fprintf(io.out, "%s stands apart. Back: govorun archive attach %s\n", name, name)
		return nil
	}
	path := c.To
	if c.Older != "" {
		path = filepath.Join(c.To, name+".zip")
	}
	head, err := writeMonth(ctx, db, name, path)
	if err != nil {
		return err
	}
	if err := db.DropMonth(ctx, head, path); err != nil {
		return fmt.Errorf("%w. The month stands apart and lies in %s as well: remove that file and call this again", err, path)
	}
	fmt.Fprintf(io.out, "%s: %d messages and %d events went into %s. Back: govorun archive attach --from %s\n", name, head.Messages, head.Events, path, path)
	return nil
}

// olderMonths lists what ended so long ago: months in place, and with files also those that stand apart.
func olderMonths(ctx context.Context, db *postgres.DB, age string, apart bool) (names []string, err error) {
	per := 1
	number, months := strings.CutSuffix(age, "mo")
	if !months {
		if number, months = strings.CutSuffix(age, "y"); months {
			per = 12
		}
	}
	n, err := strconv.Atoi(number)
	if err != nil || !months || n < 1 {
		return nil, fmt.Errorf("--older %s: write it as 24mo or 2y", age)
	}
	all, err := db.Months(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	newest := time.Date(now.Year(), now.Month()-time.Month(n*per), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
	for _, m := range all {
		if m.Name != "first" && m.Name < newest && m.Ended && m.File == "" && (apart || !m.Apart) {
			names = append(names, m.Name)
		}
	}
	return names, nil
}

type archiveAttach struct {
	Month string `arg:"" optional:"" help:"A month that stands apart, such as 2026-03."`
	From  string `placeholder:"FILE" help:"The file that it was written into."`
}

// Run brings one month back.
func (c *archiveAttach) Run(ctx context.Context, s *settings, io stdio) error {
	if (c.Month == "") == (c.From == "") {
		return fmt.Errorf("say which month, such as 2026-03, or in which file it is: --from 2026-03.zip")
	}
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	if c.Month != "" {
		if err := db.AttachMonth(ctx, c.Month); err != nil {
			return err
		}
		fmt.Fprintf(io.out, "%s is in its place again.\n", c.Month)
		return nil
	}
	month, left, err := readMonth(ctx, db, c.From)
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "%s is in its place again.\n", month)
	if left > 0 {
		fmt.Fprintf(io.out, "%d rows were left out: they belong to people who were forgotten meanwhile, or may name them. The file holds them still: remove it.\n", left)
	}
	return nil
}
