package postgres

import (
	"context"
	"time"
)

const (
	sqlNoteBackup = `INSERT INTO backups (taken_at, bytes) VALUES ($1, $2)`
	sqlLastBackup = `SELECT coalesce(max(taken_at), 'epoch') FROM backups`
)

// NoteBackup keeps that a backup of the database as of that moment was made, and how large it is.
func (db *DB) NoteBackup(ctx context.Context, at time.Time, bytes int64) error {
	_, err := db.Pool.Exec(ctx, sqlNoteBackup, at, bytes)
	return wrap(err, "note the backup")
}

// LastBackup tells of when the newest backup is, one that this database was restored from included; zero when there is none.
func (db *DB) LastBackup(ctx context.Context) (at time.Time, err error) {
	err = db.Pool.QueryRow(ctx, sqlLastBackup).Scan(&at)
	if at.Unix() == 0 {
		at = time.Time{}
	}
	return at, wrap(err, "look for the last backup")
}
