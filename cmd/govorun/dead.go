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

type deadCommand struct {
	List   deadList   `cmd:"" default:"1" help:"List what waits for somebody to look at it."`
	Replay deadReplay `cmd:"" help:"Do it again, once."`
	Drop   deadDrop   `cmd:"" help:"Leave it undone and close it."`
}

// Help is shown by dead --help.
func (c *deadCommand) Help() string {
	return `Examples:
  govorun dead
  govorun dead replay 3 4
  govorun dead drop 5

A message that failed five times is put aside here, and its chat goes on. Replaying is safe to repeat: a letter is replayed once.`
}

type deadList struct {
	All bool `help:"Also those that were replayed or dropped."`
}

// Run lists dead letters without their contents.
func (c *deadList) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	status := "open"
	if c.All {
		status = ""
	}
	letters, err := db.DeadLetters(ctx, postgres.DeadFilter{Status: status})
	if err != nil {
		return err
	}
	if len(letters) == 0 {
		fmt.Fprintln(io.out, "No dead letters: everything was handled.")
		return nil
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tWHEN\tWHAT\tSTATUS\tCHANNEL\tTRIES\tERROR")
	for _, l := range letters {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%d\t%s\n", l.ID, l.CreatedAt.Format(time.DateTime), l.Source, l.Status, l.Channel, l.Attempts, firstLine(l.Error))
	}
	return table.Flush()
}

type deadIDs struct {
	IDs []int64 `arg:"" name:"id" help:"Numbers from the list."`
}

type deadReplay struct{ deadIDs }

// Run replays letters; a running program picks them up within a second, else the next one that starts.
func (c *deadReplay) Run(ctx context.Context, s *settings, io stdio) error {
	return c.each(ctx, s, io, (*postgres.DB).ReplayDead, "queued again")
}

type deadDrop struct{ deadIDs }

// Run closes letters without doing anything.
func (c *deadDrop) Run(ctx context.Context, s *settings, io stdio) error {
	return c.each(ctx, s, io, (*postgres.DB).DropDead, "dropped")
}

func (c *deadIDs) each(ctx context.Context, s *settings, io stdio, do func(*postgres.DB, context.Context, int64) error, done string) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	var failed error
	for _, id := range c.IDs {
		switch err := do(db, ctx, id); {
		case errors.Is(err, crm.ErrTaken):
			fmt.Fprintf(io.out, "%d: was replayed or dropped before\n", id)
		case errors.Is(err, crm.ErrNotFound):
			failed = errors.Join(failed, fmt.Errorf("there is no dead letter %d: `govorun dead` lists them", id))
		case err != nil:
			failed = errors.Join(failed, err)
		default:
			fmt.Fprintf(io.out, "%d: %s\n", id, done)
		}
	}
	return failed
}

func firstLine(s string) string {
	for i, r := range s {
		if r == '\n' || i > 100 {
			return s[:i]
		}
	}
	return s
}
