package postgres

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
)

const (
	// purposeQR marks the keys that sign the codes on machines.
	purposeQR = "qr"
	// qrKeyBytes is the size of a new key: as long as the output of the hash that signs.
	qrKeyBytes = 32
)

const (
	// Programs that start at once must not each make a first key: half of the stickers would be signed by a key that the
	// other half doesn't expect to be the newest.
	sqlLockSecrets = `LOCK TABLE secrets IN SHARE ROW EXCLUSIVE MODE`

	sqlSelectSecrets = `SELECT secret FROM secrets WHERE purpose = $1 AND retired_at IS NULL ORDER BY id DESC`

	sqlInsertSecret = `INSERT INTO secrets (purpose, secret) VALUES ($1, $2)`

	sqlRetireSecrets = `UPDATE secrets SET retired_at = now() WHERE purpose = $1 AND retired_at IS NULL
		AND id < (SELECT max(id) FROM secrets WHERE purpose = $1 AND retired_at IS NULL)`
)

// QRKeys returns the keys that verify the codes on machines, the newest, which signs, first. When there is none it makes
// the first from random (crypto/rand.Reader), once however many programs ask.
func (db *DB) QRKeys(ctx context.Context, random io.Reader) ([][]byte, error) {
	keys, err := selectSecrets(ctx, db.Pool)
	if err == nil && len(keys) == 0 {
		keys, err = db.addQRKey(ctx, random, false)
	}
	if err != nil {
		return nil, fmt.Errorf("read keys of QR codes: %w", domain(err))
	}
	return keys, nil
}

// RotateQRKey makes a new key from random and returns all keys, the new one first. Codes printed with the older ones stay good
// until RetireQRKeys. Running programs see the new key when they ask again.
func (db *DB) RotateQRKey(ctx context.Context, random io.Reader) ([][]byte, error) {
	keys, err := db.addQRKey(ctx, random, true)
	if err != nil {
		return nil, fmt.Errorf("rotate key of QR codes: %w", domain(err))
	}
	return keys, nil
}

// RetireQRKeys drops all keys but the newest and returns how many: every sticker printed with them becomes worthless.
func (db *DB) RetireQRKeys(ctx context.Context) (int, error) {
	tag, err := db.Pool.Exec(ctx, sqlRetireSecrets, purposeQR)
	if err != nil {
		return 0, fmt.Errorf("retire keys of QR codes: %w", domain(err))
	}
	return int(tag.RowsAffected()), nil
}

// addQRKey adds a key; unless always is set, only if there is still none.
func (db *DB) addQRKey(ctx context.Context, random io.Reader, always bool) (keys [][]byte, err error) {
	key := make([]byte, qrKeyBytes)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("draw a random key: %w", err)
	}
	err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockSecrets); err != nil {
			return err
		}
		if keys, err = selectSecrets(ctx, tx); err != nil || len(keys) > 0 && !always {
			return err
		}
		keys = append([][]byte{key}, keys...)
		_, err := tx.Exec(ctx, sqlInsertSecret, purposeQR, key)
		return err
	})
	return keys, err
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func selectSecrets(ctx context.Context, q querier) ([][]byte, error) {
	rows, err := q.Query(ctx, sqlSelectSecrets, purposeQR)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[[]byte])
}
