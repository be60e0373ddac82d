package slot

import (
	"regexp"
	"strings"
	"time"
)

// iinShape is a Kazakh identification number of a person: the day of birth, a digit of sex and century, and five more.
var iinShape = regexp.MustCompile(`^\d{6}[0-6]\d{5}$`)

// parseIIN takes the twelve digits of an identification number in any grouping; its first six are a day of birth. Whose it is, a person compares
// with the identity card.
func parseIIN(_ Spec, given Given) (Value, *Wrong) {
	text, flags, w := typed(given)
	if w != nil {
		return Value{}, w
	}
	number := strings.Join(strings.FieldsFunc(digits(text), func(r rune) bool { return r == ' ' || r == '-' || r == '\u00a0' }), "")
	number = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(number), "ИИН"), "ЖСН"))
	if n := countDigits(number); n != 12 || len(number) != n {
		return Value{}, wrong("slot.iin_wrong", "n", n)
	}
	if _, err := time.Parse("060102", number[:6]); err != nil || !iinShape.MatchString(number) {
		return Value{}, wrong("slot.iin_birth")
	}
	return Value{Text: number, Flags: flags}, nil
}
