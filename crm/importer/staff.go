package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"govorun/crm/postgres"
)

// defaultChannel is whose ids a list of staff bears.
const defaultChannel = "telegram"

// staffColumns are the headers of a list of employees. Other columns are ignored: what a company keeps about its people
// beyond their work is not ours to store.
func staffColumns() map[string]string {
	return map[string]string{
		"name": "name", "full name": "name", "имя": "name", "фио": "name", "сотрудник": "name",
		"role": "role", "position": "role", "роль": "role", "должность": "role",
		"city": "city", "город": "city",
		"crew": "crew", "team": "crew", "бригада": "crew",
		"language": "lang", "lang": "lang", "язык": "lang",
		"telegram": "telegram", "telegram id": "telegram", "телеграм": "telegram", "телеграм id": "telegram", "id телеграм": "telegram",
		"id telegram": "telegram",
		"phone":       "phone", "телефон": "phone", "мобильный": "phone", "номер телефона": "phone",
		"skills": "skills", "skill": "skills", "навыки": "skills", "умеет": "skills", "допуски": "skills",
		"hours": "hours", "working hours": "hours", "часы": "hours", "график": "hours", "часы работы": "hours",
		"travel": "travel", "travel minutes": "travel", "дорога": "travel", "дорога мин": "travel", "минут в пути": "travel",
	}
}

// Staff imports a CSV list of employees with their crews and Telegram ids. A row is the employee who has its id, else
// the one of the same name and city who has none. The error is nil when the file could be read, whatever is wrong with its
// rows: see Report.
func Staff(ctx context.Context, db *postgres.DB, file io.Reader, o Options) (Report, error) {
	t, err := open(file, staffColumns(), "name", "role", "city")
	if err != nil {
		return Report{}, err
	}
	read, err := readStaff(t, o)
	if err != nil {
		return Report{}, err
	}
	channel := o.Channel
	if channel == "" {
		channel = defaultChannel
	}
	storing := read.storing(o)
	n, err := db.ImportStaff(ctx, channel, read.rows, storing)
	if err != nil {
		return Report{}, err
	}
	report := read.report(t, n)
	report.Fields = nil // ignored, not stored
	report.Stored = !storing.Dry
	return report, nil
}

func readStaff(t *table, o Options) (*set[postgres.StaffRow], error) {
	read := &set[postgres.StaffRow]{}
	known := namesakes{addresses: map[string]int{}, nameless: map[[2]string]int{}, all: map[[2]string]int{}}
	crews := crewsTold{}
	for {
		rec, problems, err := t.next()
		if errors.Is(err, io.EOF) {
			return read, nil
		}
		if err != nil {
			return nil, err
		}
		var row postgres.StaffRow
		if problems == nil {
			row, problems = employee(t, rec, o)
		}
		if problems == nil {
			problems = known.add(t, rec.line, row)
		}
		if problems == nil {
			problems = crews.add(t, rec.line, row)
		}
		if problems != nil {
			read.refuse(problems)
			continue
		}
		read.rows = append(read.rows, row)
	}
}

// employee reads one row.
func employee(t *table, rec record, o Options) (postgres.StaffRow, []Problem) {
	var row postgres.StaffRow
	var problems []Problem
	for i, c := range t.columns {
		if c.role == "" {
			continue
		}
		raw := rec.cells[i]
		if c.role == "telegram" {
			raw = strings.TrimSpace(raw)
			if strings.HasPrefix(raw, "@") {
				problems = append(problems, Problem{rec.line, c.header, "a user name is not an id: write the number, which stays when the name changes hands"})
				continue
			}
		}
		value, wrong := cell(raw, maxName)
		if wrong == "" {
			wrong = fill(&row, c.role, value, o)
		}
		if wrong != "" {
			problems = append(problems, Problem{rec.line, c.header, wrong})
		}
	}
	return row, problems
}

// fill puts one value into its place and says what is wrong with it.
func fill(row *postgres.StaffRow, role, value string, o Options) (wrong string) {
	switch role {
	case "name":
		if row.Name = value; value == "" {
			return "the name is missing"
		}
	case "role":
		return readRole(row, value, o.Roles)
	case "city":
		row.City, wrong = o.city(value)
		return wrong
	case "crew":
		row.Crew = &value
	case "lang":
		if value != "" {
			lang := strings.ToLower(value)
			row.Lang = &lang
		}
	case "telegram":
		if strings.Trim(value, "0123456789") != "" || len(value) > 15 || strings.HasPrefix(value, "0") {
			return fmt.Sprintf("%q is not a Telegram id: write the person's number, digits only", value)
		}
		row.Address = value
	default:
		return fillWork(row, role, value, o)
	}
	return ""
}

func readRole(row *postgres.StaffRow, value string, roles map[string]string) (wrong string) {
	word := strings.ToLower(value)
	switch {
	case value == "":
		return "the role is missing"
	case roles == nil:
		row.Role = word
	case roles[word] == "":
		words := []string{}
		for w := range roles {
			words = append(words, w)
		}
		slices.Sort(words)
		return fmt.Sprintf("the kit has no role %q: write one of %s", value, strings.Join(words, ", "))
	default:
		row.Role = roles[word]
	}
	return ""
}

// namesakes finds rows that are the same person, or can't be told apart.
type namesakes struct {
	addresses     map[string]int    // → line
	nameless, all map[[2]string]int // name and city → line: of rows without an address, and of all
}

func (n namesakes) add(t *table, line int, row postgres.StaffRow) []Problem {
	who := [2]string{row.Name, row.City}
	if first, twice := n.addresses[row.Address]; twice && row.Address != "" {
		return []Problem{{line, t.header("telegram"), fmt.Sprintf("this id is already in line %d: two people can't share one", first)}}
	}
	first, twice := n.nameless[who]
	if row.Address == "" && !twice {
		first, twice = n.all[who]
	}
	if twice {
		return []Problem{{line, t.header("name"), fmt.Sprintf("the same name and city are in line %d: remove one, or give both a Telegram id", first)}}
	}
	if n.all[who] = line; row.Address == "" {
		n.nameless[who] = line
	} else {
		n.addresses[row.Address] = line
	}
	return nil
}
