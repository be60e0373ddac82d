package whatsapp

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"govorun/crm"
)

// messageID is WhatsApp's id of a message of ours, or of one part of it. It follows from our row, so that whatever is sent once more,
// after a lost answer or a crash, is the same message and stands on the phone once. Without the salt nobody can guess it.
func messageID(salt []byte, id crm.MessageID, part int) types.MessageID {
	name := strconv.FormatInt(int64(id), 10)
	if part > 0 {
		name += "-" + strconv.Itoa(part)
	}
	return whatsmeow.WebMessageIDPrefix + strings.ToUpper(hex.EncodeToString(derive(salt, name)[:9]))
}

// pollSecret is what the votes of a poll are locked with. Were it another one at the second try, nobody could open them.
func pollSecret(salt []byte, id crm.MessageID) []byte {
	return derive(salt, "poll "+strconv.FormatInt(int64(id), 10))
}

func derive(salt []byte, name string) []byte {
	sum := hmac.New(sha256.New, salt)
	sum.Write([]byte(name)) // a hash takes everything
	return sum.Sum(nil)
}

// mayBeOurs tells whether an id has the form of ours; ids of other linked devices have it too.
func mayBeOurs(id types.MessageID) bool {
	return strings.HasPrefix(id, whatsmeow.WebMessageIDPrefix) && len(id) == len(whatsmeow.WebMessageIDPrefix)+18
}

// salt gives the salt of the account, which never changes, not even when the number is linked anew.
func (c *Channel) salt(ctx context.Context) ([]byte, error) {
	if known := c.salted.Load(); known != nil {
		return *known, nil
	}
	account, err := c.config.Account(ctx, c.config.Name)
	if err != nil {
		return nil, fmt.Errorf("read the salt of account %s: %w", c.config.Name, err)
	}
	if len(account.Salt) < sha256.Size {
		return nil, fmt.Errorf("read the salt of account %s: it has %d bytes instead of %d", c.config.Name, len(account.Salt), sha256.Size)
	}
	c.salted.Store(&account.Salt)
	return account.Salt, nil
}
