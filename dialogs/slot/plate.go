package slot

import (
	"regexp"
	"strings"
	"unicode"
)

// Number plates, written with Latin look-alikes and without spaces: Russian ones (GOST R 50577: car, taxi and bus, motorcycle; twelve
// letters that both scripts share) and Kazakh ones (ST RK 986: since 2012, and the older form).
var (
	plateRU     = regexp.MustCompile(`^([ABEKMHOPCTYX]\d{3}[ABEKMHOPCTYX]{2}|[ABEKMHOPCTYX]{2}\d{3}|\d{4}[ABEKMHOPCTYX]{2})(\d{2,3})$`)
	plateKZ     = regexp.MustCompile(`^(\d{3})([A-Z]{2,3})(\d{2})$`)
	plateKZ1993 = regexp.MustCompile(`^([A-Z])(\d{3})([A-Z]{3})$`)
)

// parsePlate takes a plate in either script with any spaces. Russian plates are kept in Cyrillic ("А123ВС 77"), Kazakh ones in Latin
// ("123 ABC 02"); Normalised is flagged when that changes letters that were typed.
func parsePlate(spec Spec, given Given) (Value, *Wrong) {
	text, flags, w := typed(given)
	if w != nil {
		return Value{}, w
	}
	packed := pack(text)
	plate, ok := plateOf(twins(packed, cyrillicTwins, latinTwins), spec.Regions)
	if !ok {
		return Value{}, wrong("slot.plate_wrong", "example", plateExample(spec))
	}
	if pack(plate) != packed {
		flags = append(flags, Normalised)
	}
	return Value{Text: plate, Flags: flags}, nil
}

// pack leaves letters and digits only, in upper case.
func pack(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, digits(text))
}

// plateOf recognises a plate of the regions; both countries when none is named.
func plateOf(latin string, regions []string) (string, bool) {
	latin = strings.TrimSuffix(strings.TrimSuffix(latin, "RUS"), "KZ")
	if len(regions) == 0 {
		regions = []string{"RU", "KZ"}
	}
	for _, region := range regions {
		switch region {
		case "RU":
			if m := plateRU.FindStringSubmatch(latin); m != nil && strings.Trim(m[2], "0") != "" {
				return twins(m[1], latinTwins, cyrillicTwins) + " " + m[2], true
			}
		case "KZ":
			if m := plateKZ.FindStringSubmatch(latin); m != nil && m[3] != "00" {
				return m[1] + " " + m[2] + " " + m[3], true
			}
			if m := plateKZ1993.FindStringSubmatch(latin); m != nil {
				return m[1] + " " + m[2] + " " + m[3], true
			}
		}
	}
	return "", false
}

func plateExample(spec Spec) string {
	if len(spec.Regions) > 0 && spec.Regions[0] == "KZ" {
		return "123 ABC 02"
	}
	return "А123ВС 77"
}
