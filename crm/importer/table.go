package importer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// column is one column of the file. Role is what it means to us ("code"), empty when it becomes a field under Key.
type column struct {
	header string
	role   string
	key    string
}

// table reads a file row by row.
type table struct {
	csv      *csv.Reader
	columns  []column
	encoding string
	above    int // lines before the header
	rows     int
}

// record is one row with its line.
type record struct {
	line  int
	cells []string
}

// open reads the header. names says by lower-case header what a column means; required are the meanings that must be there.
func open(r io.Reader, names map[string]string, required ...string) (*table, error) {
	text, encoding, err := read(r)
	if err != nil {
		return nil, err
	}
	comma, rest, cut := separator(text)
	t := &table{csv: csv.NewReader(bytes.NewReader(rest)), encoding: encoding, above: cut}
	t.csv.Comma, t.csv.LazyQuotes, t.csv.FieldsPerRecord, t.csv.ReuseRecord = comma, true, -1, true
	header, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the file is empty: its first line names the columns, such as %s", strings.Join(required, ";"))
	}
	if err != nil {
		return nil, fmt.Errorf("line %d, the header, is unreadable: %w", t.above+1, err)
	}
	return t, t.name(header, names, required)
}

// name gives every column its meaning.
func (t *table) name(header []string, names map[string]string, required []string) error {
	if len(header) > maxColumns {
		return fmt.Errorf("line %d names %d columns, at most %d are taken: remove what is not needed", t.above+1, len(header), maxColumns)
	}
	seen := map[string]string{}
	for _, h := range header {
		c := column{header: tidy(h)}
		word := strings.Join(strings.FieldsFunc(strings.ToLower(c.header), func(r rune) bool { return unicode.IsSpace(r) || r == '_' || r == '.' }), " ")
		if c.role = names[word]; c.role == "" {
			c.key = strings.ReplaceAll(word, " ", "_")
		}
		if name := c.role + "/" + c.key; name != "/" {
			if first, twice := seen[name]; twice {
				return fmt.Errorf("line %d: the columns %q and %q mean the same: keep one of them", t.above+1, first, c.header)
			}
			seen[name] = c.header
		}
		t.columns = append(t.columns, c)
	}
	for _, role := range required {
		if _, there := seen[role+"/"]; !there {
			return fmt.Errorf("line %d, the header, has no column %q (%s): name one of the columns so", t.above+1, role, strings.Join(aliases(names, role), ", "))
		}
	}
	return nil
}

// fields lists the columns that become fields.
func (t *table) fields() []string {
	var fields []string
	for _, c := range t.columns {
		if c.key != "" {
			fields = append(fields, c.header)
		}
	}
	return fields
}

// next gives the next row that isn't empty. At the end it gives io.EOF; a row that can't be read gives its problem.
func (t *table) next() (record, []Problem, error) {
	for {
		cells, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			return record{}, nil, io.EOF
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return record{}, []Problem{{Line: t.above + bad.Line, Reason: bad.Err.Error()}}, nil
		}
		if err != nil {
			return record{}, nil, err
		}
		line, _ := t.csv.FieldPos(0)
		rec := record{line: t.above + line, cells: cells}
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue // spreadsheets leave rows of separators at the end
		}
		if t.rows++; t.rows > MaxRows {
			return rec, nil, fmt.Errorf("line %d: the file has more than %d rows: split it and import the parts", rec.line, MaxRows)
		}
		if len(cells) > len(t.columns) && strings.TrimSpace(strings.Join(cells[len(t.columns):], "")) != "" || len(cells) < len(t.columns) {
			return rec, []Problem{{Line: rec.line, Reason: fmt.Sprintf("%d cells, the header names %d columns: put a cell that holds the separator into quotes",
				len(cells), len(t.columns))}}, nil
		}
		return rec, nil, nil
	}
}
