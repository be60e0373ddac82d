package turn

import (
	"testing"
	"time"
)

func TestO02_WhatWasWrittenDuringAnOutageIsLate(t *testing.T) {
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		behind, uptime, age time.Duration
		want                bool
	}{
		"just written":                                {0, time.Second, time.Second, false},
		"an hour old at the start":                    {time.Hour, 0, time.Hour, true},
		"an hour old later":                           {0, time.Hour, time.Hour, true},
		"the provider's clock is five minutes behind": {5 * time.Minute, time.Hour, 5*time.Minute + time.Second, false},
		"behind and late":                             {5 * time.Minute, time.Hour, 7 * time.Minute, true},
		"from the future":                             {-time.Hour, time.Second, -time.Hour, false},
	}
	for name, c := range cases {
		var p pace
		p.late(start.Add(-c.behind), start) // the first message shows how far the clocks are apart
		now := start.Add(c.uptime)
		if got := p.late(now.Add(-c.age), now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
