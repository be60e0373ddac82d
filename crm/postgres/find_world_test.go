package postgres_test

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/postgres"
)

// sqlFindWorld makes some hundred deals of everything that filters ask for: Ann and Bob share a crew in Almaty, Eve is alone in Astana, the head has no city.
const sqlFindWorld = `
INSERT INTO crews (name, city) VALUES ('north', 'Алматы'), ('south', 'Алматы');
INSERT INTO employees (name, role, city, crew_id, active) VALUES ('Ann', 'technician', 'Алматы', 1, true), ('Bob', 'technician', 'Алматы', 1, true),
	('Carl', 'installer', 'Алматы', 2, true), ('Eve', 'operator', 'Астана', NULL, true), ('Dan', 'seller', 'Алматы', NULL, true),
	('Head', 'head', '', NULL, true), ('Gone', 'head', '', NULL, false), ('Old', 'dispatcher', 'Алматы', 1, true), ('Region', 'operator', '', 2, true);
INSERT INTO role_scopes (role, sees, pipelines) VALUES ('technician', 'crew', '{repairs,calls}'), ('installer', 'own', '{repairs}'), ('operator', 'city', NULL),
	('seller', 'near', '{sales}'), ('head', 'all', NULL), ('director', 'all', '{sales}');
INSERT INTO contacts (name, phone) SELECT (ARRAY['Айгүл Серікқызы', 'Иван Петров', 'Пётр Ивáнов-Сидоров', 'Ann O''Neil', 'Öz 100%_', ''])[1 + n % 6],
	CASE WHEN n % 4 > 0 THEN '+7707' || lpad((n * 7919 % 10000000)::text, 7, '0') END FROM generate_series(1, 60) n;
INSERT INTO assets (kind, code, address, city) SELECT CASE WHEN n % 2 = 0 THEN 'machine' ELSE 'van' END, CASE WHEN n % 2 = 0 THEN n::text ELSE 'А' || n || 'ВС 0' || n % 3 END,
	(ARRAY['ул. Абая, 10', 'проспект Достық 5/2', 'Мәңгілік Ел, 55'])[1 + n % 3], 'Алматы' FROM generate_series(1, 30) n;
INSERT INTO deals (pipeline, stage, status, closed_at, title, contact_id, asset_id, owner_id, crew_id, city, source, fields, created_at, entered_at)
	SELECT p, s, st, CASE WHEN st <> 'open' THEN at + interval '1 day' END,
		(ARRAY['Кофе не льётся', 'Ремонт кофемашины', 'installation of 100% beans', '', 'Қайтару ақша'])[1 + n % 5], nullif(n % 61, 0), nullif(n % 31, 0),
		nullif(n % 10, 0) , CASE n % 3 WHEN 1 THEN 1 WHEN 2 THEN 2 END, (ARRAY['', 'Алматы', 'Астана'])[1 + n / 3 % 3], (ARRAY['', 'bot', 'web'])[1 + n / 7 % 3],
		CASE n % 6 WHEN 0 THEN '{}' WHEN 1 THEN jsonb_build_object('sum', n) WHEN 2 THEN '{"sum": "много", "kind": "Снэк"}' WHEN 3 THEN '{"kind": true, "day": "2026-11-12T10:00:00+05:00"}' ELSE '{"kind": null}' END, at, at + interval '3 hours'
	FROM (SELECT n, (ARRAY['repairs', 'calls', 'sales'])[1 + n % 3] AS p, (ARRAY['new', 'work', 'done', 'refused'])[1 + n / 2 % 4] AS s,
		(ARRAY['open', 'open', 'won', 'lost'])[1 + n / 2 % 4] AS st, '2026-11-01 00:00+00'::timestamptz + make_interval(hours => n) AS at FROM generate_series(1, 420) n) x;
INSERT INTO events (at, kind, author, deal_id, data) SELECT now(), CASE WHEN n % 3 = 0 THEN 'deal_moved' ELSE 'comment' END, 'employee', n,
	jsonb_build_object('text', (ARRAY['приехать до обеда', 'ключ у охраны; 2 этаж', 'Coffee beans'])[1 + n % 3]) FROM generate_series(1, 420, 2) n;
INSERT INTO tasks (deal_id, title, due_at, done_at) SELECT n, 'call', '2026-11-10 00:00+00'::timestamptz + make_interval(hours => n * 37 % 400), CASE WHEN n % 4 = 0 THEN now() END FROM generate_series(1, 420, 3) n;
INSERT INTO tasks (deal_id, title, due_at) SELECT n, 'call', '2026-11-12 00:00+00'::timestamptz + make_interval(hours => n) FROM generate_series(1, 420, 9) n;
INSERT INTO bookings (deal_id, crew_id, kind, starts_at, ends_at, busy, local_start, zone, status) SELECT n, 1 + n % 2, 'visit', at, at + interval '1 hour', tstzrange(at, at + interval '1 hour'), at::timestamp, 'UTC',
	CASE WHEN n % 5 = 0 THEN 'cancelled' ELSE 'booked' END FROM (SELECT n, '2026-11-15 00:00+00'::timestamptz + make_interval(hours => n) AS at FROM generate_series(1, 420, 4) n) x`

// row is a deal with all that filters ask for, as the test reads it without any.
type row struct {
	postgres.FoundDeal
	phone string
	texts []string
}

// world fills a database and reads all of it back.
func world(t testing.TB, db *postgres.DB) []row {
	t.Helper()
	for _, sql := range strings.Split(sqlFindWorld, ";\nINSERT") {
		if !strings.HasPrefix(strings.TrimSpace(sql), "INSERT") {
			sql = "INSERT" + sql
		}
		exec(t, db, sql)
	}
	rows, err := db.Pool.Query(context.Background(), `SELECT d.id, d.pipeline, d.stage, d.status, d.city, d.source, coalesce(d.owner_id, 0), coalesce(d.crew_id, 0), d.fields,
			d.created_at, d.entered_at, d.closed_at, coalesce(c.name, ''), coalesce(c.phone, ''), coalesce(a.code, ''), coalesce(a.address, ''),
			(SELECT min(due_at) FROM tasks t WHERE t.deal_id = d.id AND done_at IS NULL), (SELECT min(starts_at) FROM bookings b WHERE b.deal_id = d.id AND status = 'booked'),
			d.title, ARRAY(SELECT data->>'text' FROM events v WHERE v.deal_id = d.id AND v.kind = 'comment'), d.source
		FROM deals d LEFT JOIN contacts c ON c.id = d.contact_id LEFT JOIN assets a ON a.id = d.asset_id ORDER BY d.id`)
	must(t, err)
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (w row, err error) {
		var closed, due, visit *time.Time
		var source string
		err = r.Scan(&w.ID, &w.Pipeline, &w.Stage, &w.Status, &w.City, &source, &w.Owner, &w.Crew, &w.Fields, &w.CreatedAt, &w.EnteredAt, &closed, &w.ContactName, &w.phone,
			&w.Code, &w.Address, &due, &visit, &w.Title, &w.texts, &w.LostReason)
		w.texts = append(w.texts, w.Title)
		for to, from := range map[*time.Time]*time.Time{&w.ClosedAt: closed, &w.DueAt: due, &w.VisitAt: visit} {
			if from != nil {
				*to = *from
			}
		}
		return w, err
	})
	must(t, err)
	return all
}

// who is an employee of the world with what they see, said once more and plainly.
type who struct {
	id        crm.EmployeeID
	crew      crm.CrewID
	city      string
	sees      string
	pipelines []string // nil: any
}

var everybody = []who{
	{1, 1, "Алматы", "crew", []string{"repairs", "calls"}}, {2, 1, "Алматы", "crew", []string{"repairs", "calls"}}, {3, 2, "Алматы", "own", []string{"repairs"}},
	{4, 0, "Астана", "city", nil}, {5, 0, "Алматы", "city", []string{"sales"}}, {6, 0, "", "all", nil}, {7, 0, "", "nothing", nil},
	{8, 1, "Алматы", "own", []string{}}, {9, 2, "", "city", nil}, {0, 0, "", "nothing", nil}, {-5, 0, "", "nothing", nil}, {77, 0, "", "nothing", nil},
}

// mayRead is the rule of who sees which deal, without SQL.
func (w who) mayRead(d row) bool {
	fitsCity := d.City == "" || w.city == "" || d.City == w.city
	switch {
	case w.sees == "nothing":
		return false
	case d.Owner == w.id:
		return true
	case w.pipelines != nil && !slices.Contains(w.pipelines, d.Pipeline):
		return false
	case w.sees == "all", w.sees == "city" && fitsCity, w.sees == "crew" && d.Crew == w.crew:
		return true
	}
	return d.Status == crm.DealOpen && d.Owner == 0 && (d.Crew == 0 || d.Crew == w.crew) && fitsCity
}

// plainFits is a filter without SQL.
func plainFits(f crm.Filter, d row) bool {
	for _, c := range f.Conditions {
		if plainHolds(c, d) == c.Not {
			return false
		}
	}
	return true
}

func plainHolds(c crm.Condition, d row) bool {
	span := func(at time.Time) bool {
		return !at.IsZero() && (c.From.IsZero() || !at.Before(c.From)) && (c.To.IsZero() || at.Before(c.To))
	}
	anyWord := func(is func(w string) bool) bool { return slices.ContainsFunc(c.Words, is) }
	switch c.Key {
	case crm.ByNumber:
		return slices.Contains(c.IDs, int64(d.ID))
	case crm.ByOwner:
		return slices.Contains(c.IDs, int64(d.Owner))
	case crm.ByCrew:
		return slices.Contains(c.IDs, int64(d.Crew))
	case crm.ByPipeline:
		return slices.Contains(c.Words, d.Pipeline)
	case crm.ByStatus:
		return slices.Contains(c.Words, string(d.Status))
	case crm.ByCity:
		return slices.Contains(c.Words, d.City)
	case crm.BySource:
		return slices.Contains(c.Words, d.LostReason) // where the test keeps it
	case crm.ByStage:
		return slices.Contains(c.Stages, crm.Stage{Pipeline: d.Pipeline, Stage: d.Stage})
	case crm.ByText:
		return anyWord(func(w string) bool { return slices.ContainsFunc(d.texts, func(s string) bool { return begins(s, w) }) })
	case crm.ByName:
		return anyWord(func(w string) bool { return begins(d.ContactName, w) })
	case crm.ByAddress:
		return anyWord(func(w string) bool { return begins(d.Address, w) })
	case crm.ByPhone:
		return anyWord(func(w string) bool { return ends(d.phone, w) })
	case crm.ByCode:
		return anyWord(func(w string) bool { return bare(w) != "" && bare(w) == bare(d.Code) })
	case crm.ByCreated:
		return span(d.CreatedAt)
	case crm.ByEntered:
		return span(d.EnteredAt)
	case crm.ByClosed:
		return span(d.ClosedAt)
	case crm.ByDue:
		return span(d.DueAt)
	case crm.ByVisit:
		return span(d.VisitAt)
	case crm.ByDay:
		return span(d.CreatedAt) || span(d.DueAt) || span(d.VisitAt)
	case crm.ByField:
		return fieldHolds(c, d)
	}
	return false
}

func fieldHolds(c crm.Condition, d row) bool {
	v := d.Fields[c.Field]
	if c.Least != nil || c.Most != nil {
		n, is := v.(float64)
		return is && (c.Least == nil || n >= *c.Least) && (c.Most == nil || n <= *c.Most)
	}
	s, is := v.(string)
	switch v := v.(type) {
	case bool:
		s, is = strconv.FormatBool(v), true
	case float64:
		s, is = strconv.FormatFloat(v, 'f', -1, 64), true
	}
	if !c.From.IsZero() || !c.To.IsZero() {
		at, err := time.Parse(time.RFC3339, s)
		return err == nil && !at.Before(c.From) && (c.To.IsZero() || at.Before(c.To))
	}
	return is && slices.ContainsFunc(c.Words, func(w string) bool {
		if regexp.MustCompile("^[a-z0-9_]+$").MatchString(s) {
			return w == s
		}
		return w != "" && strings.Contains(folded(s), folded(w))
	})
}

// folded brings letters to the forms that search knows.
func folded(s string) string {
	return strings.NewReplacer("ё", "е", "ә", "а", "і", "и", "ң", "н", "ғ", "г", "ү", "у", "ұ", "у", "қ", "к", "ө", "о", "һ", "х", "ь", "", "ъ", "", "'", "", "\"", "", "«", "", "»", "", "’", "").
		Replace(strings.ToLower(s))
}

func parts(s string) []string {
	return strings.FieldsFunc(folded(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// begins tells whether each word wanted is the beginning of a word there.
func begins(s, wanted string) bool {
	all := parts(s)
	for _, w := range parts(wanted) {
		if !slices.ContainsFunc(all, func(s string) bool { return strings.HasPrefix(s, w) }) {
			return false
		}
	}
	return len(parts(wanted)) > 0
}

func onlyDigits(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }), "")
}

func ends(phone, wanted string) bool {
	digits := onlyDigits(wanted)
	switch {
	case len(digits) < 3 || phone == "":
		return false
	case strings.HasPrefix(strings.TrimSpace(wanted), "+") && len(digits) < 10:
		return strings.HasPrefix(onlyDigits(phone), digits)
	}
	return strings.HasSuffix(phone, digits[max(0, len(digits)-10):])
}

func bare(code string) string {
	return strings.NewReplacer("А", "A", "В", "B", "Е", "E", "К", "K", "М", "M", "Н", "H", "О", "O", "Р", "P", "С", "C", "Т", "T", "У", "Y", "Х", "X",
		" ", "", "-", "", "_", "", ".", "", "/", "", "№", "", "#", "").Replace(strings.ToUpper(code))
}
