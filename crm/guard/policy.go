package guard

import "time"

// Limits of a number. WhatsApp publishes none; people who lost numbers tell of new ones banned after a few dozen first messages, and of old ones
// that write two hundred a day to people who know them without harm. What counts with WhatsApp is how many people block or report, which no
// program sees: so robots stay far below, and stop at once with whoever does not answer.
const (
	// HardDay and HardHour are the most of our own accord that any number ever sends, whatever a kit says.
	HardDay, HardHour = 200, 40
	// unanswered is how many in a row a person gets without a word of theirs.
	unanswered = 2
	// sameWords is how many different people get the same words within an hour: a person does not write the same thing to more.
	sameWords = 20
	// gap and jitter lie between two messages of our own accord over all chats: nobody types faster, and nobody by the clock.
	gap, jitter = 20 * time.Second, 25 * time.Second
	// patience is how long after it was written something may be held back before it is senseless; a broadcast says nothing of today.
	patience, patienceBroadcast = 24 * time.Hour, 7 * 24 * time.Hour
	// share of a budget is what broadcasts may use, in quarters.
	share = 3
)

// Budget is how many messages of its own accord a number sends at most within any hour and any 24 hours.
type Budget struct{ Hour, Day int }

// ForBroadcasts is what broadcasts may use of it.
func (b Budget) ForBroadcasts() Budget {
	return Budget{Hour: max(1, b.Hour*share/4), Day: max(1, b.Day*share/4)}
}

// ages are the budgets by the age of a number: it is doubled about every week, as a new colleague gets to know people.
func ages() []struct {
	from time.Duration
	Budget
} {
	const day = 24 * time.Hour
	return []struct {
		from time.Duration
		Budget
	}{{0, Budget{5, 20}}, {3 * day, Budget{8, 40}}, {7 * day, Budget{16, 80}}, {14 * day, Budget{28, 140}}, {30 * day, Budget{HardHour, HardDay}}}
}

// Policy is what is allowed. Zero values of Hour and Day lower nothing.
type Policy struct {
	Hour, Day  int           // the kit's own bounds
	Unanswered int           // messages in a row without a word of the person
	Same       int           // people who get the same words within an hour
	Gap        time.Duration // between two messages of our own accord over all chats
	Jitter     time.Duration // added to it by chance, up to this
}

// Default is the policy of a kit that says nothing.
func Default() Policy {
	return Policy{Unanswered: unanswered, Same: sameWords, Gap: gap, Jitter: jitter}
}

// Lowered is this policy with the stricter of its own bounds and a kit's; what the kit leaves at zero stays.
func (p Policy) Lowered(kit Policy) Policy {
	lower := func(own, other int) int {
		if other > 0 && (own == 0 || other < own) {
			return other
		}
		return own
	}
	p.Hour, p.Day = lower(p.Hour, kit.Hour), lower(p.Day, kit.Day)
	p.Unanswered, p.Same = lower(p.Unanswered, kit.Unanswered), lower(p.Same, kit.Same)
	p.Gap, p.Jitter = max(p.Gap, kit.Gap), max(p.Jitter, kit.Jitter)
	return p
}

// Budget is that of a number of some age.
func (p Policy) Budget(age time.Duration) (b Budget) {
	for _, a := range ages() {
		if age >= a.from || b == (Budget{}) {
			b = a.Budget
		}
	}
	if p.Hour > 0 {
		b.Hour = min(b.Hour, p.Hour)
	}
	if p.Day > 0 {
		b.Day = min(b.Day, p.Day)
	}
	return b
}

// Next is when the number may write of its own accord again after having done so at a time; chance lies between 0 and 1.
func (p Policy) Next(at time.Time, chance float64) time.Time {
	return at.Add(p.Gap + time.Duration(chance*float64(p.Jitter)))
}

func (p Policy) patience(k Kind) time.Duration {
	if k == Broadcast {
		return patienceBroadcast
	}
	return patience
}
