package bench

import (
	"math"
	"testing"
	"time"
)

func TestQuantilesAreOfTheNearestRank(t *testing.T) {
	times := make([]time.Duration, 100)
	for i := range times {
		times[i] = time.Duration(i + 1)
	}
	for p, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.95: 95, 0.99: 99, 1: 100} {
		if got := quantile(times, p); got != want {
			t.Errorf("quantile %v of 1…100 is %d, want %d", p, got, want)
		}
	}
	if got := quantile(nil, 0.5); got != 0 {
		t.Errorf("quantile of nothing is %d", got)
	}
	if got := quantile(times[:1], 0.99); got != 1 {
		t.Errorf("quantile of one is %d", got)
	}
}

func TestF2IsTheRateOfTwoThingsOneAfterTheOther(t *testing.T) {
	if got := inSeries(15_000, 22_500); math.Abs(got-9000) > 1e-6 {
		t.Errorf("F2 of 15000 and 22500 is %v, want 9000", got)
	}
	if inSeries(0, 5) != 0 || inSeries(5, 0) != 0 {
		t.Error("a floor that was not measured gives no F2")
	}
}

func TestRatiosAreTakenRoundByRound(t *testing.T) {
	got := ratios([]float64{10, 30, 8}, []float64{5, 10, 0})
	if len(got) != 2 || got[0] != 2 || got[1] != 3 {
		t.Errorf("ratios are %v, want [2 3]", got)
	}
}

func TestTheStartOfPostgresIsReadFromTheLog(t *testing.T) {
	log := "time=2026-01-02T03:04:05Z level=INFO msg=\"postgres started\" dir=/d major=15 pid=7 took=43.25ms\nlevel=INFO msg=\"web server listens\"\n"
	if got := postgresTook(log); got != 43250*time.Microsecond {
		t.Errorf("it took %v, want 43.25ms", got)
	}
	if got := postgresTook("msg=\"web server listens\""); got != 0 {
		t.Errorf("a given database took %v", got)
	}
}
