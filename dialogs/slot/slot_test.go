package slot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/locales"
)

// moment is a Friday, 15 May 2026, noon in Almaty.
var moment = time.Date(2026, 5, 15, 12, 0, 0, 0, almaty())

func almaty() *time.Location { return time.FixedZone("Asia/Almaty", 5*3600) }

// row is one answer and what becomes of it: a value of the slot, or the key of what is said.
type row struct{ text, want, wrong string }

func run(t *testing.T, spec Spec, rows []row) {
	t.Helper()
	if spec.Now.IsZero() {
		spec.Now = moment
	}
	for _, r := range rows {
		v, w := Parse(spec, Given{Text: r.text})
		switch {
		case w == nil && r.wrong != "":
			t.Errorf("%s %q was taken as %q, want %s", spec.Type, r.text, v.Text, r.wrong)
		case w != nil && w.Key != r.wrong:
			t.Errorf("%s %q is refused with %s %v, want %q", spec.Type, r.text, w.Key, w.Args, r.wrong)
		case w == nil && v.Text != r.want:
			t.Errorf("%s %q became %q, want %q", spec.Type, r.text, v.Text, r.want)
		}
	}
}

// TestEveryRefusalHasItsText makes each parser refuse in each way it can, and fills in the texts in every language.
func TestEveryRefusalHasItsText(t *testing.T) {
	texts := vocabularyOf().texts
	options := []Option{{"a", "Первый вариант"}, {"b", "Первый случай"}, {"c", "Алматы"}, {"d", "Алмата"}}
	media := [][]crm.Media{
		nil, {{Kind: crm.Voice}}, {{Kind: crm.Sticker}}, {{Kind: crm.Video}}, {{Kind: crm.Photo, Width: 320, Height: 240}},
		{{Kind: crm.Document, MIME: "text/plain"}}, {{Kind: crm.Document, MIME: "image/png", Size: 34 << 20}}, {{Kind: crm.Photo}},
	}
	answers := []string{"", "x", "1", "99", "1 и 2", "перв", "алматта", "12345", "+7 707 123-45-67", "31.02", "25:99", "вчера", "2199-01-01", "завтра", "среда 15 мая", "5 usd",
		"4242 4242 4242 4243", "KZ86125KZT5004100101", "901301300123", "900101300123", strings.Repeat("я", 5000), "0", "10000000", "Иванов", "все", "алмати", "алматыбекск", "a\x00b"}
	seen := map[string]bool{}
	for _, name := range Types() {
		for _, spec := range []Spec{
			{Type: name, Now: moment, Future: true, Min: 2, Max: 3, Currency: "RUB", Options: options, Lang: "ru"},
			{Type: name, Now: moment, Currency: "KZT", Options: options[:1], Lang: "en", Have: Value{Media: make([]crm.Media, 10)}},
			{Type: name, Lang: "kk"},
			{Type: name, Lang: "ru", Cities: []City{{Name: "Алматы"}}},
		} {
			for _, text := range answers {
				for _, m := range media {
					for _, card := range []*crm.Card{nil, {Phone: "12"}, {Phone: "77071234567"}} {
						_, w := Parse(spec, Given{Text: text, Media: m, Card: card})
						if w == nil || seen[w.Key] {
							continue
						}
						seen[w.Key] = true
						for _, lang := range texts.Languages() {
							if said, err := texts.Text(lang, w.Key, w.Args); err != nil {
								t.Fatalf("%s %q: %v (%s)", name, text, err, said)
							}
						}
					}
				}
			}
		}
	}
	for _, key := range slotKeys(t, texts) {
		if !seen[key] && key != "slot.file_unreadable" && key != "slot.card_masked" {
			t.Errorf("nothing was refused with %s", key)
		}
	}
}

// slotKeys lists the keys of refusals that the product has.
func slotKeys(t *testing.T, texts *locales.Catalog) []string {
	t.Helper()
	var keys []string
	for _, key := range strings.Fields(`text_wanted text_empty text_short text_long name_wrong name_long choice_wrong choice_number choice_ambiguous
		many_wrong many_few many_much number_wrong number_small number_large money_wrong money_small money_large money_currency phone_wrong phone_none
		phone_foreign email_wrong date_wrong date_missing date_past date_far date_weekday time_wrong time_wanted photo_wanted photo_small photo_file photos_more
		photos_full file_wanted file_too_large file_unreadable location_wanted contact_wanted asset_wanted plate_wrong bank_wrong bank_check iin_wrong iin_birth iin_check card_masked city_wrong city_near
		city_ambiguous`) {
		if key = "slot." + key; !texts.Has("en", key) {
			t.Errorf("%s has no text", key)
		}
		keys = append(keys, key)
	}
	return keys
}

func TestEveryTypeShowsAnEmptyValueWithoutPanic(t *testing.T) {
	for _, name := range Types() {
		if shown := Show(Spec{Type: name}, Value{}); shown != "" && name != "number" && name != "money" {
			t.Errorf("an empty %s is shown as %v", name, shown)
		}
		if _, ok := kindOf(name); !ok {
			t.Errorf("%s is listed and unknown", name)
		}
	}
}

func TestW21MenuAnswersPickTheOption(t *testing.T) {
	options := []Option{{"money", "💸 Взял деньги, не выдал"}, {"bad", "☕ Плохой товар"}, {"broken", "⛔ Не работает"}, {"pay", "💳 Не принимает оплату"}, {"other", "✍️ Всё другое"}}
	rows := []row{
		{"1 и 2", "", "slot.choice_ambiguous"}, {"11", "", "slot.choice_number"}, {"0", "", "slot.choice_number"}, {"не", "", "slot.choice_wrong"},
		{"не р", "broken", ""}, {"не ра", "broken", ""}, {"не п", "pay", ""}, {"6", "", "slot.choice_number"}, {"абвг", "", "slot.choice_wrong"}, {"", "", "slot.choice_wrong"},
		{"плохой товар", "bad", ""}, {"ВСЕ ДРУГОЕ", "other", ""}, {"5️⃣", "other", ""}, {"bad", "bad", ""}, {"вариант 2", "bad", ""}, {"№ 3", "broken", ""}, {"third", "broken", ""},
		{"two", "bad", ""}, {"екі", "bad", ""}, {"бірінші", "money", ""}, {"второе", "bad", ""}, {"третья", "broken", ""}, {"٢", "bad", ""}, {"999999999999999999999", "", "slot.choice_wrong"},
	}
	for _, one := range []string{"1", "1.", "1)", "1️⃣", "１", "один", "первый", "Первый!", " 1 ", "взял деньги, не выдал", "Взял деньги не выдал", "ВЗЯЛ ДЕНЬГИ, НЕ ВЫДАЛ", "💸 Взял деньги, не выдал", "взял"} {
		rows = append(rows, row{one, "money", ""})
	}
	run(t, Spec{Type: "choice", Options: options}, rows)
	if _, w := Parse(Spec{Type: "choice", Options: options}, Given{Media: []crm.Media{{Kind: crm.Voice}}}); w == nil || w.Key != "grammar.voice_at_text" {
		t.Errorf("D29: a voice message gets %v", w)
	}
}

func TestOptionsThatAreNumbersAreMeantByTheirText(t *testing.T) {
	run(t, Spec{Type: "choice", Options: []Option{{"c", "100 ₽"}, {"d", "150 ₽"}, {"two", "1"}, {"e", "Другая"}}}, []row{
		{"100", "c", ""}, {"150 ₽", "d", ""}, {"1", "two", ""}, {"2", "d", ""}, {"200", "", "slot.choice_number"}, {"другая", "e", ""},
	})
	eleven := make([]Option, 11)
	for i := range eleven {
		eleven[i] = Option{ID: string(rune('a' + i)), Text: "Option " + string(rune('A'+i))}
	}
	run(t, Spec{Type: "choice", Options: eleven}, []row{{"11", "k", ""}, {"1", "a", ""}, {"🔟", "j", ""}, {"опт", "", "slot.choice_wrong"}, {"option", "", "slot.choice_ambiguous"}})
}

func TestSeveralOptionsAreListed(t *testing.T) {
	spec := Spec{Type: "many", Options: []Option{{"a", "Кофе"}, {"b", "Чай, зелёный"}, {"c", "Вода"}, {"d", "Сок"}}, Max: 3}
	for text, want := range map[string]string{
		"1, 3": "a c", "3 1": "a c", "1 и 3": "a c", "2": "b", "1-3": "a b c", "кофе, вода": "a c", "кофе, чай, зеленый": "a b", "сок\nкофе": "a d", "один, два": "a b",
		"13": "slot.choice_number", "все": "slot.many_much", "1-4": "slot.many_much", "3-1": "slot.many_wrong", "пиво": "slot.many_wrong", "1, пиво": "slot.many_wrong", "": "slot.many_wrong",
	} {
		v, w := Parse(spec, Given{Text: text})
		got := strings.Join(v.Many, " ")
		if w != nil {
			got = w.Key
		}
		if got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if shown := Show(spec, Value{Many: []string{"a", "c"}}); shown != "Кофе, Вода" {
		t.Error(shown)
	}
}

func TestD08NamesAreKeptAsWrittenWithoutWhatIsInvisible(t *testing.T) {
	long := strings.Repeat("Я", 300)
	run(t, Spec{Type: "name"}, []row{
		{"  Азамат   Ибраев ", "Азамат Ибраев", ""}, {"Айгүл Серікқызы", "Айгүл Серікқызы", ""}, {"Иван 😀", "Иван", ""}, {"<b>Иван</b>", "<b>Иван</b>", ""},
		{"Иванов_Иван*", "Иванов_Иван*", ""}, {"И\u202eван\u200b", "Иван", ""}, {"Иван\nИванов", "Иван Иванов", ""}, {"O'Neil-Смит", "O'Neil-Смит", ""}, {"Ли", "Ли", ""},
		{long, "", "slot.name_long"}, {"😀", "", "slot.name_wrong"}, {"+7 707 123 45 67", "", "slot.name_wrong"}, {"Я", "", "slot.name_wrong"}, {"", "", "slot.text_empty"}, {"\u200b", "", "slot.text_empty"},
	})
	v, _ := Parse(Spec{Type: "name"}, Given{Text: "И\u202eван\u200b"})
	if !slices.Contains(v.Flags, Invisible) {
		t.Error("invisible characters are not flagged")
	}
	if v, _ := Parse(Spec{Type: "name"}, Given{Text: "Иван"}); len(v.Flags) > 0 {
		t.Errorf("flags of a plain name: %v", v.Flags)
	}
}

func TestTextIsTrimmedAndMeasuredInCharacters(t *testing.T) {
	run(t, Spec{Type: "text", Min: 3, Max: 5}, []row{
		{" абв ", "абв", ""}, {"абвгд", "абвгд", ""}, {"абвгде", "", "slot.text_long"}, {"аб", "", "slot.text_short"}, {"a\x00bc", "abc", ""}, {"a\nb", "a\nb", ""}, {"  ", "", "slot.text_empty"},
	})
	for kind, want := range map[crm.MediaKind]string{crm.Voice: "grammar.voice_at_text", crm.VideoNote: "grammar.voice_at_text", crm.Sticker: "grammar.sticker", crm.Photo: "slot.text_wanted"} {
		if _, w := Parse(Spec{Type: "text"}, Given{Media: []crm.Media{{Kind: kind}}}); w == nil || w.Key != want {
			t.Errorf("%s at a text step: %v, want %s", kind, w, want)
		}
	}
	if v, w := Parse(Spec{Type: "text"}, Given{Text: "caption", Media: []crm.Media{{Kind: crm.Photo}}}); w != nil || v.Text != "caption" {
		t.Errorf("a caption became %v, %v", v, w)
	}
	if v, w := Parse(Spec{Type: "no such type"}, Given{Text: "x"}); w != nil || v.Text != "x" {
		t.Errorf("an unknown type became %v, %v", v, w)
	}
}

func TestAddressesOfMail(t *testing.T) {
	run(t, Spec{Type: "email"}, []row{
		{"Azamat@Example.COM", "azamat@example.com", ""}, {"mailto:a.b+c@x.kz", "a.b+c@x.kz", ""}, {"<a@b.ru>.", "a@b.ru", ""}, {"info@почта.рф", "info@почта.рф", ""},
		{"a@b", "", "slot.email_wrong"}, {"a b@c.ru", "", "slot.email_wrong"}, {"a@@b.ru", "", "slot.email_wrong"}, {"a@b..ru", "", "slot.email_wrong"}, {"собака", "", "slot.email_wrong"},
		{"a@" + strings.Repeat("x", 300) + ".ru", "", "slot.email_wrong"}, {"a@b.ru\r\nBcc: x@y.z", "", "slot.email_wrong"},
	})
}
