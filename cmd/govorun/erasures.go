package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

type actsCommand struct {
	List actsList `cmd:"" default:"withargs" help:"List acts of deletion, the newest first, or write them to a file."`
	Show actsShow `cmd:"" help:"Show one act line by line."`
}

// Help is shown by acts --help.
func (c *actsCommand) Help() string {
	return `Examples:
  govorun acts
  govorun acts show 12
  govorun acts list --csv acts.csv

Each time people are forgotten, or what the kit keeps for some time only is removed, an act says what went, how much and on what ground: numbers of deals
and names of files and fields, never a person. The file has a line for each of them.`
}

// actsShown is how many acts a list shows; a file holds all.
const actsShown = 100

type actsList struct {
	CSV string `name:"csv" placeholder:"FILE" help:"Write all acts there, a line for each thing that was removed."`
}

// Run lists acts of deletion.
func (c *actsList) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	if c.CSV != "" {
		return c.export(ctx, db, io)
	}
	acts, err := db.Acts(ctx, 0, actsShown)
	if err != nil {
		return err
	}
	if len(acts) == 0 {
		fmt.Fprintln(io.out, "Nothing was deleted yet: people delete their data by /forget, and “retention” in kit.yaml says what is kept for how long.")
		return nil
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tWHEN\tWHY\tREMOVED")
	for _, a := range acts {
		fmt.Fprintf(table, "%d\t%s\t%s\t%d\n", a.ID, a.EndedAt.Format(time.DateTime), ground(a), removed(a))
	}
	return table.Flush()
}

// ground is on what an act rests.
func ground(a postgres.Act) string {
	if a.Kind == postgres.ActErasure {
		return "asked to be forgotten (" + a.Basis + ")"
	}
	return a.Basis
}

func removed(a postgres.Act) (n int64) {
	for _, item := range a.Items {
		n += item.Count
	}
	return n
}

// export writes the journal of deletions, for whoever checks it.
func (c *actsList) export(ctx context.Context, db *postgres.DB, io stdio) (err error) {
	acts, err := db.Acts(ctx, 0, 1_000_000)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(c.CSV, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", c.CSV, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := csv.NewWriter(file)
	lines := [][]string{{"act", "day", "began", "ended", "kind", "rule", "ground", "deal", "what", "what_kind", "note", "count"}}
	for _, a := range acts {
		for _, item := range a.Items {
			deal := ""
			if item.Deal != 0 {
				deal = strconv.FormatInt(item.Deal, 10)
			}
			lines = append(lines, []string{strconv.FormatInt(a.ID, 10), a.Day.Format(time.DateOnly), a.BeganAt.UTC().Format(time.RFC3339), a.EndedAt.UTC().Format(time.RFC3339),
				string(a.Kind), a.Policy, a.Basis, deal, item.What, item.Kind, item.Note, strconv.FormatInt(item.Count, 10)})
		}
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("write %s: %w", c.CSV, err)
	}
	fmt.Fprintf(io.out, "%s: %s, %s\n", c.CSV, many(len(acts), "act"), many(len(lines)-1, "line"))
	return nil
}

type actsShow struct {
	ID int64 `arg:"" name:"id" help:"Number of the act, from the list."`
}

// Run shows one act.
func (c *actsShow) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	acts, err := db.Acts(ctx, c.ID, 1)
	if err != nil {
		return err
	}
	if len(acts) == 0 || c.ID == 0 {
		return fmt.Errorf("there is no act %d: `govorun acts` lists them", c.ID)
	}
	a := acts[0]
	fmt.Fprintf(io.out, "Act of deletion %d, %s to %s\nGround: %s\n", a.ID, a.BeganAt.Format(time.DateTime), a.EndedAt.Format(time.DateTime), ground(a))
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "DEAL\tWHAT\tKIND\tCOUNT\tNOTE")
	for _, item := range a.Items {
		deal := ""
		if item.Deal != 0 {
			deal = strconv.FormatInt(item.Deal, 10)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\n", deal, item.What, item.Kind, item.Count, item.Note)
	}
	return table.Flush()
}

type contactsForget struct {
	ID  int64 `arg:"" name:"contact" help:"Number of the contact."`
	Yes bool  `help:"Really: it can't be taken back."`
}

// Run notes that a contact who asked by other ways than a chat is to be forgotten.
func (c *contactsForget) Run(ctx context.Context, s *settings, io stdio) error {
	if !c.Yes {
		return fmt.Errorf("all that is known of contact %d will be deleted for good; if that is wanted: govorun contacts forget %d --yes", c.ID, c.ID)
	}
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	err = db.AskErasure(ctx, postgres.Erasure{Contact: crm.ContactID(c.ID)})
	switch {
	case errors.Is(err, crm.ErrNotFound):
		return fmt.Errorf("there is no contact %d: the numbers stand in the CRM beside the names", c.ID)
	case errors.Is(err, crm.ErrRefused):
		return fmt.Errorf("contact %d is an employee's own: dismiss them first, by `govorun staff dismiss`", c.ID)
	case err != nil:
		return err
	}
	fmt.Fprintf(io.out, "Contact %d is forgotten by the running program within seconds, or by the next one that starts; `govorun acts` tells of it then.\n", c.ID)
	return nil
}
