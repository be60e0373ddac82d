package slot

import (
	"regexp"
	"strings"
	"time"
)

// iinShape is a Kazakh identification number of a person: the day of birth, a digit of sex and century, and five more.
var iinShape = regexp.MustCompile(`^\d{6}[0-6]\d{5}$`)

// parseIIN takes the twelve digits of an identification number in any grouping; its first six are a day of birth, the last one checks the others. Whose it is, a person compares
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
	if !iinAddsUp(number) {
		return Value{}, wrong("slot.iin_check")
	}
	return Value{Text: number, Flags: flags}, nil
}

// iinAddsUp compares the last digit with the others: their sum, weighed by their places, modulo 11. Where that is 10 the weights begin with 3
// instead, and a number for which it is 10 again is given to nobody (rules of the state's register of individual identification numbers).
func iinAddsUp(number string) bool {
	for _, first := range [...]int{0, 2} {
		sum := 0
		for i := range 11 {
			sum += int(number[i]-'0') * ((i+first)%11 + 1)
		}
		if sum %= 11; sum < 10 {
			return sum == int(number[11]-'0')
		}
	}
	return false
}
