package postgres

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Contents says what a backup of a database holds: everything that is needed to make it again beside the rows themselves.
type Contents struct {
	At         time.Time        `json:"at"`         // by the clock of the database: the rows are as of then
	Schema     int64            `json:"schema"`     // the newest migration
	Tables     []SavedTable     `json:"tables"`     // in the order in which their rows follow
	Partitions []SavedPartition `json:"partitions"` // parts of tables, those of a part after it
	Sequences  []SavedSequence  `json:"sequences"`
	Keys       []SavedKey       `json:"keys"` // of sealed values and files; they open with a master that stands outside
}

// SavedTable is a table with the columns that are kept of it; what the database computes by itself is not.
type SavedTable struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

// SavedPartition is a part of a table as SQL says it: its bound, and its storage options. Without a bound it stands apart (govorun archive).
type SavedPartition struct {
	Name      string `json:"name"`
	Of        string `json:"of"`
	Bound     string `json:"bound"`
	Options   string `json:"options,omitempty"`
	Protected bool   `json:"protected,omitempty"` // it has the policy of its table for who reads it directly
	Note      string `json:"note,omitempty"`      // of a month that stands apart: its comment, which holds its bound
}

// SavedSequence is the last number that a sequence gave.
type SavedSequence struct {
	Name string `json:"name"`
	Last int64  `json:"last"`
}

// SavedKey is a seal key, wrapped.
type SavedKey struct {
	ID      int64  `json:"id"`
	Master  string `json:"master"`
	Wrapped []byte `json:"wrapped"`
}

const (
	sqlSavedAt = `SELECT now(), (SELECT max(version_id) FROM goose_db_version WHERE is_applied)`

	// Nobody moves months meanwhile: one would be missing, or be in it twice.
	sqlSavedAlone = `SELECT pg_try_advisory_xact_lock_shared(hashtext('govorun archive'))`

	// What an extension brought is made by the extension. A month that is half detached is in no whole any more and stands apart.
	sqlSavedTables = `SELECT c.relname, ARRAY(SELECT a.attname::text FROM pg_attribute a
			WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum)
		FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
		AND (NOT c.relispartition OR EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid AND i.inhdetachpending))
		AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY c.relname`

	sqlSavedPartitions = `WITH RECURSIVE parts AS (
			SELECT i.inhrelid, i.inhparent, 1 AS depth FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
			WHERE p.relkind = 'p' AND NOT p.relispartition AND NOT i.inhdetachpending AND p.relnamespace = current_schema()::regnamespace
			UNION ALL SELECT i.inhrelid, i.inhparent, parts.depth + 1 FROM pg_inherits i JOIN parts ON parts.inhrelid = i.inhparent)
		SELECT c.relname, p.relname, pg_get_expr(c.relpartbound, c.oid), coalesce(array_to_string(c.reloptions, ', '), ''), c.relrowsecurity, ''
		FROM parts JOIN pg_class c ON c.oid = inhrelid JOIN pg_class p ON p.oid = inhparent WHERE c.relkind = 'r'
		UNION ALL SELECT c.relname, split_part(c.relname, '_', 1), '', coalesce(array_to_string(c.reloptions, ', '), ''), c.relrowsecurity, coalesce(obj_description(c.oid, 'pg_class'), '')
		FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
			AND (NOT c.relispartition OR EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid AND i.inhdetachpending))
			AND c.relname ~ '^(messages|events)_([0-9]{4,}_[0-9]{2}|first)$' ORDER BY 1`

	// A month that has begun and has no message yet has given no number, and is where they go on nevertheless.
	sqlSavedSequences = `WITH s AS MATERIALIZED (SELECT oid, relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S'),
			n AS (SELECT relname, coalesce(pg_sequence_last_value(s.oid), CASE relname WHEN 'messages_id_seq' THEN m.last_value WHEN 'events_id_seq' THEN e.last_value END) AS last
				FROM s, messages_id_seq m, events_id_seq e)
		SELECT relname, last FROM n WHERE last IS NOT NULL ORDER BY relname`

	sqlSavedKeys = `SELECT id, master, wrapped FROM seal_keys ORDER BY id DESC`
)

// Snapshot is the whole database as it is at one moment, while others go on writing. It is for one goroutine, and holds a connection until
// Close.
type Snapshot struct {
	Contents
	tx pgx.Tx
}

// Snapshot begins reading the database as of now. What the WhatsApp library keeps in its own schema is no part of it: sessions that went back to
// an older state, or that live on two machines, break the talks of both.
func (db *DB) Snapshot(ctx context.Context) (*Snapshot, error) {
	tx, err := db.Pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, wrap(err, "begin reading the database")
	}
	s := &Snapshot{tx: tx}
	if err := s.describe(ctx); err != nil {
		s.Close()
		return nil, wrap(err, "describe the database")
	}
	return s, nil
}

// Close ends the reading.
func (s *Snapshot) Close() { _ = s.tx.Rollback(context.Background()) }

func (s *Snapshot) describe(ctx context.Context) error {
	// Between two tables the file of the backup may be slow, which is no reason to end the transaction.
	if _, err := s.tx.Exec(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`); err != nil {
		return err
	}
	var alone bool
	if err := s.tx.QueryRow(ctx, sqlSavedAlone).Scan(&alone); err != nil {
		return err
	}
	if !alone {
		return fmt.Errorf("govorun archive is moving a month: make the backup after that: %w", crm.ErrRefused)
	}
	if err := s.tx.QueryRow(ctx, sqlSavedAt).Scan(&s.At, &s.Schema); err != nil {
		return err
	}
	var err error
	if s.Tables, err = collected[SavedTable](ctx, s.tx, sqlSavedTables); err != nil {
		return err
	}
	if s.Partitions, err = collected[SavedPartition](ctx, s.tx, sqlSavedPartitions); err != nil {
		return err
	}
	if s.Sequences, err = collected[SavedSequence](ctx, s.tx, sqlSavedSequences); err != nil {
		return err
	}
	s.Keys, err = collected[SavedKey](ctx, s.tx, sqlSavedKeys)
	return err
}

func collected[T any](ctx context.Context, q querier, sql string) ([]T, error) {
	rows, err := q.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}

// Copy writes the rows of one of the snapshot's tables in the text form of COPY, a line each and a Write each, and gives their number.
func (s *Snapshot) Copy(ctx context.Context, table SavedTable, to io.Writer) (rows int64, err error) {
	// By a query, because that is also how parts of a table are read, and rows under policies.
	tag, err := s.tx.Conn().PgConn().CopyTo(ctx, to, fmt.Sprintf(`COPY (SELECT %s FROM %s) TO STDOUT`, quoted(table.Columns), quotedName(table.Name)))
	return tag.RowsAffected(), wrap(err, "read table %s", table.Name)
}

func quotedName(name string) string { return pgx.Identifier{name}.Sanitize() }

func quoted(names []string) string {
	list := ""
	for i, name := range names {
		if i > 0 {
			list += ", "
		}
		list += quotedName(name)
	}
	return list
}

const sqlCountFiles = `SELECT count(DISTINCT hash) FROM attachments WHERE status = 'stored' AND hash IS NOT NULL`

// CountFiles is how many different files the rows of the snapshot speak of.
func (s *Snapshot) CountFiles(ctx context.Context) (n int64, err error) {
	err = s.tx.QueryRow(ctx, sqlCountFiles).Scan(&n)
	return n, wrap(err, "count files")
}
