package slot

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"govorun/crm"
)

var languages = rapid.SampledFrom([]string{"ru", "en", "kk"})

// again parses what Show said and wants the same value.
func again(t *rapid.T, spec Spec, v Value) {
	t.Helper()
	shown, _ := Show(spec, v).(string)
	got, w := Parse(spec, Given{Text: shown})
	if w != nil {
		t.Fatalf("%s shown as %q is refused with %s %v", spec.Type, shown, w.Key, w.Args)
	}
	got.Flags = nil
	if got.Text != v.Text || got.Number != v.Number || !got.Time.Equal(v.Time) || !reflect.DeepEqual(got.Many, v.Many) {
		t.Fatalf("%s %+v shown as %q became %+v", spec.Type, v, shown, got)
	}
}

func TestWhatIsShownIsReadTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lang := languages.Draw(t, "lang")
		digits := func(n int, label string) string {
			return fmt.Sprintf("%0*d", n, rapid.IntRange(0, int(math.Pow10(n))-1).Draw(t, label))
		}
		at := moment.Add(time.Duration(rapid.IntRange(-500_000, 500_000).Draw(t, "minutes")) * time.Minute)
		again(t, Spec{Type: "datetime", Lang: lang, Now: moment}, Value{Time: at})
		y, m, d := at.Date()
		again(t, Spec{Type: "date", Lang: lang, Now: moment}, Value{Time: time.Date(y, m, d, 0, 0, 0, 0, at.Location())})
		again(t, Spec{Type: "money", Lang: lang, Currency: rapid.SampledFrom([]string{"RUB", "KZT", "USD", ""}).Draw(t, "currency")},
			Value{Number: float64(rapid.Int64Range(0, 1e12).Draw(t, "minor"))})
		again(t, Spec{Type: "number", Lang: lang}, Value{Number: float64(rapid.IntRange(-1e9, 1e9).Draw(t, "thousandths")) / 1000})
		again(t, Spec{Type: "phone", Regions: []string{"RU", "KZ"}}, Value{Text: "+7" + rapid.SampledFrom([]string{"707", "912", "727"}).Draw(t, "code") + digits(7, "phone")})
		letter := func(label string) string {
			return string(rapid.SampledFrom([]rune("АВЕКМНОРСТУХ")).Draw(t, label))
		}
		again(t, Spec{Type: "plate", Regions: []string{"RU"}}, Value{Text: letter("a") + digits(3, "number") + letter("b") + letter("c") + " " + fmt.Sprint(rapid.IntRange(10, 199).Draw(t, "region"))})
		again(t, Spec{Type: "bank"}, Value{Text: someIBAN(digits(13, "account"))})
	})
}

// someIBAN gives a Kazakh account its check digits.
func someIBAN(account string) string {
	for check := range 100 {
		if number := fmt.Sprintf("KZ%02d125%s", check, account); mod97(number) {
			return number
		}
	}
	return ""
}

func TestChoicesShownAreReadTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfNDistinct(rapid.StringMatching(`[а-я]{3,8}( [а-я]{2,6})?`), 1, 9, rapid.ID).Draw(t, "texts")
		options := make([]Option, len(texts))
		for i, text := range texts {
			options[i] = Option{ID: fmt.Sprintf("id%d", i), Text: "🔹 " + strings.ToUpper(text)}
		}
		spec := Spec{Type: "choice", Options: options}
		i := rapid.IntRange(0, len(options)-1).Draw(t, "choice")
		again(t, spec, Value{Text: options[i].ID})
		for _, form := range []string{"%d", "%d.", "%d)", " %d ", "№%d"} {
			if v, w := Parse(spec, Given{Text: fmt.Sprintf(form, i+1)}); w != nil || v.Text != options[i].ID {
				t.Fatalf("%q became %v, %v", fmt.Sprintf(form, i+1), v, w)
			}
		}
		spec.Type = "many"
		again(t, spec, Value{Many: []string{options[i].ID}})
	})
}

func TestAnyInputGivesAValueOrAReason(t *testing.T) {
	texts := vocabularyOf().texts
	rapid.Check(t, func(t *rapid.T) {
		spec := Spec{
			Type: rapid.SampledFrom(Types()).Draw(t, "type"), Lang: languages.Draw(t, "lang"), Future: rapid.Bool().Draw(t, "future"), Currency: "RUB",
			Min: float64(rapid.IntRange(-3, 5).Draw(t, "min")), Max: float64(rapid.IntRange(-3, 20).Draw(t, "max")),
			Now: moment, Options: []Option{{"a", "Да"}, {"b", ""}, {"", "Нет"}}[:rapid.IntRange(0, 3).Draw(t, "options")],
		}
		given := Given{Text: rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9 .,:+-]{0,24}`), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")}
		if rapid.Bool().Draw(t, "media") {
			given.Media = []crm.Media{{Kind: rapid.SampledFrom([]crm.MediaKind{crm.Photo, crm.Document, crm.Voice, crm.Sticker, "new"}).Draw(t, "kind"), Size: rapid.Int64().Draw(t, "size"), Width: rapid.Int().Draw(t, "width"), Height: 700}}
		}
		v, w := Parse(spec, given)
		if w != nil {
			if _, err := texts.Text(spec.Lang, w.Key, w.Args); err != nil {
				t.Fatal(err)
			}
			if !w.Keep && !reflect.DeepEqual(v, Value{}) {
				t.Fatalf("a refused answer left %+v", v)
			}
			return
		}
		Show(spec, v)
		AssetCode(given.Text)
		MaskCards(given.Text)
	})
}
