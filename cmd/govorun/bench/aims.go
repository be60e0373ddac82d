package bench

// Who asks for the aims of figures.
const (
	aimOfSpine     = "the aims of the spine (issue 2), on 2 processors"
	aimOfRules     = "the aims of rules and timers (issue 3), in a base of a million deals"
	aimOfLists     = "the aims of lists and searches (issue 4), in a base of a million deals"
	aimOfDrivers   = "the aims of broadcasts and answers (issue 5), in a base of 2 million messages"
	aimOfPromises  = "what is promised: nothing lost, nothing twice"
	aimOfPeers     = "the aims beside a bot of the usual kind, in the same minutes (issue 2)"
	aimOfTelegram  = "Telegram's limits are used and never broken (issue 2)"
	fullDialogs    = 100_000
	fullDeals      = 1_000_000
	fullEntries    = 5000
	fullTimers     = 10_000
	fullMessages   = 2_000_000
	fullOutboxRows = 50_000
)
