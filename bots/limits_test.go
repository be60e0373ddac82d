package bots

import (
	"math/rand/v2"
	"testing"
	"time"

	"govorun/crm"
)

// provider counts calls as a strict provider does, at the moment they arrive.
type provider struct {
	arrivals map[string][]time.Time
	refused  int
}

func (p *provider) accept(key string, max int, period time.Duration, at time.Time) {
	kept := p.arrivals[key][:0]
	for _, a := range p.arrivals[key] {
		if at.Sub(a) < period {
			kept = append(kept, a)
		}
	}
	if p.arrivals[key] = append(kept, at); len(p.arrivals[key]) > max {
		p.refused++
	}
}

// play sends through the limits for a time in which calls take from nothing to latency and arrive somewhere in between, and
// gives how many were sent.
func play(l *lanes, p *provider, lasts, latency time.Duration) (sent int) {
	random := rand.New(rand.NewPCG(1, 2))
	type call struct {
		it      *item
		arrives time.Time
		ends    time.Time
	}
	var flying []call
	for now := noon; now.Before(noon.Add(lasts)); now = now.Add(time.Millisecond) {
		kept := flying[:0]
		for _, c := range flying {
			if c.ends.After(now) {
				kept = append(kept, c)
				continue
			}
			finish(l, c.it, now)
			sent++
		}
		flying = kept
		for len(flying) < 16 {
			it, _ := l.take(now)
			if it == nil {
				break
			}
			takes := time.Duration(random.Int64N(int64(latency)))
			arrives := now.Add(time.Duration(random.Int64N(int64(takes) + 1)))
			chat := it.out.Address.Chat
			p.accept("all", 30, time.Second, arrives)
			if isGroup(chat) {
				p.accept(chat, 20, time.Minute, arrives)
			} else {
				p.accept(chat, 1, time.Second, arrives)
			}
			flying = append(flying, call{it, arrives, now.Add(takes)})
		}
	}
	return sent
}

func TestS16_StrictLimitsAreNeverRefusedAndUseWhatIsPermitted(t *testing.T) {
	for _, c := range []struct {
		name      string
		chats     int
		group     bool
		latency   time.Duration
		lasts     time.Duration
		permitted int
	}{
		{"account", 200, false, 20 * time.Millisecond, 2 * time.Minute, 30 * 120},
		{"account on a slow line", 200, false, 50 * time.Millisecond, 2 * time.Minute, 30 * 120},
		{"one chat", 1, false, 20 * time.Millisecond, 90 * time.Second, 90},
		{"three groups", 3, true, 20 * time.Millisecond, 2 * time.Minute, 3 * 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := open(StrictLimits())
			id := crm.MessageID(0)
			for range 60 {
				for n := range c.chats {
					chat := string(rune('a' + n))
					if c.group {
						chat = "-" + chat
					}
					id++
					l.room[crm.Reply] = roomForReplies
					hand(l, noon, message(id, chat, crm.Reply))
					if c.chats == 1 {
						id++
						hand(l, noon, message(id, chat, crm.Reply))
					}
				}
			}
			p := &provider{arrivals: map[string][]time.Time{}}
			sent := play(l, p, c.lasts, c.latency)
			if p.refused > 0 || sent*100 < c.permitted*95 {
				t.Fatalf("refused %d, sent %d of %d permitted", p.refused, sent, c.permitted)
			}
		})
	}
}

func TestAPrivateChatHasABurstOf20AndThenOneASecond(t *testing.T) {
	l := open(DefaultLimits())
	for id := crm.MessageID(1); id <= 25; id++ {
		hand(l, noon, message(id, "ann", crm.Reply))
	}
	if n := len(drain(l, noon)); n != 20 {
		t.Fatalf("%d at once, want 20", n)
	}
	if _, wait := l.take(noon); wait < 999*time.Millisecond || wait > 1001*time.Millisecond {
		t.Fatalf("waits %v, want a second", wait)
	}
	if n := len(drain(l, noon.Add(2001*time.Millisecond))); n != 2 {
		t.Fatalf("%d after two seconds, want 2", n)
	}
}

func TestAGroupHas20InAnyMinute(t *testing.T) {
	l := open(DefaultLimits())
	for id := crm.MessageID(1); id <= 50; id++ {
		hand(l, noon, message(id, "-100", crm.Notice))
	}
	for at, want := range map[time.Duration]int{0: 20} {
		if n := len(drain(l, noon.Add(at))); n != want {
			t.Fatalf("%d after %v, want %d", n, at, want)
		}
	}
	if n := len(drain(l, noon.Add(59*time.Second))); n != 0 {
		t.Fatalf("%d within the minute, want none", n)
	}
	if n := len(drain(l, noon.Add(time.Minute))); n != 20 {
		t.Fatalf("%d after the minute, want 20", n)
	}
}

func TestBackoffGrowsFromOneSecondToFiveMinutes(t *testing.T) {
	total := time.Duration(0)
	for n := 1; n < maxAttempts; n++ {
		low, high := backoff(n, 0), backoff(n, 1)
		if low < 750*time.Millisecond || high > 5*time.Minute || low > high {
			t.Fatalf("attempt %d waits %v to %v", n, low, high)
		}
		total += backoff(n, 0.5)
	}
	if total < 15*time.Minute || total > 20*time.Minute {
		t.Fatalf("twelve attempts take %v", total)
	}
}
