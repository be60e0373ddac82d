package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Place is a stage of a pipeline.
type Place struct{ Pipeline, Stage string }

const (
	// Jumps from each stage to the next in the index of open deals: as many steps as there are stages, however many deals.
	sqlStandings = `WITH RECURSIVE places AS (
			(SELECT pipeline, stage FROM deals WHERE status = 'open' ORDER BY pipeline, stage LIMIT 1)
			UNION ALL
			SELECT n.pipeline, n.stage FROM places p CROSS JOIN LATERAL (
				SELECT d.pipeline, d.stage FROM deals d WHERE d.status = 'open' AND (d.pipeline, d.stage) > (p.pipeline, p.stage)
				ORDER BY d.pipeline, d.stage LIMIT 1) n)
		SELECT pipeline, stage FROM places`

	sqlCountStanding = `SELECT count(*) FROM deals WHERE status = 'open' AND pipeline = $1 AND stage = $2`

	// Deals that somebody works on right now are left for the next batch. What waits for a deal to stand still goes on waiting
	// under the new name, so entered_at stays.
	sqlMoveStanding = `WITH picked AS MATERIALIZED (
			SELECT id FROM deals WHERE status = 'open' AND pipeline = $1 AND stage = $2 LIMIT $6 FOR UPDATE SKIP LOCKED),
		moved AS (
			UPDATE deals d SET pipeline = $3, stage = $4, status = $5, closed_at = CASE WHEN $5 <> 'open' THEN now() END, updated_at = now()
			FROM picked p WHERE d.id = p.id RETURNING d.id, d.contact_id),
		renamed AS (
			UPDATE timers SET stage = $4 WHERE id IN (SELECT t.id FROM picked p JOIN timers t ON t.deal_id = p.id
				WHERE t.status = 'waiting' AND t.stage = $2 FOR UPDATE OF t SKIP LOCKED)),
		told AS (
			INSERT INTO events (at, kind, author, contact_id, deal_id, data)
			SELECT now(), 'deal_moved', 'system', contact_id, id, jsonb_build_object('from', $2, 'from_pipeline', $1, 'stage', $4,
				'status', $5, 'reason', '', 'cause', jsonb_build_array('kit:' || $1 || '.' || $2)) FROM moved)
		SELECT count(*) FROM moved`
)

// Standings lists the stages on which open deals stand. Its cost grows with the number of stages, not of deals.
func (db *DB) Standings(ctx context.Context) ([]Place, error) {
	rows, err := db.Pool.Query(ctx, sqlStandings)
	if err != nil {
		return nil, wrap(err, "list the stages of open deals")
	}
	places, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Place])
	return places, wrap(err, "list the stages of open deals")
}

// CountStanding counts the open deals on a stage.
func (db *DB) CountStanding(ctx context.Context, p Place) (n int, err error) {
	err = db.Pool.QueryRow(ctx, sqlCountStanding, p.Pipeline, p.Stage).Scan(&n)
	return n, wrap(err, "count deals on %s.%s", p.Pipeline, p.Stage)
}

// StageMove is where the deals of a stage go that the kit has renamed, merged or retired. Status is that of the new stage.
type StageMove struct {
	From, To Place
	Status   crm.DealStatus
}

// MoveStanding moves at most limit deals in one transaction of its own, each with an event, and gives their number. Deals that
// are being worked on are passed by: repeat until CountStanding is zero, also after a restart in between.
func (db *DB) MoveStanding(ctx context.Context, m StageMove, limit int) (n int, err error) {
	err = db.Pool.QueryRow(ctx, sqlMoveStanding, m.From.Pipeline, m.From.Stage, m.To.Pipeline, m.To.Stage, m.Status, limit).Scan(&n)
	return n, wrap(err, "move deals from %s.%s to %s.%s", m.From.Pipeline, m.From.Stage, m.To.Pipeline, m.To.Stage)
}
