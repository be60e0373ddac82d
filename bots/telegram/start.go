package telegram

import (
	"regexp"

	"govorun/bots"
)

var startPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// startPayload returns the payload of a deep link. What was typed by hand and can't be one is kept, cut, so that it is
// answered as an unknown code.
func startPayload(args string) string {
	if startPattern.MatchString(args) {
		return args
	}
	return bots.Shorten(args, maxStart)
}
