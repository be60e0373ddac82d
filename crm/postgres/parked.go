package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// ParkedWanted says what counts as parked: at least Touches of robots since a person did something, and that longer ago than
// Idle. Owner narrows to one employee; PerOwner bounds the list of each.
type ParkedWanted struct {
	Touches  int
	Idle     time.Duration
	Owner    crm.EmployeeID
	PerOwner int
	Except   []string // cities whose deals are not meant
}

// Parked is an open deal that only robots keep alive.
type Parked struct {
	crm.Deal
	OwnerName string // empty when nobody is responsible
	HumanAt   time.Time
	Human     int // touches of people, ever
	Robot     int // touches of robots since
	OfOwner   int // how many parked deals the owner has, listed or not
}

// The condition on robot_touches stands there as a constant too, because it is what the index is about.
const sqlParked = `SELECT id, pipeline, stage, title, owner_id, name, touched_at, human_touches, robot_touches, entered_at, created_at, of_owner FROM (
		SELECT d.id, d.pipeline, d.stage, d.title, coalesce(d.owner_id, 0) AS owner_id, coalesce(e.name, '') AS name,
			coalesce(d.human_at, d.created_at) AS touched_at, d.human_touches, d.robot_touches, d.entered_at, d.created_at,
			count(*) OVER (PARTITION BY d.owner_id) AS of_owner,
			row_number() OVER (PARTITION BY d.owner_id ORDER BY coalesce(d.human_at, d.created_at), d.id) AS nth
		FROM deals d LEFT JOIN employees e ON e.id = d.owner_id
		WHERE d.status = 'open' AND d.robot_touches > 0 AND d.robot_touches >= $1
		AND coalesce(d.human_at, d.created_at) < now() - make_interval(secs => $2) AND ($3::bigint = 0 OR d.owner_id = $3) AND d.city <> ALL($5::text[])) p
	WHERE nth <= $4 ORDER BY of_owner DESC, name, owner_id, nth`

// Parked lists parked deals by owner, who has the most first, and of each the longest untouched first.
func (db *DB) Parked(ctx context.Context, w ParkedWanted) ([]Parked, error) {
	return parked(ctx, db.Pool, w)
}

// Parked is DB.Parked as this transaction sees it.
func (t *Turns) Parked(ctx context.Context, w ParkedWanted) ([]Parked, error) {
	return parked(ctx, t.conn, w)
}

func parked(ctx context.Context, q reader, w ParkedWanted) ([]Parked, error) {
	rows, err := q.Query(ctx, sqlParked, w.Touches, w.Idle.Seconds(), w.Owner, w.PerOwner, append([]string{}, w.Except...))
	if err != nil {
		return nil, wrap(err, "list parked deals")
	}
	list, err := pgx.CollectRows(rows, scanParked)
	return list, wrap(err, "list parked deals")
}

func scanParked(row pgx.CollectableRow) (p Parked, err error) {
	p.Status = crm.DealOpen
	err = row.Scan(&p.ID, &p.Pipeline, &p.Stage, &p.Title, &p.Owner, &p.OwnerName, &p.HumanAt, &p.Human, &p.Robot, &p.EnteredAt, &p.CreatedAt, &p.OfOwner)
	return p, err
}
