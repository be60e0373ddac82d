package dialogs

import (
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} // as time.Weekday counts

func (r *reader) kit(n *yaml.Node) {
	kit := r.draft.kit
	kit.Name = scalar(child(n, "kit"))
	kit.ResumeAfter = spanOf(child(n, "resume_after"))
	for _, item := range elements(child(n, "languages")) {
		switch lang := scalar(item); {
		case len(lang) < 2 || len(lang) > 3 || lang != strings.ToLower(lang):
			r.report(item, "Write a code such as ru, en or kk.", "“%s” is no language", lang)
		case slices.Contains(kit.Languages, lang):
			r.report(item, "Remove one of them.", "the language “%s” is named twice", lang)
		default:
			kit.Languages = append(kit.Languages, lang)
		}
	}
	if list := child(n, "languages"); list != nil && len(list.Content) == 0 {
		r.report(list, "Write [ru] or [ru, en].", "the kit speaks no language")
	}
	if zone := child(n, "zone"); scalar(zone) != "" {
		kit.Zone = r.zone(zone)
	}
	for key, v := range pairs(child(n, "roles")) {
		r.role(key, v)
	}
	kit.Home = r.use(child(n, "home"), useDialog, "", "the kit's home is dialog")
	kit.Human = r.use(child(n, "human"), useRole, "", "talks are taken over by role")
	kit.Hours = r.week(child(n, "hours"))
	r.work(n)
	r.guard(n)
	r.retention(n)
	r.consents(n)
}

// week reads working hours by day.
func (r *reader) week(n *yaml.Node) (hours Hours) {
	for key, v := range pairs(n) {
		from, to, known := parseDays(key.Value)
		if !known {
			r.report(key, "Write a day or a range of mon, tue, wed, thu, fri, sat, sun: mon-fri.", "“%s” is no day", key.Value)
			continue
		}
		open, closed, ok := parseHours(scalar(v))
		if !ok {
			r.report(v, "Write \"09:00-18:00\", in quotes.", "“%s” are no working hours", scalar(v))
			continue
		}
		for day := from; ; day = (day + 1) % 7 {
			if hours[day].Close > 0 {
				r.report(key, "Name each day once.", "the hours of “%s” are given twice", weekdays[day])
			}
			hours[day].Open, hours[day].Close = open, closed
			if day == to {
				break
			}
		}
	}
	return hours
}

// parseHours reads "09:00-18:00" as minutes since midnight.
func parseHours(s string) (open, closed int, ok bool) {
	open, closed, ok = parseSpan(s)
	return open, closed, ok && open < closed
}

// parseSpan reads "22:00-09:00" as minutes since midnight; the second may be the earlier.
func parseSpan(s string) (from, to int, ok bool) {
	first, last, found := strings.Cut(s, "-")
	from, good := parseClock(first)
	to, fine := parseClock(last)
	return from, to, found && good && fine
}

// parseClock reads "09:00" as minutes since midnight, to "24:00".
func parseClock(s string) (int, bool) {
	if len(s) != len("09:00") || s[2] != ':' {
		return 0, false
	}
	hour, err := strconv.ParseUint(s[:2], 10, 8)
	minute, wrong := strconv.ParseUint(s[3:], 10, 8)
	clock := int(hour*60 + minute)
	return clock, err == nil && wrong == nil && minute < 60 && clock <= 24*60
}
