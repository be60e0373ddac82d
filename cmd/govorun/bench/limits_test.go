package bench

import (
	"testing"
	"time"
)

func TestStrictLimitsCountInSlidingWindows(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	var l strictLimits
	for i := range allPerSecond {
		if wait := l.take(int64(1+i), at.Add(time.Duration(i)*time.Millisecond)); wait != 0 {
			t.Fatalf("message %d of a second has to wait %v", i+1, wait)
		}
	}
	if wait := l.take(99, at.Add(500*time.Millisecond)); wait != 500*time.Millisecond {
		t.Errorf("message 31 of a second waits %v, want until the first has left the window", wait)
	}
	if wait := l.take(99, at.Add(time.Second)); wait != 0 {
		t.Errorf("a second after the first there is room, but it waits %v", wait)
	}
	if wait := l.take(99, at.Add(1500*time.Millisecond)); wait != 500*time.Millisecond {
		t.Errorf("the second message of a chat within a second waits %v", wait)
	}
	if l.refused != 2 {
		t.Errorf("%d were refused, want 2", l.refused)
	}
}

func TestAGroupGetsTwentyAMinute(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	var l strictLimits
	for i := range groupPerMinute {
		if wait := l.take(-5, at.Add(time.Duration(i)*100*time.Millisecond)); wait != 0 {
			t.Fatalf("message %d of a minute has to wait %v", i+1, wait)
		}
	}
	if wait := l.take(-5, at.Add(30*time.Second)); wait != 30*time.Second {
		t.Errorf("message 21 of a minute waits %v, want 30s", wait)
	}
	if wait := l.take(-6, at.Add(30*time.Second)); wait != 0 {
		t.Errorf("another group waits %v", wait)
	}
}
