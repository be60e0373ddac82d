// Package dates reads days, times and stretches of time as people write them in Russian, English and Kazakh, mixed as they like, and says
// them in words: “завтра в 10”, “до пятницы”, “last month”, “01.05-10.05”, “3 күн”.
//
// It is pure: now and its time zone come from outside, the words from the texts of the product. Slots of dialogs and filters share it.
package dates

import (
	"strings"
	"time"

	"govorun/locales"
)

// Calendar knows the words of the calendar in every language of a catalog. It never changes and may be used by many goroutines.
type Calendar struct {
	texts *locales.Catalog
	words map[string][]word
}

// New collects the words of the calendar (date.* and number.*) from all languages of a catalog.
func New(texts *locales.Catalog) *Calendar {
	return &Calendar{texts: texts, words: readWords(texts)}
}

// Sense says which of several days a person means: which Friday, which year's 3 May.
type Sense int

// Senses. The first two are of answers, where “Friday” said on a Friday is the next one; the others are of searches, where it is today.
const (
	Plain  Sense = iota // the coming weekday, this year's day
	Future              // the coming weekday, a day that has not gone by
	Past                // the last weekday, a day that has come
	Ahead               // the next weekday from today on, a day that has not gone by
)

// Mistake says why a text is no date.
type Mistake int

// Mistakes; the zero value is none.
const (
	Unreadable   Mistake = iota + 1
	NoSuchDay            // 31.02
	WrongWeekday         // Monday, 16 May, which is a Saturday
	NoSuchTime           // 25:00
	Backwards            // the end lies before the beginning
)

// Years that a person may mean.
const (
	firstYear = 1900
	lastYear  = 2200
)

// say returns a text of the calendar in a language, the nearest one when it doesn't speak it.
func (c *Calendar) say(lang, key string, args map[string]any) string {
	text, _ := c.texts.Text(c.texts.Match(lang), key, args)
	return text
}

// listed returns one entry of a text that lists them.
func (c *Calendar) listed(lang, key string, i int) string {
	list := strings.Split(c.say(lang, key, nil), "|")
	if i < 0 || i >= len(list) {
		return ""
	}
	return list[i]
}

// Exists tells whether the calendar has such a day.
func Exists(year, month, day int) bool {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return month >= 1 && month <= 12 && day >= 1 && t.Day() == day && t.Month() == time.Month(month)
}

// At returns a time of the day of t, given as minutes since midnight. Where the clocks skip that time, it is the first one after.
func At(t time.Time, minutes int) time.Time {
	moment := time.Date(t.Year(), t.Month(), t.Day(), minutes/60, minutes%60, 0, 0, t.Location())
	if moment.Day() != t.Day() {
		moment = moment.Add(time.Hour)
	}
	return moment
}

// shift moves a day by months and days; a month that is too short gives its last day.
func shift(t time.Time, months, days int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 12, 0, 0, 0, t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return At(first.AddDate(0, 0, min(t.Day(), last)-1+days), 0)
}

// mondayFirst counts weekdays from Monday, which is 0.
func mondayFirst(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }
