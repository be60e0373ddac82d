package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"govorun/crm/postgres"
)

// maxCost bounds the cost of a day, in hundredths: what is more is a slip of the keyboard.
const maxCost = 1_000_000_000_00

// costColumns are the headers of a list of costs.
func costColumns() map[string]string {
	return map[string]string{
		"day": "day", "date": "day", "день": "day", "дата": "day", "күн": "day", "күні": "day",
		"source": "source", "code": "source", "источник": "source", "код": "source", "реклама": "source", "дереккөз": "source",
		"cost": "cost", "spent": "cost", "amount": "cost", "расход": "cost", "расходы": "cost", "сумма": "cost", "стоимость": "cost", "шығын": "cost",
		"city": "city", "город": "city", "қала": "city",
	}
}

// Costs imports a CSV list of what days of advertisements have cost: day, source, cost and perhaps city. A source is the code of a link, whose source
// and city are taken then, or the name of a source; others are refused, so that a slip makes no source of its own. known are all codes, of the kit
// too; names are further sources without codes.
func Costs(ctx context.Context, db *postgres.DB, file io.Reader, known []postgres.Source, names []string, o Options) (Report, error) {
	t, err := open(file, costColumns(), "day", "source", "cost")
	if err != nil {
		return Report{}, err
	}
	b := book{codes: map[string]postgres.Source{}, names: map[string]bool{}, lines: map[postgres.SourceCost]int{}}
	for _, s := range known {
		b.codes[s.Code], b.names[s.Source] = s, true
	}
	for _, name := range names {
		b.names[name] = true
	}
	read := &set[postgres.SourceCost]{}
	for {
		rec, problems, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Report{}, err
		}
		var row postgres.SourceCost
		if problems == nil {
			row, problems = b.cost(t, rec, o)
		}
		if problems != nil {
			read.refuse(problems)
			continue
		}
		read.rows = append(read.rows, row)
	}
	storing := read.storing(o)
	n, err := db.ImportCosts(ctx, read.rows, storing)
	if err != nil {
		return Report{}, err
	}
	report := read.report(t, n)
	report.Fields, report.Stored = nil, !storing.Dry
	return report, nil
}

// book is what the sources of a list may be, and where each day stands in it.
type book struct {
	codes map[string]postgres.Source
	names map[string]bool
	lines map[postgres.SourceCost]int // without its cost → line
}

// cost reads one row.
func (b book) cost(t *table, rec record, o Options) (row postgres.SourceCost, problems []Problem) {
	for i, c := range t.columns {
		if c.role == "" {
			continue
		}
		value, wrong := cell(rec.cells[i], maxName)
		if wrong == "" {
			wrong = b.fill(&row, c.role, value, o)
		}
		if wrong != "" {
			problems = append(problems, Problem{rec.line, c.header, wrong})
		}
	}
	if problems != nil {
		return row, problems
	}
	if s, is := b.codes[row.Code]; is {
		if row.City != "" && s.City != "" && row.City != s.City {
			return row, []Problem{{rec.line, t.header("city"), fmt.Sprintf("the links of %s are for %s: leave the cell empty, or name a source instead of a code", row.Code, s.City)}}
		}
		row.City = max(row.City, s.City)
	}
	key := row
	key.Cost = 0
	if first, twice := b.lines[key]; twice {
		return row, []Problem{{rec.line, t.header("day"), fmt.Sprintf("this day of this source is already in line %d: add the two up", first)}}
	}
	b.lines[key] = rec.line
	return row, nil
}

// fill puts one value into its place and says what is wrong with it.
func (b book) fill(row *postgres.SourceCost, role, value string, o Options) (wrong string) {
	switch role {
	case "day":
		row.Day, wrong = costDay(value)
	case "source":
		word := strings.ToLower(value)
		if s, is := b.codes[word]; is {
			row.Code, row.Source = s.Code, s.Source
		} else if row.Source = word; !b.names[word] {
			return fmt.Sprintf("there is no source %q: write one of %s, or add it: govorun sources add CODE --source %s", value, b.some(), cmp.Or(word, "NAME"))
		}
	case "cost":
		row.Cost, wrong = costOf(value)
	case "city":
		row.City, wrong = o.city(value)
	}
	return wrong
}

// some are names to choose from.
func (b book) some() string {
	var all []string
	for name := range b.names {
		all = append(all, name)
	}
	slices.Sort(all)
	if len(all) == 0 {
		return "none (there are none yet)"
	}
	return strings.Join(all[:min(len(all), 20)], ", ")
}

// costDay reads a day as spreadsheets write it.
func costDay(value string) (time.Time, string) {
	for _, layout := range []string{time.DateOnly, "02.01.2006", "2.1.2006", "02/01/2006", "2006-01-02 15:04:05", "2006-01-02T15:04:05Z07:00"} {
		if at, err := time.Parse(layout, value); err == nil && at.Year() > 2000 && at.Year() < 2200 {
			return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC), ""
		}
	}
	return time.Time{}, fmt.Sprintf("%q is no day: write 2026-11-22 or 22.11.2026", value)
}

// costOf reads an amount as hundredths, without a float: 1 250 000, 1250,50, 99.9.
func costOf(value string) (int64, string) {
	plain := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "₸", "", "₽", "", "$", "").Replace(value)
	wrong := fmt.Sprintf("%q is no cost: write digits, such as 12500 or 12500,50", value)
	whole, part, pointed := strings.Cut(strings.ReplaceAll(plain, ",", "."), ".")
	if whole == "" || len(whole) > 12 || pointed && (part == "" || len(part) > 2) || strings.Trim(whole+part, "0123456789") != "" {
		return 0, wrong
	}
	n := int64(0)
	for _, digit := range whole + (part + "00")[:2] {
		n = n*10 + int64(digit-'0')
	}
	if n > maxCost {
		return 0, fmt.Sprintf("%q is more than a day can cost", value)
	}
	return n, ""
}
