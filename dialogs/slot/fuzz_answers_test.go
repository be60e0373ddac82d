package slot

import (
	"math"
	"testing"
	"unicode/utf8"

	"govorun/crm"
)

func FuzzText(f *testing.F) {
	fuzz(f, Spec{Type: "text", Max: 100}, "<b>привет</b>", "\u202eпривет\u200b", "  a \n b ", "\x00\xff", "👨\u200d👩", "-")
}

func FuzzName(f *testing.F) {
	fuzz(f, Spec{Type: "name"}, "Иванов_Иван*", "анна петрова", "O'Neil", "🙂", "A", "1234", "\u202eanna", "Ле-Гофф")
}

func FuzzEmail(f *testing.F) {
	fuzz(f, Spec{Type: "email"}, "anna@example.kz", "ANNA@EXAMPLE.KZ", "a@b", "@", "a b@c.d", "анна@пример.рф", "<a@b.c>", "a@b..c")
}

func FuzzIIN(f *testing.F) {
	fuzz(f, Spec{Type: "iin"}, "850101300007", "85 01 01 300007", "٨٥", "000000000000", "999999999999", "\xff")
}

func FuzzNumber(f *testing.F) {
	fuzz(f, Spec{Type: "number", Lang: "ru"}, "1 250,5", "-3", "1e9", "NaN", "Inf", "0x10", "½", "тысяча", "1.000.000", "00012")
}

func FuzzMany(f *testing.F) {
	fuzz(f, Spec{Type: "many", Lang: "en", Options: []Option{{"a", "Чай"}, {"b", "☕ Кофе"}, {"c", "11"}, {"d", "Чай и кофе"}}}, "1 и 2", "чай, кофе", "все", "11", "1️⃣2️⃣", "чай и кофе", "", "\xff", "1,1,1")
}

func FuzzCity(f *testing.F) {
	cities := []City{{Name: "Алматы", Names: map[string]string{"en": "Almaty"}}, {Name: "Москва", Names: map[string]string{"en": "Moscow"}, Also: []string{"Мск"}}}
	fuzz(f, Spec{Type: "city", Cities: cities}, "алматы", "Almaty", "мск", "Масква", "Лондон", "г. Москва", "\xff", "")
}

// FuzzMedia gives anything that is no text to every type of slot: nothing that is no number, size or place is taken.
func FuzzMedia(f *testing.F) {
	f.Add("photo", "image/jpeg", "a.jpg", int64(1000), 800, 600, 43.2, 76.9, "+77071234567", true, true)
	f.Add("document", "application/x-msdownload", "a.jpg.exe", int64(-1), -5, math.MaxInt, math.NaN(), math.Inf(1), "", false, false)
	f.Add("voice", "\xff", "../../a", int64(math.MaxInt64), 0, 0, 91.0, 181.0, "\x00", true, false)
	texts := vocabularyOf().texts
	f.Fuzz(func(t *testing.T, kind, mime, name string, size int64, width, height int, latitude, longitude float64, phone string, own, forwarded bool) {
		given := Given{
			Media: []crm.Media{{Kind: crm.MediaKind(kind), MIME: mime, Name: name, Size: size, Width: width, Height: height, Unique: name, Forwarded: forwarded}},
			Card:  &crm.Card{Phone: phone, Name: name, Own: own}, Location: &crm.Location{Latitude: latitude, Longitude: longitude, Title: name},
		}
		for _, of := range Types() {
			spec := Spec{Type: of, Now: moment, Lang: "ru", Regions: []string{"KZ"}, Max: 2}
			v, wrong := Parse(spec, given)
			if wrong != nil {
				if _, err := texts.Text("ru", wrong.Key, wrong.Args); err != nil {
					t.Fatalf("%s: %v", of, err)
				}
				continue
			}
			if p := v.Place; p != nil && !(math.Abs(p.Latitude) <= 90 && math.Abs(p.Longitude) <= 180) {
				t.Fatalf("%s takes the place %v", of, p)
			}
			if (of == "phone" || of == "contact") && v.Text != "" && (!own || !utf8.ValidString(v.Text)) {
				t.Fatalf("%s takes %q of a card that is their own: %v", of, v.Text, own)
			}
			Show(spec, v)
		}
	})
}
