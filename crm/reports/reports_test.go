package reports

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"strings"
	"testing"
)

// cities are those of Kazakhstan with the longest of names among them.
var cities = []string{"Алматы", "Астана", "Шымкент", "Қарағанды", "Ақтөбе", "Тараз", "Павлодар", "Өскемен (бывший Усть-Каменогорск), Восточно-Казахстанская область", "Семей",
	"Атырау", "Қостанай", "Қызылорда", "Орал", "Петропавл", "Ақтау", "Көкшетау"}

// words of a report in a language: title, two blocks, columns, empty, note.
var words = map[string][]string{
	"ru": {"Отчёт: ноябрь 2026", "По источникам", "По городам", "Заявки|Регистрация|1-я поездка|Расходы, ₸|Цена заявки|Цена: Регистрация|Цена: 1-я поездка", "За эти дни заявок нет.",
		"Регистрация и поездки — тех, чьи заявки пришли в эти дни, когда бы они ни случились. Расходы, у которых нет города, — в строке «Все города»."},
	"en": {"Report: November 2026", "By source", "By city", "Leads|Registered|First ride|Cost, ₸|Per lead|Per registered|Per first ride", "No leads in these days.",
		"Steps are of people whose leads came in these days, whenever they happened. Costs without a city stand as “All cities”."},
	"kk": {"Есеп: 2026 жылғы қараша", "Дереккөз бойынша", "Қала бойынша", "Өтінімдер|Тіркелу|Алғашқы сапар|Шығын, ₸|Өтінім бағасы|Тіркелу бағасы|Алғашқы сапар бағасы", "Бұл күндері өтінім болмады.",
		"Қадамдар осы күндері өтінім берген адамдар бойынша саналады. Қаласы жоқ шығын «Барлық қалалар» жолында тұр."},
}

func sample(lang string, rows int) Report {
	w := words[lang]
	columns := strings.Split(w[3], "|")
	block := func(title string, names []string) Block {
		b := Block{Title: title, Columns: columns, Bars: columns[:3], Empty: w[4]}
		sum := [3]int{}
		for i := range min(rows, len(names)) {
			n := []int{1240 / (i + 1), 610 / (i + 1), 95 / (i + 1)}
			for j := range n {
				sum[j] += n[j]
			}
			b.Rows = append(b.Rows, Row{Name: names[i], Bars: n, Cells: []string{fmt.Sprint(n[0]), fmt.Sprint(n[1]), fmt.Sprint(n[2]), "1 250 000", "1 008", "2 049", "13 157,89"}})
		}
		if len(b.Rows) > 1 {
			b.Total = &Row{Name: "Всего", Cells: []string{fmt.Sprint(sum[0]), fmt.Sprint(sum[1]), fmt.Sprint(sum[2]), "12 500 000", "4 000", "9 000", "—"}}
		}
		return b
	}
	return Report{Title: w[0], Note: w[5], Blocks: []Block{block(w[1], []string{"Instagram", "2GIS", "Нет источника", "Объявление_на_остановках_города_без_единого_пробела_2026", "сайт"}), block(w[2], cities)}}
}

func drawn(t *testing.T, name string, r Report) image.Image {
	t.Helper()
	data, err := Draw(r)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if keep := os.Getenv("KEEP_PICTURES"); keep != "" {
		if err := os.WriteFile(keep+"/"+name+".png", data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	size := picture.Bounds()
	if size.Dx()+size.Dy() > 10_000 || size.Dx() > 20*size.Dy() || len(data) > 1_000_000 {
		t.Errorf("%s is %v of %d bytes: no phone takes it", name, size, len(data))
	}
	// Whatever stands in a picture stands inside: its frame is paper.
	for x := range size.Dx() {
		for y := range size.Dy() {
			edge := x < margin-pad || y < margin-8 || x >= size.Dx()-margin+pad || y >= size.Dy()-6
			if r, g, b, _ := picture.At(x, y).RGBA(); edge && (r < 0xffff || g < 0xffff || b < 0xffff) {
				t.Fatalf("%s: something is cut off at %d, %d", name, x, y)
			}
		}
	}
	return picture
}

func TestAReportIsDrawnWholeInEveryLanguage(t *testing.T) {
	for lang := range words {
		for _, rows := range []int{0, 1, 16} {
			drawn(t, fmt.Sprintf("%s%d", lang, rows), sample(lang, rows))
		}
	}
	drawn(t, "bare", Report{})
}

func TestBarsBeginAtZeroAndHaveOneScale(t *testing.T) {
	r := Report{Blocks: []Block{{Bars: []string{"a"}, Columns: []string{"n"}, Rows: []Row{
		{Name: "full", Bars: []int{1000}, Cells: []string{"1000"}}, {Name: "half", Bars: []int{500}, Cells: []string{"500"}},
		{Name: "one", Bars: []int{1}, Cells: []string{"1"}}, {Name: "none", Bars: []int{0}, Cells: []string{"0"}}}}}}
	picture := drawn(t, "bars", r)
	var long []int
	for y := range picture.Bounds().Dy() {
		from, to := -1, -1
		for x := range picture.Bounds().Dx() {
			if picture.At(x, y) == tint(0) && x > margin+30 {
				if from < 0 {
					from = x
				}
				to = x
			}
		}
		if from < 0 {
			continue
		}
		if want := margin + 120 + gap; from != want {
			t.Fatalf("a bar begins at %d, not at the line of zero, %d", from, want)
		}
		if n := to - from + 1; len(long) == 0 || long[len(long)-1] != n {
			long = append(long, n)
		}
	}
	if want := []int{barsWide, barsWide / 2, 2}; fmt.Sprint(long) != fmt.Sprint(want) {
		t.Errorf("bars of 1000, 500, 1 and 0 are %v long, want %v", long, want)
	}
}

func TestLongWordsAreBrokenAndNothingIsLost(t *testing.T) {
	p, err := newPen()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(cities, "", "Объявление_на_остановках_без_пробелов", "a b c", strings.Repeat("Ғ", 90)) {
		lines := p.bold.Wrap(text, 150)
		if got := strings.Join(lines, ""); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(text, " ", "") {
			t.Errorf("%q became %q", text, lines)
		}
		if p.bold.Widest(lines...) > 150 {
			t.Errorf("%q is wider than its column", lines)
		}
	}
	missing, _, _ := p.plain.GlyphBounds('\uFFFE')
	for _, r := range "әғқңөұүһіӘҒҚҢӨҰҮҺІ№₸₽–—«»" {
		if bounds, _, ok := p.plain.GlyphBounds(r); !ok || bounds == missing {
			t.Errorf("%q has no shape", r)
		}
	}
}

func TestBarsOfNothingTakeNoRoomAndThoseOfAllBlocksStandBelowEachOther(t *testing.T) {
	p, err := newPen()
	if err != nil {
		t.Fatal(err)
	}
	none := Block{Bars: []string{"a"}, Columns: []string{"n"}, Rows: []Row{{Name: "x", Bars: []int{0}, Cells: []string{"0"}}}}
	if l := p.plan(none); len(l.Bars) != 0 || l.wide() > 2*margin+120+gap+40 {
		t.Errorf("no bars take %d", l.wide())
	}
	one := func(name string) Block {
		return Block{Bars: []string{"a"}, Columns: []string{"n"}, Rows: []Row{{Name: name, Bars: []int{1}, Cells: []string{"1"}}}}
	}
	picture := drawn(t, "aligned", Report{Blocks: []Block{one("short"), one("a name that is quite long")}})
	begins := map[int]bool{}
	for y := range picture.Bounds().Dy() {
		for x := margin + 100; x < picture.Bounds().Dx(); x++ {
			if picture.At(x, y) == tint(0) {
				begins[x] = true
				break
			}
		}
	}
	if len(begins) != 1 {
		t.Errorf("bars begin at %v", begins)
	}
}
