package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// defaultKind is what an asset is when neither the file nor the options say.
const defaultKind = "machine"

// machineColumns are the headers of a list of machines. Any other column becomes a field of the machine.
func machineColumns() map[string]string {
	return map[string]string{
		"code": "code", "number": "code", "no": "code", "machine": "code", "номер": "code", "№": "code", "код": "code",
		"номер автомата": "code", "№ автомата": "code", "автомат": "code",
		"name": "name", "title": "name", "название": "name", "наименование": "name",
		"city": "city", "город": "city",
		"address": "address", "адрес": "address",
		"crew": "crew", "team": "crew", "бригада": "crew",
		"kind": "kind", "вид": "kind", "тип": "kind",
	}
}

// Machines imports a CSV list of machines. A row is known by its kind and code; of a known machine only what the file has
// columns for changes. The error is nil when the file could be read, whatever is wrong with its rows: see Report.
func Machines(ctx context.Context, db *postgres.DB, file io.Reader, o Options) (Report, error) {
	t, err := open(file, machineColumns(), "code")
	if err != nil {
		return Report{}, err
	}
	read, err := readMachines(t, o)
	if err != nil {
		return Report{}, err
	}
	storing := read.storing(o)
	n, err := db.ImportAssets(ctx, read.rows, storing)
	if err != nil {
		return Report{}, err
	}
	report := read.report(t, n)
	report.Stored = !storing.Dry
	return report, nil
}

func readMachines(t *table, o Options) (*set[postgres.AssetRow], error) {
	read := &set[postgres.AssetRow]{}
	first := map[[2]string]int{} // kind and code → line
	for {
		rec, problems, err := t.next()
		if errors.Is(err, io.EOF) {
			return read, nil
		}
		if err != nil {
			return nil, err
		}
		var row postgres.AssetRow
		if problems == nil {
			row, problems = machine(t, rec, o)
		}
		if problems == nil {
			id := [2]string{row.Kind, row.Code}
			if line, twice := first[id]; twice {
				problems = []Problem{{rec.line, t.header("code"), fmt.Sprintf("%q is already in line %d: remove one of the two", row.Code, line)}}
			} else {
				first[id] = rec.line
			}
		}
		if problems != nil {
			read.refuse(problems)
			continue
		}
		read.rows = append(read.rows, row)
	}
}

// machine reads one row.
func machine(t *table, rec record, o Options) (postgres.AssetRow, []Problem) {
	row := postgres.AssetRow{Kind: o.Kind, Fields: crm.Fields{}}
	if row.Kind == "" {
		row.Kind = defaultKind
	}
	var problems []Problem
	for i, c := range t.columns {
		value, wrong := cell(rec.cells[i], machineLimit(c.role))
		switch {
		case wrong != "":
		case c.role == "code":
			row.Code, wrong = number(value, o)
		case c.role == "kind":
			if value != "" {
				row.Kind = strings.ToLower(value)
			}
		case c.role == "name":
			row.Name = &value
		case c.role == "city":
			value, wrong = o.city(value)
			row.City = &value
		case c.role == "address":
			row.Address = &value
		case c.role == "crew":
			row.Crew = &value
		case c.key != "" && value == "":
			row.Fields[c.key] = nil
		case c.key != "":
			row.Fields[c.key] = value
		}
		if wrong != "" {
			problems = append(problems, Problem{rec.line, c.header, wrong})
		}
	}
	return row, problems
}

// number reads the number of a machine.
func number(value string, o Options) (code, wrong string) {
	code = strings.TrimSpace(strings.TrimPrefix(value, "№"))
	switch {
	case code == "":
		return "", "the number of the machine is missing: it is how people name it"
	case strings.Contains(code, " "):
		return "", "a number with a space is not found when people type it: write it with a dash"
	case o.Code == nil:
		return code, ""
	}
	if code = o.Code(code); code == "" {
		return "", fmt.Sprintf("%q is not found when people type it: take letters, digits and dashes", value)
	}
	return code, ""
}

// machineLimit is how long a cell of this meaning may be.
func machineLimit(role string) int {
	switch role {
	case "code", "kind":
		return maxCode
	case "name", "city", "crew":
		return maxName
	}
	return 1000
}

// header gives the header of the column with this meaning.
func (t *table) header(role string) string {
	for _, c := range t.columns {
		if c.role == role {
			return c.header
		}
	}
	return role
}
