package slot

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"govorun/crm/seal"
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

// fewestDigits is how many a text must have to be looked through for account numbers.
const fewestDigits = 8

// ibanRun is what may be an IBAN as people type it: with spaces, in small letters, with Cyrillic letters that look alike.
var ibanRun = regexp.MustCompile(`(?i)[a-zа-я]{2}[ \x{00a0}-]?\d{2}(?:[ \x{00a0}-]{0,2}[0-9a-zа-я]){11,30}`)

// MaskAccounts is MaskCards for IBANs as well, which it leaves as "KZ86 ···0100". An ordinary text costs a look at its bytes.
func MaskAccounts(text string) (masked string, found bool) {
	digits := 0
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			digits++
		}
	}
	if digits < fewestDigits {
		return text, false
	}
	masked, found = maskIBANs(text)
	masked, card := MaskCards(masked)
	return masked, found || card
}

// maskIBANs tries every place where one may begin: what looks like a beginning may stand right before the true one.
func maskIBANs(text string) (masked string, found bool) {
	var b strings.Builder
	for at := ibanRun.FindStringIndex(text); at != nil; at = ibanRun.FindStringIndex(text) {
		number, rest, ok := ibanIn(text[at[0]:at[1]])
		if !ok {
			_, first := utf8.DecodeRuneInString(text[at[0]:])
			b.WriteString(text[:at[0]+first])
			text = text[at[0]+first:]
			continue
		}
		found = true
		b.WriteString(text[:at[0]] + seal.Ends(number))
		text = rest + text[at[1]:]
	}
	return b.String() + text, found
}

// ibanIn finds a valid IBAN at the beginning of a run of letters and digits, and what follows it: words behind it look like a part of it.
func ibanIn(run string) (number, rest string, ok bool) {
	want := ibanLengths[twins(pack(run), cyrillicTwins, latinTwins)[:2]]
	letters := 0
	for i, c := range run {
		if c == ' ' || c == '\u00a0' || c == '-' {
			if want == 0 && letters >= shortestIBAN && ibanValid(run[:i]) {
				return twins(pack(run[:i]), cyrillicTwins, latinTwins), run[i:], true
			}
			continue
		}
		if letters++; letters == want {
			end := i + utf8.RuneLen(c)
			return twins(pack(run[:end]), cyrillicTwins, latinTwins), run[end:], ibanValid(run[:end])
		}
	}
	return twins(pack(run), cyrillicTwins, latinTwins), "", want == 0 && ibanValid(run)
}

// shortestIBAN is that of Norway.
const shortestIBAN = 15

func ibanValid(typed string) bool {
	number := twins(pack(typed), cyrillicTwins, latinTwins)
	return iban.MatchString(number) && mod97(number)
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
