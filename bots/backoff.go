package bots

import (
	"math"
	"time"
)

const (
	// maxAttempts is how often a message is tried before it becomes a dead letter: with the delays below after about 18 minutes.
	maxAttempts = 12
	// firstRetry and lastRetry are the delays after the first failure and after many.
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
)

// backoff is the delay after so many failed attempts: doubled each time, a quarter more or less by chance (a number from
// 0 to 1), so that messages that failed together do not come back together.
func backoff(attempts int, chance float64) time.Duration {
	delay := float64(firstRetry) * math.Pow(2, float64(max(0, attempts-1)))
	return time.Duration(min(float64(lastRetry), delay*(0.75+0.5*chance)))
}
