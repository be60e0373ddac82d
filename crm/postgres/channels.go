package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlSetChannelState = `INSERT INTO channels (channel, state, detail, since, heard_at) VALUES ($1, $2, $3, now(), now())
		ON CONFLICT ON CONSTRAINT channels_pkey DO UPDATE SET state = excluded.state, detail = excluded.detail,
			since = CASE WHEN channels.state = excluded.state THEN channels.since ELSE excluded.since END`

	// The row of the reign is locked, so that nothing is written once another process leads, however late this statement comes.
	sqlSetLedState = `WITH reign AS (SELECT reign FROM channels WHERE channel = $4 || '/outbox' FOR SHARE)
		INSERT INTO channels (channel, state, detail, since, heard_at) SELECT $1, $2, $3, now(), now()
		WHERE NOT EXISTS (SELECT FROM reign WHERE reign > $5)
		ON CONFLICT ON CONSTRAINT channels_pkey DO UPDATE SET state = excluded.state, detail = excluded.detail,
			since = CASE WHEN channels.state = excluded.state THEN channels.since ELSE excluded.since END`

	sqlHeardChannel = `UPDATE channels SET heard_at = now() WHERE channel = $1`

	sqlSelectChannels = `SELECT channel, state, detail, since, heard_at FROM channels ORDER BY channel`

	sqlHold = `INSERT INTO holds (channel, chat, until, reason) VALUES ($1, $2, now() + make_interval(secs => $3), $4)
		ON CONFLICT ON CONSTRAINT holds_pkey DO UPDATE SET reason = excluded.reason, until = greatest(holds.until, excluded.until)`

	sqlForgetHolds = `DELETE FROM holds WHERE channel = $1 AND until <= now()`
	sqlSelectHolds = `SELECT chat, extract(epoch FROM until - now())::float8 FROM holds WHERE channel = $1 AND until > now()`
)

// ChannelState is what is known of a channel account. HeardAt is when the provider last answered us, by the database's clock.
type ChannelState struct {
	Channel string
	State   string
	Detail  string
	Since   time.Time
	HeardAt time.Time
}

// Sender says that this is not an account but the process that sends for one.
func (s ChannelState) Sender() bool { return strings.HasSuffix(s.Channel, "/outbox") }

// SetChannelState records the state of an account and a detail for people; Since changes only with the state.
func (db *DB) SetChannelState(ctx context.Context, channel, state, detail string) error {
	_, err := db.Pool.Exec(ctx, sqlSetChannelState, channel, state, detail)
	return wrap(err, "record state %s of %s", state, channel)
}

// SetLedState is SetChannelState for an account of which only the process that holds a lease may speak: what a process still has to
// say whose lease has gone to another is not recorded.
func (db *DB) SetLedState(ctx context.Context, lease string, s ChannelState) error {
	_, err := db.Pool.Exec(ctx, sqlSetLedState, s.Channel, s.State, s.Detail, lease, db.reign(lease))
	return wrap(err, "record state %s of %s", s.State, s.Channel)
}

// HeardFrom records that the provider answered. An account without a state is left alone.
func (db *DB) HeardFrom(ctx context.Context, channel string) error {
	_, err := db.Pool.Exec(ctx, sqlHeardChannel, channel)
	return wrap(err, "record an answer of %s", channel)
}

// ChannelStates gives all accounts and senders, by name.
func (db *DB) ChannelStates(ctx context.Context) ([]ChannelState, error) {
	rows, err := db.Pool.Query(ctx, sqlSelectChannels)
	if err != nil {
		return nil, wrap(err, "list channel states")
	}
	states, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ChannelState])
	return states, wrap(err, "list channel states")
}

// Hold keeps a chat, or with an empty chat the whole account, silent. A longer hold stays.
func (db *DB) Hold(ctx context.Context, to crm.Address, wait time.Duration, reason string) error {
	_, err := db.Pool.Exec(ctx, sqlHold, to.Channel, to.Chat, wait.Seconds(), reason)
	return wrap(err, "hold %s", to.Channel)
}

// Holds gives for how long the chats of an account must not be written to; an empty chat is the account itself.
func (db *DB) Holds(ctx context.Context, channel string) (map[string]time.Duration, error) {
	if _, err := db.Pool.Exec(ctx, sqlForgetHolds, channel); err != nil {
		return nil, wrap(err, "forget holds of %s", channel)
	}
	rows, err := db.Pool.Query(ctx, sqlSelectHolds, channel)
	if err != nil {
		return nil, wrap(err, "read holds of %s", channel)
	}
	holds := map[string]time.Duration{}
	var chat string
	var seconds float64
	_, err = pgx.ForEachRow(rows, []any{&chat, &seconds}, func() error {
		holds[chat] = time.Duration(seconds * float64(time.Second))
		return nil
	})
	return holds, wrap(err, "read holds of %s", channel)
}
