// Package sheet writes tables of text as files that spreadsheet programs open: CSV and XLSX.
//
// It knows nothing of deals or databases. Whatever people wrote stays text: no cell becomes a formula in the program of who opens it.
package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Format is the kind of a file, and the end of its name.
type Format string

// The two formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// MIME is the type by which messengers and browsers know the format.
func (f Format) MIME() string {
	if f == CSV {
		return "text/csv; charset=utf-8"
	}
	return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
}

// maxCell is how many letters a cell of XLSX may have (ECMA-376); longer text is cut.
const maxCell = 32767

// Write makes a file of a header and rows.
func Write(format Format, header []string, rows [][]string) ([]byte, error) {
	if format == CSV {
		return writeCSV(header, rows)
	}
	return writeXLSX(header, rows)
}

// writeCSV writes UTF-8 with a mark at its beginning and semicolons, which is what spreadsheet programs of Russian and Kazakh computers open
// without asking.
func writeCSV(header []string, rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = ';', true
	for _, row := range append([][]string{header}, rows...) {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = Text(cell)
		}
		if err := w.Write(safe); err != nil {
			return nil, fmt.Errorf("write a table of %d rows: %w", len(rows), err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// Text makes sure that a cell is text to whatever program reads it: one that begins as a formula gets an apostrophe before it
// (OWASP, CSV injection). The wide forms of these signs begin formulas too in some languages.
func Text(cell string) string {
	if strings.ContainsRune("=+-@\t\r\n＝＋－＠", first(strings.TrimLeft(cell, " \u00a0"))) || strings.ContainsRune("\t\r\n", first(cell)) {
		return "'" + cell
	}
	return cell
}

func first(s string) rune {
	for _, r := range s {
		return r
	}
	return 'x'
}

// writeXLSX writes each cell as a string, which no program takes for a formula.
func writeXLSX(header []string, rows [][]string) (data []byte, err error) {
	f := excelize.NewFile()
	defer f.Close()
	const page = "Sheet1"
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, fmt.Errorf("style a table: %w", err)
	}
	w, err := f.NewStreamWriter(page)
	if err != nil {
		return nil, fmt.Errorf("begin a table: %w", err)
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, fmt.Errorf("begin a table: %w", err)
	}
	for n, row := range append([][]string{header}, rows...) {
		cells := make([]any, len(row))
		for i, text := range row {
			if r := []rune(text); len(r) > maxCell {
				text = string(r[:maxCell])
			}
			cells[i] = text
			if n == 0 {
				cells[i] = excelize.Cell{StyleID: bold, Value: text}
			}
		}
		at, err := excelize.CoordinatesToCellName(1, n+1)
		if err == nil {
			err = w.SetRow(at, cells)
		}
		if err != nil {
			return nil, fmt.Errorf("write row %d of a table: %w", n+1, err)
		}
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("end a table: %w", err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, fmt.Errorf("write a table: %w", err)
	}
	return b.Bytes(), nil
}
