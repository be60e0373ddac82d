package dates

import (
	"slices"
	"strings"

	"govorun/locales"
)

// kind is what a word means in a date.
type kind int

const (
	filler   kind = iota // means nothing
	relative             // value: days from today
	weekday              // value: 0 is Monday
	month                // value: 1 is January
	number
	clock // value: minutes since midnight
	explicit
	within // "in 2 hours"
	minuteUnit
	hourUnit
	dayUnit
	weekUnit
	monthUnit
	yearUnit
	halfHour
	morning
	afternoon
	evening
	night
	backwards // "2 days ago"
	this
	previous
	following
	lately // "the last 3 days"
	since
	until
	before
	after
)

// behind is the value of a mark that stands behind what it means, as all do in Kazakh: "жұмаға дейін".
const behind = 1

// word is one meaning of a word or phrase.
type word struct {
	kind  kind
	value int
}

// longestPhrase is how many words a phrase of the calendar has at most: "the day after tomorrow".
const longestPhrase = 4

// lists are the texts that hold words of one meaning.
var lists = []struct {
	key string
	word
}{
	{"date.today_words", word{relative, 0}},
	{"date.tomorrow_words", word{relative, 1}},
	{"date.after_tomorrow_words", word{relative, 2}},
	{"date.yesterday_words", word{relative, -1}},
	{"date.before_yesterday_words", word{relative, -2}},
	{"date.filler_words", word{filler, 0}},
	{"date.in_words", word{within, 0}},
	{"date.minute_words", word{minuteUnit, 0}},
	{"date.hour_words", word{hourUnit, 0}},
	{"date.day_words", word{dayUnit, 0}},
	{"date.week_words", word{weekUnit, 0}},
	{"date.month_words", word{monthUnit, 0}},
	{"date.year_words", word{yearUnit, 0}},
	{"date.half_words", word{halfHour, 0}},
	{"date.morning_words", word{morning, 0}},
	{"date.afternoon_words", word{afternoon, 0}},
	{"date.evening_words", word{evening, 0}},
	{"date.night_words", word{night, 0}},
	{"date.noon_words", word{clock, 12 * 60}},
	{"date.midnight_words", word{clock, 0}},
	{"date.ago_words", word{backwards, 0}},
	{"date.this_words", word{this, 0}},
	{"date.previous_words", word{previous, 0}},
	{"date.next_words", word{following, 0}},
	{"date.last_words", word{lately, 0}},
	{"date.since_words", word{since, 0}},
	{"date.until_words", word{until, 0}},
	{"date.before_words", word{before, 0}},
	{"date.after_words", word{after, 0}},
}

// rows are the texts that hold groups of words, one for each value.
var rows = []struct {
	key   string
	kind  kind
	first int
}{
	{"date.months", month, 1}, {"date.month_forms", month, 1}, {"date.month_names", month, 1},
	{"date.weekdays", weekday, 0}, {"date.weekday_forms", weekday, 0},
	{"number.words", number, 0}, {"number.forms", number, 0},
}

// readWords collects the words of the calendar of all languages; a word may have several meanings ("дня").
func readWords(texts *locales.Catalog) map[string][]word {
	words := map[string][]word{}
	add := func(text string, w word) {
		if !slices.Contains(words[text], w) {
			words[text] = append(words[text], w)
		}
	}
	for _, lang := range texts.Languages() {
		for _, list := range lists {
			w := list.word
			if w.kind >= since && lang == "kk" {
				w.value = behind
			}
			for _, text := range texts.Words(lang, list.key) {
				add(text, w)
			}
		}
		for _, row := range rows {
			for i, group := range texts.Groups(lang, row.key) {
				for _, form := range group {
					add(form, word{row.kind, i + row.first})
				}
			}
		}
	}
	return words
}

// Endings of Kazakh words of the calendar, the same for every one of them: "since Monday" is дүйсенбіден, "to Friday" жұмаға.
var (
	ablative = []string{"нан", "нен", "дан", "ден", "тан", "тен"}
	dative   = []string{"ға", "ге", "қа", "ке", "на", "не", "да", "де", "та", "те"}
)

// lookUp finds the meanings of a word, without a Kazakh ending when it has one; from tells that the ending says "since".
func (c *Calendar) lookUp(text string) (meanings []word, from bool) {
	if meanings, known := c.words[text]; known {
		return meanings, false
	}
	for i, endings := range [][]string{ablative, dative} {
		for _, ending := range endings {
			stem, cut := strings.CutSuffix(text, ending)
			if meanings, known := c.words[stem]; cut && known && inflected(meanings) {
				return meanings, i == 0
			}
		}
	}
	return nil, false
}

// inflected tells whether a word bears endings: names of days and months do.
func inflected(meanings []word) bool {
	return slices.ContainsFunc(meanings, func(w word) bool { return w.kind == relative || w.kind == weekday || w.kind == month })
}
