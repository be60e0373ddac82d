package sheet_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"govorun/crm/sheet"
)

var nasty = [][]string{
	{"5512", `=HYPERLINK("http://x","y")`, "+77071234567", "-5", "@sum", "\tx", "\rx", " =1+1", "＝1", "a;b\"c\nd", ""},
	{"5513", "Кофе", "", "", "", "", "", "", "", "", strings.Repeat("я", 40000)},
}

func TestNoCellOfACSVIsAFormula(t *testing.T) {
	data, err := sheet.Write(sheet.CSV, []string{"№", "заголовок"}, nasty)
	if err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(string(data), "\ufeff")
	if !marked {
		t.Error("the file has no mark of UTF-8")
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = ';', -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, cell := range rows[1] {
		trimmed := strings.TrimLeft(cell, " ")
		if trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@\t\r") {
			t.Errorf("cell %d begins as a formula: %q", i, cell)
		}
	}
	if rows[1][9] != "a;b\"c\nd" || rows[1][0] != "5512" {
		t.Errorf("harmless cells came back as %q and %q", rows[1][9], rows[1][0])
	}
}

func TestCellsOfAnXLSXAreText(t *testing.T) {
	data, err := sheet.Write(sheet.XLSX, []string{"№", "заголовок"}, nasty)
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, _ := f.GetCellValue("Sheet1", "B2"); got != nasty[0][1] {
		t.Errorf("B2 is %q", got)
	}
	for _, at := range []string{"B2", "C2", "D2", "E2", "H2"} {
		if formula, _ := f.GetCellFormula("Sheet1", at); formula != "" {
			t.Errorf("%s is the formula %q", at, formula)
		}
		if kind, _ := f.GetCellType("Sheet1", at); kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
			t.Errorf("%s is of type %v", at, kind)
		}
	}
	if got, _ := f.GetCellValue("Sheet1", "K3"); len([]rune(got)) > 32767 {
		t.Errorf("K3 has %d letters", len([]rune(got)))
	}
	if sheet.XLSX.MIME() == sheet.CSV.MIME() {
		t.Error("both formats have one type")
	}
}
