package importer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"govorun/crm"
	"govorun/crm/importer"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// russian is a list as a Russian spreadsheet writes it, with a field of the company's own.
const russian = "Номер;Название;Город;Адрес;Бригада;Этаж\r\n" +
	"214;Кофейный автомат;Москва;\"БЦ \"\"Москва\"\", 3 этаж\";Москва-1;3\r\n" +
	"215;Снековый автомат;Алматы;вокзал Алматы-2;Алматы-1;\r\n"

func machines(t *testing.T, db *postgres.DB, file string, o importer.Options) importer.Report {
	t.Helper()
	report, err := importer.Machines(context.Background(), db, strings.NewReader(file), o)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return report
}

func TestAListOfMachinesIsReadInEveryWayThatSpreadsheetsWriteIt(t *testing.T) {
	cp1251, err := charmap.Windows1251.NewEncoder().String(russian)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(russian, ";", "\t"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ file, encoding string }{
		"UTF-8":                      {russian, "UTF-8"},
		"UTF-8 with its mark":        {"\xef\xbb\xbf" + russian, "UTF-8"},
		"windows-1251":               {cp1251, "windows-1251"},
		"UTF-16 and tabs":            {utf16, "UTF-16"},
		"with the separator named":   {"sep=;\r\n" + russian, "UTF-8"},
		"with empty rows at the end": {russian + ";;;;;\r\n;;;;;\r\n", "UTF-8"},
		"English, commas, another order": {"Address,kind,CODE,City,Этаж,crew,Name\n" +
			"\"БЦ \"\"Москва\"\", 3 этаж\",machine,214,Москва,3,Москва-1,Кофейный автомат\n" +
			"вокзал Алматы-2,,215,Алматы,,Алматы-1,Снековый автомат\n", "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			report := machines(t, db, c.file, importer.Options{})
			if report.New != 2 || report.Wrong != 0 || !report.Stored || report.Encoding != c.encoding {
				t.Fatalf("report %+v", report)
			}
			got, err := db.AssetByCode(t.Context(), "machine", "214")
			if err != nil {
				t.Fatal(err)
			}
			if got.Name != "Кофейный автомат" || got.City != "Москва" || got.Address != `БЦ "Москва", 3 этаж` || got.Fields.Text("этаж") != "3" || got.Crew == 0 {
				t.Errorf("stored %+v", got)
			}
			if n := count(t, db, `SELECT count(*) FROM crews WHERE name IN ('Москва-1', 'Алматы-1') AND city IN ('Москва', 'Алматы')`); n != 2 {
				t.Errorf("%d crews were made", n)
			}
		})
	}
}

func TestImportingTheSameListAgainChangesNothingAndAShorterOneOnlyItsColumns(t *testing.T) {
	db := pgtest.New(t)
	machines(t, db, russian, importer.Options{})
	if again := machines(t, db, russian, importer.Options{}); again.Same != 2 || again.New+again.Changed != 0 {
		t.Errorf("the same list again: %+v", again)
	}
	if r := machines(t, db, "code,address,этаж,\n214,\"БЦ «Москва», 4 этаж\",,\n216,новый,1,\n", importer.Options{}); r.Changed != 1 || r.New != 1 {
		t.Errorf("a change and a new one: %+v", r)
	}
	got, err := db.AssetByCode(t.Context(), "machine", "214")
	if err != nil || got.Address != "БЦ «Москва», 4 этаж" || got.Name != "Кофейный автомат" || got.Crew == 0 {
		t.Errorf("after a list without names and crews: %+v, %v", got, err)
	}
	if _, there := got.Fields["этаж"]; there {
		t.Errorf("an emptied field is still there: %v", got.Fields)
	}
}

func TestEveryWrongRowIsNamedAndNothingIsStored(t *testing.T) {
	db := pgtest.New(t)
	file := "код;название;город;адрес\n" + // line 1
		"1;Кофе;Москва;вокзал\n" +
		";Кофе;Москва;вокзал\n" + // 3: no number
		"2;=HYPERLINK(\"http://x\");Москва;вокзал\n" + // 4: formula
		"1;Кофе;Казань;рынок\n" + // 5: twice
		"3;Кофе;Москва\n" + // 6: a cell short
		"4;Кофе;Москва;вокзал;лишнее\n" + // 7: a cell too many
		strings.Repeat("9", 33) + ";" + strings.Repeat("я", 201) + ";Москва;@SUM(A1)\n" + // 8: three at once
		"№ 5;'Кофе;Москва;-1 этаж, тел. +7 701 000-00-00\n" // 9: right
	report := machines(t, db, file, importer.Options{})
	if report.Stored || report.Wrong != 6 || report.New != 2 {
		t.Errorf("report %+v", report)
	}
	want := []struct {
		line           int
		column, reason string
	}{
		{3, "код", "missing"}, {4, "название", "formula"}, {5, "код", "line 2"}, {6, "", "3 cells"}, {7, "", "5 cells"},
		{8, "код", "at most 32"}, {8, "название", "at most 200"}, {8, "адрес", "formula"},
	}
	if len(report.Problems) != len(want) {
		t.Fatalf("problems: %v", report.Problems)
	}
	for i, w := range want {
		p := report.Problems[i]
		if p.Line != w.line || p.Column != w.column || !strings.Contains(p.Reason, w.reason) {
			t.Errorf("problem %d is %q, want line %d column %q with %q", i, p, w.line, w.column, w.reason)
		}
	}
	if n := count(t, db, `SELECT count(*) FROM assets`); n != 0 {
		t.Errorf("%d machines of a wrong list were stored", n)
	}
}

func TestNumbersAreStoredInTheFormInWhichTheyAreLookedUp(t *testing.T) {
	db := pgtest.New(t)
	o := importer.Options{Code: func(s string) string { return strings.ReplaceAll(strings.ToUpper(s), "!", "") }}
	machines(t, db, "code\n№ 214\nа-7\n", o)
	if _, err := db.AssetByCode(t.Context(), "machine", "А-7"); err != nil {
		t.Error(err)
	}
	r := machines(t, db, "code\nКМ 214\n!!\nb\nB\n", o)
	if r.Wrong != 3 || !strings.Contains(r.Problems[0].Reason, "space") || !strings.Contains(r.Problems[2].Reason, "line 4") {
		t.Errorf("report %+v", r)
	}
}

func TestADryRunSaysWhatWouldHappenAndStoresNothing(t *testing.T) {
	db := pgtest.New(t)
	if r := machines(t, db, russian, importer.Options{Dry: true}); r.New != 2 || r.Stored {
		t.Errorf("report %+v", r)
	}
	if n := count(t, db, `SELECT (SELECT count(*) FROM assets) + (SELECT count(*) FROM crews)`); n != 0 {
		t.Errorf("a dry run left %d rows", n)
	}
}

func TestAFileThatIsNoListIsRefusedWithTheNextStep(t *testing.T) {
	db := pgtest.New(t)
	for name, c := range map[string]struct{ file, says string }{
		"empty":                {"", "empty"},
		"no number":            {"название;город\nКофе;Москва\n", `no column "code"`},
		"two numbers":          {"code;номер\n1;2\n", "mean the same"},
		"a spreadsheet":        {"PK\x03\x04rest", "save the table as CSV"},
		"a zero byte":          {"code;city\n1;a\x00b\n", "line 2"},
		"a broken letter":      {"code;город\n1;Москва\n2;Каза\xd0\n3;Москва\n", "line 3"},
		"thousands of columns": {"code" + strings.Repeat(";x", 200) + "\n", "at most 100"},
	} {
		_, err := importer.Machines(t.Context(), db, strings.NewReader(c.file), importer.Options{})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnUnclosedQuoteIsFoundAndNothingIsStored(t *testing.T) {
	db := pgtest.New(t)
	file := "code;address\n1;\"вокзал\n" + strings.Repeat("2;рынок\n", 500)
	if r := machines(t, db, file, importer.Options{}); r.Stored || len(r.Problems) != 1 || r.Problems[0].Line != 2 || !strings.Contains(r.Problems[0].Reason, "quote") {
		t.Errorf("report %+v", r)
	}
}

func TestOnlyTheFirstThousandProblemsAreShownButAllAreCounted(t *testing.T) {
	db := pgtest.New(t)
	if r := machines(t, db, "code;name\n"+strings.Repeat(";x\n", 2500), importer.Options{}); r.Wrong != 2500 || len(r.Problems) != 1000 {
		t.Errorf("%d wrong, %d shown", r.Wrong, len(r.Problems))
	}
}

func TestWordsOfSQLAreOnlyWords(t *testing.T) {
	db := pgtest.New(t)
	machines(t, db, "code;name\n1';Робот'); DROP TABLE assets;--\n", importer.Options{})
	if got, err := db.AssetByCode(t.Context(), "machine", "1'"); err == nil && got.Name != "Робот')" {
		t.Errorf("stored %q", got.Name)
	}
	if n := count(t, db, `SELECT count(*) FROM assets`); n != 0 { // the semicolons made a row of four cells
		t.Errorf("%d rows", n)
	}
	machines(t, db, "code,name\n1',\"Робот'); DROP TABLE assets;--\"\n", importer.Options{})
	if got, err := db.AssetByCode(t.Context(), "machine", "1'"); err != nil || got.Name != "Робот'); DROP TABLE assets;--" {
		t.Errorf("stored %q, %v", got.Name, err)
	}
}

func TestThreeThousandMachinesAreImportedInASecond(t *testing.T) {
	db := pgtest.New(t)
	var file strings.Builder
	file.WriteString("code;name;city;address;crew;этаж\n")
	for i := range 3000 {
		fmt.Fprintf(&file, "%d;Кофейный автомат;Город %d;улица %d;Бригада %d;%d\n", i+1, i%35, i, i%35, i%9)
	}
	told := 0
	began := time.Now()
	report := machines(t, db, file.String(), importer.Options{Progress: func(done, total int) {
		if total != 3000 || done != told+1 {
			t.Errorf("progress %d of %d after %d", done, total, told)
		}
		told = done
	}})
	took := time.Since(began)
	t.Logf("3,000 machines in %v", took)
	if report.New != 3000 || told != 3000 {
		t.Errorf("report %+v, told of %d", report, told)
	}
	if took > 30*time.Second { // a second on an idle machine; a loaded one gets room
		t.Errorf("took %v", took)
	}
}

func TestD13_APassportOfAnOldStickerADisabledMachineAndNoneLookAlike(t *testing.T) {
	db := pgtest.New(t)
	ctx := t.Context()
	machines(t, db, russian, importer.Options{})
	m, err := db.AssetByCode(ctx, "machine", "214")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := db.AssetByPassport(ctx, m.ID, m.QRVersion); err != nil || got.Code != "214" {
		t.Fatalf("a good passport: %+v, %v", got, err)
	}
	if turned, err := db.RotateSticker(ctx, "machine", "214"); err != nil || turned.QRVersion != m.QRVersion+1 {
		t.Fatalf("rotate: %+v, %v", turned, err)
	}
	_, old := db.AssetByPassport(ctx, m.ID, m.QRVersion)
	_, none := db.AssetByPassport(ctx, 999999, 1)
	if _, err := db.Pool.Exec(ctx, `UPDATE assets SET disabled = true WHERE code = '214'`); err != nil {
		t.Fatal(err)
	}
	_, disabled := db.AssetByPassport(ctx, m.ID, m.QRVersion+1)
	for name, err := range map[string]error{"old sticker": old, "no machine": none, "disabled": disabled} {
		if !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMachinesAreListedByCityAndThenAsNumbersAreOrdered(t *testing.T) {
	db := pgtest.New(t)
	machines(t, db, "code;city\n10;Казань\n9;Казань\nA-1;Казань\n7;Астана\n", importer.Options{})
	list := func(f postgres.AssetFilter) string {
		f.Kind = "machine"
		assets, err := db.ListAssets(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, a := range assets {
			codes = append(codes, a.Code)
		}
		return strings.Join(codes, " ")
	}
	for want, f := range map[string]postgres.AssetFilter{
		"7 9 10 A-1": {}, "9 10 A-1": {Cities: []string{"Казань"}}, "7 10": {Codes: []string{"10", "7"}}, "7": {Limit: 1}, "": {Codes: []string{}},
	} {
		if got := list(f); got != want {
			t.Errorf("%+v lists %q, want %q", f, got, want)
		}
	}
}
