package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlSelectAccount  = `SELECT channel, phone, device, salt, since, linked_at, seen_at FROM accounts WHERE channel = $1`
	sqlSelectAccounts = `SELECT channel, phone, device, salt, since, linked_at, seen_at FROM accounts ORDER BY channel`

	sqlSaveAccount = `INSERT INTO accounts (channel, phone, device, salt, since, linked_at, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT ON CONSTRAINT accounts_pkey DO UPDATE SET phone = excluded.phone, device = excluded.device, salt = excluded.salt,
			since = excluded.since, linked_at = excluded.linked_at, seen_at = excluded.seen_at`

	sqlAccountSeen = `UPDATE accounts SET seen_at = greatest(seen_at, $2) WHERE channel = $1`
)

// Account gives the account of a channel. crm.ErrNotFound when no number was ever linked under this name.
func (db *DB) Account(ctx context.Context, channel string) (crm.Account, error) {
	rows, err := db.Pool.Query(ctx, sqlSelectAccount, channel)
	if err != nil {
		return crm.Account{}, wrap(err, "read account %s", channel)
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[crm.Account])
	return a, wrap(err, "read account %s", channel)
}

// Accounts lists them by name.
func (db *DB) Accounts(ctx context.Context) ([]crm.Account, error) {
	rows, err := db.Pool.Query(ctx, sqlSelectAccounts)
	if err != nil {
		return nil, wrap(err, "list accounts")
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[crm.Account])
	return all, wrap(err, "list accounts")
}

// SaveAccount writes an account, or makes it.
func (db *DB) SaveAccount(ctx context.Context, a crm.Account) error {
	_, err := db.Pool.Exec(ctx, sqlSaveAccount, a.Channel, a.Phone, a.Device, a.Salt, a.Since, a.LinkedAt, a.SeenAt)
	return wrap(err, "save account %s", a.Channel)
}

// AccountSeen notes when the phone of an account was there; an earlier moment changes nothing.
func (db *DB) AccountSeen(ctx context.Context, channel string, at time.Time) error {
	_, err := db.Pool.Exec(ctx, sqlAccountSeen, channel, at)
	return wrap(err, "note that the phone of %s was there", channel)
}
