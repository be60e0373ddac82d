package slot

import "testing"

func BenchmarkParse(b *testing.B) {
	options := []Option{{"money", "💸 Взял деньги, не выдал"}, {"bad", "☕ Плохой товар"}, {"broken", "⛔ Не работает"}, {"pay", "💳 Не принимает оплату"}, {"other", "✍️ Другое"}}
	for _, c := range []struct{ kind, text string }{
		{"choice", "money"}, {"choice", "Не работает"}, {"choice", "3"}, {"text", "Не выдал сдачу, экран погас"}, {"name", "Азамат Ибраев"}, {"phone", "8 707 123 45 67"},
		{"money", "150 ₽"}, {"datetime", "завтра в 10"}, {"plate", "A123BC 77"}, {"bank", "KZ86125KZT5004100100"},
	} {
		spec := Spec{Type: c.kind, Options: options, Now: moment, Regions: []string{"RU"}}
		if c.kind == "choice" || c.kind == "city" {
			spec.Regions = nil
		}
		b.Run(c.kind+"/"+c.text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, w := Parse(spec, Given{Text: c.text}); w != nil {
					b.Fatal(w)
				}
			}
		})
	}
}
