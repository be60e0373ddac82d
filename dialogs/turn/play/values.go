package play

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
)

// people are data of events that name an employee.
var people = []string{"owner", "employee", "operator", "assignee", "mover", "before"}

// employee names an employee by id, a dash for nobody.
func (p *player) employee(id any) string {
	n, _ := id.(float64)
	if n == 0 {
		return "-"
	}
	if name := p.news.employees[int64(n)]; name != "" {
		return name
	}
	return "#" + plain(id)
}

// fields tells names and values in the order of the names.
func (p *player) fields(fields crm.Fields) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := quoted(plain(fields[name]))
		if slices.Contains(people, name) {
			value = p.employee(fields[name])
		}
		b.WriteString(" " + name + "=" + value)
	}
	return b.String()
}

func number(deal int64) string {
	if deal == 0 {
		return ""
	}
	return strconv.FormatInt(deal, 10)
}

// plain writes a value of JSON as people would.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = plain(v[i])
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(v)
}

// quoted puts a value with spaces in quotes.
func quoted(text string) string {
	if strings.ContainsAny(text, " \n\"") {
		return strconv.Quote(text)
	}
	return text
}
