package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"

	"govorun/crm/importer"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/slot"
)

type importCommand struct {
	Machines importMachines `cmd:"" help:"Import machines: number, name, city, address, crew; any other column becomes a field."`
	Contacts importContacts `cmd:"" help:"Import people: name, phone, city, source, status, partner, debt, notes; merged by phone."`
	Messages importMessages `cmd:"" help:"Import correspondence: phone or mail, time, direction, text, file."`
	Balances importBalances `cmd:"" help:"Import balances: phone, balance, as of."`
	Staff    importStaff    `cmd:"" help:"Import employees: name, role, city, crew, telegram id; phone, skills, hours and travel when they make visits."`
}

// importFile is what both imports take.
type importFile struct {
	File string `arg:"" type:"existingfile" help:"A CSV file: UTF-8 or windows-1251, comma or semicolon, headers in Russian or English."`
	Dry  bool   `help:"Only check: say what would happen and store nothing."`
}

type importMachines struct {
	importFile
	Kind string `default:"machine" help:"Kind of rows without a column kind."`
}

// Help is shown by import machines --help.
func (c *importMachines) Help() string {
	return `Example:
  printf 'номер;название;город;адрес;бригада\n214;Кофейный автомат;Москва;БЦ «Москва», 3 этаж;Москва 1\n' > machines.csv
  govorun import machines --dry machines.csv
  govorun import machines machines.csv

While one row is wrong nothing is stored. A machine that is there already is brought up to date.`
}

// Run imports machines.
func (c *importMachines) Run(ctx context.Context, s *settings, io stdio) error {
	kit, err := openKit(s.Kit)
	if err != nil {
		return err
	}
	return c.run(ctx, s, io, func(db *postgres.DB, file *os.File, o importer.Options) (importer.Report, error) {
		o.City = cityOf(kit)
		o.Kind, o.Code = c.Kind, slot.AssetCode // numbers are stored as they are looked up
		return importer.Machines(ctx, db, file, o)
	})
}

type importStaff struct{ importFile }

// Help is shown by import staff --help.
func (c *importStaff) Help() string {
	return `Example:
  printf 'имя;роль;город;бригада;telegram\nИван Петров;техник;Москва;Москва 1;123456789\n' > staff.csv
  govorun import staff staff.csv

An employee's Telegram id is shown by bots such as @userinfobot. The employee presses Start in the bot once.

Who makes visits may have more columns, and an empty cell keeps what is known:
  phone    shown to whom they visit
  skills   what they can do, with commas: line, fibre
  hours    of their crew: mon-fri 09:00-18:00; sat 10:00-15:00
  travel   minutes of their crew's way to the next visit`
}

// Run imports employees; roles may be written as the kit calls them in any of its languages.
func (c *importStaff) Run(ctx context.Context, s *settings, io stdio) error {
	kit, err := openKit(s.Kit)
	if err != nil {
		return err
	}
	roles := map[string]string{}
	for role, key := range kit.Roles {
		roles[role] = role
		for _, lang := range kit.Languages {
			if word, err := kit.Texts.Text(lang, key, nil); err == nil {
				roles[strings.ToLower(word)] = role
			}
		}
	}
	return c.run(ctx, s, io, func(db *postgres.DB, file *os.File, o importer.Options) (importer.Report, error) {
		o.Roles, o.Phone, o.City = roles, phoneOf, cityOf(kit)
		return importer.Staff(ctx, db, file, o)
	})
}

// cityOf knows cities by the kit's spellings. One that the kit doesn't have is kept as it is written, unless it is most likely a slip.
func cityOf(kit *dialogs.Kit) func(string) (name, wrong string) {
	return func(text string) (string, string) {
		name, near, known := kit.CityNamed(text)
		switch {
		case known:
			return name, ""
		case len(near) > 0:
			return "", fmt.Sprintf("the kit has no city %q: write one of %s, or add it to cities in kit.yaml", text, strings.Join(near, ", "))
		}
		return text, ""
	}
}

// phoneOf brings a phone to the form in which phones are kept, empty when it is none.
func phoneOf(text string) string {
	value, wrong := slot.Parse(slot.Spec{Type: "phone"}, slot.Given{Text: text})
	if wrong != nil {
		return ""
	}
	return value.Text
}

func (c *importFile) run(ctx context.Context, s *settings, io stdio, load func(*postgres.DB, *os.File, importer.Options) (importer.Report, error)) error {
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("read the table: %w", err)
	}
	defer file.Close()
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	var bar *progressbar.ProgressBar
	report, err := load(db, file, importer.Options{Dry: c.Dry, Progress: func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(io.err), progressbar.OptionClearOnFinish(), progressbar.OptionShowCount())
		}
		bar.Set(done)
	}})
	if err != nil {
		return fmt.Errorf("import %s: %w", c.File, err)
	}
	for _, p := range report.Problems {
		fmt.Fprintln(io.out, p)
	}
	fmt.Fprintf(io.out, "new %d, changed %d, same %d, wrong %d (%s)\n", report.New, report.Changed, report.Same, report.Wrong, report.Encoding)
	switch {
	case report.Wrong > 0:
		return fmt.Errorf("nothing was stored: mend the %d wrong rows of %s and import it again", report.Wrong, c.File)
	case c.Dry:
		fmt.Fprintln(io.out, "Nothing was stored: this was a dry run.")
	}
	return nil
}
