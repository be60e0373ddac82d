package filter

import (
	"strings"

	"govorun/crm"
	"govorun/dialogs/dates"
)

// Say says a filter to people, days in words with their dates: “город:Алматы · создана: вчера, 21 ноября”. It isn't escaped; a filter without
// conditions is empty.
func Say(f crm.Filter, w World) string {
	var all []string
	for _, c := range f.Conditions {
		all = append(all, sayOne(c, w))
	}
	if s := writeSort(f, w); s != "" {
		all = append(all, s)
	}
	return strings.Join(all, " · ")
}

// sayOne says a condition: as it is written, but dates in words.
func sayOne(c crm.Condition, w World) string {
	written := c.Written
	if written == "" {
		written = write(c, w)
	}
	overdue := c.Key == crm.ByDue && strings.TrimPrefix(written, "-") == w.Book.special(w.Lang, "overdue")
	if c.From.IsZero() && c.To.IsZero() || overdue {
		return strings.ReplaceAll(written, "_", " ")
	}
	name := string(c.Key)
	if c.Key == crm.ByField {
		name = "field:" + c.Field
	}
	said := w.Book.label(w.Lang, name) + ": " + w.Book.calendar.Say(w.Lang, w.Now, dates.Range{From: c.From, To: c.To})
	if c.Not {
		return w.Book.say(w.Lang, "find.not_text", map[string]any{"value": said})
	}
	return said
}
