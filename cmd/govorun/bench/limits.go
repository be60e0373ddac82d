package bench

import (
	"sync"
	"time"
)

// What the page "Broadcasting Messages" of Telegram's bot FAQ names, counted in sliding windows and enforced to the letter.
const (
	allPerSecond   = 30
	groupPerMinute = 20
)

// strictLimits refuse what is above: 30 a second in all, 1 a second in a chat, 20 a minute in a group.
type strictLimits struct {
	mu      sync.Mutex
	all     []time.Time
	chats   map[int64][]time.Time
	refused int
}

// take counts a message and gives 0, or how long its sender should have waited.
func (l *strictLimits) take(chat int64, at time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.chats == nil {
		l.chats = map[int64][]time.Time{}
	}
	most, window := 1, time.Second
	if chat < 0 { // a group, by the sign that Telegram gives its ids
		most, window = groupPerMinute, time.Minute
	}
	l.all = recent(l.all, at, time.Second)
	l.chats[chat] = recent(l.chats[chat], at, window)
	wait := max(over(l.all, allPerSecond, at, time.Second), over(l.chats[chat], most, at, window))
	if wait > 0 {
		l.refused++
		return wait
	}
	l.all, l.chats[chat] = append(l.all, at), append(l.chats[chat], at)
	return 0
}

// recent drops what has left the window.
func recent(times []time.Time, now time.Time, window time.Duration) []time.Time {
	n := 0
	for n < len(times) && now.Sub(times[n]) >= window {
		n++
	}
	return times[n:]
}

// over is how long it takes until a full window has room.
func over(times []time.Time, most int, now time.Time, window time.Duration) time.Duration {
	if len(times) < most {
		return 0
	}
	return times[len(times)-most].Add(window).Sub(now)
}
