package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const (
	sqlMakeStaffRows = `CREATE TEMP TABLE staff_rows (n integer, name text, role text, city text, crew text, lang text, address text,
		phone text, skills text[], hours jsonb, travel integer, employee_id bigint, fresh boolean NOT NULL DEFAULT false) ON COMMIT DROP`

	// Who already has the address is that employee, whatever the row calls them.
	sqlMatchStaffByAddress = `UPDATE staff_rows r SET employee_id = i.employee_id FROM identities i
		WHERE i.channel = $1 AND i.address = r.address AND r.address <> '' AND i.employee_id IS NOT NULL`

	// Else name and city decide, unless that employee has another address: giving the work of one namesake to another is worse
	// than a second entry.
	sqlMatchStaffByName = `UPDATE staff_rows r SET employee_id = m.id
		FROM (SELECT e.name, e.city, min(e.id) AS id FROM employees e
			WHERE NOT EXISTS (SELECT FROM staff_rows o WHERE o.employee_id = e.id) GROUP BY e.name, e.city) m
		JOIN (SELECT min(n) AS n, name, city FROM staff_rows WHERE employee_id IS NULL GROUP BY name, city) f USING (name, city)
		WHERE r.n = f.n
		AND (r.address = '' OR NOT EXISTS (SELECT FROM identities i WHERE i.channel = $1 AND i.employee_id = m.id))`

	sqlNumberStaff = `UPDATE staff_rows SET employee_id = nextval(pg_get_serial_sequence('employees', 'id')), fresh = true WHERE employee_id IS NULL`

	sqlMakeStaffCrews = `INSERT INTO crews (name, city)
		SELECT r.crew, min(r.city) FROM staff_rows r WHERE r.crew <> '' AND NOT EXISTS (SELECT FROM crews c WHERE c.name = r.crew)
		GROUP BY r.crew ORDER BY r.crew ON CONFLICT ON CONSTRAINT crews_name_key DO NOTHING`

	sqlInsertStaff = `INSERT INTO employees (id, name, role, city, crew_id, lang, phone, skills)
		SELECT r.employee_id, r.name, r.role, r.city, c.id, coalesce(r.lang, ''), r.phone, coalesce(r.skills, '{}') FROM staff_rows r LEFT JOIN crews c ON c.name = r.crew WHERE r.fresh ORDER BY r.employee_id`

	// Whether somebody works here is not for a list to say: a dismissed employee stays inactive.
	sqlUpdateStaff = `UPDATE employees e SET name = r.name, role = r.role, city = r.city, lang = coalesce(r.lang, e.lang),
			phone = coalesce(r.phone, e.phone), skills = coalesce(r.skills, e.skills),
			crew_id = CASE WHEN r.crew IS NULL THEN e.crew_id ELSE c.id END
		FROM staff_rows r LEFT JOIN crews c ON c.name = r.crew WHERE e.id = r.employee_id AND NOT r.fresh
		AND (e.name, e.role, e.city, e.crew_id, e.lang, e.phone, e.skills) IS DISTINCT FROM (r.name, r.role, r.city,
			CASE WHEN r.crew IS NULL THEN e.crew_id ELSE c.id END, coalesce(r.lang, e.lang), coalesce(r.phone, e.phone), coalesce(r.skills, e.skills))
		RETURNING e.id`

	// What is told of a crew is told of all who are in it: any of their rows may say it.
	sqlSetCrews = `WITH told AS (SELECT crew, (max(hours::text))::jsonb AS hours, max(travel) AS travel FROM staff_rows WHERE crew <> '' GROUP BY crew),
		set AS (UPDATE crews c SET hours = coalesce(t.hours, c.hours), travel = coalesce(t.travel, c.travel) FROM told t
			WHERE c.name = t.crew AND (c.hours, c.travel) IS DISTINCT FROM (coalesce(t.hours, c.hours), coalesce(t.travel, c.travel)) RETURNING c.name)
		SELECT r.employee_id FROM staff_rows r JOIN set ON set.name = r.crew WHERE NOT r.fresh AND (r.hours IS NOT NULL OR r.travel IS NOT NULL)`

	sqlBindStaff = `INSERT INTO identities (channel, address, employee_id) SELECT $1, address, employee_id FROM staff_rows WHERE address <> ''
		ON CONFLICT ON CONSTRAINT identities_pkey DO UPDATE SET employee_id = excluded.employee_id
		WHERE identities.employee_id IS DISTINCT FROM excluded.employee_id RETURNING employee_id`

	// The old rows are gone by now: what was bound or updated and is not fresh has changed.
	sqlCountStaff = `SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh AND employee_id = ANY($1)) FROM staff_rows`
)

// ImportStaff adds or updates employees, their crews and their addresses in one channel, all of them or none. A row is the
// employee who has its address, else the one of the same name and city without an address, else a new one. Rows must
// bear each address, and each name and city without addresses, once.
func (db *DB) ImportStaff(ctx context.Context, channel string, rows []StaffRow, o ImportOptions) (ImportCounts, error) {
	var n ImportCounts
	err := db.importing(ctx, o.Dry, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlMakeStaffRows); err != nil {
			return err
		}
		columns := []string{"n", "name", "role", "city", "crew", "lang", "address", "phone", "skills", "hours", "travel"}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"staff_rows"}, columns, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			o.tell(i + 1)
			r := rows[i]
			var phone *string
			if r.Phone != "" {
				phone = &r.Phone
			}
			return []any{i, r.Name, r.Role, r.City, r.Crew, r.Lang, r.Address, phone, r.Skills, r.Hours, r.Travel}, nil
		}))
		if err != nil {
			return err
		}
		n, err = mergeStaff(ctx, tx, channel)
		return err
	})
	if err != nil {
		return ImportCounts{}, fmt.Errorf("import %d employees: %w", len(rows), err)
	}
	n.Same = len(rows) - n.New - n.Changed
	return n, nil
}

// mergeStaff finds who the rows are and writes them.
func mergeStaff(ctx context.Context, tx pgx.Tx, channel string) (n ImportCounts, err error) {
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{sqlMatchStaffByAddress, []any{channel}},
		{sqlMatchStaffByName, []any{channel}},
		{sqlNumberStaff, nil},
		{sqlMakeStaffCrews, nil},
		{sqlInsertStaff, nil},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return n, err
		}
	}
	var changed []int64
	for _, step := range []struct {
		sql  string
		args []any
	}{{sqlUpdateStaff, nil}, {sqlSetCrews, nil}, {sqlBindStaff, []any{channel}}} {
		rows, err := tx.Query(ctx, step.sql, step.args...)
		if err != nil {
			return n, err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return n, err
		}
		changed = append(changed, ids...)
	}
	err = tx.QueryRow(ctx, sqlCountStaff, changed).Scan(&n.New, &n.Changed)
	return n, err
}
