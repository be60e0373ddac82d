package dates

import (
	"regexp"
	"strconv"
	"strings"

	"govorun/locales"
)

// longest is how many bytes a text may have that is read as a date.
const longest = 200

// item is one part of a typed date. A word may have several meanings; a number, a clock time or a written date has one.
type item struct {
	meanings []word
	year     int // of a written date; 0 when not said
	month    int
	day      int
	text     string
}

// piece is a written date (2026-05-15, 15.05, 15/05/26), a clock time, a number or a word.
var piece = regexp.MustCompile(`(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2}):(\d{2})|(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d{2}))?|(\d+)|(\pL+(?:\.\pL+)*)`)

// items takes a text apart; false when something in it belongs to no date.
func (c *Calendar) items(text string) ([]item, bool) {
	text = strings.ToLower(locales.Digits(text))
	if len(text) > longest {
		return nil, false
	}
	var items []item
	var words []string
	end := 0
	for _, at := range piece.FindAllStringSubmatchIndex(text, -1) {
		if !gap(text[end:at[0]]) || at[0] > 0 && at[0] == end && isDigit(text[end-1]) && isDigit(text[at[0]]) {
			return nil, false
		}
		end = at[1]
		if at[20] >= 0 {
			words = append(words, locales.Fold(strings.ReplaceAll(text[at[20]:at[21]], ".", "")))
			continue
		}
		var ok bool
		if items, ok = c.phrases(items, words); !ok {
			return nil, false
		}
		words = nil
		items = append(items, written(text, at))
	}
	items, ok := c.phrases(items, words)
	return items, ok && gap(text[end:]) && len(items) > 0
}

func gap(text string) bool { return strings.Trim(text, " ,.;()!?–—-'’\"«»\n\u00a0") == "" }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// written reads the part of figures that the expression matched.
func written(text string, at []int) item {
	field := func(i int) int {
		if at[2*i] < 0 {
			return 0
		}
		n, err := strconv.Atoi(text[at[2*i]:at[2*i+1]])
		if err != nil {
			return -1 // more digits than a number has: fits nowhere
		}
		return n
	}
	it := item{text: text[at[0]:at[1]]}
	switch {
	case at[2] >= 0:
		it.meanings, it.year, it.month, it.day = []word{{explicit, 0}}, field(1), field(2), field(3)
	case at[8] >= 0:
		it.meanings = []word{{clock, clockOf(field(4), field(5))}}
	case at[12] >= 0:
		it.meanings, it.day, it.month, it.year = []word{{explicit, 0}}, field(6), field(7), field(8)
		if at[16] >= 0 && at[17]-at[16] == 2 {
			it.year += 2000
		}
	default:
		it.meanings = []word{{number, field(9)}}
	}
	return it
}

// clockOf returns minutes since midnight, -1 when there is no such time.
func clockOf(hour, minute int) int {
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return -1
	}
	return hour*60 + minute
}

// phrases reads words as the longest phrases of the calendar; false when a word is none.
func (c *Calendar) phrases(items []item, words []string) ([]item, bool) {
	for i := 0; i < len(words); {
		taken := 0
		for n := min(longestPhrase, len(words)-i); n > 0 && taken == 0; n-- {
			phrase := strings.Join(words[i:i+n], " ")
			meanings, from := c.lookUp(phrase)
			if meanings == nil {
				continue
			}
			items = append(items, item{meanings: meanings, text: phrase})
			if from {
				items = append(items, item{meanings: []word{{since, behind}}})
			}
			taken = n
		}
		if taken == 0 {
			return nil, false
		}
		i += taken
	}
	return items, true
}

// means tells whether the item may be of a kind, and its value then.
func (i item) means(k kind) (int, bool) {
	for _, m := range i.meanings {
		if m.kind == k {
			return m.value, true
		}
	}
	return 0, false
}

func (i item) is(k kind) bool {
	_, ok := i.means(k)
	return ok
}
