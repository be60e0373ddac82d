package bots

// Limits say how fast an account may send. Zero means no limit. Every limit is counted from the end of a call, since the
// provider counts when a call arrives and we only know that this was before its end.
type Limits struct {
	// BotPerSecond is the most calls in any second over all chats.
	BotPerSecond int
	// ChatPerSecond and ChatBurst are of one private chat: a burst, then the steady rate.
	ChatPerSecond float64
	ChatBurst     int
	// GroupPerMinute is the most calls into one group in any minute, all at once if need be.
	GroupPerMinute int
	// BroadcastPerSecond is the most broadcasts in any second over all chats; one chat gets at most one a second.
	BroadcastPerSecond int
	// FloodPerSecond becomes BotPerSecond for floodMemory after the provider complained about the account as a whole.
	FloodPerSecond int
}

// DefaultLimits are those of an ordinary Telegram bot: replies go as fast as people write, until the provider complains.
// "Broadcasting Messages" of its FAQ names 1 a second per chat, 20 a minute per group and about 30 a second for bulk;
// short bursts into one chat are let through.
func DefaultLimits() Limits {
	return Limits{ChatPerSecond: 1, ChatBurst: 20, GroupPerMinute: 20, BroadcastPerSecond: 25, FloodPerSecond: 30}
}

// StrictLimits keep to the letter of that page: 30 a second in all, 1 a second per chat, 20 a minute per group. A provider
// that counts in sliding windows never answers 429 to them.
func StrictLimits() Limits {
	return Limits{BotPerSecond: 30, ChatPerSecond: 1, ChatBurst: 1, GroupPerMinute: 20, BroadcastPerSecond: 25, FloodPerSecond: 30}
}

// WhatsAppLimits are those of a number that people hold for a person's: WhatsApp names none, so answers go as fast as several quick people type. What
// a number sends of its own accord is the guard's business, and far less.
func WhatsAppLimits() Limits {
	return Limits{BotPerSecond: 20, ChatPerSecond: 1, ChatBurst: 5, GroupPerMinute: 20, BroadcastPerSecond: 1, FloodPerSecond: 5}
}
