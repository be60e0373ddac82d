package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"govorun/crm"
)

// domain turns what Postgres says into a domain error, keeping the original inside. It is the one place that knows
// constraint names.
func domain(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: %w", crm.ErrNotFound, err)
	}
	err = withoutValues(err)
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.ConstraintName {
		case "assets_kind_code_key", "identities_pkey", "deals_unique_key", "conversations_channel_chat_key",
			"crews_name_key", "filters_employee_name_key", "message_refs_pkey":
			return fmt.Errorf("%w: %w", crm.ErrDuplicate, err)
		case "bookings_no_overlap", "bookings_deal_kind_key":
			return fmt.Errorf("%w: %w", crm.ErrTaken, err)
		}
	}
	if Away(err) {
		return fmt.Errorf("%w: %w", crm.ErrUnavailable, err)
	}
	return err
}

// withoutValues keeps of an error of the server what it is about, and nothing that stood in a row: errors are logged and kept with dead
// letters. Class 22 (data exceptions) quotes the value itself, other classes put rows into the detail; names of constraints,
// tables and columns stay. What can't be encoded is named by the driver with its value as well.
func withoutValues(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if before, _, found := strings.Cut(err.Error(), "unable to encode "); found {
			return errors.New(before + "unable to encode a value")
		}
		return err
	}
	quiet := *pg
	quiet.Detail, quiet.Where, quiet.InternalQuery = "", "", ""
	if first, last := strings.IndexByte(pg.Message, '"'), strings.LastIndexByte(pg.Message, '"'); strings.HasPrefix(pg.Code, "22") && first < last {
		quiet.Message = pg.Message[:first] + "…" + pg.Message[last+1:]
	}
	return &quiet
}

// Away reports whether an error means that the server can't be reached or is going down or has no room, so that
// the same work may succeed later. Classes 08, 53 and 57P are of the appendix "PostgreSQL Error Codes".
func Away(err error) bool {
	if errors.Is(err, crm.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57P") || pg.Code == "58030"
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) || errors.Is(err, net.ErrClosed) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "unexpected EOF") || strings.Contains(err.Error(), "closed pool")
}

// Refused reports whether the server found the data themselves wrong, so that the same work fails again. Classes 22 and 23 but for a duplicate.
func Refused(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23") && pg.Code != "23505")
}

// Locked reports whether others held locks for too long, so that nothing is wrong with the input itself.
func Locked(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "55P03")
}

// Conflict reports whether two transactions stood in each other's way, so that the same work done again will pass:
// a serialization failure, a deadlock, or a row that the other one wrote first.
func Conflict(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "23505" || pg.Code == "55P03")
}
