package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Warm lets a connection of the pool meet the statements of an ordinary turn while nobody waits: a new connection spends tens of milliseconds on
// reading the catalogue and on plans. They get nothing to do.
func (db *DB) Warm(ctx context.Context) error {
	texts, numbers, flags, moments := []string{}, []int64{}, []bool{}, []time.Time{}
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	batch.Queue(sqlEnsureConversations, texts, texts, flags, texts, [][]byte{}, [][]byte{}, moments)
	batch.Queue(sqlLockConversations, texts, texts)
	batch.Queue(sqlReadConversations, texts, texts, texts, flags)
	batch.Queue(sqlStoreInbound, texts, texts, texts, texts, texts, texts, texts, [][]byte{}, moments)
	batch.Queue(sqlInsertEvents, texts, texts, numbers, numbers, numbers, numbers, numbers, texts)
	batch.Queue(sqlInsertOutbound, numbers, numbers, texts, texts, texts, numbers, texts, []int16{}, moments, moments)
	batch.Queue(sqlUpdateConversations, numbers, texts, numbers, numbers, texts, numbers, moments, []int16{}, moments, flags)
	batch.Queue("ROLLBACK")
	if err := db.Pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("prepare statements: %w", domain(err))
	}
	return nil
}
