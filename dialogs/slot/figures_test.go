package slot

import (
	"slices"
	"strings"
	"testing"

	"govorun/crm"
)

func TestD07PhonesOfEveryNotationBecomeE164(t *testing.T) {
	spec := Spec{Type: "phone", Regions: []string{"RU", "KZ"}}
	run(t, spec, []row{
		{"8 707 123 45 67", "+77071234567", ""}, {"+7 (707) 123-45-67", "+77071234567", ""}, {"77071234567", "+77071234567", ""}, {"7071234567", "+77071234567", ""},
		{"+996 555 123 456", "+996555123456", ""}, {"996555123456", "+996555123456", ""}, {"00996555123456", "+996555123456", ""}, {"٨٧٠٧١٢٣٤٥٦٧", "+77071234567", ""},
		{"８７０７１２３４５６７", "+77071234567", ""}, {"8\u200b707\u202c1234567", "+77071234567", ""}, {"мой номер 8-916-123-45-67", "+79161234567", ""}, {"8 727 250 12 34", "+77272501234", ""},
		{"+1 202 555 0123", "+12025550123", ""}, {"12345", "", "slot.phone_wrong"}, {"707 123", "", "slot.phone_wrong"}, {"+7 707 123 45 67 8 9", "", "slot.phone_wrong"},
		{"87071234567 87071234568", "", "slot.phone_wrong"}, {"нет номера", "", "slot.phone_none"}, {"", "", "slot.phone_none"}, {"+", "", "slot.phone_none"},
	})
	_, w := Parse(spec, Given{Text: "1 2 3 4 5"})
	if w == nil || w.Args["n"] != 5 || w.Args["example"] != "+7 912 345-67-89" {
		t.Errorf("five digits: %v", w)
	}
	if shown := Show(spec, Value{Text: "+77071234567"}); shown != "+7 707 123-45-67" {
		t.Error(shown)
	}
	if shown := Show(spec, Value{Text: "+996555123456"}); shown != "+996 555 123 456" {
		t.Error(shown)
	}
}

func TestD06OnlyTheOwnContactCardIsTaken(t *testing.T) {
	spec := Spec{Type: "phone", Regions: []string{"KZ"}}
	if v, w := Parse(spec, Given{Card: &crm.Card{Phone: "77071234567", Own: true}}); w != nil || v.Text != "+77071234567" {
		t.Errorf("the own card became %v, %v", v, w)
	}
	if v, w := Parse(spec, Given{Card: &crm.Card{Phone: "77071234567"}}); w == nil || w.Key != "slot.phone_foreign" || v.Text != "" {
		t.Errorf("a foreign card became %v, %v", v, w)
	}
	if v, w := Parse(Spec{Type: "contact", Regions: []string{"KZ"}}, Given{Card: &crm.Card{Phone: "8 707 123 45 67", Name: "Ann"}}); w != nil || v.Card == nil || v.Card.Phone != "+77071234567" ||
		Show(Spec{Type: "contact"}, v) != "Ann +7 707 123-45-67" {
		t.Errorf("a contact became %v, %v", v, w)
	}
}

func TestSumsAreReadExactlyInMinorUnits(t *testing.T) {
	spec := Spec{Type: "money", Currency: "RUB", Min: 10, Max: 5000, Lang: "ru"}
	for text, want := range map[string]float64{
		"150": 15000, "150 ₽": 15000, "150р": 15000, "150 руб.": 15000, "1 250,50": 125050, "1250.5": 125050, "1,250": 125000, "1.250": 125000, "1 250,50 ₽": 125050,
		"150 руб 50 коп": 15050, "150 рублей 5 копеек": 15005, "₽150": 15000, "2 тыс": 200000, "2,5 тысячи рублей": 250000, "2к": 200000, "１５０": 15000, "99,99": 9999, "+150": 15000,
	} {
		if v, w := Parse(spec, Given{Text: text}); w != nil || v.Number != want {
			t.Errorf("%q became %v, %v; want %v", text, v.Number, w, want)
		}
	}
	for text, want := range map[string]string{
		"5": "slot.money_small", "9,99": "slot.money_small", "5001": "slot.money_large", "5000,01": "slot.money_large", "150 тенге": "slot.money_currency", "$150": "slot.money_currency",
		"много": "slot.money_wrong", "-150": "slot.money_wrong", "1.2.3": "slot.money_wrong", "150-200": "slot.money_wrong", "1,234,5": "slot.money_wrong", "150,999,1": "slot.money_wrong",
		"99999999999999999999": "slot.money_wrong", "150 коней": "slot.money_wrong", "0,001": "slot.money_wrong", "": "slot.text_empty",
	} {
		if v, w := Parse(spec, Given{Text: text}); w == nil || w.Key != want {
			t.Errorf("%q became %v, %v; want %s", text, v.Number, w, want)
		}
	}
	for minor, want := range map[float64]string{15000: "150\u00a0₽", 125050: "1\u00a0250,50\u00a0₽", 5: "0,05\u00a0₽", 123456700: "1\u00a0234\u00a0567\u00a0₽"} {
		if shown := Show(spec, Value{Number: minor}); shown != want {
			t.Errorf("%v is shown as %q", minor, shown)
		}
	}
	if v, w := Parse(Spec{Type: "money", Currency: "KZT"}, Given{Text: "5000 тг"}); w != nil || v.Number != 500000 {
		t.Errorf("tenge: %v, %v", v, w)
	}
}

func TestNumbersAreReadWithEitherDecimalSign(t *testing.T) {
	spec := Spec{Type: "number", Min: -5, Max: 10000, Lang: "ru"}
	for text, want := range map[string]float64{"5": 5, "5,5": 5.5, "1.250": 1.25, "1 250": 1250, "−3": -3, "-3": -3, "пять": 5, "three": 3, "٣": 3, "1'000": 1000, "0": 0, "-0": 0} {
		if v, w := Parse(spec, Given{Text: text}); w != nil || v.Number != want {
			t.Errorf("%q became %v, %v; want %v", text, v.Number, w, want)
		}
	}
	for text, want := range map[string]string{"-6": "slot.number_small", "10001": "slot.number_large", "x": "slot.number_wrong", "1 2 3": "", "NaN": "slot.number_wrong", "1e9": "slot.number_wrong",
		"0x10": "slot.number_wrong", strings.Repeat("9", 400): "slot.number_wrong", "1,2,3": "slot.number_wrong"} {
		if v, w := Parse(spec, Given{Text: text}); want != "" && (w == nil || w.Key != want) {
			t.Errorf("%q became %v, %v; want %s", text, v.Number, w, want)
		}
	}
}

func TestD09PlatesInLookAlikeLettersAreNormalised(t *testing.T) {
	spec := Spec{Type: "plate", Regions: []string{"RU", "KZ"}}
	run(t, spec, []row{
		{"A123BC 77", "А123ВС 77", ""}, {"а123вс 02", "А123ВС 02", ""}, {"а 123 вс 777 rus", "А123ВС 777", ""}, {"АВ 123 77", "АВ123 77", ""}, {"1234 АВ 77", "1234АВ 77", ""},
		{"123ABC02", "123 ABC 02", ""}, {"123 авс 02", "123 ABC 02", ""}, {"123 AB 02", "123 AB 02", ""}, {"A 123 BCD", "A 123 BCD", ""}, {"A-123-BC-77", "А123ВС 77", ""},
		{"А123ВС", "", "slot.plate_wrong"}, {"Я123ВС 77", "", "slot.plate_wrong"}, {"А123ВС 00", "", "slot.plate_wrong"}, {"1234", "", "slot.plate_wrong"}, {"", "", "slot.text_empty"},
	})
	for text, flagged := range map[string]bool{"A123BC 77": true, "А123ВС 77": false, "а123вс77": false, "123 ABC 02": false, "123 АВС 02": true} {
		v, w := Parse(spec, Given{Text: text})
		if w != nil || slices.Contains(v.Flags, Normalised) != flagged {
			t.Errorf("%q: flags %v, %v; want normalised %v", text, v.Flags, w, flagged)
		}
	}
}

func TestD10AccountsAreCheckedAndCardNumbersNeverKept(t *testing.T) {
	spec := Spec{Type: "bank"}
	run(t, spec, []row{
		{"KZ86 125K ZT50 0410 0100", "KZ86125KZT5004100100", ""}, {"kz86125kzt5004100100", "KZ86125KZT5004100100", ""}, {"КZ86125КZТ5004100100", "KZ86125KZT5004100100", ""},
		{"IBAN: KZ86125KZT5004100100", "KZ86125KZT5004100100", ""}, {"GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432", ""},
		{"KZ86125KZT5004100101", "", "slot.bank_check"}, {"KZ8612", "", "slot.bank_wrong"}, {"4242 4242 4242 4243", "", "slot.bank_check"}, {"мой счёт", "", "slot.bank_wrong"},
		{"4242 4242 4242 4242", "•••• 4242", ""}, {"карта 4242-4242-4242-4242, спасибо", "•••• 4242", ""}, {"•••• 4242", "•••• 4242", ""},
	})
	for _, text := range []string{"4242424242424242", "4242 4242 4242 4242", "моя 5555555555554444 вот", "٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢"} {
		v, w := Parse(spec, Given{Text: text})
		if w != nil || !slices.Contains(v.Flags, CardMasked) || countDigits(v.Text) != 4 {
			t.Errorf("%q became %v, %v", text, v, w)
		}
	}
	masked, found := MaskCards("платите на 4242 4242 4242 4242 или звоните 8 707 123 45 67")
	if !found || masked != "платите на •••• 4242 или звоните 8 707 123 45 67" {
		t.Errorf("%v %q", found, masked)
	}
	if shown := Show(spec, Value{Text: "KZ86125KZT5004100100"}); shown != "KZ86 125K ZT50 0410 0100" {
		t.Error(shown)
	}
}

func TestCitiesAreFoundDespiteSlips(t *testing.T) {
	spec := Spec{Type: "city", Options: []Option{{"almaty", "Алматы"}, {"astana", "Астана"}, {"shymkent", "Шымкент"}, {"ufa", "Уфа"}, {"aktobe", "Ақтөбе"}, {"nino", "Нижний Новгород"}, {"vino", "Великий Новгород"}}}
	run(t, spec, []row{
		{"алматы", "almaty", ""}, {"Алмаьы", "almaty", ""}, {"Алмааты", "almaty", ""}, {"г. Астана", "astana", ""}, {"Асатна", "astana", ""}, {"чымкент", "shymkent", ""}, {"Актобе", "aktobe", ""},
		{"нижний новгорот", "nino", ""}, {"нижний", "nino", ""}, {"3", "shymkent", ""}, {"уфа", "ufa", ""}, {"уха", "", "slot.city_wrong"}, {"Москва", "", "slot.city_wrong"}, {"99", "", "slot.choice_number"},
	})
	run(t, Spec{Type: "city", Options: []Option{{"a", "Алмата"}, {"b", "Алматы"}}}, []row{{"алмати", "", "slot.city_ambiguous"}, {"алматы", "b", ""}})
	run(t, Spec{Type: "city"}, []row{{"Тараз", "Тараз", ""}, {"1", "", "slot.name_wrong"}})
	if shown := Show(spec, Value{Text: "almaty"}); shown != "Алматы" {
		t.Error(shown)
	}
}

func TestACityOfTheKitIsKeptByItsNameHoweverItWasTyped(t *testing.T) {
	cities := []City{{Name: "Алматы", Names: map[string]string{"en": "Almaty"}, Also: []string{"Алма-Ата"}}, {Name: "Самара", Names: map[string]string{"en": "Samara"}},
		{Name: "Саратов"}, {Name: "Уфа", Names: map[string]string{"en": "Ufa"}}, {Name: "Нижний Новгород", Also: []string{"НН"}}, {Name: "Ростов-на-Дону", Also: []string{"Ростов"}}, {Name: "Костанай"}, {Name: "Омск"}}
	rows := []row{
		{"almaty", "Алматы", ""}, {"ALMATY", "Алматы", ""}, {"алма ата", "Алматы", ""}, {"г. Алма-Ата", "Алматы", ""}, {"Алмааты", "Алматы", ""}, {"almati", "Алматы", ""},
		{"ростов на дону", "Ростов-на-Дону", ""}, {"нн", "Нижний Новгород", ""}, {"нижний", "Нижний Новгород", ""}, {"уфа", "Уфа", ""}, {"Қостанай", "Костанай", ""},
		{"1", "", "slot.city_wrong"}, {"2", "", "slot.city_wrong"}, {"уха", "", "slot.city_wrong"}, {"нижний новгородище", "", "slot.city_near"},
	}
	run(t, Spec{Type: "city", Cities: cities}, append(rows, row{"Париж", "", "slot.city_wrong"}))
	run(t, Spec{Type: "city", Cities: cities, Elsewhere: true}, []row{{"almaty", "Алматы", ""}, {"Париж", "Париж", ""}, {"Самарканд", "Самарканд", ""}, {"Томск", "Томск", ""}, {"1", "", "slot.name_wrong"}})
	run(t, Spec{Type: "city", Cities: []City{{Name: "Алмата"}, {Name: "Алматы"}}}, []row{{"алмати", "", "slot.city_ambiguous"}, {"алматы", "Алматы", ""}})
	if shown := Show(Spec{Type: "city", Cities: cities, Lang: "en"}, Value{Text: "Алматы"}); shown != "Almaty" {
		t.Error(shown)
	}
}
