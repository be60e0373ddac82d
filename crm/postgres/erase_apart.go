package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Months that stand apart are read by nobody, but they are no hiding place: what they hold of a person who is forgotten is removed there as
// well, whole rows of it, since nothing is reported from them. A month that was written into a file is out of reach: the act says so, and what
// comes back from it is looked through.
const (
	sqlApartMonths = `SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
		AND c.relname ~ '^(messages|events)_(first|[0-9]{4,}_[0-9]{2})$' AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid AND NOT inhdetachpending) ORDER BY 1`

	sqlApartOwn      = `SELECT id FROM %s WHERE conversation_id = ANY($1::bigint[])`
	sqlApartMessages = `DELETE FROM %s WHERE conversation_id = ANY($1::bigint[]) OR cause_id = ANY($2::bigint[]) OR id = ANY($3::bigint[])
		OR split_part(card, ':', 1) || ':' || split_part(card, ':', 2) = ANY($4::text[]) OR content::text LIKE ANY($5::text[])`
	sqlApartEvents = `DELETE FROM %s WHERE contact_id = ANY($1::bigint[]) OR deal_id = ANY($2::bigint[]) OR conversation_id = ANY($3::bigint[]) OR message_id = ANY($4::bigint[])`

	// Comments can be found by their words wherever they lie; those in place have none any more.
	sqlApartWords = `DELETE FROM deal_words WHERE deal_id = ANY($1::bigint[]) AND event_id > 0`

	sqlMonthsInFiles = `SELECT count(*) FROM archived`
)

// readApart lists the tables that stand apart, with the ids of the person's messages there.
func (p *person) readApart(ctx context.Context, tx pgx.Tx) (err error) {
	if p.apart, err = apartMonths(ctx, tx); err != nil {
		return err
	}
	for _, table := range p.apart {
		if table[0] != 'm' {
			continue
		}
		ids, err := readIDs(ctx, tx, fmt.Sprintf(sqlApartOwn, quotedName(table)), p.talks)
		if err != nil {
			return err
		}
		p.messages = append(p.messages, ids...)
	}
	return nil
}

func apartMonths(ctx context.Context, tx pgx.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, sqlApartMonths)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// eraseApart removes what months apart hold of the person.
func (p *person) eraseApart(ctx context.Context, tx pgx.Tx, act *actItems) error {
	var files int64
	if err := tx.QueryRow(ctx, sqlMonthsInFiles).Scan(&files); err != nil {
		return err
	}
	act.count("months in files that may hold them still", files)
	if _, err := tx.Exec(ctx, sqlApartWords, p.deals); err != nil {
		return err
	}
	now, err := apartMonths(ctx, tx) // one may have been taken out, or brought back, since the others were read
	if err != nil {
		return err
	}
	tables := slices.Concat(p.apart, now)
	slices.Sort(tables)
	_, words := p.wordsToRedact()
	for _, table := range slices.Compact(tables) {
		sql, args := sqlApartEvents, []any{p.contacts, p.deals, p.talks, p.messages}
		if table[0] == 'm' {
			sql, args = sqlApartMessages, []any{p.talks, p.messages, p.causes, p.cards(), slices.Concat(p.mentions(), words)}
		}
		tag, err := tx.Exec(ctx, fmt.Sprintf(sql, quotedName(table)), args...)
		if err != nil {
			return err
		}
		act.count("rows of months apart", tag.RowsAffected())
	}
	return nil
}
