package postgres

import "context"

const (
	sqlChannelOwner = `SELECT coalesce((SELECT owner FROM channels WHERE channel = $1), '')`
	sqlOwnChannel   = `INSERT INTO channels (channel, state, since, heard_at, owner) VALUES ($1, 'starting', now(), now(), $2)
		ON CONFLICT ON CONSTRAINT channels_pkey DO UPDATE SET owner = excluded.owner WHERE $3 OR channels.owner = '' RETURNING owner`
)

// OwnChannel says that a channel is that of an account of the provider, and gives whose it is: of the first who said so. Only who adopts it
// takes it over from another.
func (db *DB) OwnChannel(ctx context.Context, channel, account string, adopt bool) (owner string, err error) {
	err = db.Pool.QueryRow(ctx, sqlChannelOwner, channel).Scan(&owner)
	if err != nil || owner == account || owner != "" && !adopt {
		return owner, wrap(err, "look whose channel %s is", channel)
	}
	if _, err := db.Pool.Exec(ctx, sqlOwnChannel, channel, account, adopt); err != nil {
		return "", wrap(err, "keep whose channel %s is", channel)
	}
	err = db.Pool.QueryRow(ctx, sqlChannelOwner, channel).Scan(&owner) // another process may have been first
	return owner, wrap(err, "look whose channel %s is", channel)
}
