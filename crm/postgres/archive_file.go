package postgres

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// archiveTables are the tables of a month in a file, in their order.
var archiveTables = [2]string{"messages", "events"}

// ArchiveHead says what a file of a month holds.
type ArchiveHead struct {
	Month    string    `json:"month"`
	At       time.Time `json:"at"` // as of when, by the clock of the database
	Messages int64     `json:"messages"`
	Events   int64     `json:"events"`
	Bounds   [2]string `json:"bounds"` // of messages and of events, as SQL says them
}

// WriteMonth writes the rows of a month that stands apart: those of messages and of events, as CSV with names of columns, each into what open gives.
func (db *DB) WriteMonth(ctx context.Context, name string, open func(table string) (io.Writer, error)) (head ArchiveHead, err error) {
	m, err := db.month(ctx, name)
	if err != nil {
		return head, err
	}
	if !m.Apart || m.File != "" {
		return head, fmt.Errorf("write month %s: it does not stand apart", name)
	}
	head.Month = name
	messages, events := parts(name)
	err = pgx.BeginTxFunc(ctx, db.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, sqlArchiveNow).Scan(&head.At); err != nil {
			return err
		}
		counts := [2]*int64{&head.Messages, &head.Events}
		for i, part := range [2]string{messages, events} {
			if err := tx.QueryRow(ctx, sqlBound, part).Scan(&head.Bounds[i]); err != nil {
				return err
			}
			to, err := open(archiveTables[i])
			if err != nil {
				return err
			}
			tag, err := tx.Conn().PgConn().CopyTo(ctx, to, fmt.Sprintf(`COPY (SELECT * FROM %s ORDER BY id) TO STDOUT (FORMAT csv, HEADER)`, quotedName(part)))
			if err != nil {
				return err
			}
			*counts[i] = tag.RowsAffected()
		}
		return nil
	})
	return head, wrap(err, "write month %s", name)
}

// DropMonth removes the tables of a month that stands apart and was written into a file. References of its messages stay.
func (db *DB) DropMonth(ctx context.Context, head ArchiveHead, file string) error {
	return db.moving(ctx, func() error { return db.dropMonth(ctx, head, file) })
}

func (db *DB) dropMonth(ctx context.Context, head ArchiveHead, file string) error {
	messages, events := parts(head.Month)
	err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO archived (month, file, messages, events, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT ON CONSTRAINT archived_pkey DO UPDATE SET file = excluded.file, messages = excluded.messages, events = excluded.events, at = excluded.at`,
			head.Month, file, head.Messages, head.Events, head.At); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, fmt.Sprintf(`DROP TABLE %s, %s`, quotedName(messages), quotedName(events)))
		return err
	})
	return wrap(err, "remove month %s", head.Month)
}

// What a file brings back: nothing of talks and people that are here no more. Once somebody was forgotten, also nothing of talks that are nobody's own,
// or are an employee's, where others may have written of them, and nothing of deals and contacts that were emptied.
const (
	sqlArchiveNow = `SELECT now()`

	sqlBackMessages = `INSERT INTO %s SELECT m.* FROM came m JOIN conversations c ON c.id = m.conversation_id
		WHERE (c.forgotten_at IS NULL OR m.created_at >= c.forgotten_at) AND (NOT $1 OR c.contact_id IS NOT NULL
			AND NOT EXISTS (SELECT FROM identities i WHERE i.channel = c.channel AND i.address = c.chat AND i.employee_id IS NOT NULL))`
	sqlBackEvents = `INSERT INTO %s SELECT v.* FROM came v WHERE (v.contact_id IS NULL OR EXISTS (SELECT FROM contacts c WHERE c.id = v.contact_id
			AND NOT ($1 AND c.name = '' AND c.phone IS NULL AND c.fields = '{}')))
		AND NOT ($1 AND (v.deal_id IS NULL AND v.contact_id IS NULL OR EXISTS (SELECT FROM events x WHERE x.deal_id = v.deal_id AND x.kind = 'contact_erased')))`
	sqlForgottenSince = `SELECT EXISTS (SELECT FROM erasures WHERE erased_at >= $1)`
	sqlBackRefs       = `INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT conversation_id, direction, ref, id FROM %s WHERE ref IS NOT NULL
		ON CONFLICT ON CONSTRAINT message_refs_pkey DO NOTHING`
)

// ReadMonth brings a month back from a file and gives how many of its rows were left out, because they are of somebody who has been forgotten
// meanwhile, or may be. All of it or nothing. A column that has come since the file was written has its default.
func (db *DB) ReadMonth(ctx context.Context, head ArchiveHead, open func(table string) (io.Reader, error)) (left int64, err error) {
	if !monthName.MatchString(head.Month) {
		return 0, fmt.Errorf("the file names no month: %w", crm.ErrRefused)
	}
	messages, events := parts(head.Month)
	err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		var there, forgotten bool
		if err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL OR to_regclass($2) IS NOT NULL`, messages, events).Scan(&there); err != nil {
			return err
		}
		if there {
			return fmt.Errorf("month %s is in the database: %w", head.Month, crm.ErrRefused)
		}
		if err := tx.QueryRow(ctx, sqlForgottenSince, head.At).Scan(&forgotten); err != nil {
			return err
		}
		for i, part := range [2]string{messages, events} {
			back := [2]string{sqlBackMessages, sqlBackEvents}[i]
			from, err := open(archiveTables[i])
			if err != nil {
				return err
			}
			n, err := readPart(ctx, tx, incoming{archiveTables[i], part, head.Bounds[i], back}, from, forgotten)
			if err != nil {
				return err
			}
			left += n
		}
		if _, err := tx.Exec(ctx, fmt.Sprintf(sqlBackRefs, quotedName(messages))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM archived WHERE month = $1`, head.Month)
		return err
	})
	return left, wrap(err, "bring month %s back", head.Month)
}

// csvColumns reads the names in the first line; the database's own names of columns hold nothing that is quoted.
func csvColumns(from *bufio.Reader) ([]string, error) {
	line, err := from.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("read the names of columns: %w", err)
	}
	return strings.Split(strings.TrimRight(line, "\r\n"), ","), nil
}

// incoming is a part that comes back.
type incoming struct{ whole, part, bound, back string }

func readPart(ctx context.Context, tx pgx.Tx, p incoming, from io.Reader, forgotten bool) (left int64, err error) {
	do := func(sql string, args ...any) (n int64, err error) {
		tag, err := tx.Exec(ctx, sql, args...)
		return tag.RowsAffected(), err
	}
	whole, part := quotedName(p.whole), quotedName(p.part)
	if !boundForm.MatchString(p.bound) {
		return 0, fmt.Errorf("the file's bound of %s is none: %w", p.whole, crm.ErrRefused)
	}
	// Rows under a policy cannot be copied in: they come by a table of the transaction's own.
	if _, err := do(fmt.Sprintf(`CREATE TEMP TABLE came (LIKE %s INCLUDING DEFAULTS) ON COMMIT DROP`, whole)); err != nil {
		return 0, err
	}
	rows := bufio.NewReader(from)
	columns, err := csvColumns(rows)
	if err != nil {
		return 0, err
	}
	tag, err := tx.Conn().PgConn().CopyFrom(ctx, rows, fmt.Sprintf(`COPY came (%s) FROM STDIN (FORMAT csv)`, quoted(columns)))
	if err != nil {
		return 0, err
	}
	if _, err := do(fmt.Sprintf(`CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING GENERATED)`, part, whole)); err != nil {
		return 0, err
	}
	kept, err := do(fmt.Sprintf(p.back, part), forgotten)
	if err != nil {
		return 0, err
	}
	if p.whole == "events" {
		_, err = do(`SELECT protect_by_deal($1::text::regclass)`, p.part)
	} else {
		_, err = do(fmt.Sprintf(`ALTER TABLE %s SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000)`, part))
	}
	if err != nil {
		return 0, err
	}
	if _, err := do(fmt.Sprintf(`ALTER TABLE %s ATTACH PARTITION %s %s`, whole, part, p.bound)); err != nil {
		return 0, err
	}
	_, err = do(`DROP TABLE came`)
	return tag.RowsAffected() - kept, err
}
