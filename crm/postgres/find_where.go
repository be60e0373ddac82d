package postgres

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"govorun/crm"
)

// Bounds of what a filter may bring along; whoever types more gets what these find.
const (
	mostWords   = 40 // values of a condition
	mostParts   = 6  // words of a name or an address, each of which must be there
	fewestDigit = 3  // of a phone: shorter ends fit too many
)

// query is a statement in the making. Values only ever become parameters.
type query struct {
	args []any
}

// arg makes a value a parameter.
func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return fmt.Sprintf("$%d", len(q.args))
}

// parameter is where a value goes.
var parameter = regexp.MustCompile(`\$[0-9]+`)

// tidy leaves out the values that a statement does not use after all, which a server would refuse.
func (q *query) tidy(sql string) string {
	places, used := make([]string, len(q.args)), []any(nil)
	sql = parameter.ReplaceAllStringFunc(sql, func(name string) string {
		n, _ := strconv.Atoi(name[1:])
		if places[n-1] == "" {
			used = append(used, q.args[n-1])
			places[n-1] = fmt.Sprintf("$%d", len(used))
		}
		return places[n-1]
	})
	q.args = used
	return sql
}

// never is a condition without a value that could fit.
const never = "false"

// where makes one condition on a deal d. What it does not know fits nothing.
func (q *query) where(c crm.Condition) string { return perhapsNot(c, q.fits(c)) }

func perhapsNot(c crm.Condition, sql string) string {
	if c.Not {
		return "NOT coalesce(" + sql + ", false)"
	}
	return "(" + sql + ")"
}

func (q *query) fits(c crm.Condition) string {
	words := cleanAll(c.Words)
	switch c.Key {
	case crm.ByNumber:
		return q.ids("d.id", c.IDs)
	case crm.ByOwner:
		return q.ids("coalesce(d.owner_id, 0)", c.IDs)
	case crm.ByCrew:
		return q.ids("coalesce(d.crew_id, 0)", c.IDs)
	case crm.ByPipeline:
		return q.words("d.pipeline", words)
	case crm.ByStatus:
		return q.words("d.status", words)
	case crm.ByCity:
		return q.words("d.city", words)
	case crm.BySource:
		return q.words("d.source", words)
	case crm.ByStage:
		return q.stages(c.Stages)
	case crm.ByField:
		return q.field(c, words)
	case crm.ByDay:
		return "(" + q.span("d.created_at", c) + " OR " + q.next(crm.ByDue, c) + " OR " + q.next(crm.ByVisit, c) + ")"
	case crm.ByAny:
		return q.any(words)
	case crm.ByText, crm.ByPhone, crm.ByName, crm.ByCode, crm.ByAddress:
		return q.searched(c.Key, words)
	case crm.ByCreated:
		return q.span("d.created_at", c)
	case crm.ByEntered:
		return q.span("d.entered_at", c)
	case crm.ByClosed:
		return q.span("d.closed_at", c)
	case crm.ByDue, crm.ByVisit:
		return q.next(c.Key, c)
	}
	return never
}

// When a deal's next open task is due, and when its next visit begins. Without OFFSET 0 the planner may look through all tasks in the order of their
// times for the first of this deal.
const (
	fromTasks  = " FROM (SELECT t.due_at AS at FROM tasks t WHERE t.deal_id = d.id AND t.done_at IS NULL OFFSET 0) n)"
	fromVisits = " FROM (SELECT b.starts_at AS at FROM bookings b WHERE b.deal_id = d.id AND b.status = 'booked' OFFSET 0) n)"
	nextDue    = "(SELECT min(n.at)" + fromTasks
	nextVisit  = "(SELECT min(n.at)" + fromVisits
)

// next compares the time of the next task or visit, looking once.
func (q *query) next(key crm.FilterKey, c crm.Condition) string {
	if key == crm.ByVisit {
		return "(SELECT " + q.span("min(n.at)", c) + fromVisits
	}
	return "(SELECT " + q.span("min(n.at)", c) + fromTasks
}

// searched looks at one deal for what is searched by keys of its contact, its asset or its words. OFFSET 0 keeps the planner from
// making a list of all that fit first.
func (q *query) searched(key crm.FilterKey, words []string) string {
	fits := q.keys(key, words)
	switch {
	case fits == never:
		return never
	case key == crm.ByText:
		return "EXISTS (SELECT FROM deal_words s WHERE s.deal_id = d.id AND " + fits + " OFFSET 0)"
	case key == crm.ByCode || key == crm.ByAddress:
		return "EXISTS (SELECT FROM assets s WHERE s.id = d.asset_id AND " + fits + " OFFSET 0)"
	}
	return "EXISTS (SELECT FROM contact_keys s WHERE s.contact_id = d.contact_id AND " + fits + " OFFSET 0)"
}

// keys makes a condition on s, a row of deal_words, contact_keys or assets, that an index serves. What was typed is taken apart once, not for each row.
func (q *query) keys(key crm.FilterKey, words []string) string {
	var either []string
	for _, w := range words {
		switch key {
		case crm.ByText:
			either = append(either, fmt.Sprintf("s.words @@ (SELECT words_wanted(%s::text))", q.arg(w)))
		case crm.ByCode:
			either = append(either, fmt.Sprintf("bare_code(s.code) = (SELECT nullif(bare_code(%s::text), ''))", q.arg(w)))
		case crm.ByPhone:
			either = append(either, q.phone(w))
		case crm.ByName:
			either = append(either, q.begins("s.name", w))
		case crm.ByAddress:
			either = append(either, q.begins("plain(s.address)", w))
		}
	}
	either = slices.DeleteFunc(either, func(s string) bool { return s == "" })
	if len(either) == 0 {
		return never
	}
	return "(" + strings.Join(either, " OR ") + ")"
}

// begins wants every word of what was typed to be the beginning of one there; empty when there is no word in it.
func (q *query) begins(column, typed string) string {
	var all []string
	for _, part := range strings.FieldsFunc(typed, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(all) < mostParts {
			all = append(all, fmt.Sprintf("%s LIKE (SELECT '%%' || rtrim(plain(%s::text)) || '%%')", column, q.arg(part)))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return strings.Join(all, " AND ")
}

func (q *query) ids(column string, ids []int64) string {
	if len(ids) == 0 {
		return never
	}
	return fmt.Sprintf("%s = ANY (%s::bigint[])", column, q.arg(ids))
}

func (q *query) words(column string, words []string) string {
	if len(words) == 0 {
		return never
	}
	return fmt.Sprintf("%s = ANY (%s::text[])", column, q.arg(words))
}

func (q *query) stages(stages []crm.Stage) string {
	if len(stages) == 0 {
		return never
	}
	pipelines, names := make([]string, len(stages)), make([]string, len(stages))
	for i, s := range stages {
		pipelines[i], names[i] = clean(s.Pipeline), clean(s.Stage)
	}
	return fmt.Sprintf("EXISTS (SELECT FROM unnest(%s::text[], %s::text[]) u(pipeline, stage) WHERE u.pipeline = d.pipeline AND u.stage = d.stage OFFSET 0)",
		q.arg(pipelines), q.arg(names))
}

func (q *query) span(column string, c crm.Condition) string {
	switch {
	case c.From.IsZero() && c.To.IsZero():
		return "(" + column + " IS NOT NULL)"
	case c.To.IsZero():
		return fmt.Sprintf("%s >= %s::timestamptz", column, q.arg(known(c.From)))
	case c.From.IsZero():
		return fmt.Sprintf("%s < %s::timestamptz", column, q.arg(known(c.To)))
	}
	return fmt.Sprintf("(%s >= %s::timestamptz AND %[1]s < %[3]s::timestamptz)", column, q.arg(known(c.From)), q.arg(known(c.To)))
}

// known moves a time into the years that a database knows.
func known(at time.Time) time.Time {
	switch {
	case at.Year() < 1:
		return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	case at.Year() > 9999:
		return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	return at
}

// any is what people type without saying what it is.
func (q *query) any(words []string) string {
	var either []string
	for _, w := range words {
		for _, key := range anyKeys(w) {
			if key == crm.ByNumber {
				either = append(either, q.ids("d.id", numberOf(w)))
				continue
			}
			either = append(either, q.searched(key, []string{w}))
		}
	}
	if len(either) == 0 {
		return never
	}
	return "(" + strings.Join(either, " OR ") + ")"
}

// anyKeys tells what a word may be: the number of a deal, a code or the end of a phone; with letters a code, words, a name or an address.
func anyKeys(w string) []crm.FilterKey {
	if strings.IndexFunc(w, unicode.IsLetter) >= 0 {
		return []crm.FilterKey{crm.ByCode, crm.ByText, crm.ByName, crm.ByAddress}
	}
	keys := []crm.FilterKey{crm.ByCode}
	if len(numberOf(w)) > 0 {
		keys = append(keys, crm.ByNumber)
	}
	if len(digitsOf(w)) >= 4 {
		keys = append(keys, crm.ByPhone)
	}
	return keys
}

// numberOf reads the number of a deal, alone or behind a sign of number.
func numberOf(w string) []int64 {
	n, err := strconv.ParseInt(strings.TrimLeft(strings.TrimSpace(w), "№# "), 10, 64)
	if err != nil || n <= 0 {
		return nil
	}
	return []int64{n}
}

// field compares a field of the kit. Bounds ask for a number, times for a moment. A word fits a list that has it, an id that is it, and a text in
// which it is found.
func (q *query) field(c crm.Condition, words []string) string {
	name := q.arg(clean(c.Field)) + "::text"
	switch {
	case c.Least != nil || c.Most != nil:
		return q.number(fmt.Sprintf("CASE WHEN jsonb_typeof(d.fields->%s) = 'number' THEN (d.fields->>%[1]s)::numeric END", name), c)
	case !c.From.IsZero() || !c.To.IsZero():
		return q.span(fmt.Sprintf(`CASE WHEN d.fields->>%s ~ '%s' THEN (d.fields->>%[1]s)::timestamptz END`, name, momentPattern), c)
	}
	return fmt.Sprintf(`EXISTS (SELECT FROM unnest(%s::text[]) w WHERE w <> '' AND CASE WHEN jsonb_typeof(d.fields->%s) = 'array' THEN d.fields->%[2]s ? w
		WHEN d.fields->>%[2]s ~ '^[a-z0-9_]+$' THEN d.fields->>%[2]s = w ELSE position(fold(w) IN fold(d.fields->>%[2]s)) > 0 END OFFSET 0)`, q.arg(words), name)
}

// momentPattern are moments as fields keep them (RFC 3339), of days and hours that every month has.
const momentPattern = `^[0-9]{4}-(0[1-9]|1[0-2])-([01][0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])$`

func (q *query) number(value string, c crm.Condition) string {
	var all []string
	for _, bound := range []struct {
		is  string
		the *float64
	}{{">=", c.Least}, {"<=", c.Most}} {
		switch {
		case bound.the == nil:
		case math.IsNaN(*bound.the):
			return never
		default:
			all = append(all, value+" "+bound.is+" "+q.arg(*bound.the)+"::float8::numeric")
		}
	}
	return strings.Join(all, " AND ")
}

// phone makes a condition of the last digits of a number, or of the first when it is written with a plus but not in full. A colon follows the nine.
func (q *query) phone(typed string) string {
	digits, column := digitsOf(typed), "s.ending"
	if strings.HasPrefix(strings.TrimSpace(typed), "+") && len(digits) < 10 {
		column = "s.phone"
	} else {
		digits = phoneEnd(digits)
	}
	if len(digits) < fewestDigit {
		return ""
	}
	return fmt.Sprintf("%s ~>=~ %s::text AND %[1]s ~<~ %[3]s::text", column, q.arg(digits), q.arg(digits+":"))
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// phoneEnd gives the last digits of a phone, the last one first; ten at most, so that no code of a country or of long distance matters.
func phoneEnd(digits string) string {
	end := []byte(digits[max(0, len(digits)-10):])
	slices.Reverse(end)
	return string(end)
}

// clean takes out of a text what no database stores.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	return strings.ReplaceAll(s, "\x00", "")
}

func cleanAll(words []string) []string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		if len(out) < mostWords {
			out = append(out, clean(w))
		}
	}
	return out
}

// within bounds a number.
func within(n, low, high int) int { return max(low, min(n, high)) }
