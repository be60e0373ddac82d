package documents_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govorun/crm/documents"
)

const contract = `# Шарт / Договор / Contract № 1042

## 1. Предмет
Парк «Алматы» подключает водителя Қайрат Әбілұлы
к сервису. Вознаграждение — 5 % (₸).

- первое условие, которое не помещается на одну строку и потому переносится на следующую под собою же самим, а не под точкой
- второе

---
IBAN KZ86125KZT5004100100`

func TestTheSameDocumentGivesTheSameBytesAndAnotherOnesOthers(t *testing.T) {
	d := documents.Document{Title: "Договор", Text: contract, Footer: "№ 1042, версия 2", MadeAt: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	first, err := documents.PDF(d)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := documents.PDF(d); !bytes.Equal(first, again) {
		t.Error("the same document gives other bytes the second time")
	}
	d.Text += " and more"
	if other, _ := documents.PDF(d); bytes.Equal(first, other) {
		t.Error("another text gives the same bytes")
	}
	if !bytes.HasPrefix(first, []byte("%PDF-1.")) || len(first) > 200<<10 {
		t.Errorf("%d bytes that begin with %q", len(first), first[:8])
	}
	if at := os.Getenv("GOVORUN_LOOK"); at != "" {
		if err := os.WriteFile(filepath.Join(at, "contract.pdf"), first, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLettersOfAllLanguagesCanBeReadBackFromTheFile(t *testing.T) {
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Log("pdftotext is not there: the letters are looked at as glyphs only")
	}
	file, err := documents.PDF(documents.Document{Title: "x", Text: contract, Footer: "f", MadeAt: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if reader == "" {
		if !bytes.Contains(file, []byte("/ToUnicode")) {
			t.Error("the file doesn't say which letters it shows")
		}
		return
	}
	cmd := exec.Command(reader, "-", "-")
	cmd.Stdin = bytes.NewReader(file)
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Қайрат Әбілұлы", "5 % (₸)", "KZ86125KZT5004100100", "f·1"} {
		if !strings.Contains(strings.ReplaceAll(string(text), " · ", "·"), want) {
			t.Errorf("%q can't be read in\n%s", want, text)
		}
	}
}

func TestWhatIsTooLongOrEmptyIsRefusedAndALongOneHasManyPages(t *testing.T) {
	for _, text := range []string{"", " \n ", strings.Repeat("а", documents.MaxText)} {
		if _, err := documents.PDF(documents.Document{Text: text}); err == nil {
			t.Errorf("a text of %d bytes is taken", len(text))
		}
	}
	file, err := documents.PDF(documents.Document{Text: strings.Repeat("Пункт договора, который надо прочитать.\n\n", 500)})
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(file, []byte("/Type /Page\n")); n < 5 {
		t.Errorf("%d pages", n)
	}
}

func BenchmarkPDF(b *testing.B) {
	d := documents.Document{Title: "Договор", Text: contract, Footer: "f"}
	for b.Loop() {
		if _, err := documents.PDF(d); err != nil {
			b.Fatal(err)
		}
	}
}

func TestX16_WhateverPeopleTypeIsPrintedOrLeftOutAndFailsNoContract(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"Иван 🚗", "𐀀", "\U0010ffff", "Анна\xff\xfe", "a\x00b", "\u202eсемь тысяч", "❤️", "👨‍👩‍👧", "\ufffe", strings.Repeat("🚗", 5000)} {
		file, err := documents.PDF(documents.Document{Title: "Договор " + typed, Text: "# " + typed + "\n\n- " + typed + "\n\nВодитель: " + typed, Footer: typed, MadeAt: time.Unix(0, 0)})
		if err != nil || len(file) == 0 {
			t.Errorf("%.20q: %v", typed, err)
		}
	}
}
