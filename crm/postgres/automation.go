package postgres

import (
	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Automation is what the turns of one transaction write for the work that goes on by itself. It is part of Changes.
type Automation struct {
	Links     []crm.DealLinked
	Closed    []crm.DealID // deals whose tasks have lost their point
	Stops     []TimerStop  // timers that need not fire any more; those set by this transaction before are among them
	Ends      []TimerEnd   // what came of claimed timers
	Timers    []TimerRow   // new
	Answers   []Answer
	TasksMade []TaskMade
	Points    []crm.Rated
	Touches   []Touch
	Hooks     []HookRow
}

// sqlEndTasks ends tasks without asking who did them: nobody has to do them any more.
const sqlEndTasks = `UPDATE tasks SET done_at = now() WHERE deal_id = ANY($1::bigint[]) AND done_at IS NULL`

// queue puts the statements after those of the deals that they are about.
func (a *Automation) queue(batch *pgx.Batch) {
	a.queueLinks(batch)
	if len(a.Closed) > 0 {
		batch.Queue(sqlEndTasks, a.Closed)
	}
	a.queueStops(batch)
	a.queueEnds(batch)
	a.queueTimers(batch)
	a.queueAnswers(batch)
	a.queueTasks(batch)
	a.queuePoints(batch)
	a.queueTouches(batch)
	a.queueHooks(batch)
}
