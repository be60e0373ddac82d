package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Several lists may have brought several contacts with one number; what the newest balance says counts.
const sqlStandingOf = `SELECT fields FROM contacts WHERE phone = $1 AND merged_into IS NULL AND id <> $2
	AND fields ?| ARRAY['known', 'partner', 'balance'] ORDER BY fields->>'balance_at' DESC NULLS LAST, id LIMIT 10`

// StandingOf reads what lists of the business say of a number, from other contacts than the one who gives it.
func (t *Turns) StandingOf(ctx context.Context, phone string, but crm.ContactID) (all crm.Standing, err error) {
	rows, err := t.conn.Query(ctx, sqlStandingOf, phone, but)
	if err != nil {
		return all, wrap(err, "look up who has the number of contact %d", but)
	}
	known, err := pgx.CollectRows(rows, pgx.RowTo[crm.Fields])
	for _, fields := range known {
		s := crm.ProvenStanding(fields)
		all.Known = all.Known || s.Known
		if all.Partner == "" {
			all.Partner = s.Partner
		}
		if all.City == "" {
			all.City = s.City
		}
		if all.Balance == nil {
			all.Balance, all.At = s.Balance, s.At
		}
	}
	return all, wrap(err, "look up who has the number of contact %d", but)
}
