package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"govorun/migrations"
)

// Restoring says what a database is to be made of.
type Restoring struct {
	Contents
	// Rows gives the next piece of rows, whole lines as Copy wrote them, and the table they are of; io.EOF after the last.
	Rows func() (table string, lines io.Reader, err error)
	// Replace allows to remove what the database holds.
	Replace bool
	// Resend leaves what waited to be sent at the time of the backup where it is, so that it is sent now, to many for the second time.
	Resend bool
}

// Restored says what was restored and what was put aside.
type Restored struct {
	Rows       int64    // in all tables
	Aside      int64    // messages that waited to be sent, and signals that no conversation had met
	Hooks      int64    // calls to addresses outside, put aside too
	Broadcasts int64    // that were going on and are stopped
	Timers     int64    // reminders and the like that were due since the backup: they come now, perhaps for the second time
	Unlinked   []string // WhatsApp numbers that must be linked anew
	Linked     []string // WhatsApp numbers that go on: their sessions are this database's own
	Erased     int64    // people forgotten in the replaced database after the backup was made, who are back
	Replaced   bool     // there was a database with people
}

// NotEmptyError says that a database holds what a restore would remove.
type NotEmptyError struct{ Contacts, Messages, Deals int64 }

// Error is a sentence for people, with the next step.
func (e *NotEmptyError) Error() string {
	return fmt.Sprintf("the database is not empty: it holds %d contacts, %d messages and %d deals. Name an empty one (GOVORUN_DATA or DATABASE_URL), or write --replace to remove them for good",
		e.Contacts, e.Messages, e.Deals)
}

// ErrInUse means that a program works on the database at this moment.
var ErrInUse = errors.New("a program works on this database: stop every `govorun serve` of it first")

const (
	// The marks of processes that send ('gpre', as in the outbox) end with their connections.
	sqlRestoreUsers = `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 1735419237 AND objsubid = 2
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`

	sqlRestoreHolds = `SELECT (SELECT count(*) FROM contacts), (SELECT count(*) FROM messages), (SELECT count(*) FROM deals), (SELECT count(*) FROM employees)`

	sqlRestoreErased = `SELECT count(*) FROM acts WHERE kind = 'erasure' AND ended_at > $1`

	// Everything of this program's user in its schema, tables first; extensions and what they brought stay.
	sqlRestoreDrop = `WITH brought AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
		SELECT 'DROP TABLE IF EXISTS ' || quote_ident(relname) || ' CASCADE', 1 AS n FROM pg_class WHERE relnamespace = current_schema()::regnamespace
			AND relkind IN ('r', 'p') AND NOT relispartition AND (1259::oid, oid) NOT IN (SELECT * FROM brought)
		UNION ALL SELECT 'DROP VIEW IF EXISTS ' || quote_ident(relname) || ' CASCADE', 2 FROM pg_class WHERE relnamespace = current_schema()::regnamespace
			AND relkind = 'v' AND (1259::oid, oid) NOT IN (SELECT * FROM brought)
		UNION ALL SELECT 'DROP SEQUENCE IF EXISTS ' || quote_ident(relname) || ' CASCADE', 3 FROM pg_class WHERE relnamespace = current_schema()::regnamespace
			AND relkind = 'S' AND (1259::oid, oid) NOT IN (SELECT * FROM brought)
		UNION ALL SELECT 'DROP ROUTINE IF EXISTS ' || oid::regprocedure || ' CASCADE', 4 FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
			AND (1255::oid, oid) NOT IN (SELECT * FROM brought) ORDER BY n`

	// What no migration of ours has made belongs to somebody else, who would lose it.
	sqlRestoreForeign = `SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
		AND NOT c.relispartition AND c.relname <> ALL($1::text[]) AND c.relname !~ '^(messages|events)_([0-9]{4,}_[0-9]{2}|first)$'
		AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1 LIMIT 5`

	sqlProtectPart = `SELECT protect_by_deal(quote_ident($1)::regclass)`

	sqlRestoreVersion = `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)`

	// What must not happen while rows come in, and how it is put back: references in whatever order, triggers, policies that bind the owner.
	sqlRestoreLoosen = `SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', c.relname, f.conname), format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, f.conname, pg_get_constraintdef(f.oid)), 1 AS n
		FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid WHERE f.contype = 'f' AND f.conparentid = 0 AND c.relnamespace = current_schema()::regnamespace
		UNION ALL SELECT format('ALTER TABLE %I DISABLE TRIGGER USER', c.relname), format('ALTER TABLE %I ENABLE TRIGGER USER', c.relname), 2
		FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relhastriggers
		UNION ALL SELECT format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', c.relname), format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', c.relname), 3
		FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relforcerowsecurity ORDER BY n`

	// Numbers that were given after the backup must mean nothing: an old button under a new deal, or WhatsApp's id of a lost message on a new one.
	// A tenth more than there were, and at least a thousand, are passed by; the upper bits of a number may be its month.
	sqlRestoreSequence = `SELECT setval($1::regclass, $2 + ((($2 & 68719476735) / 10 + 1000 + 999) / 1000) * 1000)`
)

// Restore makes the database of a backup, in one transaction: the schema of that time, its rows, what has changed in the schema since, and then
// what keeps yesterday from being sent again. After an error everything is as it was. The caller has checked the pieces before.
func (db *DB) Restore(ctx context.Context, r Restoring) (done Restored, err error) {
	scripts, err := migrations.Scripts()
	if err != nil {
		return done, err
	}
	if newest := scripts[len(scripts)-1].Version; r.Schema > newest {
		return done, &migrations.NewerError{Database: r.Schema, Program: newest}
	}
	err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		rest := &restore{ctx: ctx, tx: tx, Restoring: r, scripts: scripts, done: &done}
		return rest.all()
	})
	if err != nil {
		return Restored{}, fmt.Errorf("restore the database: %w", domain(err))
	}
	db.analyze(ctx)
	return done, nil
}

// analyze tells the planner about the new rows; without it the first hours are slow, no more.
func (db *DB) analyze(ctx context.Context) { _, _ = db.Pool.Exec(ctx, `ANALYZE`) }

// restore is one that is under way.
type restore struct {
	Restoring
	ctx     context.Context
	tx      pgx.Tx
	scripts []migrations.Script
	done    *Restored
}

func (r *restore) all() error {
	for _, step := range []func() error{r.free, r.clear, r.build, r.fill, r.number, r.forward, r.leap, r.settle} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (r *restore) exec(sql string, args ...any) (int64, error) {
	tag, err := r.tx.Exec(r.ctx, sql, args...)
	return tag.RowsAffected(), err
}

// each runs one statement after the other.
func (r *restore) each(statements []string) error {
	for _, s := range statements {
		if _, err := r.exec(s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// free looks whether the database may be taken.
func (r *restore) free() error {
	if _, err := r.exec(`SET LOCAL idle_in_transaction_session_timeout = 0`); err != nil {
		return err
	}
	var used bool
	if err := r.tx.QueryRow(r.ctx, sqlRestoreUsers).Scan(&used); err != nil {
		return err
	}
	if used {
		return ErrInUse
	}
	if err := r.alone(); err != nil {
		return err
	}
	var held NotEmptyError
	var employees int64
	if err := r.tx.QueryRow(r.ctx, sqlRestoreHolds).Scan(&held.Contacts, &held.Messages, &held.Deals, &employees); err != nil {
		return err
	}
	if held.Contacts+held.Messages+held.Deals+employees == 0 {
		return nil
	}
	if !r.Replace {
		return &held
	}
	r.done.Replaced = true
	return r.tx.QueryRow(r.ctx, sqlRestoreErased, r.At).Scan(&r.done.Erased)
}

// madeTable finds the tables that migrations make.
var madeTable = regexp.MustCompile(`(?i)CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)`)

// alone refuses a schema in which others keep tables.
func (r *restore) alone() error {
	var own []string
	for _, s := range append([]migrations.Script{{SQL: migrations.VersionTable}}, r.scripts...) {
		for _, found := range madeTable.FindAllStringSubmatch(s.SQL, -1) {
			own = append(own, found[1])
		}
	}
	rows, err := r.tx.Query(r.ctx, sqlRestoreForeign, own)
	if err != nil {
		return err
	}
	foreign, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil && len(foreign) > 0 {
		err = fmt.Errorf("the database holds tables of other programs (%s), which a restore would remove: name a database of its own in DATABASE_URL", strings.Join(foreign, ", "))
	}
	return err
}

// clear removes what is there.
func (r *restore) clear() error {
	rows, err := r.tx.Query(r.ctx, sqlRestoreDrop)
	if err != nil {
		return err
	}
	drops, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s string, err error) { return s, row.Scan(&s, nil) })
	if err != nil {
		return err
	}
	return r.each(drops)
}

// migrate runs the migrations between two versions, the first excluded.
func (r *restore) migrate(after, until int64) error {
	for _, s := range r.scripts {
		if s.Version <= after || s.Version > until {
			continue
		}
		// What waits for the end of the transaction would keep tables from being changed.
		if _, err := r.exec(`SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
			return err
		}
		if _, err := r.tx.Conn().PgConn().Exec(r.ctx, s.SQL).ReadAll(); err != nil {
			return fmt.Errorf("migration %d: %w", s.Version, err)
		}
	}
	return nil
}

// build makes the schema of the time of the backup, with the same parts of tables.
func (r *restore) build() error {
	if _, err := r.exec(migrations.VersionTable); err != nil {
		return err
	}
	if err := r.migrate(0, r.Schema); err != nil {
		return err
	}
	made, err := collected[SavedPartition](r.ctx, r.tx, sqlSavedPartitions)
	if err != nil {
		return err
	}
	for _, part := range slices.Backward(made) { // they are of today's months
		if _, err := r.exec(`DROP TABLE ` + quotedName(part.Name)); err != nil {
			return err
		}
	}
	for _, part := range r.Partitions {
		if err := r.part(part); err != nil {
			return fmt.Errorf("make part %s of table %s: %w", part.Name, part.Of, err)
		}
	}
	return nil
}

func (r *restore) part(part SavedPartition) error {
	statement := `CREATE TABLE ` + quotedName(part.Name) + ` PARTITION OF ` + quotedName(part.Of) + ` ` + part.Bound
	if part.Bound == "" {
		statement = `CREATE TABLE ` + quotedName(part.Name) + ` (LIKE ` + quotedName(part.Of) + ` INCLUDING ALL)`
	}
	if part.Options != "" {
		statement += ` WITH (` + part.Options + `)`
	}
	if _, err := r.exec(statement); err != nil {
		return err
	}
	if part.Note != "" {
		if _, err := r.exec(`COMMENT ON TABLE ` + quotedName(part.Name) + ` IS '` + strings.ReplaceAll(part.Note, "'", "''") + `'`); err != nil {
			return err
		}
	}
	if !part.Protected {
		return nil
	}
	_, err := r.exec(sqlProtectPart, part.Name)
	return err
}

// fill brings the rows in.
func (r *restore) fill() error {
	loosen, tighten, err := r.loosened()
	if err != nil {
		return err
	}
	if err := r.each(loosen); err != nil {
		return err
	}
	known, err := r.tables()
	if err != nil {
		return err
	}
	for name, table := range known { // a migration may have written rows of its own
		if _, err := r.exec(`DELETE FROM ` + quotedName(table.Name)); err != nil {
			return fmt.Errorf("empty table %s: %w", name, err)
		}
	}
	if err := r.copyAll(); err != nil {
		return err
	}
	return r.each(tighten)
}

// tables are those of the schema by name.
func (r *restore) tables() (map[string]SavedTable, error) {
	list, err := collected[SavedTable](r.ctx, r.tx, sqlSavedTables)
	if err != nil {
		return nil, err
	}
	byName := map[string]SavedTable{}
	for _, table := range list {
		byName[table.Name] = table
	}
	for _, saved := range r.Tables {
		table, is := byName[saved.Name]
		if !is {
			return nil, fmt.Errorf("the backup holds a table %s, which version %d of the schema does not have: it was made by another program", saved.Name, r.Schema)
		}
		for _, column := range saved.Columns {
			if !slices.Contains(table.Columns, column) {
				return nil, fmt.Errorf("the backup holds a column %s.%s, which version %d of the schema does not have: it was made by another program", saved.Name, column, r.Schema)
			}
		}
	}
	return byName, nil
}

// loosened gives the statements that let rows in, and those that put everything back.
func (r *restore) loosened() (loosen, tighten []string, err error) {
	rows, err := r.tx.Query(r.ctx, sqlRestoreLoosen)
	if err != nil {
		return nil, nil, err
	}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var off, on string
		err := row.Scan(&off, &on, nil)
		loosen, tighten = append(loosen, off), append([]string{on}, tighten...)
		return struct{}{}, err
	})
	return loosen, tighten, err
}

func (r *restore) copyAll() error {
	columns := map[string]string{}
	for _, table := range r.Tables {
		columns[table.Name] = quoted(table.Columns)
	}
	for {
		name, lines, err := r.Rows()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		list, is := columns[name]
		if !is {
			return fmt.Errorf("the backup holds rows of %s, a table that it does not name", name)
		}
		tag, err := r.tx.Conn().PgConn().CopyFrom(r.ctx, lines, fmt.Sprintf(`COPY %s (%s) FROM STDIN`, quotedName(name), list))
		if err != nil {
			return fmt.Errorf("write rows of table %s: %w", name, err)
		}
		r.done.Rows += tag.RowsAffected()
	}
}

// forward brings the schema up to date.
func (r *restore) forward() error {
	newest := r.scripts[len(r.scripts)-1].Version
	if err := r.migrate(r.Schema, newest); err != nil {
		return err
	}
	for _, s := range r.scripts {
		if s.Version <= r.Schema {
			continue
		}
		if _, err := r.exec(sqlRestoreVersion, s.Version); err != nil {
			return err
		}
	}
	return nil
}

// number lets sequences go on behind every number that may have been given after the backup.
func (r *restore) number() error {
	for _, s := range r.Sequences {
		if _, err := r.exec(sqlRestoreSequence, quotedName(s.Name), s.Last); err != nil {
			return fmt.Errorf("set sequence %s: %w", s.Name, err)
		}
	}
	return nil
}
