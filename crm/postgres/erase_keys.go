package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// purposeForgotten marks the key of the HMACs by which those are known who were forgotten.
const purposeForgotten = "forgotten"

const (
	sqlForgottenKey     = `SELECT secret FROM secrets WHERE purpose = $1 AND retired_at IS NULL ORDER BY id LIMIT 1`
	sqlSealForgottenKey = `UPDATE secrets SET secret = $2 WHERE purpose = $1 AND retired_at IS NULL`
	sqlPhonesBack       = `SELECT phone FROM contacts WHERE phone = ANY($1::text[]) AND merged_into IS NULL`
	sqlForgottenPhones  = `SELECT key FROM forgotten WHERE key = ANY($1::bytea[])`
)

// forgottenKey is the key of the HMACs; nil while it is sealed.
type forgottenKey struct{ secret atomic.Pointer[[]byte] }

// of gives the HMAC of a thing that a person is known by; nil while the key is sealed. The parts can't be mistaken for each other.
func (k *forgottenKey) of(kind string, parts ...string) []byte {
	secret := k.secret.Load()
	if secret == nil {
		return nil
	}
	h := hmac.New(sha256.New, *secret)
	h.Write([]byte(kind))
	for _, part := range parts {
		fmt.Fprintf(h, "\x00%d\x00%s", len(part), part)
	}
	return h.Sum(nil)
}

func (k *forgottenKey) chat(a crm.Address) []byte { return k.of("chat", a.Channel, a.Chat) }

func (k *forgottenKey) message(a crm.Address, ref string) []byte {
	return k.of("message", a.Channel, a.Chat, ref)
}

func (k *forgottenKey) phone(number string) []byte { return k.of("phone", number) }

// marks gives what tells whether an input is of before its chat was forgotten: its HMAC and when it was sent. What changes a message, or takes it
// back, is as old as that message. What comes from ourselves, and what people say in groups, has neither.
func (k *forgottenKey) marks(in crm.Inbound) (key []byte, sent *time.Time) {
	if in.Group || in.Kind == crm.InTimeout || in.Kind == crm.InSignal {
		return nil, nil
	}
	ref := in.Key
	if (in.Kind == crm.InEdit || in.Kind == crm.InRevoke) && in.Edits != "" {
		ref = "m:" + in.Edits
	}
	return k.message(in.Address, ref), &in.SentAt
}

// acquaints tells whether an input of this kind makes a forgotten chat begin anew: only what a person says there does.
func acquaints(kind crm.InboundKind) bool {
	switch kind {
	case crm.InBlocked, crm.InReturned, crm.InReaction, crm.InEdit, crm.InRevoke, crm.InIgnored, crm.InTimeout, crm.InSignal:
		return false
	}
	return true
}

// Locker keeps a short secret outside the database: Seal gives a token that only the same keys open.
type Locker interface {
	Seal(plain, mask string) string
	Open(token string) (string, error)
}

// loadForgottenKey reads the key of the HMACs, making it when there is none. One that is sealed waits for SealForgotten.
func (db *DB) loadForgottenKey(ctx context.Context) error {
	var secret []byte
	err := db.Pool.QueryRow(ctx, sqlForgottenKey, purposeForgotten).Scan(&secret)
	if errors.Is(err, pgx.ErrNoRows) {
		secret, err = db.makeForgottenKey(ctx)
	}
	if err != nil {
		return wrap(err, "read the key of those who were forgotten")
	}
	if len(secret) == sha256.Size {
		db.forgotten.secret.Store(&secret)
	}
	return nil
}

// makeForgottenKey makes the first key, once however many programs do so.
func (db *DB) makeForgottenKey(ctx context.Context) (secret []byte, err error) {
	fresh := make([]byte, sha256.Size)
	rand.Read(fresh)
	err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockSecrets); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, sqlForgottenKey, purposeForgotten).Scan(&secret)
		if errors.Is(err, pgx.ErrNoRows) {
			secret = fresh
			_, err = tx.Exec(ctx, sqlInsertSecret, purposeForgotten, fresh)
		}
		return err
	})
	return secret, err
}

// SealForgotten lets the key of the HMACs be sealed by keys that stand outside the database, so that a copy of the database tells nobody
// who was forgotten. It opens the key when it is sealed already. Call it before anything comes in.
func (db *DB) SealForgotten(ctx context.Context, keys Locker) error {
	if db.ForgottenSealed() {
		var token []byte
		if err := db.Pool.QueryRow(ctx, sqlForgottenKey, purposeForgotten).Scan(&token); err != nil {
			return wrap(err, "read the key of those who were forgotten")
		}
		plain, err := keys.Open(string(token))
		if err != nil {
			return fmt.Errorf("open the key of those who were forgotten: %w", err)
		}
		secret := []byte(plain)
		db.forgotten.secret.Store(&secret)
		return nil
	}
	token := keys.Seal(string(*db.forgotten.secret.Load()), "")
	_, err := db.Pool.Exec(ctx, sqlSealForgottenKey, purposeForgotten, []byte(token))
	return wrap(err, "seal the key of those who were forgotten")
}

// ForgottenSealed reports whether the key of the HMACs waits for SealForgotten.
func (db *DB) ForgottenSealed() bool { return db.forgotten.secret.Load() == nil }

// ForgottenPhones tells which of these numbers (E.164) belong to people who asked to be forgotten and have not come back by themselves: an
// old table of contacts must not bring them back.
func (db *DB) ForgottenPhones(ctx context.Context, phones []string) (map[string]bool, error) {
	if db.ForgottenSealed() {
		return nil, errors.New("the key of those who were forgotten is sealed: start with the keys of this database")
	}
	keys := make([][]byte, len(phones))
	of := make(map[string]string, len(phones))
	for i, phone := range phones {
		keys[i] = db.forgotten.phone(phone)
		of[string(keys[i])] = phone
	}
	rows, err := db.Pool.Query(ctx, sqlForgottenPhones, keys)
	if err != nil {
		return nil, wrap(err, "look for forgotten numbers")
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	forgotten := make(map[string]bool, len(found))
	for _, key := range found {
		forgotten[of[string(key)]] = true
	}
	if err != nil || len(forgotten) == 0 {
		return forgotten, wrap(err, "look for forgotten numbers")
	}
	if rows, err = db.Pool.Query(ctx, sqlPhonesBack, phones); err != nil {
		return nil, wrap(err, "look for numbers of who came back")
	}
	back, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, phone := range back {
		delete(forgotten, phone)
	}
	return forgotten, wrap(err, "look for numbers of who came back")
}
