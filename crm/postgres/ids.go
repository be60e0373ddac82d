package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const sqlTakeIDs = `SELECT nextval($1::regclass) FROM generate_series(1, $2)`

// maxIDBlock bounds how many numbers are taken ahead, and so how many a crash may leave unused.
const maxIDBlock = 256

// IDs hands out numbers of one sequence, so that a text can name a deal before its row is written. It takes one at a time
// when idle and ever larger blocks under load; what a crash leaves unused is a gap, never a repeat.
type IDs struct {
	pool     *pgxpool.Pool
	sequence string

	mu     sync.Mutex
	stock  []int64
	block  int
	filled time.Time
}

// NewIDs takes a pool and the name of a sequence.
func NewIDs(pool *pgxpool.Pool, sequence string) *IDs {
	return &IDs{pool: pool, sequence: sequence, block: 1}
}

// Next gives the next number.
func (s *IDs) Next(ctx context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.stock) == 0 {
		if err := s.fill(ctx); err != nil {
			return 0, err
		}
	}
	id := s.stock[0]
	s.stock = s.stock[1:]
	return id, nil
}

func (s *IDs) fill(ctx context.Context) error {
	if time.Since(s.filled) < time.Second {
		s.block = min(maxIDBlock, s.block*2)
	} else {
		s.block = 1
	}
	s.filled = time.Now()
	rows, err := s.pool.Query(ctx, sqlTakeIDs, s.sequence, s.block)
	if err != nil {
		return fmt.Errorf("take numbers of %s: %w", s.sequence, err)
	}
	s.stock, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("take numbers of %s: %w", s.sequence, err)
	}
	return nil
}
