package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"govorun/cmd/govorun/chaos"
)

// TestM10_AMinuteOfChaosBreaksNoPromise lets faults strike while people talk to two replicas of three companies, and judges with the
// oracle whose own tests show that it finds each breach. GOVORUN_CHAOS_LENGTH=10m makes it longer.
func TestM10_AMinuteOfChaosBreaksNoPromise(t *testing.T) {
	length := time.Minute
	if text := os.Getenv("GOVORUN_CHAOS_LENGTH"); text != "" {
		var err error
		length, err = time.ParseDuration(text)
		well(t, err)
	}
	var report, progress bytes.Buffer
	result, err := chaos.Run(t.Context(), chaos.Config{Program: os.Args[0], Env: []string{asProgram + "=1", "GOMEMLIMIT=256MiB"}, Length: length,
		Patience: 90 * time.Second, Seed: 7, Replicas: 2, Kits: []string{"vending", "isp", "taxi"}, Out: &report, Err: &progress, Stickers: stickersOf})
	if err != nil {
		t.Errorf("%v\n%s\n%s", err, &progress, &report)
	}
	stories := 0
	for _, d := range result.Did {
		stories += d.Stories
	}
	if len(result.Struck) < 5 || stories < 8 {
		t.Errorf("too little happened: %d faults, %d stories", len(result.Struck), stories)
	}
	t.Log(report.String())
}

func TestAWrongClockIsForTestsOnThisMachine(t *testing.T) {
	for _, c := range []struct{ clock, api, refused string }{
		{"", "", ""},
		{"5m", "http://127.0.0.1:8081", ""},
		{"5m", "", "GOVORUN_CLOCK"},
		{"-1h", "https://api.telegram.org", "GOVORUN_CLOCK"},
		{"soon", "http://127.0.0.1:8081", "no length of time"},
	} {
		t.Setenv("GOVORUN_CLOCK", c.clock)
		now, err := wrongClock(c.api)
		switch {
		case c.refused != "":
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("clock %q at %q: %v", c.clock, c.api, err)
			}
		case err != nil:
			t.Errorf("clock %q at %q: %v", c.clock, c.api, err)
		case c.clock != "" && time.Until(now()).Round(time.Minute) != 5*time.Minute:
			t.Errorf("the clock is %v ahead", time.Until(now()))
		}
	}
}
