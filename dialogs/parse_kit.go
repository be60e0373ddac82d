package dialogs

import (
	"fmt"
	"slices"
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
		kit.Roles[r.name(key, "a role")] = r.text(v, scope{who: "role “" + key.Value + "”"})
	}
	kit.Home = r.use(child(n, "home"), useDialog, "", "the kit's home is dialog")
	kit.Human = r.use(child(n, "human"), useRole, "", "talks are taken over by role")
	r.hours(child(n, "hours"))
	r.work(n)
}

func (r *reader) hours(n *yaml.Node) {
	for key, v := range pairs(n) {
		first, last, ranged := strings.Cut(key.Value, "-")
		if !ranged {
			last = first
		}
		from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
		if from < 0 || to < 0 {
			r.report(key, "Write a day or a range of mon, tue, wed, thu, fri, sat, sun: mon-fri.", "“%s” is no day", key.Value)
			continue
		}
		open, closed, ok := parseHours(scalar(v))
		if !ok {
			r.report(v, "Write \"09:00-18:00\", in quotes.", "“%s” are no working hours", scalar(v))
			continue
		}
		for day := from; ; day = (day + 1) % 7 {
			if r.draft.kit.Hours[day].Close > 0 {
				r.report(key, "Name each day once.", "the hours of “%s” are given twice", weekdays[day])
			}
			r.draft.kit.Hours[day].Open, r.draft.kit.Hours[day].Close = open, closed
			if day == to {
				break
			}
		}
	}
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

func parseClock(s string) (int, bool) {
	var hour, minute int
	if n, err := fmt.Sscanf(s, "%2d:%2d", &hour, &minute); err != nil || n != 2 || len(s) != len("09:00") {
		return 0, false
	}
	clock := hour*60 + minute
	return clock, hour >= 0 && minute >= 0 && minute < 60 && clock <= 24*60
}

func (r *reader) cards(n *yaml.Node) {
	for key, v := range pairs(child(n, "cards")) {
		card := &Card{Name: r.name(key, "a card")}
		s := scope{who: "card “" + card.Name + "”", env: cardEnv(), shown: cardTexts()}
		card.Key = r.text(child(v, "text"), s)
		for _, role := range elements(child(v, "roles")) {
			card.Roles = append(card.Roles, r.use(role, useRole, "", s.who+" is for role"))
		}
		for _, pipeline := range elements(child(v, "pipelines")) {
			card.Pipelines = append(card.Pipelines, r.use(pipeline, usePipeline, "", s.who+" shows deals of pipeline"))
		}
		var ids []string
		for _, node := range elements(child(v, "actions")) {
			a := CardAction{
				ID: r.optionID(child(node, "id"), &ids, s.who), Key: r.text(child(node, "text"), s),
				If: r.condition(child(node, "if"), s), Toast: r.text(child(node, "toast"), s),
			}
			s.path = card.Name + "/" + a.ID
			a.Do = r.actions(child(node, "do"), s)
			card.Actions = append(card.Actions, a)
		}
		r.draft.kit.Cards[card.Name] = card
	}
}
