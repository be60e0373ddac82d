package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// ActKind says what an act of deletion is about.
type ActKind string

// Kinds of acts.
const (
	ActErasure   ActKind = "erasure"   // a person asked to be forgotten
	ActRetention ActKind = "retention" // a rule of the kit says how long something is kept
)

// ActItem is one line of an act: how many of what went. Deal is zero when it was of no deal.
type ActItem struct {
	Deal  int64  `json:"deal,omitempty"`
	What  string `json:"what"`           // the name of a file or a field, or a table
	Kind  string `json:"kind,omitempty"` // files, field, messages; empty: rows
	Note  string `json:"note,omitempty"` // of a consent: its version and when it was given
	Count int64  `json:"count"`
}

// Act is the record of a deletion, without a word of the person. Policy and Basis are the rule of the kit and what it said.
type Act struct {
	ID      int64
	Kind    ActKind
	Policy  string
	Basis   string
	Day     time.Time
	BeganAt time.Time
	EndedAt time.Time
	Items   []ActItem
}

const (
	// The chunks of one night make one act of each rule.
	sqlAddAct = `INSERT INTO acts (kind, policy, basis, day, items) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (policy, day) WHERE kind = 'retention' DO UPDATE SET items = acts.items || excluded.items, ended_at = excluded.ended_at RETURNING id`

	sqlActs = `SELECT id, kind, policy, basis, day, began_at, ended_at, items FROM acts
		WHERE ($1::bigint = 0 OR id = $1) ORDER BY id DESC LIMIT $2`
)

// Acts lists acts of deletion, the newest first; the one with this number when it is not zero.
func (db *DB) Acts(ctx context.Context, id int64, limit int) ([]Act, error) {
	rows, err := db.Pool.Query(ctx, sqlActs, id, limit)
	if err != nil {
		return nil, wrap(err, "list acts of deletion")
	}
	acts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Act])
	return acts, wrap(err, "list acts of deletion")
}

func addAct(ctx context.Context, q rower, a Act) (id int64, err error) {
	if a.Items == nil {
		a.Items = []ActItem{}
	}
	err = q.QueryRow(ctx, sqlAddAct, a.Kind, a.Policy, a.Basis, a.Day.Format(time.DateOnly), a.Items).Scan(&id)
	return id, err
}

// actItems gathers the lines of an act while statements tell how much they removed.
type actItems struct{ items []ActItem }

// count is told what a statement removed.
func (a *actItems) count(what string, n int64) {
	if n > 0 {
		a.items = append(a.items, ActItem{What: what, Count: n})
	}
}

func (a *actItems) list() []ActItem { return a.items }
