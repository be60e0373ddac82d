package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Touch says that people (the contact or staff) and robots (rules, timers) did something about a deal, and how often.
type Touch struct {
	Deal  crm.DealID
	Human int
	Robot int
}

// The touches of robots are counted since the last one of a person. Rows are locked in one order, so that two groups of turns
// don't wait for each other crosswise.
const sqlTouchDeals = `WITH touched AS MATERIALIZED (SELECT id FROM deals WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE)
	UPDATE deals d SET human_touches = d.human_touches + u.human, human_at = CASE WHEN u.human > 0 THEN now() ELSE d.human_at END,
		robot_touches = CASE WHEN u.human > 0 THEN 0 ELSE d.robot_touches END + u.robot
	FROM unnest($1::bigint[], $2::integer[], $3::integer[]) AS u(id, human, robot), touched t WHERE t.id = u.id AND d.id = u.id`

func (a *Automation) queueTouches(batch *pgx.Batch) {
	sums := make(map[crm.DealID]Touch, len(a.Touches)) // one statement changes a row once
	for _, t := range a.Touches {
		s := sums[t.Deal]
		if t.Human > 0 {
			s.Robot = 0
		}
		sums[t.Deal] = Touch{t.Deal, s.Human + t.Human, s.Robot + t.Robot}
	}
	if len(sums) == 0 {
		return
	}
	ids := make([]int64, 0, len(sums))
	for id := range sums {
		ids = append(ids, int64(id))
	}
	slices.Sort(ids)
	human, robot := make([]int32, len(ids)), make([]int32, len(ids))
	for i, id := range ids {
		human[i], robot[i] = int32(sums[crm.DealID(id)].Human), int32(sums[crm.DealID(id)].Robot)
	}
	batch.Queue(sqlTouchDeals, ids, human, robot)
}
