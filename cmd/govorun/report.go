package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"text/tabwriter"
	"time"

	"govorun/crm/postgres"
)

type reportCommand struct {
	Parked     reportParked     `cmd:"" help:"Deals that only robots keep alive, by owner."`
	Duplicates reportDuplicates `cmd:"" help:"How often each employee tried to enter a request that was there already."`
	Rating     reportRating     `cmd:"" help:"Points of employees."`
}

// Help is shown by report --help.
func (c *reportCommand) Help() string {
	return `Examples:
  govorun report parked
  govorun report parked --touches 5 --idle 14d
  govorun report duplicates --since 30d
  govorun report rating --since 7d

Parked means: robots touched the deal as often since a person last did anything about it, and that is as long ago. The head of the kit gets the list
each Monday at 9:00.`
}

type reportParked struct {
	Touches int  `default:"3" help:"Touches of robots since a person did something."`
	Idle    span `default:"7d" help:"How long ago that is, such as 7d or 36h."`
	Each    int  `default:"10" help:"Deals of each owner that are listed."`
}

// Help is shown by --help.
func (c *reportParked) Help() string {
	return `Examples:
  govorun report parked
  govorun report parked --touches 5 --idle 14d --each 3

Each owner's deals stand together, who has the most first; of each the longest untouched first.`
}

// Run lists parked deals.
func (c *reportParked) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	list, err := db.Parked(ctx, postgres.ParkedWanted{Touches: c.Touches, Idle: time.Duration(c.Idle), PerOwner: c.Each})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintf(io.out, "Nothing is parked: people did something about every open deal within %s, or robots touched it less than %d times\n", duration(time.Duration(c.Idle)), c.Touches)
		return nil
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "OWNER\tPARKED\tDEAL\tSTAGE\tPERSON LAST\tROBOTS SINCE\tTITLE")
	for i, p := range list {
		owner, of := p.OwnerName, strconv.Itoa(p.OfOwner)
		if owner == "" {
			owner = "nobody"
		}
		if i > 0 && list[i-1].Owner == p.Owner {
			owner, of = "", ""
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%s.%s\t%s\t%d\t%s\n", owner, of, p.ID, p.Pipeline, p.Stage, p.HumanAt.Format("2006-01-02"), p.Robot, p.Title)
	}
	return table.Flush()
}

type reportDuplicates struct {
	Since span `default:"30d" help:"How far back, such as 30d."`
}

// Help is shown by --help.
func (c *reportDuplicates) Help() string {
	return `Examples:
  govorun report duplicates
  govorun report duplicates --since 90d`
}

// Run counts refused duplicates.
func (c *reportDuplicates) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	list, err := db.Duplicates(ctx, c.Since.until(time.Now()))
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintf(io.out, "Nobody entered the same request twice in %s\n", duration(time.Duration(c.Since)))
		return nil
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "EMPLOYEE\tNAME\tREFUSED")
	for _, d := range list {
		id, name := strconv.FormatInt(int64(d.Employee), 10), d.Name
		if d.Employee == 0 {
			id, name = "-", "customers, in the bot"
		}
		fmt.Fprintf(table, "%s\t%s\t%d\n", id, name, d.Times)
	}
	return table.Flush()
}

type reportRating struct {
	Since span `default:"30d" help:"How far back, such as 30d."`
	Limit int  `default:"200" help:"People at most."`
}

// Help is shown by --help.
func (c *reportRating) Help() string {
	return `Examples:
  govorun report rating
  govorun report rating --since 7d --limit 20

Points are given and taken by rules, each with a reason; /rating in the bot shows them by reason.`
}

// Run lists employees by points.
func (c *reportRating) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	list, err := db.Rating(ctx, c.Since.until(time.Now()), c.Limit)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintln(io.out, "Nobody works here yet: govorun import staff staff.csv")
		return nil
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tROLE\tCITY\tPOINTS")
	for _, p := range list {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%+d\n", p.ID, p.Name, p.Role, p.City, p.Points)
	}
	return table.Flush()
}

// span is a length of time that may be written in days: 7d, 36h.
type span time.Duration

var days = regexp.MustCompile(`^(\d{1,4})d$`)

// UnmarshalText reads it.
func (s *span) UnmarshalText(text []byte) error {
	if m := days.FindSubmatch(text); m != nil {
		n, err := strconv.Atoi(string(m[1]))
		*s = span(time.Duration(n) * 24 * time.Hour)
		return err
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 {
		return fmt.Errorf("%q is no length of time: write it as 7d or 36h", text)
	}
	*s = span(d)
	return nil
}

// until is the period of this length that ends with now, this very moment in it.
func (s span) until(now time.Time) postgres.Period {
	return postgres.Period{From: now.Add(-time.Duration(s)), Until: now.Add(time.Minute)}
}
