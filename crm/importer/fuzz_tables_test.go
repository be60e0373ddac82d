package importer

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/sheet"
)

// tables are files as people send them: in several encodings, with separators of several kinds, whole and broken.
func tables(f *testing.F, header string, rows ...string) {
	for _, comma := range []string{";", ",", "\t"} {
		f.Add([]byte(strings.ReplaceAll(strings.Join(append([]string{header}, rows...), "\n"), ";", comma)))
	}
	f.Add([]byte("\xef\xbb\xbfsep=;\r\n" + header + "\r\n" + strings.Join(rows, "\r\n") + "\r\n;;;\r\n"))
	f.Add([]byte(header + "\n\"" + rows[0]))
	f.Add([]byte("\xfe\xff\x00a\x00;\xd8\x00"))
	var cells [][]string
	for _, row := range rows {
		cells = append(cells, strings.Split(row, ";"))
	}
	book, err := sheet.Write(sheet.XLSX, strings.Split(header, ";"), cells)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(book)
}

// told checks that what is wrong with a file is said with its place and a reason that people can read.
func told(t *testing.T, problems []Problem) {
	t.Helper()
	if len(problems) > maxShown {
		t.Fatalf("%d problems are listed", len(problems))
	}
	for _, p := range problems {
		if p.Line < 1 || p.Reason == "" || strings.Contains(p.Reason, "%!") {
			t.Fatalf("a problem without its place or reason: %+v", p)
		}
	}
}

// explained checks that a file that can't be read at all is refused in words.
func explained(t *testing.T, err error) {
	t.Helper()
	if !strings.Contains(err.Error(), " ") || strings.Contains(err.Error(), "%!") {
		t.Fatalf("refused by %q", err)
	}
}

// storable checks that the database takes the texts of a row.
func storable(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || len(text) > 4*maxText+8 {
			t.Fatalf("not fit to store: %q", text)
		}
	}
}

func FuzzReadStaff(f *testing.F) {
	tables(f, "имя;роль;город;бригада;телеграм;телефон;навыки;часы;дорога", "Иван;техник;Алматы;Первая;1001;+77071234567;газ, свет;пн-пт 9:00–18:00;30", "Ева;manager;;;@eva;;;mon 25:00-26:00;-5")
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := open(bytes.NewReader(file), staffColumns(), "name", "role", "city")
		if err != nil {
			explained(t, err)
			return
		}
		read, err := readStaff(table, Options{})
		if err != nil {
			explained(t, err)
			return
		}
		told(t, read.problems)
		for _, row := range read.rows {
			storable(t, row.Name, row.Role, row.City, row.Phone, row.Address)
			if row.Name == "" || row.Role == "" || isFormula(row.Name) || row.Travel != nil && (*row.Travel < 0 || *row.Travel > maxTravel) {
				t.Fatalf("a row like %+v", row)
			}
			for day, span := range row.Hours {
				from, to, two := strings.Cut(span, "-")
				if !two || len(from) != 5 || len(to) != 5 || from >= to || from < "00:00" || to > "24:00" || strings.Trim(day, "adefhimnorstuw-") != "" {
					t.Fatalf("hours like %q: %q", day, span)
				}
			}
		}
	})
}

func FuzzReadContacts(f *testing.F) {
	tables(f, "имя;телефон;почта;город;наш;баланс;дата;заметка;цвет", "Анна;+77071234567;anna@example.kz;Алматы;да;12 500,50 ₸;22.11.2026;любит чай;синий", ";;ANNA@example.kz;;нет;(500);45000.5;;", "Боб;8707;b@b;;может;1,234.50;NaN;=1+1;")
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := openAny(bytes.NewReader(file), contactColumns())
		if err != nil {
			explained(t, err)
			return
		}
		now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
		read, _, err := readContacts(table, ContactOptions{Zone: time.UTC, Now: now})
		if err != nil {
			explained(t, err)
			return
		}
		told(t, read.problems)
		for _, row := range read.rows {
			storable(t, row.Name, row.Phone, row.Mail)
			if row.Phone == "" && row.Mail == "" {
				t.Fatalf("nobody: %+v", row)
			}
			balance, weighed := row.Fields[crm.FieldBalance].(float64)
			if weighed && !(balance >= -1e12 && balance <= 1e12) {
				t.Fatalf("a balance of %v", balance)
			}
			if at, err := time.Parse(time.RFC3339, row.Fields.Text(crm.FieldBalanceAt)); weighed && (err != nil || at.Year() < 1900 || at.Year() > 2200) {
				t.Fatalf("a balance as of %q", row.Fields.Text(crm.FieldBalanceAt))
			}
		}
	})
}

func FuzzReadMessages(f *testing.F) {
	tables(f, "телефон;время;направление;текст;файл", "+77071234567;2026-11-22 10:00;in;Здравствуйте;", "+77071234567;22.11.2026 10:05;исходящее;Добрый день!;photos\\a.jpg", ";NaN;вбок;x;../../x")
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := openAny(bytes.NewReader(file), messageColumns(), "at", "text")
		if err != nil {
			explained(t, err)
			return
		}
		seen, refs := map[string]int{}, map[string]bool{}
		for {
			rec, wrong, err := table.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				explained(t, err)
				return
			}
			var row messageRow
			if len(wrong) == 0 {
				row, wrong = messageOf(table, rec, MessageOptions{ContactOptions: ContactOptions{Zone: time.UTC}})
			}
			if told(t, wrong); len(wrong) > 0 {
				continue
			}
			storable(t, row.Text, row.Phone, row.Mail)
			if row.At.Year() < 1899 || row.At.Year() > 2200 {
				t.Fatalf("written at %s", row.At)
			}
			if ref := refOf(row, seen); refs[ref] {
				t.Fatalf("two messages are %s", ref)
			} else {
				refs[ref] = true
			}
		}
	})
}

func FuzzReadCosts(f *testing.F) {
	tables(f, "день;источник;расход;город", "22.11.2026;insta;12 500,50 ₸;Алматы", "2026-11-23;flyers;99.9;", "31.02.2026;x;-5;")
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := open(bytes.NewReader(file), costColumns(), "day", "source", "cost")
		if err != nil {
			explained(t, err)
			return
		}
		b := book{codes: map[string]postgres.Source{"insta": {Code: "insta", Source: "instagram"}}, names: map[string]bool{"flyers": true, "instagram": true}, lines: map[postgres.SourceCost]int{}}
		twice := map[postgres.SourceCost]bool{}
		for {
			rec, wrong, err := table.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				explained(t, err)
				return
			}
			var row postgres.SourceCost
			if wrong == nil {
				row, wrong = b.cost(table, rec, Options{})
			}
			if told(t, wrong); wrong != nil {
				continue
			}
			if row.Cost < 0 || row.Cost > maxCost || row.Day.Year() <= 2000 || !b.names[row.Source] {
				t.Fatalf("a cost like %+v", row)
			}
			row.Cost = 0
			if twice[row] {
				t.Fatalf("one day of one source is taken twice: %+v", row)
			}
			twice[row] = true
		}
	})
}

func FuzzEveryEncodingBecomesText(f *testing.F) {
	for _, seed := range []string{"код;имя", "\xef\xbb\xbfкод", "\xff\xfek\x00", "\xfe\xff\x00k\xd8", "\xea\xee\xe4;\xe8\xec\xff", "код\xff;имя", "PK\x03\x04", "\xd0\xcf\x11\xe0", "\x00", "\xff\xfe\x00\xd8"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		text, encoding, err := read(bytes.NewReader(raw))
		if err != nil {
			explained(t, err)
			return
		}
		if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 || len(text) > 3*len(raw)+3 {
			t.Fatalf("%q is read as %q", raw, text)
		}
		again, as, err := read(bytes.NewReader(text))
		if bytes.HasPrefix(text, []byte("PK\x03\x04")) || bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
			return
		}
		if err != nil || as != "UTF-8" || !bytes.Equal(again, text) {
			t.Fatalf("%q in %s is %q, then %q in %s, %v", raw, encoding, text, again, as, err)
		}
	})
}

func FuzzSumsAndMoments(f *testing.F) {
	for _, seed := range []string{"12 500,50 ₸", "(500)", "1,234.50", "-5", "−7", "NaN", "Inf", "1e99", "45000.5", "22.11.2026 10:00", "2026-11-22T10:00:00+05:00", "31.02.2026", "--", "٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if sum, ok := money(text); ok && !(sum >= -1e12 && sum <= 1e12) {
			t.Fatalf("%q is the sum %v", text, sum)
		}
		if at, ok := moment(text, time.UTC); ok && (at.Year() < 1954 || at.Year() > 2200) {
			t.Fatalf("%q is the moment %s", text, at)
		}
		if cost, wrong := costOf(text); wrong == "" && (cost < 0 || cost > maxCost) {
			t.Fatalf("%q costs %d", text, cost)
		}
		if hours, wrong := readHours(text); (wrong == "") != (hours != nil) {
			t.Fatalf("%q gives the hours %v and %q", text, hours, wrong)
		}
		value, wrong := cell(text, maxName)
		if wrong == "" && (isFormula(value) || utf8.RuneCountInString(value) > maxName) {
			t.Fatalf("%q is the cell %q", text, value)
		}
	})
}
