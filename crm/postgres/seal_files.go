package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// DealFile is a file that is attached to a deal under a name of the kit. Hash is empty while it isn't fetched. Channel is that over which it came:
// there Ref sends it again.
type DealFile struct {
	ID      crm.AttachmentID
	Name    string
	Kind    crm.MediaKind
	Ref     string
	Hash    string
	MIME    string
	Channel string
}

const (
	sqlFilesNamed = `SELECT a.id, a.name, a.kind, a.ref, coalesce(a.hash, ''), a.mime, c.channel
		FROM attachments a JOIN conversations c ON c.id = a.conversation_id
		WHERE a.deal_id = $1 AND a.name = ANY($2::text[]) AND a.status IN ('stored', 'pending') ORDER BY array_position($2::text[], a.name), a.id LIMIT 50`

	sqlViewer = `SELECT role FROM employees WHERE id = $1 AND active`

	// As see_as has made it: a file of a deal that this employee doesn't see is not there.
	sqlViewFile = `SELECT a.id, a.name, a.hash, a.mime, a.deal_id, d.pipeline FROM attachments a JOIN deals d ON d.id = a.deal_id
		WHERE a.id = $1 AND a.status = 'stored'`

	sqlRecordView = `INSERT INTO events (at, kind, author, employee_id, deal_id, data)
		VALUES (now(), 'file_viewed', 'employee', $1, $2, jsonb_build_object('file', $3::bigint, 'name', $4::text))`
)

// FilesNamed lists the files of a deal that bear one of these names, in the order of the names.
func (t *Turns) FilesNamed(ctx context.Context, deal crm.DealID, names []string) ([]DealFile, error) {
	rows, err := t.conn.Query(ctx, sqlFilesNamed, deal, names)
	if err != nil {
		return nil, wrap(err, "list files of deal %d", deal)
	}
	files, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DealFile])
	return files, wrap(err, "list files of deal %d", deal)
}

// ViewedFile is a stored file that an employee is about to see.
type ViewedFile struct {
	ID       crm.AttachmentID
	Name     string
	Hash     string
	MIME     string
	Deal     crm.DealID
	Pipeline string
}

// ViewFile gives a stored file to an employee and records that they saw it. Whatever hides it, the answer is crm.ErrNotFound: they work here no
// more, don't see the deal, or may says that their role has no business with it.
func (db *DB) ViewFile(ctx context.Context, me crm.EmployeeID, id crm.AttachmentID, may func(role string, f ViewedFile) bool) (f ViewedFile, err error) {
	err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		var role string
		if err := tx.QueryRow(ctx, sqlViewer, me).Scan(&role); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlSeeAs, named(me)); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sqlViewFile, id).Scan(&f.ID, &f.Name, &f.Hash, &f.MIME, &f.Deal, &f.Pipeline); err != nil {
			return err
		}
		if !may(role, f) {
			return pgx.ErrNoRows
		}
		if _, err := tx.Exec(ctx, sqlSeeAs, 0); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlRecordView, me, f.Deal, f.ID, f.Name)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return ViewedFile{}, fmt.Errorf("show file %d to employee %d: %w", id, me, crm.ErrNotFound)
	}
	return f, wrap(err, "show file %d to employee %d", id, me)
}

const sqlVeiled = `SELECT EXISTS (SELECT FROM messages WHERE conversation_id = $1 AND content ? 'veiled'
	AND id = (SELECT message_id FROM message_refs WHERE conversation_id = $1 AND direction = 'in' AND ref = $2))`

// Veiled tells whether the words of a stored message are hidden, because they were a secret.
func (t *Turns) Veiled(ctx context.Context, id crm.ConversationID, ref string) (veiled bool, err error) {
	err = t.conn.QueryRow(ctx, sqlVeiled, id, ref).Scan(&veiled)
	return veiled, wrap(err, "look for a hidden message of conversation %d", id)
}
