package slot

import (
	"testing"
	"unicode/utf8"
)

// fuzz runs one type of slot on anything: no panic, and what is taken can be shown and is taken again.
func fuzz(f *testing.F, spec Spec, seeds ...string) {
	spec.Now = moment
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, w := Parse(spec, Given{Text: text})
		if w != nil {
			if _, err := vocabularyOf().texts.Text("ru", w.Key, w.Args); err != nil {
				t.Fatal(err)
			}
			return
		}
		if !utf8.ValidString(v.Text) {
			t.Fatalf("%q became %q", text, v.Text)
		}
		shown, _ := Show(spec, v).(string)
		back, w := Parse(spec, Given{Text: shown})
		if w != nil || back.Text != v.Text || back.Number != v.Number || !back.Time.Equal(v.Time) {
			t.Fatalf("%q became %+v, shown as %q, which became %+v, %v", text, v, shown, back, w)
		}
	})
}

func FuzzPhone(f *testing.F) {
	fuzz(f, Spec{Type: "phone", Regions: []string{"RU", "KZ"}}, "8 707 123 45 67", "+996555123456", "٨٧٠٧١٢٣٤٥٦٧", "12345", "00", "+", "\xff8", "810 996 555 123456")
}

func FuzzDate(f *testing.F) {
	fuzz(f, Spec{Type: "datetime", Lang: "ru"}, "завтра в 10", "31.02", "через 2 часа", "in half an hour", "2 сағаттан кейін", "15.05.26 10:00", "2026-12-31 18:30", "пятница 9", "\xff10:00", "99:99")
}

func FuzzMoney(f *testing.F) {
	fuzz(f, Spec{Type: "money", Currency: "RUB", Lang: "ru"}, "150", "1 250,50 ₽", "2 тыс", "150 руб 50 коп", "1,2,3", "−5", "$5", "\xff1", "99999999999999999")
}

func FuzzBank(f *testing.F) {
	fuzz(f, Spec{Type: "bank"}, "KZ86 125K ZT50 0410 0100", "4242 4242 4242 4242", "КZ86125КZТ5004100100", "0000000000000000", "•••• 4242", "\xff4242424242424242")
}

func FuzzPlate(f *testing.F) {
	fuzz(f, Spec{Type: "plate", Regions: []string{"RU", "KZ"}}, "A123BC 77", "123 авс 02", "А 123 ВСD", "1234АВ77", "\xffА123ВС77")
}

func FuzzChoice(f *testing.F) {
	fuzz(f, Spec{Type: "choice", Options: []Option{{"a", "Взял деньги, не выдал"}, {"b", "☕ Плохой товар"}, {"c", "11"}}}, "1", "1️⃣", "１", "один", "1 и 2", "11", "взял", "\xff", "🔟")
}
