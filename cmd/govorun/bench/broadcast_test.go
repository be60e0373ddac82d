package bench_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"govorun/cmd/govorun/bench"
	"govorun/crm/postgres/pgtest"
)

func TestS16_TheCostOfABroadcastIsMeasuredAndNobodyGetsItTwice(t *testing.T) {
	t.Parallel()
	var out, progress bytes.Buffer
	c := bench.Config{Program: build(t), Database: pgtest.DSN(t), Out: &out, Err: &progress}
	b := bench.Broadcast{People: 200, Contacts: 300, Messages: 3000, Rate: 10, Window: 2 * time.Second, Rounds: 1}
	if err := b.Run(context.Background(), c); err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	for _, part := range []string{"without  p50", "with     p50", "of 200 people got it", "twice: 0"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("the report lacks %q:\n%s", part, out.String())
		}
	}
}
