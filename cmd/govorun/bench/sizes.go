package bench

import (
	"context"
	"time"
)

// sizes is how much of everything a long run measures.
type sizes struct {
	talks, phones Talks
	numbers       int // of WhatsApp, to see what one takes of memory
	engineSteps   int
	starts        int
	openDialogs   int
	outboxRows    int
	strictWindow  time.Duration
	rules         Rules
	knowledge     Knowledge
	broadcast     Broadcast
	filters       Filters
}

// fullSizes are those that aims speak of.
func fullSizes() sizes {
	return sizes{
		talks:        Talks{Chats: []int{1, 16, 40, 64, 100}, Measure: 6 * time.Second, Warm: 2 * time.Second, Rounds: 1},
		phones:       Talks{Chats: []int{1, 16, 64}, Measure: 6 * time.Second, Warm: 2 * time.Second, Rounds: 1},
		numbers:      8,
		engineSteps:  200_000,
		starts:       5,
		openDialogs:  fullDialogs,
		outboxRows:   fullOutboxRows,
		strictWindow: StrictWindow,
		rules:        Rules{Deals: fullDeals, Presses: 1000, Timers: fullTimers, Rate: 50, Shared: 1000, Before: 8 * time.Second},
		knowledge:    Knowledge{Entries: fullEntries, Each: 400},
		broadcast:    Broadcast{People: 5000, Contacts: 40_000, Messages: fullMessages, Rate: 50, Window: 15 * time.Second},
		filters:      Filters{Deals: fullDeals, Each: 100},
	}
}

// quickSizes show within minutes whether something is wrong; aims that speak of large bases are not judged.
func quickSizes() sizes {
	return sizes{
		talks:        Talks{Chats: []int{1, 16, 64}, Measure: 2 * time.Second, Warm: time.Second, Rounds: 1},
		phones:       Talks{Chats: []int{1, 16}, Measure: 2 * time.Second, Warm: time.Second, Rounds: 1},
		engineSteps:  20_000,
		starts:       3,
		openDialogs:  3000,
		outboxRows:   10_000,
		strictWindow: 8 * time.Second,
		rules:        Rules{Deals: 50_000, Presses: 100, Timers: 1000, Rate: 50, Shared: 200, Before: 3 * time.Second},
		knowledge:    Knowledge{Entries: fullEntries, Each: 50},
		broadcast:    Broadcast{People: 2000, Contacts: 5000, Messages: 100_000, Rate: 50, Window: 4 * time.Second},
		filters:      Filters{Deals: 50_000, Each: 20},
	}
}

// of makes bases large enough for so many rounds: each deal is measured once, and a broadcast must not end before the last round does.
func (s sizes) of(rounds int) sizes {
	s.rules.Rounds, s.broadcast.Rounds = rounds, rounds
	s.rules.Deals = max(s.rules.Deals, s.rules.Least())
	s.broadcast.People = max(s.broadcast.People, rounds*allPerSecond*int((s.broadcast.Window+broadcastWarm)/time.Second+2))
	s.broadcast.Contacts = max(s.broadcast.Contacts, s.broadcast.People)
	return s
}

// parts are all benchmarks, in the order in which they are measured.
func (a All) parts(s sizes) []planned {
	turns := Turns{Talks: s.talks, Against: a.Against, Floors: true}
	phones := WhatsApp{Talks: s.phones, Starts: 1, Numbers: s.numbers}
	s = s.of(a.Rounds)
	second := func(n, every float64) time.Duration { return time.Duration(n / every * float64(time.Second)) }
	deals, messages := float64(s.rules.Deals), float64(s.broadcast.Messages)
	// The estimates are what a slow pair of processors took.
	return []planned{
		{"turns", "Turns over Telegram: webhook, PostgreSQL, answer", 0, turns.takes(), fresh(turns.figures)},
		{"whatsapp", "Turns over WhatsApp's stand-in, encrypted on both sides", 0, phones.takes(), fresh(phones.figures)},
		{"engine", "The dialog engine alone", 0, time.Second, engineFigures(s.engineSteps)},
		{"cold", "Start of the process", 0, time.Second + time.Duration(s.starts+1)*600*time.Millisecond, coldFigures(s.starts)},
		{"open", "Memory of open dialogs", 0, 4*time.Second + second(float64(3*s.openDialogs+6*min(openBefore, s.openDialogs)), 900), openFigures(s.openDialogs)},
		{"outbox", "Sending what waits", 0, 3*time.Second + second(float64(s.outboxRows), 4000), drainFigures(s.outboxRows)},
		{"strict", "Sending under Telegram's limits", 0, 4*time.Second + s.strictWindow, strictFigures(s.strictWindow)},
		{"rules", "The CRM acts by itself: a press that fires five rules, timers, deals shared out", 2*time.Second + second(deals, 8000),
			4*time.Second + s.rules.Before + second(float64(s.rules.Presses), 25) + second(float64(s.rules.Timers+s.rules.Shared), 400), &kept{prepare: func(ctx context.Context, c Config) (measurement, error) { return s.rules.prepare(ctx, c) }}},
		{"knowledge", "Answers of the knowledge base", 0, 2*time.Second + second(float64(s.knowledge.Each), 20), fresh(s.knowledge.figures)},
		{"broadcast", "A broadcast beside people who talk", 2*time.Second + second(messages, 30_000), 2*(s.broadcast.Window+broadcastWarm+2*time.Second) + 5*time.Second,
			&kept{prepare: func(ctx context.Context, c Config) (measurement, error) { return s.broadcast.prepare(ctx, c) }}},
		{"filters", "Lists and searches of employees, with row-level security", 2*time.Second + second(float64(s.filters.Deals), 8000),
			3*time.Second + second(float64(s.filters.Each)*float64(s.filters.Deals), 400_000), &filtersPart{Filters: s.filters}},
	}
}
