package importer

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// money reads a sum in whatever way tables hold it: 12 500,50 ₸, -12500.5, (500), 1,234.50. False when it is none.
func money(text string) (float64, bool) {
	text = strings.ReplaceAll(text, "−", "-")
	negative := strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")")
	var digits strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsDigit(r) && r < unicode.MaxASCII, r == '.', r == ',', r == '-':
			digits.WriteRune(r)
		case unicode.IsSpace(r), unicode.IsLetter(r), unicode.Is(unicode.Sc, r), r == '(', r == ')', r == '\'':
		default:
			return 0, false
		}
	}
	n := digits.String()
	comma, dot := strings.LastIndexByte(n, ','), strings.LastIndexByte(n, '.')
	switch {
	case comma >= 0 && dot > comma || strings.Count(n, ",") > 1: // 1,234.50
		n = strings.ReplaceAll(n, ",", "")
	case comma >= 0: // 1.234,50
		n = strings.Replace(strings.ReplaceAll(n, ".", ""), ",", ".", 1)
	}
	sum, err := strconv.ParseFloat(n, 64)
	if err != nil || math.Abs(sum) > 1e12 {
		return 0, false
	}
	if negative {
		sum = -sum
	}
	return math.Round(sum*100) / 100, true
}

// moments are the ways in which tables write a day or a time.
var moments = [...]string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02", "02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006", "02/01/2006 15:04", "02/01/2006"}

// moment reads a day or a time by the clock of a zone. A bare number is how spreadsheets store it: days since the end of 1899.
func moment(text string, zone *time.Location) (time.Time, bool) {
	for _, layout := range moments {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, at.Year() > 1970 && at.Year() < 2200
		}
	}
	days, err := strconv.ParseFloat(text, 64)
	if err != nil || !(days >= 20_000 && days <= 80_000) { // “NaN” is a number to ParseFloat, and neither
		return time.Time{}, false
	}
	whole, part := math.Modf(days)
	midnight := time.Date(1899, 12, 30+int(whole), 0, 0, 0, 0, zone)
	return midnight.Add(time.Duration(math.Round(part*86400)) * time.Second), true
}

// truth reads yes or no in the languages of our tables; known is false when it is neither.
func truth(text string) (yes, known bool) {
	switch strings.ToLower(text) {
	case "да", "yes", "y", "true", "1", "+", "иә", "ия":
		return true, true
	case "нет", "no", "n", "false", "0", "-", "", "жоқ":
		return false, true
	}
	return false, false
}
