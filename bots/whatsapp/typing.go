package whatsapp

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow/types"

	"govorun/crm"
)

// pauseTime bounds the word that nothing is typed any more: the message says so as well.
const pauseTime = 2 * time.Second

// typing shows that something is being written, for as long as a person would need for it, and returns what ends that. Only robots
// need it, and only for texts. The wait is of this chat alone; if it is cut short, the message goes at once.
func (c *Channel) typing(ctx context.Context, l *letter) (end func()) {
	wait := c.config.Pace.of(l.out, c.config.Random())
	if wait <= 0 {
		return func() {}
	}
	if err := l.client.SendChatPresence(ctx, l.chat, types.ChatPresenceComposing, types.ChatPresenceMediaText); err != nil {
		return func() {} // sending will say what is wrong
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pauseTime)
		defer cancel()
		if err := l.client.SendChatPresence(ctx, l.chat, types.ChatPresencePaused, types.ChatPresenceMediaText); err != nil {
			c.config.Log.Debug("whatsapp_typing", "channel", c.config.Name, "error", scrubbed(err))
		}
	}
}

// of says how long typing is shown before an outbound. random is in [0, 1).
func (p Pace) of(out crm.Outbound, random float64) time.Duration {
	if p.PerCharacter <= 0 || out.Kind != crm.OutMessage || out.Author == crm.ByEmployee || out.Author == crm.ByPerson {
		return 0
	}
	wait := time.Duration(len([]rune(unmarked(out.Text)))) * p.PerCharacter
	wait = time.Duration(float64(wait) * (1 + p.Jitter*(2*random-1)))
	if p.Longest > 0 {
		wait = min(wait, p.Longest)
	}
	return wait
}
