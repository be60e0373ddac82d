package slot

import (
	"regexp"
	"strings"
)

// ibanExample is the example of the IBAN registry for Kazakhstan.
const ibanExample = "KZ86 125K ZT50 0410 0100"

// Account numbers: an IBAN (ISO 13616; its length where we know it), and a run of digits that may be the number of a card (ISO 7812).
var (
	iban        = regexp.MustCompile(`^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$`)
	cardDigits  = regexp.MustCompile(`\d(?:[ \x{00a0}._-]{0,3}\d){12,18}`)
	ibanLengths = map[string]int{"KZ": 20, "BY": 28, "DE": 22, "GE": 22, "AZ": 28, "TR": 26, "GB": 22, "FR": 27, "PL": 28}
)

// maskedCard is a card number that is already hidden, as Show writes it.
var maskedCard = regexp.MustCompile(`^•••• (\d{4})$`)

// parseBank takes an IBAN with its check digits. The full number of a card is never kept: only "•••• 4242", flagged CardMasked.
func parseBank(_ Spec, given Given) (Value, *Wrong) {
	text, _, w := typed(given)
	if w != nil {
		return Value{}, w
	}
	if maskedCard.MatchString(text) {
		return Value{Text: text}, nil
	}
	packed := twins(pack(text), cyrillicTwins, latinTwins)
	packed = strings.TrimPrefix(packed, "IBAN")
	if iban.MatchString(packed) {
		if want, known := ibanLengths[packed[:2]]; known && want != len(packed) || !mod97(packed) {
			return Value{}, wrong("slot.bank_check", "example", ibanExample)
		}
		return Value{Text: packed}, nil
	}
	plain := digits(text)
	if masked, found := MaskCards(plain); found {
		last := maskMark.FindString(masked)
		return Value{Text: last, Flags: []string{CardMasked}}, nil
	}
	if cardDigits.MatchString(plain) && countDigits(plain) <= 19 {
		return Value{}, wrong("slot.bank_check", "example", ibanExample)
	}
	return Value{}, wrong("slot.bank_wrong", "example", ibanExample)
}

// maskMark is what MaskCards leaves of a number.
var maskMark = regexp.MustCompile(`•••• \d{4}`)

// MaskCards replaces every card number in a text (13 to 19 digits that pass the Luhn check) by "•••• 4242" and tells whether there was
// one. It is for whoever stores what a person wrote.
func MaskCards(text string) (masked string, found bool) {
	masked = cardDigits.ReplaceAllStringFunc(text, func(run string) string {
		number := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, run)
		if !luhn(number) || strings.Trim(number, "0") == "" {
			return run
		}
		found = true
		return "•••• " + number[len(number)-4:]
	})
	return masked, found
}

// mod97 checks an IBAN by ISO 7064: moved to the end, letters as 10 to 35, the rest of the division by 97 is 1.
func mod97(number string) bool {
	rest := 0
	for _, c := range []byte(number[4:] + number[:4]) {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}

// luhn checks a card number by ISO/IEC 7812-1.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// showBank writes an IBAN in groups of four.
func showBank(_ Spec, v Value) any {
	if !iban.MatchString(v.Text) {
		return v.Text
	}
	var b strings.Builder
	for i, r := range v.Text {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
