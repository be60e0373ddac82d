package picture

import (
	"bytes"
	"image/png"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font"
)

func day(columns int) Plan {
	zone := time.FixedZone("Almaty", 5*3600)
	monday := time.Date(2030, 6, 3, 0, 0, 0, 0, zone)
	at := func(h, m int) time.Time { return monday.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute) }
	p := Plan{Title: "понедельник, 3 июня · визитов: 5", From: 9, To: 18, Now: at(12, 20)}
	names := []string{"Солтүстік бригадасы: Ғалымжан Әбдірахманұлы", "Юг", "Тимур"}
	for i := range columns {
		c := Column{Name: names[i%len(names)], Day: monday}
		c.Visits = append(c.Visits,
			Visit{Start: at(9, 0), End: at(11, 0), Done: true, Lines: []string{"09:00–11:00 № 5512", "пр. Әл-Фараби, 19, БЦ «Нұрлы Тау», 4Б корпусы", "Айгүл Серікқызы", "+7 707 123 45 67"}},
			Visit{Start: at(11, 30), End: at(12, 0), Lines: []string{"11:30–12:00 № 5513", "не поместится"}},
			Visit{Start: at(17, 0), End: at(19, 30), Lines: []string{"17:00–19:30 № 5514", "Ұлытау көшесі, 5", "Қуаныш Өмірбекұлы"}})
		p.Columns = append(p.Columns, c)
	}
	return p
}

func TestAPlanIsDrawnWithinThePicture(t *testing.T) {
	for _, columns := range []int{0, 1, 3, 7, 40} {
		data, err := Draw(day(columns))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		size := picture.Bounds()
		if size.Dx() < 640 || size.Dx() > 2300 || size.Dy() < 800 || size.Dy() > 2300 || len(data) > 400_000 {
			t.Errorf("%d columns are %v of %d bytes", columns, size, len(data))
		}
		if keep := os.Getenv("KEEP_PICTURES"); keep != "" {
			if err := os.WriteFile(keep+"/plan"+string(rune('a'+columns%26))+".png", data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAWeekIsATableOfCrewsAndDays(t *testing.T) {
	w := Week{Title: "Неделя 3–9 июня · визитов: 12", Today: 1, Days: []string{"пн, 3", "вт, 4", "ср, 5", "чт, 6", "пт, 7", "сб, 8", "вс, 9"}}
	for _, name := range []string{"Солтүстік бригадасы: Ғалымжан Әбдірахманұлы", "Юг", "Тимур"} {
		row := Row{Name: name, Days: make([][]string, 7)}
		row.Days[0] = []string{"10:00 № 5512", "12:30 № 5513"}
		row.Days[3] = strings.Split("09:00 № 1,10:00 № 2,11:00 № 3,12:00 № 4,13:00 № 5,14:00 № 6,15:00 № 7,16:00 № 8,17:00 № 9,18:00 № 10", ",")
		w.Rows = append(w.Rows, row)
	}
	data, err := DrawWeek(w)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil || picture.Bounds().Dx() < 1000 || picture.Bounds().Dy() < 500 {
		t.Errorf("%v, %v", picture.Bounds(), err)
	}
	if keep := os.Getenv("KEEP_PICTURES"); keep != "" {
		if err := os.WriteFile(keep+"/week.png", data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLongNamesAreCutAndKazakhLettersHaveShapes(t *testing.T) {
	c := &canvas{}
	if err := c.fonts(); err != nil {
		t.Fatal(err)
	}
	long := c.bold.Cut(strings.Repeat("Ғалымжан ", 20), 200)
	if !strings.HasSuffix(long, "…") || font.MeasureString(c.bold, long).Ceil() > 200 {
		t.Errorf("%q is %d wide", long, font.MeasureString(c.bold, long).Ceil())
	}
	missing, _, _ := c.plain.GlyphBounds('\uFFFE')
	for _, r := range "әғқңөұүһіӘҒҚҢӨҰҮҺІ№₸–" {
		if bounds, _, ok := c.plain.GlyphBounds(r); !ok || bounds == missing {
			t.Errorf("%q has no shape", r)
		}
	}
}

func TestTheAxisHoldsEveryVisit(t *testing.T) {
	p := day(1)
	p.Columns[0].Visits[0].Start = p.Columns[0].Visits[0].Start.Add(-3 * time.Hour)
	if p.widen(); p.From != 6 || p.To != 20 {
		t.Errorf("from %d to %d", p.From, p.To)
	}
}
