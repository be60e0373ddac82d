package bots

import (
	"time"

	"golang.org/x/time/rate"

	"govorun/crm"
)

// pace is what the limits know of one chat. One call at a time goes to a chat.
type pace struct {
	bucket *rate.Limiter // of a private chat; nil is no limit. Looked at before a call, charged at its end
	minute *window       // of a group
	gap    time.Duration // between a call and a broadcast
	last   time.Time     // when the last call ended
	held   time.Time     // the provider wants silence until then
}

func newPace(l Limits, group bool) *pace {
	p := &pace{}
	if l.ChatPerSecond > 0 {
		p.gap = time.Duration(float64(time.Second) / l.ChatPerSecond)
	}
	if group {
		p.minute = newWindow(l.GroupPerMinute, time.Minute)
	} else if l.ChatPerSecond > 0 {
		p.bucket = rate.NewLimiter(rate.Limit(l.ChatPerSecond), max(1, l.ChatBurst))
	}
	return p
}

// wait says how long until a call of this priority may begin.
func (p *pace) wait(now time.Time, priority crm.Priority) time.Duration {
	wait := max(0, p.held.Sub(now), p.minute.wait(now))
	if priority == crm.Broadcast && !p.last.IsZero() {
		wait = max(wait, p.last.Add(p.gap).Sub(now))
	}
	if p.bucket != nil {
		if lack := 1 - p.bucket.TokensAt(now); lack > 1e-9 {
			wait = max(wait, time.Duration(lack/float64(p.bucket.Limit())*float64(time.Second))+time.Microsecond)
		}
	}
	return wait
}

func (p *pace) begin() { p.minute.begin() }

func (p *pace) end(now time.Time) {
	p.last = now
	p.minute.end(now)
	if p.bucket != nil {
		p.bucket.AllowN(now, 1)
	}
}

// idle says that forgetting this chat changes nothing.
func (p *pace) idle(now time.Time) bool {
	return !p.held.After(now) && p.minute.idle(now) && !p.last.Add(p.gap).After(now) &&
		(p.bucket == nil || p.bucket.TokensAt(now) >= float64(p.bucket.Burst()))
}
