package sheet

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzReadNeverFailsWithoutAWord(f *testing.F) {
	good, err := Write(XLSX, []string{"code", "name"}, [][]string{{"214", "Кофе"}, {"=1+1", ""}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("code;name\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, err := Read(bytes.NewReader(file))
		if err != nil && (rows != nil && len(rows) == 0 || !strings.Contains(err.Error(), " ")) {
			t.Fatalf("refused by %q with %d rows", err, len(rows))
		}
		if len(rows) > maxRows+1 {
			t.Fatalf("%d rows", len(rows))
		}
	})
}

// FuzzACellComesBackAndIsNoFormula writes one cell of anything into both formats.
func FuzzACellComesBackAndIsNoFormula(f *testing.F) {
	for _, seed := range []string{"214", "=1+1", " @SUM(A1)", "\t=1", "＝1", "-5", "a;b\"c\nd", "\xff", "\x00", "_x000D_", "\u00a0+1", strings.Repeat("я", 40_000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		plain, err := Write(CSV, []string{"a", "b"}, [][]string{{cell, "x"}})
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(plain, []byte("\ufeff"))))
		r.Comma = ';'
		rows, err := r.ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != 2 {
			t.Fatalf("%q gives the table %q, %v", cell, rows, err)
		}
		if got := strings.TrimSpace(rows[1][0]); got != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(got)[0]) {
			t.Fatalf("%q is the formula %q", cell, got)
		}
		if !utf8.ValidString(cell) || strings.ContainsFunc(cell, func(c rune) bool { return c < ' ' || c == 0xfffe || c == 0xffff }) || strings.Contains(cell, "_x") {
			cell = "x" // XML has no such letters
		}
		book, err := Write(XLSX, []string{"a", "b"}, [][]string{{cell, "x"}})
		if err != nil {
			t.Fatal(err)
		}
		rows, err = Read(bytes.NewReader(book))
		if err != nil || len(rows) != 2 || len(rows[1]) != 2 || !strings.HasPrefix(cell, rows[1][0]) || len(cell) < 1000 && rows[1][0] != cell {
			t.Fatalf("%q is read as %q, %v", cell, rows, err)
		}
	})
}
