package importer

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io"
	"strings"

	"govorun/crm/sheet"
)

// openAny is open for CSV and XLSX alike.
func openAny(r io.Reader, names map[string]string, required ...string) (*table, error) {
	peeked := bufio.NewReader(r)
	if mark, _ := peeked.Peek(4); string(mark) != "PK\x03\x04" {
		return open(peeked, names, required...)
	}
	rows, err := sheet.Read(io.LimitReader(peeked, MaxBytes))
	if err != nil {
		return nil, err
	}
	t, err := open(written(rows), names, required...)
	if err == nil {
		t.encoding = "XLSX"
	}
	return t, err
}

// written is a table as CSV: a line each, so that lines are counted as the spreadsheet counts them.
func written(rows [][]string) io.Reader {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = ';'
	width := 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	line := strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\x00", "")
	for _, row := range rows {
		cells := make([]string, width)
		for i, cell := range row {
			cells[i] = line.Replace(cell)
		}
		w.Write(cells)
	}
	w.Flush()
	return &b
}
