package sheet

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// Limits of a spreadsheet that is read: a small file can hold a large one.
const (
	maxUnzipped = 1 << 30
	maxRows     = 1_000_000
)

// Read gives the rows of the first sheet of an XLSX file as they are stored: numbers with all their digits, dates as numbers of days (see Day).
func Read(r io.Reader) ([][]string, error) {
	file, err := excelize.OpenReader(r, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzipped})
	if err != nil {
		return nil, fmt.Errorf("this is no XLSX file, or a protected one: save the table as XLSX or CSV: %w", err)
	}
	defer file.Close()
	names := file.GetSheetList()
	if len(names) == 0 {
		return nil, fmt.Errorf("the file has no sheets")
	}
	rows, err := file.Rows(names[0])
	if err != nil {
		return nil, fmt.Errorf("read the sheet %q: %w", names[0], err)
	}
	defer rows.Close()
	var all [][]string
	for rows.Next() {
		row, err := rows.Columns()
		if err != nil {
			return nil, fmt.Errorf("read row %d of the sheet %q: %w", len(all)+1, names[0], err)
		}
		if all = append(all, row); len(all) > maxRows {
			return nil, fmt.Errorf("the sheet %q has more than %d rows: split it and import the parts", names[0], maxRows)
		}
	}
	return all, rows.Error()
}
