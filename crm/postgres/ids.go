package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const sqlTakeIDs = `SELECT nextval($1::regclass) FROM generate_series(1, $2)`

// maxIDBlock bounds how many numbers are taken ahead, and so how many a crash may leave unused.
const maxIDBlock = 256

// IDs hands out numbers of one sequence, so that a text can name a deal before its row is written. It takes one at a time
// when idle and ever larger blocks under load; what a crash leaves unused is a gap, never a repeat.
type IDs struct {
	sequence string

	mu     sync.Mutex
	stock  []int64
	block  int
	filled time.Time
}

// NewIDs takes the name of a sequence.
func NewIDs(sequence string) *IDs { return &IDs{sequence: sequence, block: 1} }

// Next gives the next number. It asks over the connection of the transaction: a second connection, wanted by all who hold one,
// would be a deadlock when the pool is empty.
func (s *IDs) Next(ctx context.Context, t *Turns) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.stock) == 0 {
		if err := s.fill(ctx, t); err != nil {
			return 0, err
		}
	}
	id := s.stock[0]
	s.stock = s.stock[1:]
	return id, nil
}

func (s *IDs) fill(ctx context.Context, t *Turns) error {
	if time.Since(s.filled) < time.Second {
		s.block = min(maxIDBlock, s.block*2)
	} else {
		s.block = 1
	}
	s.filled = time.Now()
	rows, err := t.conn.Query(ctx, sqlTakeIDs, s.sequence, s.block)
	if err != nil {
		return fmt.Errorf("take numbers of %s: %w", s.sequence, err)
	}
	s.stock, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("take numbers of %s: %w", s.sequence, err)
	}
	return nil
}
