package slot

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"govorun/locales"
)

// currencies are the words by which people name them, folded or as the sign.
var currencies = map[string][]string{
	"RUB": {"₽", "р", "руб", "рубль", "рубля", "рублей", "rub", "rubles", "roubles", "r"},
	"KZT": {"₸", "т", "тг", "тенге", "теңге", "тнг", "kzt", "tenge", "tg"},
	"USD": {"$", "usd", "доллар", "доллара", "долларов", "dollar", "dollars", "бакс", "баксов"},
	"EUR": {"€", "eur", "евро", "euro", "euros"},
	"UZS": {"сум", "сумов", "uzs"},
	"KGS": {"сом", "сомов", "kgs"},
	"BYN": {"byn"},
}

// signs are how amounts of a currency are shown; others bear their code.
var signs = map[string]string{"RUB": "₽", "KZT": "₸", "USD": "$", "EUR": "€"}

// sum is an amount: a currency may stand before or behind, thousands in words, hundredths in words.
var sum = regexp.MustCompile(`^([^\d\s+.,'’-]*)\s*([+-]?\d[\d\s.,'’]*?)\s*(тыс\.?|тысяч[аи]?|мың|k|к)?\s*([^\d\s.,]*)\.?(?:\s*(?:и|and)?\s*(\d{1,2})\s*(?:к|коп|копеек|копейки|копейка|тиын|тыин|cents?|ц)\.?)?$`)

// parseMoney takes an amount in the currency of the slot; the value is in minor units (kopecks).
func parseMoney(spec Spec, given Given) (Value, *Wrong) {
	text, _, w := typed(given)
	if w != nil {
		return Value{}, w
	}
	bad := wrong("slot.money_wrong", "example", moneyExample(spec))
	m := sum.FindStringSubmatch(strings.ToLower(digits(strings.ReplaceAll(text, "−", "-"))))
	if m == nil || m[1] != "" && m[4] != "" {
		return Value{}, bad
	}
	switch currency, ok := currencyOf(m[1] + m[4]); {
	case !ok:
		return Value{}, bad
	case currency != "" && spec.Currency != "" && currency != spec.Currency:
		return Value{}, wrong("slot.money_currency", "currency", currency, "example", moneyExample(spec))
	}
	minor, ok := minorUnits(m[2], m[3] != "", m[5])
	if !ok {
		return Value{}, bad
	}
	if bounded(spec) && minor < math.Round(spec.Min*100) {
		return Value{}, wrong("slot.money_small", "min", formatMoney(spec, spec.Min*100), "example", moneyExample(spec))
	}
	if spec.Max > 0 && minor > math.Round(spec.Max*100) {
		return Value{}, wrong("slot.money_large", "max", formatMoney(spec, spec.Max*100), "example", moneyExample(spec))
	}
	return Value{Number: minor}, nil
}

// currencyOf finds the currency of a word; an empty word names none, which is fine.
func currencyOf(word string) (string, bool) {
	if word == "" {
		return "", true
	}
	if word = strings.Trim(word, "."); word == "" {
		return "", true
	}
	folded := locales.Fold(word)
	for code, names := range currencies {
		for _, name := range names {
			if name == word || name == folded {
				return code, true
			}
		}
	}
	return "", false
}

// minorUnits reads an amount as hundredths, exactly: no float sees the digits.
func minorUnits(amount string, thousand bool, hundredths string) (float64, bool) {
	negative, whole, fraction, ok := decimal(amount, !thousand)
	switch {
	case !ok || negative, len(whole) > maxDigits-2, hundredths != "" && (fraction != "" || thousand):
		return 0, false
	case hundredths != "":
		fraction = strings.Repeat("0", 2-len(hundredths)) + hundredths
	}
	exponent := 2
	if thousand {
		exponent = 5
	}
	if len(fraction) > exponent {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", exponent-len(fraction)), 10, 64)
	return float64(n), err == nil && n < 1e13
}

func moneyExample(spec Spec) string {
	n := 150.0
	if n < spec.Min || spec.Max > 0 && n > spec.Max {
		n = spec.Min
	}
	if n == 0 {
		n = spec.Max
	}
	return formatMoney(spec, n*100)
}

func showMoney(spec Spec, v Value) any { return formatMoney(spec, v.Number) }

// formatMoney writes minor units as "1 250,50 ₽".
func formatMoney(spec Spec, minor float64) string {
	units := int64(math.Round(minor))
	fraction := ""
	if units%100 != 0 {
		fraction = strconv.FormatInt(100+units%100, 10)[1:]
	}
	text := joinNumber(spec.Lang, strconv.FormatInt(units/100, 10), fraction)
	switch sign, known := signs[spec.Currency]; {
	case known:
		return text + "\u00a0" + sign
	case spec.Currency != "":
		return text + "\u00a0" + spec.Currency
	}
	return text
}
