package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/dialogs/turn"
)

// dealArgument is the number of a deal, with or without its sign.
type dealArgument struct {
	Deal dealNumber `arg:"" help:"The number of the deal."`
}

type whyCommand struct {
	dealArgument
	Lang string `help:"Language to tell it in; the kit's first when empty."`
}

// Help is shown by why --help.
func (c *whyCommand) Help() string {
	return `Examples:
  govorun why 5512
  govorun why 5512 --lang en

The newest lines are last. In brackets stands what caused something: a rule, a stage, a linked deal, a timer. Employees read the same in their chat
by /why 5512. The kit is that of GOVORUN_KIT.`
}

// Run tells the story.
func (c *whyCommand) Run(ctx context.Context, s *settings, io stdio) error {
	kit, err := openKit(s.Kit)
	if err != nil {
		return err
	}
	if c.Lang == "" {
		c.Lang = kit.Languages[0]
	}
	if !slices.Contains(kit.Languages, c.Lang) {
		return fmt.Errorf("kit %s does not speak %q: choose one of %v", kit.Name, c.Lang, kit.Languages)
	}
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	lines, err := turn.Story(ctx, db, kit, turn.StoryWanted{Deal: c.Deal.id(), Lang: c.Lang, Now: time.Now()})
	if err != nil {
		return c.Deal.missing(err)
	}
	for _, line := range lines {
		fmt.Fprintln(io.out, line)
	}
	return nil
}

// dealNumber is a number of a deal as people write it: 5512, №5512, #5512.
type dealNumber string

func (n dealNumber) id() crm.DealID { return parseDeal(string(n)) }

// Validate refuses what is no number.
func (n dealNumber) Validate() error {
	if n.id() <= 0 {
		return fmt.Errorf("%q is no number of a deal: write it as 5512", string(n))
	}
	return nil
}

// missing says in words that there is no such deal.
func (n dealNumber) missing(err error) error {
	if errors.Is(err, crm.ErrNotFound) {
		return fmt.Errorf("there is no deal %d", n.id())
	}
	return err
}

// parseDeal reads a number, zero when it is none.
func parseDeal(text string) crm.DealID {
	id, err := strconv.ParseInt(strings.TrimLeft(strings.TrimSpace(text), "№# "), 10, 64)
	if err != nil {
		return 0
	}
	return crm.DealID(id)
}
