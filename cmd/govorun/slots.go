package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/turn"
)

type slotsCommand struct {
	List    slotsList    `cmd:"" default:"1" help:"List places of work with who holds them."`
	Add     slotsAdd     `cmd:"" help:"Make a place of work."`
	Set     slotsSet     `cmd:"" help:"Give a place to somebody, with all its work."`
	Vacate  slotsVacate  `cmd:"" help:"Leave a place without a holder; its deals wait with the head."`
	Remove  slotsRemove  `cmd:"" help:"Remove a vacant place for which no work waits."`
	History slotsHistory `cmd:"" help:"Tell who held a place, and when."`
}

// Help is shown by slots --help.
func (c *slotsCommand) Help() string {
	return `Examples:
  govorun slots add "Алматы, центр" --role technician --city Алматы --crew Алматы-2
  govorun slots set "Алматы, центр" "Иван Петров"
  govorun slots vacate "Алматы, центр"
  govorun slots history "Алматы, центр"

Deals, tasks, visits, saved commands and the crew go with the place, in one step. Who held another place exchanges with the former holder.
In a chat the same is /slots and /slot.`
}

type slotsList struct{}

// Run lists places.
func (c *slotsList) Run(ctx context.Context, s *settings, io stdio) error {
	return withSlots(ctx, s, io, func(_ *turn.Runner, db *postgres.DB) error {
		all, err := readSlots(ctx, db)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			fmt.Fprintln(io.out, "No places of work yet: govorun slots add NAME --role ROLE")
			return nil
		}
		table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tROLE\tCITY\tCREW\tHOLDER\tOPEN DEALS")
		for _, p := range all {
			holder := p.HolderName
			switch {
			case p.Holder == 0 && p.Keeper != 0:
				holder = "vacant, with " + p.KeeperName
			case p.Holder == 0:
				holder = "vacant"
			}
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%d\n", p.ID, p.Name, p.Role, p.City, p.CrewName, holder, p.Deals)
		}
		return table.Flush()
	})
}

type slotsAdd struct {
	Name string `arg:"" help:"What the place is called."`
	Role string `required:"" help:"Role of whoever holds it."`
	City string `help:"City of it."`
	Crew string `help:"Crew of it."`
}

// Run makes a place.
func (c *slotsAdd) Run(ctx context.Context, s *settings, io stdio) error {
	return withSlots(ctx, s, io, func(r *turn.Runner, _ *postgres.DB) error {
		p, err := r.AddSlot(ctx, c.Name, turn.InviteWanted{Role: c.Role, City: c.City, Crew: c.Crew})
		if err == nil {
			fmt.Fprintf(io.out, "slot %d, %s: %s %s, vacant\n", p.ID, p.Name, p.Role, p.City)
		}
		return err
	})
}

// slotArgument is the place that a command is about.
type slotArgument struct {
	Slot string `arg:"" help:"The number from the list, or the name."`
}

type slotsSet struct {
	slotArgument
	staffMember
}

// Run gives a place to somebody.
func (c *slotsSet) Run(ctx context.Context, s *settings, io stdio) error {
	return withSlots(ctx, s, io, func(r *turn.Runner, db *postgres.DB) error {
		p, err := c.place(ctx, db)
		if err != nil {
			return err
		}
		people, err := db.Employees(ctx, false)
		if err != nil {
			return err
		}
		who, err := meant(people, c.Who)
		if err != nil {
			return err
		}
		deals, err := r.GiveSlot(ctx, p.ID, who.ID)
		if errors.Is(err, crm.ErrTaken) {
			fmt.Fprintf(io.out, "%s holds %s already\n", who.Name, p.Name)
			return nil
		}
		if err == nil {
			fmt.Fprintf(io.out, "%s holds %s now, with %s\n", who.Name, p.Name, many(deals, "open deal"))
		}
		return err
	})
}

type slotsVacate struct{ slotArgument }

// Run leaves a place without a holder.
func (c *slotsVacate) Run(ctx context.Context, s *settings, io stdio) error {
	return withSlots(ctx, s, io, func(r *turn.Runner, db *postgres.DB) error {
		p, err := c.place(ctx, db)
		if err != nil {
			return err
		}
		deals, err := r.GiveSlot(ctx, p.ID, 0)
		if errors.Is(err, crm.ErrTaken) {
			fmt.Fprintf(io.out, "%s is vacant already\n", p.Name)
			return nil
		}
		if err == nil {
			fmt.Fprintf(io.out, "%s is vacant; %s for the next holder\n", p.Name, waits(deals))
		}
		return err
	})
}

func waits(deals int) string {
	if deals == 1 {
		return "1 open deal waits"
	}
	return many(deals, "open deal") + " wait"
}

type slotsRemove struct{ slotArgument }

// Run removes a place.
func (c *slotsRemove) Run(ctx context.Context, s *settings, io stdio) error {
	return withSlots(ctx, s, io, func(_ *turn.Runner, db *postgres.DB) error {
		p, err := c.place(ctx, db)
		if err != nil {
			return err
		}
		err = acting(ctx, db, func(tx *postgres.Turns) error { return tx.RemoveSlot(ctx, p.ID) })
		if errors.Is(err, crm.ErrRefused) {
			return fmt.Errorf("%s is held or has work that waits: `govorun slots vacate`, and give its deals to others first", p.Name)
		}
		if err == nil {
			fmt.Fprintf(io.out, "%s is removed\n", p.Name)
		}
		return err
	})
}

type slotsHistory struct{ slotArgument }

// slotChanges is how many changes of holder the history tells.
const slotChanges = 100

// Run tells who held a place.
func (c *slotsHistory) Run(ctx context.Context, s *settings, io stdio) error {
	return withSlots(ctx, s, io, func(_ *turn.Runner, db *postgres.DB) error {
		p, err := c.place(ctx, db)
		if err != nil {
			return err
		}
		return acting(ctx, db, func(tx *postgres.Turns) error {
			list, err := tx.SlotHistory(ctx, p.ID, slotChanges)
			for _, change := range list {
				fmt.Fprintf(io.out, "%s  %s, before: %s\n", change.At.Local().Format("2006-01-02 15:04"), orVacant(change.Holder), orVacant(change.Before))
			}
			if err == nil && len(list) == 0 {
				fmt.Fprintln(io.out, "Nobody has held it yet.")
			}
			return err
		})
	})
}

func orVacant(name string) string {
	if name == "" {
		return "vacant"
	}
	return name
}

// place is the one with a number or a name, however it is capitalised.
func (c *slotArgument) place(ctx context.Context, db *postgres.DB) (postgres.Slot, error) {
	all, err := readSlots(ctx, db)
	if err != nil {
		return postgres.Slot{}, err
	}
	id, _ := strconv.ParseInt(c.Slot, 10, 64)
	for _, p := range all {
		if int64(p.ID) == id && id > 0 || strings.EqualFold(p.Name, strings.Join(strings.Fields(c.Slot), " ")) {
			return p, nil
		}
	}
	return postgres.Slot{}, fmt.Errorf("there is no slot %q: `govorun slots` shows names and numbers", c.Slot)
}

func readSlots(ctx context.Context, db *postgres.DB) (all []postgres.Slot, err error) {
	err = acting(ctx, db, func(tx *postgres.Turns) error {
		all, err = tx.Slots(ctx)
		return err
	})
	return all, err
}

// acting does something in a transaction of its own.
func acting(ctx context.Context, db *postgres.DB, do func(*postgres.Turns) error) error {
	tx, err := db.BeginActs(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func withSlots(ctx context.Context, s *settings, io stdio, do func(*turn.Runner, *postgres.DB) error) error {
	runner, db, err := openActs(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	return do(runner, db)
}
