package stickers

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-fonts/dejavu/dejavusans"
	"golang.org/x/image/font/sfnt"
	"rsc.io/qr"

	"govorun/crm"
)

func machine(i int) Sticker {
	return Sticker{
		Link:   fmt.Sprintf("https://t.me/GovorunVendingBot?start=m_1gEBvoCaIFOozNg%04d", i),
		Number: fmt.Sprint(i),
		Place:  "Алматы, ТРЦ «Dostyk Plaza», 2-й этаж, у эскалатора, ул. Қонаев 111",
		Calls:  []string{"Сломалось? Наведите камеру", "Бұзылды ма? Камераны бағыттаңыз"},
	}
}

func sheet(columns, rows int) Sheet {
	return Sheet{Layout: Layout{columns, rows}, Title: "Наклейки", MadeAt: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
}

// keep writes a result where it can be looked at, when asked for.
func keep(t *testing.T, name string, data []byte) {
	if folder := os.Getenv("GOVORUN_KEEP_STICKERS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Error(err)
		}
	}
}

func TestTheRectanglesOfACodeAreExactlyItsBlackModules(t *testing.T) {
	for _, link := range []string{machine(214).Link, "https://t.me/b?start=m_1", strings.Repeat("https://example.com/", 20)} {
		codes, err := Sticker{Link: link}.codes()
		if err != nil {
			t.Fatal(err)
		}
		code := codes[0].Code
		reference, err := qr.Encode(link, qr.Q)
		if err != nil || reference.Size != code.Size {
			t.Fatalf("the matrix differs from the library's: %v", err)
		}
		covered := map[[2]int]int{}
		all := bars(code)
		for _, b := range all {
			for y := b.y; y < b.y+b.h; y++ {
				for x := b.x; x < b.x+b.w; x++ {
					covered[[2]int{x, y}]++
				}
			}
		}
		black := 0
		for y := range reference.Size {
			for x := range reference.Size {
				want := 0
				if reference.Black(x, y) {
					want, black = 1, black+1
				}
				if covered[[2]int{x, y}] != want {
					t.Fatalf("module %d,%d is covered %d times, want %d", x, y, covered[[2]int{x, y}], want)
				}
			}
		}
		if len(all)*2 > black {
			t.Errorf("%d rectangles for %d modules: runs are not merged", len(all), black)
		}
	}
}

func TestASheetHasAsManyPagesAsItsStickersNeed(t *testing.T) {
	for _, c := range []struct{ stickers, columns, rows, pages int }{{1, 3, 8, 1}, {24, 3, 8, 1}, {25, 3, 8, 2}, {9, 2, 4, 2}, {2, 1, 1, 2}, {30, 4, 5, 2}} {
		var all []Sticker
		for i := range c.stickers {
			all = append(all, machine(i+200))
		}
		var out bytes.Buffer
		if err := WritePDF(&out, all, sheet(c.columns, c.rows)); err != nil {
			t.Fatal(err)
		}
		if pages := bytes.Count(out.Bytes(), []byte("/Type /Page\n")); pages != c.pages {
			t.Errorf("%d stickers at %dx%d: %d pages, want %d", c.stickers, c.columns, c.rows, pages, c.pages)
		}
		keep(t, fmt.Sprintf("%dx%d.pdf", c.columns, c.rows), out.Bytes())
	}
}

func TestTheSameStickersMakeTheSameFile(t *testing.T) {
	var a, b bytes.Buffer
	for _, out := range []*bytes.Buffer{&a, &b} {
		if err := WritePDF(out, []Sticker{machine(1), machine(2)}, sheet(3, 8)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two runs differ")
	}
}

func TestLayoutsAreReadAndImpossibleOnesRefused(t *testing.T) {
	for text, want := range map[string]Layout{"3x8": {3, 8}, "2×4": {2, 4}, "1x1": {1, 1}, "3х8": {3, 8}} {
		if got, err := ParseLayout(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "3", "x", "3x", "0x8", "-1x8", "3x8x1", "03x8", "99x99", "3 x 8", "3.5x8"} {
		if got, err := ParseLayout(text); err == nil || !strings.ContainsAny(err.Error(), ":") {
			t.Errorf("%q is taken as %v, error %v", text, got, err)
		}
	}
	if err := WritePDF(&bytes.Buffer{}, []Sticker{machine(1)}, Sheet{}); err == nil {
		t.Error("a sheet without a layout is printed")
	}
	if err := WritePDF(&bytes.Buffer{}, nil, sheet(3, 8)); err == nil {
		t.Error("an empty sheet is printed")
	}
}

func TestStrangeTextsAndLinksNeverPanic(t *testing.T) {
	strange := []string{"", "☕🤖𝔸", strings.Repeat("Ж", 500), "a\x00b\nc", "\u202e214", strings.Repeat("слово ", 200), "\xff\xfe", "<b>&"}
	for _, text := range strange {
		s := Sticker{Link: "https://t.me/b?start=m_1", Number: text, Place: text, Calls: []string{text, text, text}}
		for _, l := range []Sheet{sheet(3, 8), sheet(7, 11), sheet(1, 1)} {
			if err := WritePDF(&bytes.Buffer{}, []Sticker{s}, l); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
		if err := WritePNG(&bytes.Buffer{}, s); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := WritePDF(&bytes.Buffer{}, []Sticker{{Link: strings.Repeat("x", 5000), Number: "1"}}, sheet(3, 8)); err == nil || !strings.Contains(err.Error(), "machine 1") {
		t.Errorf("a link that no code can hold: %v", err)
	}
}

func TestAPictureHoldsTheCodeWithItsQuietZone(t *testing.T) {
	s := machine(214)
	var out bytes.Buffer
	if err := WritePNG(&out, s); err != nil {
		t.Fatal(err)
	}
	keep(t, "214.png", out.Bytes())
	picture, err := png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	reference, err := qr.Encode(s.Link, qr.Q)
	if err != nil {
		t.Fatal(err)
	}
	if want := (reference.Size + 8) * modulePixels; picture.Bounds().Dx() != want || picture.Bounds().Dy() <= want {
		t.Fatalf("the picture is %v, the code with its border %d", picture.Bounds(), want)
	}
	for y := -4; y < reference.Size+4; y++ { // with the four modules of white around it
		for x := -4; x < reference.Size+4; x++ {
			if black := dark(picture, (x+4)*modulePixels+modulePixels/2, (y+4)*modulePixels+modulePixels/2); black != reference.Black(x, y) {
				t.Fatalf("module %d,%d is black=%v", x, y, black)
			}
		}
	}
}

func dark(picture image.Image, x, y int) bool {
	r, _, _, _ := picture.At(x, y).RGBA()
	return r < 0x8000
}

func TestAMachineBecomesAStickerInTheLanguagesOfItsPlace(t *testing.T) {
	got := For(crm.Asset{Code: "214", City: "Алматы", Address: "БЦ «Достық»"}, "https://t.me/b?start=m_1", "ru", "kk", "xx")
	if got.Number != "214" || got.Place != "Алматы, БЦ «Достық»" || len(got.Calls) != 2 || got.Link != "https://t.me/b?start=m_1" {
		t.Errorf("%+v", got)
	}
	if place := For(crm.Asset{Code: "1", City: "Алматы"}, "x").Place; place != "Алматы" {
		t.Errorf("a machine without an address stands in %q", place)
	}
}

func TestTheFontHasAllLettersOfOurLanguages(t *testing.T) {
	parsed, err := sfnt.Parse(dejavusans.TTF)
	if err != nil {
		t.Fatal(err)
	}
	var buffer sfnt.Buffer
	for _, r := range "АаБбЁёЯяӘәҒғҚқҢңӨөҰұҮүҺһІіЎўʻ№«»—–…₸₽/-.,?" {
		if i, err := parsed.GlyphIndex(&buffer, r); err != nil || i == 0 {
			t.Errorf("no letter %q: %v", r, err)
		}
	}
	for _, lang := range []string{"ru", "kk", "en"} {
		if call, ok := Call(lang); !ok || call == "" {
			t.Errorf("no invitation in %s", lang)
		}
	}
}

func BenchmarkTwoHundredAndFortyStickers(b *testing.B) {
	var all []Sticker
	for i := range 240 {
		all = append(all, machine(i+1))
	}
	for b.Loop() {
		var out bytes.Buffer
		if err := WritePDF(&out, all, sheet(3, 8)); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(out.Len())/1024, "KiB")
	}
}

func TestTwoCodesStandSideBySideEachWithItsName(t *testing.T) {
	s := machine(214)
	s.WhatsApp = "https://wa.me/77071234567?text=M-1gEBvoCaIFOozNg0214"
	var file bytes.Buffer
	if err := WritePNG(&file, s); err != nil {
		t.Fatal(err)
	}
	keep(t, "two.png", file.Bytes())
	picture, err := png.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := s.codes()
	if err != nil || len(codes) != 2 || codes[0].name != "Telegram" || codes[1].name != "WhatsApp" {
		t.Fatalf("%v, %v", codes, err)
	}
	side := max(codes[0].modules(), codes[1].modules()) * modulePixels
	if picture.Bounds().Dx() != 2*side {
		t.Errorf("the picture is %d wide, want two codes of %d", picture.Bounds().Dx(), side)
	}
	for i, m := range codes {
		left, top := i*side+(side-m.modules()*modulePixels)/2, side-m.modules()*modulePixels
		for y := range m.Size {
			for x := range m.Size {
				r, _, _, _ := picture.At(left+(quietZone+x)*modulePixels+1, top+(quietZone+y)*modulePixels+1).RGBA()
				if (r < 0x8000) != m.Black(x, y) {
					t.Fatalf("module %d,%d of code %d has the wrong colour", x, y, i)
				}
			}
		}
	}
	for _, l := range []Sheet{sheet(3, 8), sheet(2, 4), sheet(1, 1)} {
		var out bytes.Buffer
		if err := WritePDF(&out, []Sticker{s, s}, l); err != nil {
			t.Errorf("two codes at %v: %v", l.Layout, err)
		}
		keep(t, "two-"+l.Layout.String()+".pdf", out.Bytes())
	}
	if err := WritePDF(&bytes.Buffer{}, []Sticker{s}, sheet(7, 11)); err == nil {
		t.Error("two codes too small to be read are printed")
	}
}
