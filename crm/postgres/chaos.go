package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// What a chaos run reads at its end, to compare with what people did and saw. Nothing here is used in service.

// Ledger is everything that a chaos run compares, at one moment. Rows of messages are ordered by conversation and id.
type Ledger struct {
	Now      time.Time // the database's
	Messages []LedgerMessage
	Deals    []LedgerDeal
	Events   []LedgerEvent
	Timers   []LedgerTimer
	Dead     []LedgerDead
}

// LedgerMessage is a row of either direction. Files is how many an album or a media row has.
type LedgerMessage struct {
	Conversation, ID   int64
	Channel, Chat      string
	Direction, Author  string
	Ref, Kind, Status  string
	Reason, Text, Card string
	Priority           int
	Files              int
	Twice              bool // maybe_duplicate
	NotBefore          *time.Time
	Created            time.Time
}

// LedgerDeal is a deal with the name of its contact and the code of its machine.
type LedgerDeal struct {
	ID                      int64
	Pipeline, Stage, Status string
	Contact, Asset, Owner   string
	Closed                  *time.Time
}

// LedgerEvent is a line of a timeline; Text is what a comment says.
type LedgerEvent struct {
	Kind, Text, Contact string
	Deal                int64
}

// LedgerTimer is a timer of a deal.
type LedgerTimer struct {
	ID, Deal          int64
	Kind, Rule, Stage string
	Step              int
	Since             *time.Time
	Status, Reason    string
	Due               time.Time
	Fired             *time.Time
}

// LedgerDead is a dead letter; Text is what the message said, if it said anything.
type LedgerDead struct {
	ID                                int64
	Source, Status, Chat, Error, Text string
}

const (
	sqlLedgerMessages = `SELECT m.conversation_id AS conversation, m.id, c.channel, c.chat, m.direction, m.author, coalesce(m.ref, '') AS ref, m.kind, m.status,
			coalesce(m.reason, '') AS reason, coalesce(m.content->>'text', '') AS text, coalesce(m.card, '') AS card, m.priority::integer AS priority,
			CASE WHEN jsonb_typeof(m.content->'media') = 'array' THEN jsonb_array_length(m.content->'media') ELSE 0 END AS files,
			m.maybe_duplicate AS twice, m.not_before, m.created_at AS created
		FROM messages m JOIN conversations c ON c.id = m.conversation_id ORDER BY m.conversation_id, m.id`

	sqlLedgerDeals = `SELECT d.id, d.pipeline, d.stage, d.status, coalesce(t.name, '') AS contact, coalesce(a.code, '') AS asset, coalesce(e.name, '') AS owner, d.closed_at AS closed
		FROM deals d LEFT JOIN contacts t ON t.id = d.contact_id LEFT JOIN assets a ON a.id = d.asset_id LEFT JOIN employees e ON e.id = d.owner_id ORDER BY d.id`

	sqlLedgerEvents = `SELECT e.kind, coalesce(e.data->>'text', '') AS text, coalesce(t.name, '') AS contact, coalesce(e.deal_id, 0) AS deal
		FROM events e LEFT JOIN contacts t ON t.id = e.contact_id ORDER BY e.id`

	sqlLedgerTimers = `SELECT id, coalesce(deal_id, 0) AS deal, kind, rule, stage, step, since, status, reason, due_at AS due, fired_at AS fired
		FROM timers ORDER BY id`

	sqlLedgerDead = `SELECT id, source, status, chat, error, coalesce(payload->>'text', payload->>'Text', '') AS text FROM dead_letters ORDER BY id`

	sqlLedgerWaiting = `SELECT (SELECT count(*) FROM messages WHERE status IN ('queued', 'waiting') AND (not_before IS NULL OR not_before < now() + interval '10 minutes')),
		(SELECT count(*) FROM attachments WHERE status = 'pending'), (SELECT count(*) FROM timers WHERE status = 'waiting' AND due_at < now())`

	sqlHurryFiles = `UPDATE attachments SET next_at = now() WHERE status = 'pending' AND next_at > now()`

	sqlAllOnShift = `UPDATE employees SET on_shift = true WHERE NOT on_shift`

	sqlClients = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'`

	poisonFunction = `CREATE OR REPLACE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.status = 'received' AND NEW.content->>'text' = '%s' THEN RAISE EXCEPTION 'this can not be handled'; END IF;
		RETURN NEW;
	END $$`
	poisonTrigger = `CREATE OR REPLACE TRIGGER refuse_poison BEFORE INSERT OR UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION refuse_poison()`
	poisonLifted  = `DROP TRIGGER IF EXISTS refuse_poison ON messages`
)

// ReadLedger reads everything in one snapshot.
func (db *DB) ReadLedger(ctx context.Context) (l Ledger, err error) {
	err = pgx.BeginTxFunc(ctx, db.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
		if err = tx.QueryRow(ctx, `SELECT now()`).Scan(&l.Now); err != nil {
			return err
		}
		if l.Messages, err = ledgerOf[LedgerMessage](ctx, tx, sqlLedgerMessages); err != nil {
			return err
		}
		if l.Deals, err = ledgerOf[LedgerDeal](ctx, tx, sqlLedgerDeals); err != nil {
			return err
		}
		if l.Events, err = ledgerOf[LedgerEvent](ctx, tx, sqlLedgerEvents); err != nil {
			return err
		}
		if l.Timers, err = ledgerOf[LedgerTimer](ctx, tx, sqlLedgerTimers); err != nil {
			return err
		}
		l.Dead, err = ledgerOf[LedgerDead](ctx, tx, sqlLedgerDead)
		return err
	})
	return l, wrap(err, "read the ledger")
}

func ledgerOf[T any](ctx context.Context, tx pgx.Tx, sql string) ([]T, error) {
	rows, err := tx.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// Undone counts what a program still has to do: messages to send or to handle, files to fetch, timers that are due. Files that
// were left alone for a while are to be fetched at once.
func (db *DB) Undone(ctx context.Context) (messages, files, timers int, err error) {
	if _, err = db.Pool.Exec(ctx, sqlHurryFiles); err == nil {
		err = db.Pool.QueryRow(ctx, sqlLedgerWaiting).Scan(&messages, &files, &timers)
	}
	return messages, files, timers, wrap(err, "count what is undone")
}

// AllOnShift puts every employee on shift, whatever hour it is.
func (db *DB) AllOnShift(ctx context.Context) error {
	_, err := db.Pool.Exec(ctx, sqlAllOnShift)
	return wrap(err, "put everybody on shift")
}

// Clients counts the connections to this database, the one that asks among them.
func (db *DB) Clients(ctx context.Context) (n int, err error) {
	err = db.Pool.QueryRow(ctx, sqlClients).Scan(&n)
	return n, wrap(err, "count connections")
}

// Poison makes the database refuse every message with this one text, as a bug of ours would; an empty text lifts it. The text
// must be letters and digits.
func (db *DB) Poison(ctx context.Context, text string) error {
	statements := []string{fmt.Sprintf(poisonFunction, text), poisonTrigger}
	if text == "" {
		statements = []string{poisonLifted}
	}
	for _, sql := range statements {
		if _, err := db.Pool.Exec(ctx, sql); err != nil {
			return wrap(err, "poison a text")
		}
	}
	return nil
}

// NewDatabase makes a database for an owner on the server at an address of its superuser.
func NewDatabase(ctx context.Context, admin, name, owner string) error {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return fmt.Errorf("connect to make database %s: %w", name, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	sql := fmt.Sprintf(`CREATE DATABASE %s OWNER %s TEMPLATE template0 ENCODING 'UTF8'`, pgx.Identifier{name}.Sanitize(), pgx.Identifier{owner}.Sanitize())
	_, err = conn.Exec(ctx, sql)
	return wrap(err, "make database %s", name)
}
