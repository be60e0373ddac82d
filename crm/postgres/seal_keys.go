package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// SealKey is a key that encrypts secret values and files, wrapped by a master that stands outside the database. Master is the name of that one.
type SealKey struct {
	ID        int64
	Wrapped   []byte
	Master    string
	CreatedAt time.Time
	WrappedAt time.Time
}

const (
	// Programs that start at once must not each make a first key, and none may appear while the others are wrapped anew.
	sqlLockSealKeys = `LOCK TABLE seal_keys IN SHARE ROW EXCLUSIVE MODE`

	sqlSelectSealKeys = `SELECT id, wrapped, master, created_at, wrapped_at FROM seal_keys ORDER BY id DESC`

	sqlInsertSealKey = `INSERT INTO seal_keys (wrapped, master) VALUES ($1, $2)`

	sqlWrapSealKey = `UPDATE seal_keys SET wrapped = $2, master = $3, wrapped_at = now() WHERE id = $1`
)

// SealKeys lists the keys of sealed values and files, the newest, which seals, first. There are none before the first program has started.
func (db *DB) SealKeys(ctx context.Context) ([]SealKey, error) {
	list, err := selectSealKeys(ctx, db.Pool)
	if err != nil {
		return nil, fmt.Errorf("read seal keys: %w", domain(err))
	}
	return list, nil
}

// AddFirstSealKey keeps a key unless there is one already, and gives all keys, the newest first.
func (db *DB) AddFirstSealKey(ctx context.Context, key SealKey) (list []SealKey, err error) {
	err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockSealKeys); err != nil {
			return err
		}
		if list, err = selectSealKeys(ctx, tx); err != nil || len(list) > 0 {
			return err
		}
		if _, err := tx.Exec(ctx, sqlInsertSealKey, key.Wrapped, key.Master); err != nil {
			return err
		}
		list, err = selectSealKeys(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keep the first seal key: %w", domain(err))
	}
	return list, nil
}

// RotateSealKeys adds a key, which seals from now on, and keeps the older ones as wrap gives them: wrapped by another master. All of it happens
// or nothing does; values and files stay as they are, since they name only the key and not its master. Of programs that rotate at once one is
// first: begin makes the new key when nobody else does so, and may change there what stands outside the database.
func (db *DB) RotateSealKeys(ctx context.Context, begin func() (SealKey, error), wrap func(SealKey) (SealKey, error)) (list []SealKey, err error) {
	err = db.holdSealKeys(ctx, func(tx pgx.Tx, old []SealKey) error {
		fresh, err := begin()
		if err != nil {
			return err
		}
		for _, key := range old {
			again, err := wrap(key)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, sqlWrapSealKey, key.ID, again.Wrapped, again.Master); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, sqlInsertSealKey, fresh.Wrapped, fresh.Master); err != nil {
			return err
		}
		list, err = selectSealKeys(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("rotate seal keys: %w", domain(err))
	}
	return list, nil
}

// HoldSealKeys does something while no program rotates, and gives it all keys, the newest first.
func (db *DB) HoldSealKeys(ctx context.Context, do func([]SealKey) error) error {
	return db.holdSealKeys(ctx, func(_ pgx.Tx, list []SealKey) error { return do(list) })
}

func (db *DB) holdSealKeys(ctx context.Context, do func(pgx.Tx, []SealKey) error) error {
	return pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockSealKeys); err != nil {
			return err
		}
		list, err := selectSealKeys(ctx, tx)
		if err != nil {
			return err
		}
		return do(tx, list)
	})
}

func selectSealKeys(ctx context.Context, q querier) ([]SealKey, error) {
	rows, err := q.Query(ctx, sqlSelectSealKeys)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[SealKey])
}
