package slot

import (
	"govorun/locales"
)

// dateKind is what a word means in a date.
type dateKind int

const (
	filler   dateKind = iota // means nothing
	relative                 // value: days from today
	weekday                  // value: 0 is Monday
	month                    // value: 1 is January
	number
	clock // value: minutes since midnight
	explicit
	within // "in 2 hours"
	minuteUnit
	hourUnit
	dayUnit
	weekUnit
	halfHour
	morning
	afternoon
	evening
	night
)

// dateWord is one meaning of a word or phrase.
type dateWord struct {
	kind  dateKind
	value int
}

// longestPhrase is how many words a phrase of the calendar has at most: "the day after tomorrow".
const longestPhrase = 4

// readDateWords collects the words of the calendar of all languages; a word may have several meanings ("дня").
func readDateWords(texts *locales.Catalog) map[string][]dateWord {
	dates := map[string][]dateWord{}
	add := func(word string, w dateWord) { dates[word] = append(dates[word], w) }
	for _, lang := range texts.Languages() {
		for _, list := range []struct {
			key string
			dateWord
		}{
			{"date.today_words", dateWord{relative, 0}},
			{"date.tomorrow_words", dateWord{relative, 1}},
			{"date.after_tomorrow_words", dateWord{relative, 2}},
			{"date.yesterday_words", dateWord{relative, -1}},
			{"date.filler_words", dateWord{filler, 0}},
			{"date.in_words", dateWord{within, 0}},
			{"date.minute_words", dateWord{minuteUnit, 0}},
			{"date.hour_words", dateWord{hourUnit, 0}},
			{"date.day_words", dateWord{dayUnit, 0}},
			{"date.week_words", dateWord{weekUnit, 0}},
			{"date.half_words", dateWord{halfHour, 0}},
			{"date.morning_words", dateWord{morning, 0}},
			{"date.afternoon_words", dateWord{afternoon, 0}},
			{"date.evening_words", dateWord{evening, 0}},
			{"date.night_words", dateWord{night, 0}},
			{"date.noon_words", dateWord{clock, 12 * 60}},
			{"date.midnight_words", dateWord{clock, 0}},
		} {
			for _, word := range texts.Words(lang, list.key) {
				add(word, list.dateWord)
			}
		}
		for _, list := range []struct {
			key   string
			kind  dateKind
			first int
		}{
			{"date.months", month, 1}, {"date.month_forms", month, 1},
			{"date.weekdays", weekday, 0}, {"date.weekday_forms", weekday, 0},
			{"number.words", number, 0}, {"number.forms", number, 0},
		} {
			for i, group := range groups(texts, lang, list.key) {
				for _, form := range group {
					add(form, dateWord{list.kind, i + list.first})
				}
			}
		}
	}
	return dates
}
