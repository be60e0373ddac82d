package turn

import (
	"context"
	"strings"

	"govorun/crm"
)

// reasonLimit bounds what is kept of an error: its head says what happened, the stack where.
const reasonLimit = 4000

// bury makes a dead letter of an input that failed too often, and tells the person that something went wrong.
func (r *Runner) bury(in crm.Inbound, cause error) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	reason := strings.ToValidUTF8(strings.ReplaceAll(cause.Error(), "\x00", ""), "")
	if len(reason) > reasonLimit {
		reason = strings.ToValidUTF8(reason[:reasonLimit], "")
	}
	kept := []crm.Inbound{withoutSecrets(in)}
	r.veil(kept)
	in = kept[0]
	text, _ := r.Kit.Texts.Text(r.Kit.Texts.Match(in.From.Lang), "grammar.trouble", nil)
	return r.DB.Bury(ctx, in, reason, tries, crm.Outbound{Kind: crm.OutMessage, Text: text})
}
