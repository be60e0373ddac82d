package slot

import (
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"govorun/locales"
)

// longestPhone is how many digits a phone number has at most (E.164), with an international prefix before it.
const longestPhone = 18

// parsePhone takes a typed number in any notation of the slot's regions, or the person's own contact card; the value is E.164.
func parsePhone(spec Spec, given Given) (Value, *Wrong) {
	example := phoneExample(spec)
	text := given.Text
	if given.Card != nil {
		if !given.Card.Own {
			return Value{}, wrong("slot.phone_foreign", "example", example)
		}
		text = given.Card.Phone
	} else if _, _, w := typed(given); w != nil {
		if w.Key == "slot.text_wanted" || w.Key == "slot.text_empty" {
			w = wrong("slot.phone_none", "example", example)
		}
		return Value{}, w
	}
	number, n := e164(text, spec.Regions)
	switch {
	case number != "":
		return Value{Text: number}, nil
	case n == 0:
		return Value{}, wrong("slot.phone_none", "example", example)
	}
	return Value{}, wrong("slot.phone_wrong", "n", n, "example", example)
}

// e164 finds the one phone number in a text and how many digits there were. Validity is only judged by length: real numbers of young
// ranges fail stricter tables.
func e164(text string, regions []string) (number string, n int) {
	clean, _ := locales.Clean(text)
	clean = digits(clean)
	var b strings.Builder
	for i := range len(clean) {
		switch c := clean[i]; {
		case c >= '0' && c <= '9':
			b.WriteByte(c)
			n++
		case c == '+' && b.Len() == 0:
			b.WriteByte(c)
		}
	}
	plain := b.String()
	if n == 0 || n > longestPhone {
		return "", n
	}
	if strings.HasPrefix(plain, "00") && n > 11 {
		plain = "+" + plain[2:]
	}
	if len(regions) == 0 {
		regions = []string{"RU", "KZ"}
	}
	for _, region := range regions {
		if number := possible(plain, region); number != "" {
			return number, n
		}
	}
	if !strings.HasPrefix(plain, "+") && n > 10 {
		return possible("+"+plain, ""), n
	}
	return "", n
}

func possible(plain, region string) string {
	parsed, err := phonenumbers.Parse(plain, region)
	if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
		return ""
	}
	// A length that is only possible within one town is not enough to call somebody.
	if national := phonenumbers.GetNationalSignificantNumber(parsed); len(national) < 7 || parsed.GetCountryCode() == 7 && len(national) != 10 {
		return ""
	}
	number := phonenumbers.Format(parsed, phonenumbers.E164)
	if parsed.GetCountryCode() == 7 {
		return number
	}
	// Abroad, some numbers of zeros lose one each time they are read: what isn't stable would not be found again.
	if same, err := phonenumbers.Parse(number, ""); err != nil || phonenumbers.Format(same, phonenumbers.E164) != number {
		return ""
	}
	return number
}

// phoneExample is a number in the notation of the first region.
func phoneExample(spec Spec) string {
	if len(spec.Regions) > 0 {
		switch spec.Regions[0] {
		case "RU":
			return "+7 912 345-67-89"
		case "KZ":
			return "+7 707 123-45-67"
		}
		if n := phonenumbers.GetExampleNumberForType(spec.Regions[0], phonenumbers.MOBILE); n != nil {
			return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
		}
	}
	return "+7 707 123-45-67"
}

func showPhone(_ Spec, v Value) any { return formatPhone(v.Text) }

// formatPhone writes E.164 as people read it: +7 707 123-45-67.
func formatPhone(number string) string {
	if len(number) == 12 && strings.HasPrefix(number, "+7") {
		return fmt.Sprintf("+7 %s %s-%s-%s", number[2:5], number[5:8], number[8:10], number[10:])
	}
	parsed, err := phonenumbers.Parse(number, "")
	if err != nil {
		return number
	}
	return phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
}
