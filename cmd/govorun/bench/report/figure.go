// Package report holds what benchmarks found: figures with their units and aims, by part and round, and writes them as a table for
// people (Markdown) and as raw values for machines (JSON). It measures nothing and knows no benchmark.
package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Figure is one number that a benchmark found in one round.
type Figure struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"` // "1/s", "ms", "%"; empty: a bare number
	Value float64 `json:"value"`
	Aim   *Aim    `json:"aim,omitempty"` // nil: only shown
	Key   bool    `json:"key,omitempty"` // stands in the short table too
}

// Aim is what the median of a figure should be, and who asks for it.
type Aim struct {
	Limit  float64 `json:"limit"`
	Most   bool    `json:"most"` // the limit is the most, not the least
	Source string  `json:"source"`
}

// AtLeast is the aim of a figure that should be as high as the limit.
func AtLeast(limit float64, source string) *Aim { return &Aim{Limit: limit, Source: source} }

// AtMost is the aim of a figure that should be as low as the limit.
func AtMost(limit float64, source string) *Aim { return &Aim{Limit: limit, Most: true, Source: source} }

// Met says whether a value is as it should be.
func (a Aim) Met(value float64) bool {
	if a.Most {
		return value <= a.Limit
	}
	return value >= a.Limit
}

func (a Aim) String() string {
	limit := strconv.FormatFloat(a.Limit, 'f', -1, 64)
	if whole, rest, broken := strings.Cut(limit, "."); !broken {
		limit = thousands(whole)
	} else {
		limit = thousands(whole) + "." + rest
	}
	if a.Most {
		return "≤ " + limit
	}
	return "≥ " + limit
}

// number writes a value for people: three or four digits that mean something, thousands apart.
func number(v float64) string {
	switch size := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case size >= 100:
		return thousands(fmt.Sprintf("%.0f", v))
	case v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// amount writes a value with its unit.
func amount(v float64, unit string) string {
	switch unit {
	case "":
		return number(v)
	case "1/s":
		return number(v) + "/s"
	default:
		return number(v) + " " + unit
	}
}

// thousands sets commas between the thousands of whole digits.
func thousands(digits string) string {
	sign := ""
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = "-", rest
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
