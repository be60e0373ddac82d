package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

const (
	sqlNextErasedFile  = `SELECT hash, EXISTS (SELECT FROM attachments a WHERE a.hash = e.hash) FROM erased_files e WHERE removed_at IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED`
	sqlKeepErasedFile  = `DELETE FROM erased_files WHERE hash = $1`
	sqlErasedFile      = `UPDATE erased_files SET removed_at = now() WHERE hash = $1`
	sqlOldErasedFiles  = `DELETE FROM erased_files WHERE removed_at < now() - interval '5 minutes'`
	sqlUnattached      = `SELECT h FROM unnest($1::text[]) AS h WHERE NOT EXISTS (SELECT FROM attachments a WHERE a.hash = h)`
	sqlCountErasedRows = `SELECT count(*) FROM erased_files`
)

// Unattached gives those of the hashes to which no attachment refers.
func (db *DB) Unattached(ctx context.Context, hashes []string) ([]string, error) {
	rows, err := db.Pool.Query(ctx, sqlUnattached, orNone(hashes))
	if err != nil {
		return nil, wrap(err, "look for files without attachments")
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return list, wrap(err, "look for files without attachments")
}

// EraseFiles has the bytes removed that no attachment refers to any more, and gives how many were. A file that somebody else has sent as well
// stays. remove gets the hash of the content; what it fails at is tried again with the next call.
func (db *DB) EraseFiles(ctx context.Context, remove func(hash string) error) (removed int, err error) {
	var rows int
	if err := db.Pool.QueryRow(ctx, sqlCountErasedRows).Scan(&rows); err != nil || rows == 0 {
		return 0, wrap(err, "count files to remove")
	}
	for err == nil {
		err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
			var hash string
			var wanted bool
			if err := tx.QueryRow(ctx, sqlNextErasedFile).Scan(&hash, &wanted); err != nil {
				return err
			}
			if wanted {
				_, err := tx.Exec(ctx, sqlKeepErasedFile, hash)
				return err
			}
			if err := remove(hash); err != nil {
				return err
			}
			removed++
			_, err := tx.Exec(ctx, sqlErasedFile, hash)
			return err
		})
	}
	if errors.Is(err, pgx.ErrNoRows) {
		_, err = db.Pool.Exec(ctx, sqlOldErasedFiles)
	}
	return removed, wrap(err, "remove files that nobody has any more")
}
