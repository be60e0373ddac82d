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

type staffCommand struct {
	List    staffList    `cmd:"" default:"1" help:"List who works here."`
	Invite  staffInvite  `cmd:"" help:"Make a link for a new employee."`
	Dismiss staffDismiss `cmd:"" help:"End somebody's rights at once and hand their work over."`
	Rehire  staffRehire  `cmd:"" help:"Take a dismissal back."`
}

// Help is shown by staff --help.
func (c *staffCommand) Help() string {
	return `Examples:
  govorun staff
  govorun staff list --all
  govorun staff invite manager --city Алматы
  govorun staff dismiss "Иван Петров"
  govorun staff dismiss 17
  govorun staff rehire 17

Employees come by invitation, or by govorun import staff. An import does not bring back who was dismissed; rehire does.`
}

type staffList struct {
	All bool `help:"Also those who were dismissed."`
}

// Run lists employees.
func (c *staffList) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	people, err := db.Employees(ctx, c.All)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		fmt.Fprintln(io.out, "Nobody works here yet: govorun import staff staff.csv")
		return nil
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tROLE\tCITY\tCREW\tPHONE\tOPEN DEALS\tIN THE BOT")
	for _, p := range people {
		in := "not yet" // has not pressed Start, or has blocked the bot
		switch {
		case !p.Active:
			in = "dismissed"
		case p.Reached:
			in = "yes"
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", p.ID, p.Name, p.Role, p.City, p.CrewName, p.Phone, p.Deals, in)
	}
	return table.Flush()
}

// staffMember is who a command is about.
type staffMember struct {
	Who string `arg:"" name:"who" help:"The number from the list, or the whole name."`
}

type staffDismiss struct{ staffMember }

// Run dismisses an employee; a running program obeys from the next message on.
func (c *staffDismiss) Run(ctx context.Context, s *settings, io stdio) error {
	runner, db, err := openActs(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	p, err := c.find(ctx, db)
	if err != nil {
		return err
	}
	d, err := runner.Dismiss(ctx, p.ID, 0)
	if errors.Is(err, crm.ErrTaken) {
		fmt.Fprintf(io.out, "%s (%d) was dismissed before\n", p.Name, p.ID)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "%s (%d) is dismissed: buttons and commands of employees are refused from now on\n", p.Name, p.ID)
	tell(io, d)
	return nil
}

// tell says who got what.
func tell(io stdio, d turn.Dismissed) {
	if d.Talks > 0 {
		fmt.Fprintf(io.out, "%s handed on\n", many(d.Talks, "talk"))
	}
	if d.Slot != "" {
		fmt.Fprintf(io.out, "the slot %s is vacant; %s for the next holder\n", d.Slot, waits(d.Deals))
	} else if d.Deals > 0 {
		fmt.Fprintf(io.out, "%s handed on\n", many(d.Deals, "open deal"))
	}
	for _, s := range d.To {
		fmt.Fprintf(io.out, "  %s: %d\n", s.Name, s.Deals)
	}
	if d.Left > 0 {
		fmt.Fprintf(io.out, "%s without anybody now: give them to somebody\n", many(d.Left, "open deal"))
	}
	if d.Clash > 0 {
		fmt.Fprintf(io.out, "%s at a time when nobody is free: move them\n", many(d.Clash, "visit"))
	}
}

type staffRehire struct{ staffMember }

// Run takes a dismissal back.
func (c *staffRehire) Run(ctx context.Context, s *settings, io stdio) error {
	return c.with(ctx, s, io, func(db *postgres.DB, p postgres.EmployeeView) error {
		err := db.Rehire(ctx, p.ID)
		if errors.Is(err, crm.ErrTaken) {
			fmt.Fprintf(io.out, "%s (%d) works here already\n", p.Name, p.ID)
			return nil
		}
		if err == nil {
			fmt.Fprintf(io.out, "%s (%d) works here again; /start in the bot brings their menu\n", p.Name, p.ID)
		}
		return err
	})
}

// with finds the one employee who is meant and does something to them.
func (m *staffMember) with(ctx context.Context, s *settings, io stdio, do func(*postgres.DB, postgres.EmployeeView) error) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	p, err := m.find(ctx, db)
	if err != nil {
		return err
	}
	return do(db, p)
}

// find is the one employee who is meant, dismissed or not.
func (m *staffMember) find(ctx context.Context, db *postgres.DB) (postgres.EmployeeView, error) {
	people, err := db.Employees(ctx, true)
	if err != nil {
		return postgres.EmployeeView{}, err
	}
	return meant(people, m.Who)
}

// meant is the employee with a number or a name, however it is spaced and capitalised. Namesakes are told apart by number only.
func meant(people []postgres.EmployeeView, who string) (found postgres.EmployeeView, err error) {
	who = strings.Join(strings.Fields(who), " ")
	id, _ := strconv.ParseInt(who, 10, 64)
	var namesakes []string
	for _, p := range people {
		if int64(p.ID) == id && id != 0 {
			return p, nil
		}
		if strings.EqualFold(strings.Join(strings.Fields(p.Name), " "), who) {
			found = p
			namesakes = append(namesakes, fmt.Sprintf("%d (%s, %s)", p.ID, p.Role, p.City))
		}
	}
	switch len(namesakes) {
	case 1:
		return found, nil
	case 0:
		return found, fmt.Errorf("nobody is called %q here: `govorun staff list --all` shows names and numbers", who)
	}
	return found, fmt.Errorf("%d people are called %q: say the number of one, %s", len(namesakes), who, strings.Join(namesakes, ", "))
}
