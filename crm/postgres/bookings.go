package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"govorun/crm"
)

const (
	// Who books the same crew waits for this one to end and then sees what it has taken. The constraint bookings_no_overlap stays
	// the guarantee: a refused write is taken back to the savepoint, and the turn goes on.
	sqlLockResource = `SELECT pg_advisory_xact_lock(hashtextextended('visits of ' || $1::bigint, 0))`

	sqlBookSavepoint = `SAVEPOINT booking`
	sqlBookTakeBack  = `ROLLBACK TO SAVEPOINT booking`
	sqlBookKeep      = `RELEASE SAVEPOINT booking`

	sqlInsertBooking = `INSERT INTO bookings (deal_id, crew_id, employee_id, kind, starts_at, ends_at, busy, local_start, zone, code, created_at, updated_at)
		VALUES ($1, nullif($2::bigint, 0), nullif($3::bigint, 0), $4, $5, $6, tstzrange($5, $7), $5::timestamptz AT TIME ZONE $8, $8, nullif($9, ''), now(), now())
		RETURNING id, seq`

	sqlMoveBooking = `UPDATE bookings SET crew_id = nullif($2::bigint, 0), employee_id = nullif($3::bigint, 0), starts_at = $4, ends_at = $5,
			busy = tstzrange($4, $6), local_start = $4::timestamptz AT TIME ZONE $7, zone = $7, seq = seq + 1, updated_at = now()
		WHERE id = $1 AND status = 'booked' AND seq = $8 RETURNING id, seq`

	sqlEndBooking = `UPDATE bookings SET status = $2, reason = $3, seq = seq + 1, updated_at = now() WHERE id = $1 AND status = 'booked' RETURNING seq`

	// Whoever goes belongs to the deal from then on, so that they see it.
	sqlDealGetsCrew = `UPDATE deals SET crew_id = $2, updated_at = now() WHERE id = $1 AND $2::bigint > 0 AND crew_id IS DISTINCT FROM $2`
)

// Book stores a visit, or with an ID its new time or crew, within this transaction at once, and gives it with its ID and Seq.
// crm.ErrTaken when the crew has something else then, when the deal has such a visit already, or when somebody has changed it
// meanwhile; the transaction is unharmed.
func (t *Turns) Book(ctx context.Context, b crm.Booking) (crm.Booking, error) {
	batch := &pgx.Batch{}
	batch.Queue(sqlLockResource, b.Resource)
	batch.Queue(sqlBookSavepoint)
	kept := func(row pgx.Row) error { return row.Scan(&b.ID, &b.Seq) }
	if b.ID == 0 {
		batch.Queue(sqlInsertBooking, b.Deal, b.Resource.Crew(), b.Resource.Employee(), b.Kind, b.Start, b.End, b.Free, b.Zone, b.Code).QueryRow(kept)
	} else {
		batch.Queue(sqlMoveBooking, b.ID, b.Resource.Crew(), b.Resource.Employee(), b.Start, b.End, b.Free, b.Zone, b.Seq).QueryRow(kept)
	}
	batch.Queue(sqlBookKeep)
	err := t.conn.SendBatch(ctx, batch).Close()
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg) && (pg.ConstraintName == "bookings_no_overlap" || pg.ConstraintName == "bookings_deal_kind_key"):
		if _, e := t.conn.Exec(ctx, sqlBookTakeBack); e != nil {
			return b, fmt.Errorf("book a visit for deal %d: %w", b.Deal, domain(e))
		}
		return b, fmt.Errorf("book a visit for deal %d: %w", b.Deal, crm.ErrTaken)
	case errors.Is(err, pgx.ErrNoRows): // changed or cancelled by somebody else
		return b, fmt.Errorf("move visit %d: %w", b.ID, crm.ErrTaken)
	case err != nil:
		return b, fmt.Errorf("book a visit for deal %d: %w", b.Deal, domain(err))
	}
	delete(t.views, b.Deal)
	if _, err := t.conn.Exec(ctx, sqlDealGetsCrew, b.Deal, b.Resource.Crew()); err != nil {
		return b, fmt.Errorf("give deal %d to its crew: %w", b.Deal, domain(err))
	}
	b.Status = crm.VisitOpen
	return b, nil
}

// EndBooking closes a visit as done or cancelled at once. crm.ErrTaken when it was closed before.
func (t *Turns) EndBooking(ctx context.Context, b crm.Booking, status crm.VisitStatus, reason string) (crm.Booking, error) {
	err := t.conn.QueryRow(ctx, sqlEndBooking, b.ID, status, reason).Scan(&b.Seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return b, fmt.Errorf("close visit %d: %w", b.ID, crm.ErrTaken)
	}
	b.Status = status
	return b, wrap(err, "close visit %d", b.ID)
}

const bookingColumns = `b.id, b.deal_id, b.kind, b.resource, b.status, b.starts_at, b.ends_at, upper(b.busy), b.zone, b.seq, coalesce(b.code, '')`

const (
	sqlBookingsOf = `SELECT ` + bookingColumns + ` FROM bookings b WHERE b.deal_id = $1 AND b.status = 'booked' ORDER BY b.starts_at`

	sqlBooking = `SELECT ` + bookingColumns + ` FROM bookings b WHERE b.id = $1 FOR UPDATE`
)

// Bookings gives the visits of a deal that are still to take place, or took place and nobody said so, the earliest first.
func (t *Turns) Bookings(ctx context.Context, id crm.DealID) ([]crm.Booking, error) {
	return t.bookings(ctx, sqlBookingsOf, id)
}

// Booking locks and reads a visit, whatever became of it. crm.ErrNotFound when there is none.
func (t *Turns) Booking(ctx context.Context, id crm.BookingID) (crm.Booking, error) {
	found, err := t.bookings(ctx, sqlBooking, id)
	if err == nil && len(found) == 0 {
		return crm.Booking{}, fmt.Errorf("read visit %d: %w", id, crm.ErrNotFound)
	}
	if err != nil {
		return crm.Booking{}, err
	}
	return found[0], nil
}

func (t *Turns) bookings(ctx context.Context, sql string, args ...any) ([]crm.Booking, error) {
	rows, err := t.conn.Query(ctx, sql, args...)
	if err == nil {
		var all []crm.Booking
		if all, err = pgx.CollectRows(rows, scanBooking); err == nil {
			return all, nil
		}
	}
	return nil, fmt.Errorf("read visits: %w", domain(err))
}

func scanBooking(row pgx.CollectableRow) (b crm.Booking, err error) {
	err = row.Scan(&b.ID, &b.Deal, &b.Kind, &b.Resource, &b.Status, &b.Start, &b.End, &b.Free, &b.Zone, &b.Seq, &b.Code)
	return b, err
}

const sqlVisitReminders = `SELECT (SELECT count(*) FROM timers t WHERE t.deal_id = d.id AND t.kind IN ('remind', 'visit') AND t.status = 'fired' AND t.fired_at > $2),
		coalesce(k.blocked, true), k.operator_id IS NOT NULL
	FROM deals d LEFT JOIN conversations k ON k.id = d.conversation_id WHERE d.id = $1`

// VisitReminded is what a reminder of a visit goes by: how many of any kind fired about the deal, whether its contact can be
// written to, and whether a person of the company has the talk.
type VisitReminded struct {
	Sent    int
	Blocked bool
	Held    bool
}

// VisitReminded reads what was sent about a deal since a moment.
func (t *Turns) VisitReminded(ctx context.Context, id crm.DealID, since time.Time) (r VisitReminded, err error) {
	err = t.conn.QueryRow(ctx, sqlVisitReminders, id, since).Scan(&r.Sent, &r.Blocked, &r.Held)
	return r, wrap(err, "count reminders of deal %d", id)
}
