package slot

import (
	"regexp"
	"strconv"
	"strings"

	"govorun/locales"
)

// maxDigits is how many digits a number may have: more is no number that a person means, and a float keeps 15 exactly.
const maxDigits = 13

// figure is a number as people write it: digits with spaces, apostrophes, commas and dots between.
var figure = regexp.MustCompile(`^[+]?(-?)(\d[\d .,'’]*)$`)

// Signs that stand for minus and space, and those between thousands.
var (
	likeASCII = strings.NewReplacer("−", "-", "–", "-", "\u00a0", " ", "\u202f", " ", "\u2009", " ")
	gaps      = strings.NewReplacer(" ", "", "'", "", "’", "")
	points    = strings.NewReplacer(".", "", ",", "")
)

// decimal reads a number into its whole and its fractional digits. A single comma or dot with three digits behind it is read as
// thousands ("1,250") when thousands is set, else as a fraction ("1.250").
func decimal(text string, thousands bool) (negative bool, whole, fraction string, ok bool) {
	m := figure.FindStringSubmatch(strings.TrimSpace(digits(likeASCII.Replace(text))))
	if m == nil {
		return false, "", "", false
	}
	body := gaps.Replace(m[2])
	body = strings.TrimRight(body, ".,")
	last := strings.LastIndexAny(body, ".,")
	whole = body
	if last >= 0 {
		same := strings.Count(body, body[last:last+1])
		group := len(body)-last-1 == 3 && (thousands || same > 1)
		if !group {
			if same > 1 {
				return false, "", "", false // 1.2.3
			}
			whole, fraction = body[:last], body[last+1:]
		}
	}
	if !grouped(whole) {
		return false, "", "", false
	}
	whole = points.Replace(whole)
	if whole == "" || len(whole)+len(fraction) > maxDigits+6 {
		return false, "", "", false
	}
	return m[1] == "-", whole, fraction, true
}

// grouped tells whether separators in a whole number stand between groups of three, and are of one kind.
func grouped(whole string) bool {
	if strings.Contains(whole, ".") && strings.Contains(whole, ",") {
		return false
	}
	parts := strings.FieldsFunc(whole, func(r rune) bool { return r == '.' || r == ',' })
	for _, part := range parts[min(1, len(parts)):] {
		if len(part) != 3 {
			return false
		}
	}
	if len(parts) > 1 && parts[0][0] == '0' {
		return false // 0,001
	}
	return len(parts) == 1 || len(parts) > 1 && len(parts[0]) <= 3 && len(parts) == strings.Count(whole, ".")+strings.Count(whole, ",")+1
}

// parseNumber takes digits, or a small number in words.
func parseNumber(spec Spec, given Given) (Value, *Wrong) {
	text, _, w := typed(given)
	if w != nil {
		return Value{}, w
	}
	example := numberExample(spec)
	n, ok := 0.0, false
	if word, known := vocabularyOf().numbers[locales.Fold(text)]; known {
		n, ok = float64(word), true
	} else if negative, whole, fraction, valid := decimal(text, false); valid && len(whole)+len(fraction) <= maxDigits {
		n, _ = strconv.ParseFloat(whole+"."+fraction+"0", 64)
		if ok = true; negative && n != 0 {
			n = -n
		}
	}
	switch {
	case !ok:
		return Value{}, wrong("slot.number_wrong", "example", example)
	case bounded(spec) && n < spec.Min:
		return Value{}, wrong("slot.number_small", "min", formatNumber(spec.Lang, spec.Min), "example", example)
	case bounded(spec) && spec.Max > 0 && n > spec.Max:
		return Value{}, wrong("slot.number_large", "max", formatNumber(spec.Lang, spec.Max), "example", example)
	}
	return Value{Number: n}, nil
}

func bounded(spec Spec) bool { return spec.Min != 0 || spec.Max != 0 }

func numberExample(spec Spec) string {
	n := 5.0
	if spec.Min > n || spec.Max != 0 && n > spec.Max {
		n = spec.Min
	}
	return formatNumber(spec.Lang, n)
}

func showNumber(spec Spec, v Value) any { return formatNumber(spec.Lang, v.Number) }

// formatNumber writes a number with spaces between thousands and the decimal sign of the language.
func formatNumber(lang string, n float64) string {
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(n, 'f', -1, 64), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "−", whole[1:]
	}
	return sign + joinNumber(lang, whole, fraction)
}

func joinNumber(lang, whole, fraction string) string {
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteRune('\u00a0')
		}
		b.WriteRune(r)
	}
	if fraction != "" {
		if strings.HasPrefix(lang, "en") {
			b.WriteByte('.')
		} else {
			b.WriteByte(',')
		}
		b.WriteString(fraction)
	}
	return b.String()
}
