package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
)

type rulesCommand struct {
	List    rulesList    `cmd:"" default:"1" help:"List the rules of the kit and what they wait for."`
	Explain rulesExplain `cmd:"" help:"Tell of every rule what it would do to a deal, or why nothing."`
}

// Help is shown by rules --help.
func (c *rulesCommand) Help() string {
	return `Examples:
  govorun rules
  govorun rules list
  govorun rules explain 5512
  GOVORUN_KIT=./my-kit govorun rules explain 5512     what the rules of another kit would do

Nothing is done by either. What has happened to a deal already is told by govorun why.`
}

type rulesList struct{}

// Run lists the rules.
func (c *rulesList) Run(s *settings, io stdio) error {
	kit, err := openKit(s.Kit)
	if err != nil {
		return err
	}
	if len(kit.Book.Rules) == 0 {
		fmt.Fprintf(io.out, "Kit %s has no rules: write them into its rules.yaml\n", kit.Name)
		return nil
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RULE\tWHEN\tIF")
	for _, rule := range kit.Rules {
		condition := "always"
		if rule.If != nil {
			condition = rule.If.String()
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", rule.ID, when(rule.When), condition)
	}
	return table.Flush()
}

// when is a trigger in words.
func when(t rules.Trigger) string {
	place := t.Pipeline
	if t.Stage != "" {
		place = rules.Place{Pipeline: t.Pipeline, Stage: t.Stage}.String()
	}
	if t.Field != "" {
		place = t.Field
	}
	if t.Kind == rules.Idle {
		return "idle in " + place + " for " + duration(t.For)
	}
	return strings.ReplaceAll(string(t.Kind), "_", " ") + " " + place
}

// duration is a time as kits write it.
func duration(d time.Duration) string {
	switch {
	case d >= 24*time.Hour && d%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return strings.TrimSuffix(d.String(), "0s")
}

type rulesExplain struct{ dealArgument }

// Help is shown by rules explain --help.
func (c *rulesExplain) Help() string {
	return `Examples:
  govorun rules explain 5512
  GOVORUN_KIT=./my-kit govorun rules explain 5512

A rule that would fire is shown with what it would do, if what it waits for happened now to the deal as it stands.`
}

// Run tries every rule on the deal as it stands and prints what each would do.
func (c *rulesExplain) Run(ctx context.Context, s *settings, io stdio) error {
	kit, err := openKit(s.Kit)
	if err != nil {
		return err
	}
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	return db.Look(ctx, func(tx *postgres.Turns) error {
		v, err := dealView(ctx, tx, c.Deal.id(), ancestors)
		if err != nil {
			return c.Deal.missing(err)
		}
		place := rules.Place{Pipeline: v.Deal.Pipeline, Stage: v.Deal.Stage}
		fmt.Fprintf(io.out, "Deal %d “%s” stands on %s (%s) since %s\n", v.Deal.ID, v.Deal.Title, place, v.Deal.Status, v.Deal.EnteredAt.In(kit.Zone).Format("2006-01-02 15:04"))
		for _, line := range kit.Book.Explain(rules.Scene{View: *v, Now: tx.Now.In(kit.Zone)}) {
			explainLine(io, line, kit.Zone)
		}
		return nil
	})
}

// ancestors is how many deals above one a rule may look at.
const ancestors = 4

// dealView reads a deal as rules see it. It is locked until the transaction ends.
func dealView(ctx context.Context, tx *postgres.Turns, id crm.DealID, above int) (*rules.View, error) {
	d, err := tx.Deal(ctx, id)
	if err != nil {
		return nil, err
	}
	v := &rules.View{Deal: d.Deal, Contact: d.Contact, Asset: d.Asset, Owner: d.Owner}
	if d.Parent != 0 && above > 0 {
		v.Parent, err = dealView(ctx, tx, d.Parent, above-1)
		if errors.Is(err, crm.ErrNotFound) {
			err = nil
		}
	}
	return v, err
}

// explainLine prints one rule: whether it would fire if what it waits for happened now, and what it would do.
func explainLine(io stdio, line rules.Line, zone *time.Location) {
	says := map[string]string{
		rules.LineFires:     "would fire",
		rules.LinePipeline:  "no: it is about another pipeline",
		rules.LineStage:     "no: it is about another stage",
		rules.LineClosed:    "no: the deal is closed",
		rules.LineEarly:     "not yet: its time comes " + line.Due.In(zone).Format("2006-01-02 15:04"),
		rules.LineCondition: "no: its condition does not hold",
		rules.LineFailed:    "no, it is wrong: " + line.Error,
	}
	fmt.Fprintf(io.out, "\n%s · when %s\n    %s\n", line.Rule, when(line.When), says[line.Code])
	for _, e := range line.Effects {
		fmt.Fprintf(io.out, "      %s\n", effectWords(e))
	}
	for _, r := range line.Refused {
		fmt.Fprintf(io.out, "      ! this move would be refused: %s %s\n", r.Code, strings.Join(r.Fields, ", "))
	}
}
