package bench

// Where the aims of figures come from: what a machine of 2 processors was to do when the parts were made.
const (
	aimOfSpine    = "a turn on 2 processors"
	aimOfRules    = "rules and timers in a base of a million deals"
	aimOfLists    = "lists and searches in a base of a million deals"
	aimOfDrivers  = "broadcasts and answers in a base of 2 million messages"
	aimOfPromises = "what is promised: nothing lost, nothing twice"
	aimOfPeers    = "beside a bot of the usual kind, in the same minutes"
	aimOfTelegram = "Telegram's limits are used and never broken"
)

// Sizes of a full measurement, to which the aims belong.
const (
	fullDialogs    = 100_000
	fullDeals      = 1_000_000
	fullEntries    = 5000
	fullTimers     = 10_000
	fullMessages   = 2_000_000
	fullOutboxRows = 50_000
)
