package importer_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govorun/crm/importer"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
	"govorun/crm/sheet"
)

// plainPhone is a stand-in for the parser of numbers: digits, and a plus before them.
func plainPhone(text string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	if len(digits) != 11 {
		return ""
	}
	return "+7" + digits[1:]
}

func people() importer.ContactOptions {
	return importer.ContactOptions{Now: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Options: importer.Options{Phone: plainPhone, City: func(text string) (string, string) {
		if strings.EqualFold(text, "алма-ата") {
			return "Алматы", ""
		}
		return text, ""
	}}}
}

func contacts(t *testing.T, db *postgres.DB, file string, o importer.ContactOptions) importer.ContactReport {
	t.Helper()
	report, err := importer.Contacts(context.Background(), db, strings.NewReader(file), o)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return report
}

const drivers = "ФИО;Телефон;Почта;Город;Источник;Партнёр;Долг;На дату;Заметки;Стаж\n" +
	"Азамат Серик;8 (707) 123-45-67;;Алма-Ата;Instagram;;12 500,50;20.11.2026;Просил перезвонить;5\n" +
	"Берик;+7 701 222 33 44;berik@example.kz;Астана;;Жылдам;;;;\n" +
	";87071234567;azamat@example.kz;;;;;;;\n" + // the first one once more, from a mailbox
	"Сауле;;saule@example.kz;Астана;Сайт;;;;;\n"

func TestAListOfPeopleIsMergedByNumberAndSplitByCity(t *testing.T) {
	db := pgtest.New(t)
	report := contacts(t, db, drivers, people())
	if report.New != 3 || report.Merged != 1 || !report.Stored || report.Cities["Астана"] != 2 || report.Cities["Алматы"] != 1 {
		t.Fatalf("report %+v", report)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM contacts`: 3,
		`SELECT count(*) FROM contacts WHERE name = 'Азамат Серик' AND phone = '+77071234567' AND (fields->>'balance')::numeric = -12500.5
			AND fields->>'balance_at' LIKE '2026-11-20%' AND fields->'known' = 'true' AND fields->>'city' = 'Алматы' AND fields->>'source' = 'Instagram'
			AND fields->>'notes' = 'Просил перезвонить' AND fields->>'стаж' = '5'`: 1,
		`SELECT count(*) FROM contacts WHERE fields->>'partner' = 'Жылдам' AND NOT fields ? 'known'`:        1,
		`SELECT count(*) FROM identities i JOIN contacts c ON c.id = i.contact_id WHERE i.channel = 'mail'`: 3,
		`SELECT count(*) FROM own_phones WHERE looked_at IS NOT NULL`:                                       2,
	} {
		if n := count(t, db, sql); n != want {
			t.Errorf("%d, want %d: %s", n, want, sql)
		}
	}
	if again := contacts(t, db, drivers, people()); again.Same != 3 || again.New+again.Changed != 0 {
		t.Errorf("the same list again: %+v", again)
	}
	if n := count(t, db, `SELECT count(*) FROM own_phones`); n != 2 {
		t.Errorf("%d own numbers after the second import", n)
	}
}

func TestADryImportAndOneWithAWrongRowStoreNothingUnlessWrongOnesMayBeLeftOut(t *testing.T) {
	db := pgtest.New(t)
	o := people()
	o.Dry = true
	if report := contacts(t, db, drivers, o); report.New != 3 || report.Stored {
		t.Errorf("dry: %+v", report)
	}
	broken := drivers + "Ерлан;12345;;;;;сколько-то;;;\n;;;;;;;;ничего;\n"
	o = people()
	report := contacts(t, db, broken, o)
	if report.Wrong != 2 || report.Stored || len(report.Problems) != 3 || report.Problems[0].Line != 6 {
		t.Errorf("wrong rows: %+v", report)
	}
	if n := count(t, db, `SELECT count(*) FROM contacts`); n != 0 {
		t.Errorf("%d contacts stored", n)
	}
	o.SkipWrong = true
	if report := contacts(t, db, broken, o); report.New != 3 || !report.Stored || report.Wrong != 2 {
		t.Errorf("without the wrong rows: %+v", report)
	}
}

func TestAnXLSXFileIsReadWithAllItsDigits(t *testing.T) {
	db := pgtest.New(t)
	file, err := sheet.Write(sheet.XLSX, []string{"Имя", "Телефон", "Баланс", "Дата"}, [][]string{{"Азамат", "87071234567", "-100", "46346"}})
	if err != nil {
		t.Fatal(err)
	}
	report, err := importer.Contacts(t.Context(), db, bytes.NewReader(file), people())
	if err != nil || report.New != 1 || report.Encoding != "XLSX" {
		t.Fatalf("%+v, %v", report, err)
	}
	if n := count(t, db, `SELECT count(*) FROM contacts WHERE phone = '+77071234567' AND (fields->>'balance')::numeric = -100 AND fields->>'balance_at' = '2026-11-20T00:00:00Z'`); n != 1 {
		t.Error("the row is not there with its day")
	}
}

func TestOnlyANewerBalanceCountsAndWhoHasOneIsKnown(t *testing.T) {
	db := pgtest.New(t)
	load := func(file string) importer.ContactReport {
		t.Helper()
		report, err := importer.Balances(t.Context(), db, strings.NewReader(file), people())
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	load("phone,balance,as of\n87071234567,-500,2026-11-20\n")
	if report := load("phone,balance,as of\n87071234567,900,2026-11-19\n87010000001,10,2026-11-19\n"); report.New != 1 || report.Same != 1 {
		t.Errorf("an older balance: %+v", report)
	}
	load("phone,debt,as of\n87071234567,700,2026-11-21\n")
	if n := count(t, db, `SELECT count(*) FROM contacts WHERE phone = '+77071234567' AND (fields->>'balance')::numeric = -700 AND fields->'known' = 'true'`); n != 1 {
		t.Error("the newest balance does not count")
	}
	if _, err := importer.Balances(t.Context(), db, strings.NewReader("phone;name\n1;2\n"), people()); err == nil || !strings.Contains(err.Error(), "balance or debt") {
		t.Errorf("a table without balances: %v", err)
	}
}

func TestWhoOnlyTypedANumberDoesNotGetWhatTheListSaysOfIt(t *testing.T) {
	db := pgtest.New(t)
	if _, err := db.Pool.Exec(t.Context(), `WITH c AS (INSERT INTO contacts (name, phone) VALUES ('Чужой', '+77071234567') RETURNING id)
		INSERT INTO identities (channel, address, contact_id) SELECT 'telegram', '1', id FROM c`); err != nil {
		t.Fatal(err)
	}
	contacts(t, db, drivers, people())
	if n := count(t, db, `SELECT count(*) FROM contacts WHERE name = 'Чужой' AND NOT fields ? 'balance'`); n != 1 {
		t.Error("somebody who typed a number has the balance of its owner")
	}
}

func TestCorrespondenceBecomesTheHistoryOfItsPersonOnce(t *testing.T) {
	db := pgtest.New(t)
	contacts(t, db, drivers, people())
	dir := t.TempDir()
	for name, size := range map[string]int{"licence.jpg": 1000, "huge.jpg": 5000, "more.jpg": 1500} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	kept := 0
	o := importer.MessageOptions{ContactOptions: people(), Folder: root, MaxFile: 2000, Quota: 2000,
		Mask: func(text string) string { return strings.ReplaceAll(text, "4400 4301 2345 6789", "··· 6789") },
		Keep: func(name string, r io.ReadSeeker, limit int64) (postgres.FileImport, error) {
			kept++
			return postgres.FileImport{Hash: fmt.Sprintf("%064d", kept), MIME: "image/jpeg", Size: 1000}, nil
		}}
	talk := "телефон;почта;время;направление;текст;файл\n" +
		"87071234567;;01.03.2026 10:15;вх;Здравствуйте, карта 4400 4301 2345 6789;licence.jpg\n" +
		"87071234567;;01.03.2026 10:16;исх;Получили;\n" +
		"87071234567;;01.03.2026 10:17;вх;;huge.jpg\n" +
		"87071234567;;01.03.2026 10:18;вх;;more.jpg\n" +
		"87071234567;;01.03.2026 10:19;вх;;../../etc/passwd\n" +
		";saule@example.kz;2026-03-02 09:00;in;Письмо;\n" +
		"87055555555;;2026-03-02 09:01;in;Кто это?;\n"
	report, err := importer.Messages(t.Context(), db, strings.NewReader(talk), o)
	if err != nil {
		t.Fatal(err)
	}
	if report.New != 7 || report.Files != 1 || report.Refused["too_large"] != 1 || report.Refused["quota"] != 1 || report.Refused["missing"] != 1 {
		t.Errorf("report %+v", report)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM messages m JOIN conversations k ON k.id = m.conversation_id JOIN contacts c ON c.id = k.contact_id
			WHERE k.channel = 'import' AND c.name = 'Азамат Серик'`: 5,
		`SELECT count(*) FROM messages WHERE direction = 'out' AND status = 'sent' AND sent_at = '2026-03-01 10:16Z'`: 1,
		`SELECT count(*) FROM messages WHERE content->>'text' LIKE '%4400 4301%'`:                                     0,
		`SELECT count(*) FROM attachments WHERE status = 'stored' AND file_name = 'licence.jpg'`:                      1,
		`SELECT count(*) FROM attachments WHERE status = 'refused' AND hash IS NULL`:                                  3,
		`SELECT count(*) FROM contacts`: 4,
	} {
		if n := count(t, db, sql); n != want {
			t.Errorf("%d, want %d: %s", n, want, sql)
		}
	}
	again, err := importer.Messages(t.Context(), db, strings.NewReader(talk), o)
	if err != nil || again.New != 0 || again.Same != 7 {
		t.Errorf("once more: %+v, %v", again, err)
	}
	if n := count(t, db, `SELECT count(*) FROM attachments`); n != 4 {
		t.Errorf("%d files after the second import", n)
	}
}

func TestCellsOfSumsAndDaysAreReadAsTablesWriteThem(t *testing.T) {
	for _, c := range []struct{ balance, day, want string }{
		{"12 500,50 ₸", "2026-11-20", "12500.5"}, {"−1 000", "20.11.2026", "-1000"}, {"(500)", "46346", "-500"}, {"1,234.50", "20.11.2026 00:00", "1234.5"},
		{"1.234,50", "2026-11-20T00:00:00Z", "1234.5"}, {"0", "2026-11-20 00:00", "0"},
	} {
		db := pgtest.New(t)
		file := "phone\tbalance\tas of\n87071234567\t" + c.balance + "\t" + c.day + "\n"
		if _, err := importer.Balances(t.Context(), db, strings.NewReader(file), people()); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db, `SELECT count(*) FROM contacts WHERE (fields->>'balance')::numeric = $1::numeric AND fields->>'balance_at' = '2026-11-20T00:00:00Z'`, c.want); n != 1 {
			t.Errorf("%q of %q is not %s", c.balance, c.day, c.want)
		}
	}
}
