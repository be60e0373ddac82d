package filter

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"govorun/crm"
	"govorun/dialogs/slot"
	"govorun/locales"
)

// Digits of phones: fewer than the least find nobody in particular, from so many on it is a whole number.
const (
	leastDigits = 3
	wholePhone  = 10
	mostDigits  = 15
	longestID   = 18 // digits that a number of a deal may have
)

// phoneLike is a piece of a phone number.
var phoneLike = regexp.MustCompile(`^\+?[\d().\-–]+$`)

// number reads numbers of deals.
func (r *reader) number(s *segment) *Problem {
	c := crm.Condition{Key: crm.ByNumber}
	p := r.values(s, func(tokens []token) (int, *Problem) {
		used := 1
		text := locales.Digits(tokens[0].text)
		if strings.Trim(text, "№#") == "" && len(tokens) > 1 {
			used, text = 2, locales.Digits(tokens[1].text)
		}
		id, err := strconv.ParseInt(strings.Trim(text, "№#. "), 10, 64)
		if err != nil || id <= 0 {
			return 0, r.problem("find.number_wrong", "key", s.label, "value", textOf(tokens[:used]), "example", r.example("number"))
		}
		if !slices.Contains(c.IDs, id) {
			c.IDs = append(c.IDs, id)
		}
		return used, nil
	})
	if p == nil {
		c.Not = s.not
		r.add(c, "")
	}
	return p
}

// phone reads phone numbers, whole or in part.
func (r *reader) phone(s *segment, c crm.Condition) *Problem {
	p := r.values(s, func(tokens []token) (int, *Problem) {
		used := min(longestName, len(tokens))
		for used > 1 && !wholeNumber(textOf(tokens[:used])) {
			used--
		}
		number, ok := phoneOf(textOf(tokens[:used]))
		if !ok {
			return 0, r.problem("find.phone_wrong", "key", s.label, "value", textOf(tokens[:used]), "example", r.example("phone"))
		}
		if !slices.Contains(c.Words, number) {
			c.Words = append(c.Words, number)
		}
		return used, nil
	})
	if p == nil {
		c.Not = s.not
		r.add(c, "")
	}
	return p
}

// phoneOf brings a phone number to the form of E.164; of a part, with a plus it is the beginning, without one the end.
func phoneOf(text string) (string, bool) {
	digits := locales.OnlyDigits(text)
	plus := strings.HasPrefix(strings.TrimSpace(locales.Digits(text)), "+")
	if len(digits) >= wholePhone && len(digits) <= mostDigits+3 {
		if v, wrong := slot.Parse(slot.Spec{Type: "phone"}, slot.Given{Text: text}); wrong == nil {
			return v.Text, true
		}
	}
	if plus {
		return "+" + digits, len(digits) >= leastDigits && len(digits) <= mostDigits
	}
	return digits, len(digits) >= leastDigits && len(digits) <= mostDigits
}

// code reads numbers of assets and plates.
func (r *reader) code(s *segment) *Problem {
	c := crm.Condition{Key: crm.ByCode}
	p := r.values(s, func(tokens []token) (int, *Problem) {
		for k := min(4, len(tokens)); k > 0; k-- {
			code := plateOf(textOf(tokens[:k]))
			if code == "" && k == 1 {
				code = slot.AssetCode(tokens[0].text)
			}
			if code == "" {
				continue
			}
			if !slices.Contains(c.Words, code) {
				c.Words = append(c.Words, code)
			}
			return k, nil
		}
		return 0, r.problem("find.code_wrong", "key", s.label, "value", tokens[0].text, "example", r.example("code"))
	})
	if p == nil {
		c.Not = s.not
		r.add(c, "")
	}
	return p
}

// plateOf packs a number plate, in Latin letters; empty when the text is none.
func plateOf(text string) string {
	v, wrong := slot.Parse(slot.Spec{Type: "plate"}, slot.Given{Text: text})
	if wrong != nil {
		return ""
	}
	packed := strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, v.Text)
	return slot.AssetCode(packed)
}

// amounts reads a field that is a number: “450”, “<500”, “100..200”, “от 100 до 200”.
func (r *reader) amounts(s *segment, f *field) *Problem {
	c := crm.Condition{Key: crm.ByField, Field: f.Name, Not: s.not}
	p := r.values(s, func(tokens []token) (int, *Problem) {
		for k := min(4, len(tokens)); k > 0; k-- {
			if least, most, ok := boundsOf(textOf(tokens[:k]), f); ok {
				c.Least, c.Most = least, most
				return k, nil
			}
		}
		return 0, r.problem("find.number_wrong", "key", s.label, "value", textOf(tokens[:1]), "example", s.label+":100..500")
	})
	if p == nil {
		c.Not = s.not
		r.add(c, "")
	}
	return p
}

// boundsOf reads an amount or a range of amounts; bounds are inclusive.
func boundsOf(text string, f *field) (least, most *float64, ok bool) {
	text = strings.NewReplacer("…", "..", "_", " ", "≤", "<=", "≥", ">=").Replace(strings.TrimSpace(text))
	open := func(rest string, up float64) (*float64, bool) {
		v, ok := amountOf(strings.TrimPrefix(rest, "="), f)
		if ok && !strings.HasPrefix(rest, "=") {
			v = math.Nextafter(v, up) // strictly less, strictly more
		}
		return &v, ok
	}
	if rest, cut := strings.CutPrefix(text, "<"); cut {
		most, ok = open(rest, math.Inf(-1))
		return nil, most, ok
	}
	if rest, cut := strings.CutPrefix(text, ">"); cut {
		least, ok = open(rest, math.Inf(1))
		return least, nil, ok
	}
	left, right, cut := strings.Cut(text, "..")
	if !cut && strings.Count(text, "-") == 1 && !strings.HasPrefix(text, "-") {
		left, right, cut = strings.Cut(text, "-")
	}
	if !cut {
		v, ok := amountOf(text, f)
		return &v, &v, ok
	}
	if strings.TrimSpace(left) != "" {
		v, ok := amountOf(left, f)
		if !ok {
			return nil, nil, false
		}
		least = &v
	}
	if strings.TrimSpace(right) != "" {
		v, ok := amountOf(right, f)
		if !ok {
			return nil, nil, false
		}
		most = &v
	}
	return least, most, (least != nil || most != nil) && (least == nil || most == nil || *least <= *most)
}

// amountOf reads one amount as it is kept in fields: money in whole units.
func amountOf(text string, f *field) (float64, bool) {
	spec := slot.Spec{Type: f.Type, Currency: f.Currency}
	v, wrong := slot.Parse(spec, slot.Given{Text: strings.TrimSpace(text)})
	if wrong != nil {
		return 0, false
	}
	if f.Type == "money" {
		return v.Number / 100, true
	}
	return v.Number, true
}

// writeBounds writes a range of amounts.
func writeBounds(least, most *float64) string {
	switch {
	case least != nil && most != nil && *least == *most:
		return amountText(*least)
	case least != nil && most != nil:
		return amountText(*least) + ".." + amountText(*most)
	case least != nil:
		if below := math.Nextafter(*least, math.Inf(-1)); len(amountText(below)) < len(amountText(*least)) {
			return ">" + amountText(below)
		}
		return amountText(*least) + ".."
	case most != nil:
		if above := math.Nextafter(*most, math.Inf(1)); len(amountText(above)) < len(amountText(*most)) {
			return "<" + amountText(above)
		}
		return ".." + amountText(*most)
	}
	return ""
}

func amountText(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
