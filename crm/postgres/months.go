package postgres

import (
	"context"
	"time"
)

// Messages and events lie in a table for each month, by their ids (migration 00025): months are made ahead, and begin at their first moment.

const (
	// Whether all is as it should be, so that who opens the database waits for nobody: ids of this month, and tables for the two that follow.
	sqlMonthsReady = `SELECT at, m.last_value >= month << 36 AND e.last_value >= month << 36
			AND to_regclass(month_part('messages', month + 2)) IS NOT NULL AND to_regclass(month_part('events', month + 2)) IS NOT NULL
		FROM coalesce($1, now()) at, month_number(at) month, messages_id_seq m, events_id_seq e`
	sqlMakeMonths = `SELECT make_months($1)`
	sqlBeginMonth = `SELECT begin_month($1)`
)

// KeepMonths makes the tables of this month and the two that follow, and lets ids begin the month, by the clock of the database. It may be called
// at any time, by any number of programs; a clock that went back changes nothing. It tells whether there was something to do.
func (db *DB) KeepMonths(ctx context.Context) (changed bool, err error) {
	return db.keepMonthsAt(ctx, time.Time{})
}

// keepMonthsAt is KeepMonths at a moment, or now when that is zero.
func (db *DB) keepMonthsAt(ctx context.Context, now time.Time) (changed bool, err error) {
	var ready bool
	if err := db.Pool.QueryRow(ctx, sqlMonthsReady, pointer(now)).Scan(&now, &ready); err != nil || ready {
		return false, wrap(err, "look at the months of messages")
	}
	// Two transactions: ids of a month are given out when all see its tables.
	made, begun := 0, false
	if err := db.Pool.QueryRow(ctx, sqlMakeMonths, now).Scan(&made); err != nil {
		return false, wrap(err, "make the months of messages")
	}
	if err := db.Pool.QueryRow(ctx, sqlBeginMonth, now).Scan(&begun); err != nil {
		return made > 0, wrap(err, "begin a month of messages")
	}
	return made > 0 || begun, nil
}
