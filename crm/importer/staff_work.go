package importer

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"govorun/crm/postgres"
)

// maxTravel is the longest way to the next visit, in minutes.
const maxTravel = 24 * 60

var (
	e164 = regexp.MustCompile(`^\+[0-9]{5,15}$`)
	// oneSpan is "mon-fri 09:00-18:00" or "пн 9:00–13:00".
	oneSpan = regexp.MustCompile(`^(\pL+)(?:\s*[-–—]\s*(\pL+))?:?\s+(\d{1,2}):(\d\d)\s*[-–—]\s*(\d{1,2}):(\d\d)$`)
)

// dayOf is a weekday as kits write it, by what lists call it; empty when it is none.
func dayOf(name string) string {
	return map[string]string{
		"mon": "mon", "tue": "tue", "wed": "wed", "thu": "thu", "fri": "fri", "sat": "sat", "sun": "sun",
		"пн": "mon", "вт": "tue", "ср": "wed", "чт": "thu", "пт": "fri", "сб": "sat", "вс": "sun",
		"дс": "mon", "сс": "tue", "сн": "wed", "бс": "thu", "жм": "fri", "сен": "sat", "жс": "sun",
	}[name]
}

// fillWork puts one value of how somebody works into its place and says what is wrong with it. An empty cell keeps what is stored.
func fillWork(row *postgres.StaffRow, role, value string, o Options) (wrong string) {
	if value == "" {
		return ""
	}
	switch role {
	case "phone":
		row.Phone = value
		if o.Phone != nil {
			row.Phone = o.Phone(value)
		}
		if !e164.MatchString(row.Phone) {
			return fmt.Sprintf("%q is not a phone number: write it like +7 707 123-45-67", value)
		}
	case "skills":
		for _, skill := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
			if skill = strings.ToLower(strings.TrimSpace(skill)); skill != "" && !slices.Contains(row.Skills, skill) {
				row.Skills = append(row.Skills, skill)
			}
		}
	case "hours":
		row.Hours, wrong = readHours(value)
		return wrong
	case "travel":
		minutes, err := strconv.Atoi(strings.TrimSpace(strings.TrimRight(strings.ToLower(value), " .minмин")))
		if err != nil || minutes < 0 || minutes > maxTravel {
			return fmt.Sprintf("%q is no way to the next visit: write minutes, from 0 to %d", value, maxTravel)
		}
		row.Travel = &minutes
	}
	return ""
}

// readHours reads "mon-fri 09:00-18:00; sat 10:00-15:00".
func readHours(value string) (hours map[string]string, wrong string) {
	hours = map[string]string{}
	for _, part := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		m := oneSpan.FindStringSubmatch(strings.ToLower(part))
		if m == nil {
			return nil, fmt.Sprintf("%q are no working hours: write them like mon-fri 09:00-18:00; sat 10:00-15:00", part)
		}
		first, last := dayOf(m[1]), dayOf(m[2])
		from, to := clock(m[3], m[4]), clock(m[5], m[6])
		switch {
		case first == "" || m[2] != "" && last == "":
			return nil, fmt.Sprintf("%q names no day: the days are mon, tue, wed, thu, fri, sat, sun", part)
		case from >= to || to > "24:00" || m[4] > "59" || m[6] > "59":
			return nil, fmt.Sprintf("%q is no span of a day: write it like 09:00-18:00", part)
		case last != "":
			first += "-" + last
		}
		hours[first] = from + "-" + to
	}
	return hours, ""
}

// clock writes 9:00 as 09:00.
func clock(hour, minute string) string { return strings.Repeat("0", 2-len(hour)) + hour + ":" + minute }

// crewsTold are the hours and ways that rows have told of their crews so far.
type crewsTold map[string]postgres.StaffRow

// add refuses what belongs to a crew and names none, and what another row of the crew tells otherwise.
func (c crewsTold) add(t *table, line int, row postgres.StaffRow) []Problem {
	if row.Hours == nil && row.Travel == nil {
		return nil
	}
	column := "hours"
	if row.Hours == nil {
		column = "travel"
	}
	if row.Crew == nil || *row.Crew == "" {
		return []Problem{{line, t.header(column), "hours and ways belong to a crew: name it in the column crew, be it a crew of one"}}
	}
	told := c[*row.Crew]
	if row.Hours != nil && told.Hours != nil && !maps.Equal(row.Hours, told.Hours) {
		return []Problem{{line, t.header("hours"), "the crew " + *row.Crew + " has other hours in a line above: write them once"}}
	}
	if row.Travel != nil && told.Travel != nil && *row.Travel != *told.Travel {
		return []Problem{{line, t.header("travel"), "the crew " + *row.Crew + " has another way in a line above: write it once"}}
	}
	if row.Hours != nil {
		told.Hours = row.Hours
	}
	if row.Travel != nil {
		told.Travel = row.Travel
	}
	c[*row.Crew] = told
	return nil
}
