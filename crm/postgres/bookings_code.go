package postgres

import (
	"context"
	"time"

	"govorun/crm"
)

const (
	sqlBookingsByCode = `SELECT ` + bookingColumns + ` FROM bookings b
		WHERE b.status = 'booked' AND b.code = $1 AND b.starts_at BETWEEN $2 AND $3 ORDER BY b.starts_at, b.id FOR UPDATE`

	sqlCodeTries = `SELECT count(*) FROM events WHERE kind = 'code_unknown' AND employee_id = $1 AND at > $2`
)

// BookingsByCode locks and gives the visits that begin within a span and bear a code, the earliest first.
func (t *Turns) BookingsByCode(ctx context.Context, code string, from, to time.Time) ([]crm.Booking, error) {
	return t.bookings(ctx, sqlBookingsByCode, code, from, to)
}

// CodeTries counts the wrong codes that an employee has typed since a moment.
func (t *Turns) CodeTries(ctx context.Context, id crm.EmployeeID, since time.Time) (n int, err error) {
	err = t.conn.QueryRow(ctx, sqlCodeTries, id, since).Scan(&n)
	return n, wrap(err, "count wrong codes of employee %d", id)
}
