package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"govorun/crm/importer"
	"govorun/crm/jobs"
	"govorun/crm/postgres"
	"govorun/crm/seal"
	"govorun/dialogs/slot"
)

// importPeople is what imports of people and of what was written with them take.
type importPeople struct {
	File      string `arg:"" type:"existingfile" help:"A table: CSV (UTF-8 or windows-1251) or XLSX, headers in Russian or English."`
	Dry       bool   `help:"Only check: say what would happen and store nothing."`
	SkipWrong bool   `help:"Store the right rows although others are wrong."`
}

type importContacts struct {
	importPeople
	Known bool `help:"All of them work with the business already: contact.known."`
}

// Help is shown by import contacts --help.
func (c *importContacts) Help() string {
	return `Example:
  printf 'имя;телефон;город;источник;партнёр;долг;на дату;заметки\nАзамат;+7 707 123-45-67;Алматы;Instagram;;12 500;2026-11-20;\n' > people.csv
  govorun import contacts --dry people.csv
  govorun import contacts --known people.csv

Columns: name, phone, mail, city, source, status, known (yes, no), partner, balance or debt, as of, notes; others become fields of the contact.
Rows of one phone or mail become one contact, and so do repeated imports. Who only typed a number in a chat is somebody else until they share it.
Who asked to be forgotten is left out.`
}

// Run imports contacts.
func (c *importContacts) Run(ctx context.Context, s *settings, io stdio) error {
	return c.load(ctx, s, io, c.Known, importer.Contacts)
}

type importBalances struct{ importPeople }

// Help is shown by import balances --help.
func (c *importBalances) Help() string {
	return `Example:
  printf 'телефон;баланс;на дату\n+7 707 123-45-67;-12500;2026-11-20\n' > balances.csv
  govorun import balances balances.csv

Columns: phone, balance (below zero they owe) or debt, as of. An older balance than the one that is there changes nothing.`
}

// Run imports balances.
func (c *importBalances) Run(ctx context.Context, s *settings, io stdio) error {
	return c.load(ctx, s, io, true, importer.Balances)
}

// load imports people and says what came of it, and how fast.
func (c *importPeople) load(ctx context.Context, s *settings, std stdio, known bool,
	load func(context.Context, *postgres.DB, io.Reader, importer.ContactOptions) (importer.ContactReport, error)) error {
	begun := time.Now()
	var report importer.ContactReport
	err := c.with(ctx, s, std, func(db *postgres.DB, file *os.File, o importer.ContactOptions) (err error) {
		o.Known = known
		begun = time.Now()
		report, err = load(ctx, db, file, o)
		return err
	})
	if err != nil {
		return err
	}
	tellCities(std.out, report.Cities)
	if report.Merged > 0 {
		fmt.Fprintf(std.out, "%d rows were of somebody above\n", report.Merged)
	}
	tellForgotten(std.out, report.Forgotten)
	return c.tell(std, report.Report, report.Merged+report.Forgotten, time.Since(begun))
}

func tellForgotten(w io.Writer, rows int) {
	if rows > 0 {
		fmt.Fprintf(w, "%d rows left out: their people asked to be forgotten\n", rows)
	}
}

// with opens what an import needs.
func (c *importPeople) with(ctx context.Context, s *settings, std stdio, do func(*postgres.DB, *os.File, importer.ContactOptions) error) error {
	kit, err := openKit(s.Kit)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("read the table: %w", err)
	}
	defer file.Close()
	db, err := openStore(ctx, s, std)
	if err != nil {
		return err
	}
	defer closeStore(db)
	vault, err := openVault(ctx, db, s.Data)
	if err != nil {
		return err
	}
	if err := db.SealForgotten(ctx, vault.ring); err != nil { // who asked to be forgotten is left out
		return err
	}
	err = do(db, file, importer.ContactOptions{SkipWrong: c.SkipWrong, Zone: kit.Zone, Now: time.Now(),
		Options: importer.Options{Dry: c.Dry, Phone: phoneOf, City: once(cityOf(kit))}})
	if err != nil {
		return fmt.Errorf("import %s: %w", c.File, err)
	}
	return nil
}

// once asks for each city once: tables name few of them very often.
func once(city func(string) (name, wrong string)) func(string) (name, wrong string) {
	known := map[string][2]string{}
	return func(text string) (string, string) {
		answer, there := known[text]
		if !there {
			answer[0], answer[1] = city(text)
			known[text] = answer
		}
		return answer[0], answer[1]
	}
}

// tell says what an import did with so many rows more than are in the report, and how fast.
func (c *importPeople) tell(std stdio, r importer.Report, more int, took time.Duration) error {
	for _, p := range r.Problems {
		fmt.Fprintln(std.out, p)
	}
	rows := r.New + r.Changed + r.Same + more
	fmt.Fprintf(std.out, "new %d, changed %d, same %d, wrong %d (%s) in %.1f s, %.0f rows a second\n",
		r.New, r.Changed, r.Same, r.Wrong, r.Encoding, took.Seconds(), float64(rows+r.Wrong)/max(took.Seconds(), 0.001))
	switch {
	case r.Wrong > 0 && !r.Stored && !c.Dry:
		return fmt.Errorf("nothing was stored: mend the %d wrong rows of %s and import it again, or leave them out by --skip-wrong", r.Wrong, c.File)
	case c.Dry:
		fmt.Fprintln(std.out, "Nothing was stored: this was a dry run.")
	}
	return nil
}

// tellCities says how many contacts each city has, the largest first.
func tellCities(w io.Writer, cities map[string]int) {
	names := make([]string, 0, len(cities))
	for name := range cities {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(cities[b], cities[a]), cmp.Compare(a, b)) })
	var parts []string
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%s %d", either(name, "no city"), cities[name]))
	}
	if len(parts) > 0 {
		fmt.Fprintln(w, strings.Join(parts, " · "))
	}
}

type importMessages struct {
	importPeople
	Files   string `type:"existingdir" help:"Folder with the files that the table names."`
	MaxFile int64  `default:"20" help:"The largest file taken, in MB."`
	Quota   int64  `default:"10240" help:"How much of files is taken all in all, in MB."`
}

// Help is shown by import messages --help.
func (c *importMessages) Help() string {
	return `Example:
  printf 'телефон;время;направление;текст;файл\n+7 707 123-45-67;2026-03-01 10:15;in;Здравствуйте;\n' > talks.csv
  govorun import messages talks.csv --files ./attachments --max-file 10 --quota 5000

Columns: phone or mail, time, direction (in, out), text, file. A message that was imported before is not imported again. Files over the limits
are left out; the history says so.`
}

// Run imports correspondence.
func (c *importMessages) Run(ctx context.Context, s *settings, std stdio) error {
	begun := time.Now()
	var report importer.MessageReport
	err := c.with(ctx, s, std, func(db *postgres.DB, file *os.File, o importer.ContactOptions) (err error) {
		m := importer.MessageOptions{ContactOptions: o, MaxFile: c.MaxFile << 20, Quota: c.Quota << 20,
			Mask: func(text string) string { masked, _ := slot.MaskAccounts(seal.Clean(text)); return masked }}
		if c.Files != "" {
			if m.Folder, err = os.OpenRoot(c.Files); err != nil {
				return fmt.Errorf("open the folder of files: %w", err)
			}
			defer m.Folder.Close()
			if m.Keep, err = keeper(ctx, s, db); err != nil {
				return err
			}
		}
		begun = time.Now()
		report, err = importer.Messages(ctx, db, file, m)
		return err
	})
	if err != nil {
		return err
	}
	if report.Files > 0 {
		fmt.Fprintf(std.out, "%d files, %.1f MB\n", report.Files, float64(report.Bytes)/(1<<20))
	}
	for _, reason := range slices.Sorted(maps.Keys(report.Refused)) {
		fmt.Fprintf(std.out, "%d files left out: %s\n", report.Refused[reason], reason)
	}
	tellForgotten(std.out, report.Forgotten)
	return c.tell(std, report.Report, report.Forgotten, time.Since(begun))
}

// keeper stores files among those that people send.
func keeper(ctx context.Context, s *settings, db *postgres.DB) (func(string, io.ReadSeeker, int64) (postgres.FileImport, error), error) {
	vault, err := openVault(ctx, db, s.Data)
	if err != nil {
		return nil, err
	}
	files, err := jobs.OpenFiles(filepath.Join(s.Data, "files"), vault.ring)
	if err != nil {
		return nil, err
	}
	return func(name string, r io.ReadSeeker, limit int64) (postgres.FileImport, error) {
		t, err := files.Take(r, limit)
		var refused jobs.Refusal
		if errors.As(err, &refused) {
			return postgres.FileImport{}, importer.Refused(refused)
		}
		return postgres.FileImport{Name: name, Hash: t.Hash, MIME: t.MIME, Size: t.Size, Width: t.Width, Height: t.Height}, err
	}, nil
}
