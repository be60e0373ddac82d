package slot

import (
	"strings"
	"testing"
)

func TestX19_AccountNumbersInTextsAreMaskedHoweverTheyAreTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"KZ86125KZT5004100100":                             "KZ86 ···0100",
		"счёт kz86 125k zt50 0410 0100 спасибо":            "счёт KZ86 ···0100 спасибо",
		"на 12 KZ86125KZT5004100100, да":                   "на 12 KZ86 ···0100, да",
		"КZ86-125К-ZТ50-0410-0100":                         "KZ86 ···0100", // Cyrillic К and Т
		"DE89370400440532013000":                           "DE89 ···3000",
		"NO9386011117947 мой счёт":                         "NO93 ···7947 мой счёт",
		"KZ86125KZT5004100100 и 4242 4242 4242 4242":       "KZ86 ···0100 и •••• 4242",
		"KZ87125KZT5004100100":                             "KZ87125KZT5004100100", // wrong check digits
		"Звоните 8 707 123 45 67 или +7 (727) 250-00-00":   "Звоните 8 707 123 45 67 или +7 (727) 250-00-00",
		"Автомат 214, не работает с 10:30 12.05.2026 утра": "Автомат 214, не работает с 10:30 12.05.2026 утра",
	} {
		if got, found := MaskAccounts(typed); got != want || found != (got != typed) {
			t.Errorf("%q became %q (%v), want %q", typed, got, found, want)
		}
	}
}

func FuzzMaskAccountsLeavesNoValidIBANAlone(f *testing.F) {
	f.Add("KZ86125KZT5004100100")
	f.Add("aa11 kz86 125k zt50 0410 0100 x")
	f.Fuzz(func(t *testing.T, text string) {
		if masked, _ := MaskAccounts(text); strings.Contains(masked, "KZ86125KZT5004100100") {
			t.Errorf("%q became %q", text, masked)
		}
	})
}

func BenchmarkMaskAccountsInAnOrdinaryText(b *testing.B) {
	text := strings.Repeat("Здравствуйте, автомат у входа не выдал кофе. ", 5)
	for b.Loop() {
		MaskAccounts(text)
	}
}
