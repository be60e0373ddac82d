package slot

import (
	"regexp"
	"strconv"
	"strings"

	"govorun/locales"
)

// longestDate is how many bytes a text may have that is read as a date.
const longestDate = 200

// dateItem is one part of a typed date. A word may have several meanings; a number, a clock time or a written date has one.
type dateItem struct {
	meanings []dateWord
	year     int // of a written date; 0 when not said
	month    int
	day      int
	text     string
}

// datePart is a written date (2026-05-15, 15.05, 15/05/26), a clock time, a number or a word.
var datePart = regexp.MustCompile(`(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2}):(\d{2})|(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d{2}))?|(\d+)|(\pL+(?:\.\pL+)*)`)

// dateItems takes a text apart; false when something in it belongs to no date.
func dateItems(text string) ([]dateItem, bool) {
	text = strings.ToLower(digits(text))
	if len(text) > longestDate {
		return nil, false
	}
	var items []dateItem
	var words []string
	end := 0
	for _, at := range datePart.FindAllStringSubmatchIndex(text, -1) {
		if !gap(text[end:at[0]]) || at[0] > 0 && at[0] == end && isDigit(text[end-1]) && isDigit(text[at[0]]) {
			return nil, false
		}
		end = at[1]
		if at[20] >= 0 {
			words = append(words, locales.Fold(strings.ReplaceAll(text[at[20]:at[21]], ".", "")))
			continue
		}
		var ok bool
		if items, ok = phrases(items, words); !ok {
			return nil, false
		}
		words = nil
		items = append(items, written(text, at))
	}
	items, ok := phrases(items, words)
	return items, ok && gap(text[end:]) && len(items) > 0
}

func gap(text string) bool { return strings.Trim(text, " ,.;()!?–—-'’\"«»\n\u00a0") == "" }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// written reads the part of figures that the expression matched.
func written(text string, at []int) dateItem {
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
	item := dateItem{text: text[at[0]:at[1]]}
	switch {
	case at[2] >= 0:
		item.meanings, item.year, item.month, item.day = []dateWord{{explicit, 0}}, field(1), field(2), field(3)
	case at[8] >= 0:
		item.meanings = []dateWord{{clock, clockOf(field(4), field(5))}}
	case at[12] >= 0:
		item.meanings, item.day, item.month, item.year = []dateWord{{explicit, 0}}, field(6), field(7), field(8)
		if at[16] >= 0 && at[17]-at[16] == 2 {
			item.year += 2000
		}
	default:
		item.meanings = []dateWord{{number, field(9)}}
	}
	return item
}

// clockOf returns minutes since midnight, -1 when there is no such time.
func clockOf(hour, minute int) int {
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return -1
	}
	return hour*60 + minute
}

// phrases reads words as the longest phrases of the calendar; false when a word is none.
func phrases(items []dateItem, words []string) ([]dateItem, bool) {
	dates := vocabularyOf().dates
	for i := 0; i < len(words); {
		taken := 0
		for n := min(longestPhrase, len(words)-i); n > 0 && taken == 0; n-- {
			phrase := strings.Join(words[i:i+n], " ")
			if meanings, known := dates[phrase]; known {
				items = append(items, dateItem{meanings: meanings, text: phrase})
				taken = n
			}
		}
		if taken == 0 {
			return nil, false
		}
		i += taken
	}
	return items, true
}

// means tells whether the item may be of a kind, and its value then.
func (d dateItem) means(k dateKind) (int, bool) {
	for _, m := range d.meanings {
		if m.kind == k {
			return m.value, true
		}
	}
	return 0, false
}
