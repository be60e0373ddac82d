package bench

import (
	"math"
	"time"
)

// quantile gives the p-quantile (0 to 1) of sorted times by the nearest rank, 0 of none.
func quantile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// inSeries gives the rate of work that needs two things one after the other, from the rates of each alone: 1/(1/a + 1/b).
// The floor F2 is inSeries(null, gc2). It is 0 when one of them is.
func inSeries(a, b float64) float64 {
	if a <= 0 || b <= 0 {
		return 0
	}
	return 1 / (1/a + 1/b)
}

// of collects one figure of all rounds.
func of[T any](rounds []T, figure func(T) float64) []float64 {
	numbers := make([]float64, len(rounds))
	for i, r := range rounds {
		numbers[i] = figure(r)
	}
	return numbers
}

// ratios divides round by round: figures of one round belong together. A round without the second is left out.
func ratios(a, b []float64) []float64 {
	var quotients []float64
	for i := range a {
		if b[i] > 0 {
			quotients = append(quotients, a[i]/b[i])
		}
	}
	return quotients
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
