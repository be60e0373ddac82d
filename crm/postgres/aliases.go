package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// A provider may know one chat by two addresses: a hidden number and a phone number. The first of them that was linked with the other stays the
// address of the chat; what comes from the other, its alias, belongs there as well.

// maxAliases bounds how many addresses a process remembers; beyond it the memory starts anew.
const maxAliases = 10_000

// aliases remembers the chats of addresses that may have others, so that a chat that is known costs no round trip.
type aliases struct {
	mu    sync.Mutex
	chats map[crm.Address]string
}

func (a *aliases) of(at crm.Address) (chat string, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	chat, known = a.chats[at]
	return chat, known
}

func (a *aliases) add(channel, chat string, addresses ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.chats == nil || len(a.chats)+len(addresses) > maxAliases {
		a.chats = make(map[crm.Address]string, len(addresses))
	}
	for _, address := range addresses {
		a.chats[crm.Address{Channel: channel, Chat: address}] = chat
	}
}

const sqlAliasOf = `SELECT chat FROM chat_aliases WHERE channel = $1 AND alias = $2`

// Resolve gives an input the address of its chat. When it names an alias for the first time, the two become one chat with one contact: see link.
// Superseded are questions that nobody is to be sent any more. Addresses that have no aliases, such as Telegram's, cost nothing.
func (db *DB) Resolve(ctx context.Context, in crm.Inbound) (_ crm.Inbound, superseded []crm.MessageID, err error) {
	at := in.Address
	if in.Group || in.Alias == "" && !strings.Contains(at.Chat, "@") {
		return in, nil, nil
	}
	chat, known := db.aliases.of(at)
	if in.Alias != "" && known {
		other, same := db.aliases.of(crm.Address{Channel: at.Channel, Chat: in.Alias})
		known = same && other == chat
	}
	switch {
	case known:
	case in.Alias != "" && in.Alias != at.Chat:
		if chat, superseded, err = db.link(ctx, at, in.Alias); err != nil {
			return in, nil, fmt.Errorf("link two addresses of a chat of %s: %w", at.Channel, err)
		}
		db.aliases.add(at.Channel, chat, at.Chat, in.Alias)
	default:
		if chat, err = aliasOf(ctx, db.Pool, at.Channel, at.Chat); err != nil {
			return in, nil, fmt.Errorf("find the chat of an address of %s: %w", at.Channel, domain(err))
		}
		if chat == "" {
			chat = at.Chat
		}
		db.aliases.add(at.Channel, chat, at.Chat)
	}
	if chat != at.Chat {
		if in.From.ID == at.Chat {
			in.From.ID = chat
		}
		if in.Alias != "" {
			in.Alias = at.Chat
		}
		in.Address.Chat = chat
	}
	return in, superseded, nil
}

// aliasOf gives the chat to which an alias belongs, empty when it is none.
func aliasOf(ctx context.Context, q querier, channel, alias string) (chat string, err error) {
	rows, err := q.Query(ctx, sqlAliasOf, channel, alias)
	if err != nil {
		return "", err
	}
	if chat, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[string]); errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return chat, err
}
