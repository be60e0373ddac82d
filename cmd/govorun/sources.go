package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"govorun/crm"
	"govorun/crm/importer"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

type sourcesCommand struct {
	List   sourcesList   `cmd:"" default:"1" help:"List the codes of links with what they stand for."`
	Add    sourcesAdd    `cmd:"" help:"Make a code for the links of an advertisement."`
	Retire sourcesRetire `cmd:"" help:"Take a code out of use."`
	Import sourcesImport `cmd:"" help:"Import what days of advertisements have cost."`
}

// Help is shown by sources --help.
func (c *sourcesCommand) Help() string {
	return `Examples:
  govorun sources add ig7 --source instagram --city Алматы --title "Stories, November"
  govorun sources list
  printf 'day,source,cost\n2026-11-22,ig7,12500\n' > costs.csv
  govorun sources import costs.csv

A link t.me/BOT?start=reg_ig7 starts the dialog with the entry "link: reg" and tells it the source and the city. The first source of a person stays
for good. /reports in the bot shows what came of the leads of each source and city, and what they cost.`
}

type sourcesList struct{}

// Run lists codes, those of the kit first.
func (c *sourcesList) Run(ctx context.Context, s *settings, io stdio) error {
	kit, err := openKit(s.Kit)
	if err != nil {
		return err
	}
	return withStore(ctx, s, io, func(db *postgres.DB) error {
		added, err := db.Sources(ctx)
		if err != nil {
			return err
		}
		all := append(kitSources(kit), added...)
		if len(all) == 0 {
			fmt.Fprintln(io.out, "No codes yet: govorun sources add CODE --source NAME")
			return nil
		}
		table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "CODE\tSOURCE\tCITY\tTITLE\tLINK")
		for i, one := range all {
			title := one.Title
			if i < len(all)-len(added) {
				title = "of the kit"
			}
			link := strings.Join(linksOf(kit, one.Code), " ")
			if one.Retired {
				link = "retired"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", one.Code, one.Source, one.City, title, link)
		}
		return table.Flush()
	})
}

type sourcesAdd struct {
	Code   string `arg:"" help:"What stands in the links: small Latin letters, digits and “-”, at most 40."`
	Source string `required:"" help:"Whose leads they bring, a word: instagram."`
	City   string `help:"City inside of the links; none when people of any city come by them."`
	Title  string `help:"What the advertisement is, for people."`
}

// Run makes a code.
func (c *sourcesAdd) Run(ctx context.Context, s *settings, io stdio) error {
	kit, err := openKit(s.Kit)
	if err != nil {
		return err
	}
	one := postgres.Source{Code: dialogs.SourceCode(c.Code), Source: strings.ToLower(strings.TrimSpace(c.Source)), Title: c.Title}
	if one.Code == "" {
		return fmt.Errorf("%q can't be a code: write small Latin letters, digits and “-”, at most 40, such as ig7", c.Code)
	}
	if of, taken := kit.OriginOf(one.Code); taken {
		return fmt.Errorf("the kit has the code %s for %s: choose another one", one.Code, of.Source)
	}
	if one.Source == "" || len([]rune(one.Source)) > 40 || strings.ContainsAny(one.Source, " ,;\"") {
		return fmt.Errorf("%q can't be a source: write one word, such as instagram", c.Source)
	}
	if c.City != "" {
		city, wrong := cityOf(kit)(c.City)
		if wrong != "" {
			return errors.New(wrong)
		}
		one.City = city
	}
	return withStore(ctx, s, io, func(db *postgres.DB) error {
		err := db.AddSource(ctx, one)
		if errors.Is(err, crm.ErrDuplicate) {
			return fmt.Errorf("the code %s stands for another source or city, and leads may have come by it: choose another one (govorun sources list)", one.Code)
		}
		if err != nil {
			return err
		}
		links := linksOf(kit, one.Code)
		if len(links) == 0 {
			fmt.Fprintf(io.out, "%s is there, but no dialog of the kit has an entry “link” without a slot: links with it start nothing\n", one.Code)
			return nil
		}
		fmt.Fprintf(io.out, "%s is %s %s\n%s\n", one.Code, one.Source, one.City, strings.Join(links, "\n"))
		return nil
	})
}

type sourcesRetire struct {
	Code string `arg:"" help:"The code."`
}

// Run takes a code out of use.
func (c *sourcesRetire) Run(ctx context.Context, s *settings, io stdio) error {
	return withStore(ctx, s, io, func(db *postgres.DB) error {
		code := dialogs.SourceCode(c.Code)
		err := db.RetireSource(ctx, code)
		if errors.Is(err, crm.ErrNotFound) {
			return fmt.Errorf("no code %q is in use in the database; those of the kit are in its kit.yaml (govorun sources list)", c.Code)
		}
		if err == nil {
			fmt.Fprintf(io.out, "%s is retired: people still come by its links, their source is unknown\n", code)
		}
		return err
	})
}

type sourcesImport struct{ importFile }

// Help is shown by sources import --help.
func (c *sourcesImport) Help() string {
	return `Example:
  printf 'day,source,cost,city\n2026-11-22,ig7,12500,\n2026-11-22,2gis,8000,Астана\n' > costs.csv
  govorun sources import --dry costs.csv
  govorun sources import costs.csv

A source is a code, whose source and city are taken, or a name. A day of a source that is there already costs what the file says. While one row is
wrong nothing is stored.`
}

// Run imports costs.
func (c *sourcesImport) Run(ctx context.Context, s *settings, io stdio) error {
	kit, err := openKit(s.Kit)
	if err != nil {
		return err
	}
	return c.run(ctx, s, io, func(db *postgres.DB, file *os.File, o importer.Options) (importer.Report, error) {
		o.City = cityOf(kit)
		added, err := db.Sources(ctx)
		if err != nil {
			return importer.Report{}, err
		}
		var names []string
		for name := range kit.Sources {
			names = append(names, name)
		}
		return importer.Costs(ctx, db, file, append(kitSources(kit), added...), names, o)
	})
}

// kitSources are the codes of the kit, sorted.
func kitSources(kit *dialogs.Kit) (all []postgres.Source) {
	for name, source := range kit.Sources {
		for code, city := range source.Links {
			all = append(all, postgres.Source{Code: code, Source: name, City: city})
		}
	}
	slices.SortFunc(all, func(a, b postgres.Source) int { return strings.Compare(a.Source+" "+a.Code, b.Source+" "+b.Code) })
	return all
}

// linksOf are the links with a code, one for each dialog that takes such.
func linksOf(kit *dialogs.Kit, code string) (links []string) {
	for _, d := range kit.Dialogs {
		for _, e := range d.Entries {
			if e.Link != "" && e.Slot == "" {
				links = append(links, "t.me/BOT?start="+e.Link+"_"+code)
			}
		}
	}
	slices.Sort(links)
	return links
}

// withStore lends the database.
func withStore(ctx context.Context, s *settings, io stdio, use func(*postgres.DB) error) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	return use(db)
}
