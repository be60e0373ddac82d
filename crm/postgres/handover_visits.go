package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

const (
	// Visits, and the way back from one, leave the calendar and come back to it under the other name: of an exchange neither is in the way of the other.
	sqlLiftVisits = `UPDATE bookings SET status = 'cancelled' WHERE employee_id = ANY($1::bigint[]) AND status = 'booked' AND upper(busy) > $2
		AND ($3::bigint[] IS NULL OR deal_id = ANY($3)) RETURNING id`

	sqlLandVisits = `WITH hands AS (SELECT * FROM unnest($2::bigint[], $3::bigint[]) AS h(f, t))
		UPDATE bookings b SET employee_id = h.t, status = 'booked', seq = seq + 1, updated_at = now() FROM hands h
		WHERE b.id = ANY($1::bigint[]) AND h.f = b.employee_id AND NOT EXISTS (
			SELECT FROM bookings o WHERE o.employee_id = h.t AND o.status = 'booked' AND o.busy && b.busy)
		RETURNING b.id`

	sqlReturnVisits = `UPDATE bookings SET status = 'booked' WHERE id = ANY($1::bigint[]) AND id <> ALL($2::bigint[])`
)

// HandVisits gives the coming visits of one employee to another; of an exchange (both), those of each to the other. A visit at a time when the
// receiver has one already stays where it is: it is counted among those that clash, somebody must move it. Visits of crews are the crew's.
func (t *Turns) HandVisits(ctx context.Context, o HandOver) (moved, clash int, err error) {
	from, to := []int64{int64(o.From)}, []int64{int64(o.To)}
	if o.Both {
		from, to = append(from, int64(o.To)), append(to, int64(o.From))
	}
	if o.Now.IsZero() {
		o.Now = t.Now
	}
	var only []int64
	if o.Deals != nil {
		only = numbers(o.Deals)
	}
	lifted, err := t.numbersOf(ctx, sqlLiftVisits, from, o.Now, only)
	if err != nil || len(lifted) == 0 {
		return 0, 0, wrap(err, "hand the visits of employee %d on", o.From)
	}
	landed, err := t.numbersOf(ctx, sqlLandVisits, lifted, from, to)
	if err == nil && len(landed) < len(lifted) {
		_, err = t.conn.Exec(ctx, sqlReturnVisits, lifted, orNoNumber(landed))
	}
	return len(landed), len(lifted) - len(landed), wrap(err, "hand the visits of employee %d on", o.From)
}

// numbersOf runs a statement that gives ids.
func (t *Turns) numbersOf(ctx context.Context, sql string, args ...any) ([]int64, error) {
	rows, err := t.conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// orNoNumber makes no list an empty one: a comparison with a null list would be null.
func orNoNumber(list []int64) []int64 {
	if list == nil {
		return []int64{}
	}
	return list
}
