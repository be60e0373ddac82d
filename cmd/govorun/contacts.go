package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

type contactsCommand struct {
	Merges  contactsMerges  `cmd:"" default:"1" help:"List contacts that were merged, the newest first."`
	Merge   contactsMerge   `cmd:"" help:"Make one contact of two that are one person."`
	Unmerge contactsUnmerge `cmd:"" help:"Take a merge back."`
	Forget  contactsForget  `cmd:"" help:"Delete all that is known of a contact who asks for it."`
}

// Help is shown by contacts --help.
func (c *contactsCommand) Help() string {
	return `Examples:
  govorun contacts
  govorun contacts merges --all
  govorun contacts merge 5512 5530
  govorun contacts unmerge 7
  govorun contacts forget 5512 --yes

Two contacts become one by themselves when their provider vouches in both talks for the same phone number. The older contact
stays and gets talks, deals, tasks and files of the other. Taking a merge back returns exactly what was moved; what was opened
since stays where it is. The two are then left apart, until somebody merges them by hand.`
}

// mergesShown is how many merges a list shows.
const mergesShown = 200

type contactsMerges struct {
	All bool `help:"Also those that were taken back."`
}

// Run lists merges by number, without names and phones.
func (c *contactsMerges) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	merges, err := db.Merges(ctx, c.All, mergesShown)
	if err != nil {
		return err
	}
	if len(merges) == 0 {
		fmt.Fprintln(io.out, "No contacts are merged.")
		return nil
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tWHEN\tKEPT\tGONE\tTALKS\tDEALS\tWHY\tTAKEN BACK")
	for _, m := range merges {
		why, back := "own phone", ""
		switch m.Cause {
		case postgres.MergedByHand:
			why = "by hand"
		case postgres.MergedByAlias:
			why = "one chat"
		}
		if !m.UndoneAt.IsZero() {
			back = m.UndoneAt.Format(time.DateTime)
		}
		fmt.Fprintf(table, "%d\t%s\t%d\t%d\t%d\t%d\t%s\t%s\n", m.ID, m.At.Format(time.DateTime), m.Kept, m.Gone, m.Talks, m.Deals, why, back)
	}
	return table.Flush()
}

type contactsMerge struct {
	A int64 `arg:"" name:"a" help:"Number of a contact."`
	B int64 `arg:"" name:"b" help:"Number of the other one."`
}

// Run merges two contacts; a running program goes on with one from the next message on.
func (c *contactsMerge) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	m, err := db.Merge(ctx, crm.ContactID(c.A), crm.ContactID(c.B))
	switch {
	case errors.Is(err, crm.ErrNotFound):
		return fmt.Errorf("there is no contact %d or no contact %d: the numbers stand in the CRM beside the names", c.A, c.B)
	case errors.Is(err, crm.ErrTaken):
		return fmt.Errorf("%d and %d are one contact already, or one of them was merged with another: `govorun contacts` shows which", c.A, c.B)
	case errors.Is(err, crm.ErrRefused):
		return fmt.Errorf("%d or %d is an employee's own contact: employees are not merged with customers", c.A, c.B)
	case err != nil:
		return err
	}
	fmt.Fprintf(io.out, "%d now has what belonged to %d: %s, %s\n", m.Kept, m.Gone, many(m.Talks, "talk"), many(m.Deals, "deal"))
	fmt.Fprintf(io.out, "To take it back: govorun contacts unmerge %d\n", m.ID)
	return nil
}

type contactsUnmerge struct {
	ID int64 `arg:"" name:"id" help:"Number of the merge, from the list."`
}

// Run takes a merge back.
func (c *contactsUnmerge) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	m, err := db.Unmerge(ctx, c.ID)
	switch {
	case errors.Is(err, crm.ErrNotFound):
		return fmt.Errorf("there is no merge %d: `govorun contacts` lists them", c.ID)
	case errors.Is(err, crm.ErrTaken):
		fmt.Fprintf(io.out, "merge %d was taken back before\n", c.ID)
		return nil
	case err != nil:
		return err
	}
	fmt.Fprintf(io.out, "%d and %d are two contacts again; what was opened since the merge stays with %d\n", m.Kept, m.Gone, m.Kept)
	return nil
}
