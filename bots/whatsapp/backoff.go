package whatsapp

import (
	"math"
	"time"
)

// tempo is how patient the connection is.
type tempo struct {
	look    time.Duration // how often a new link is looked for
	first   time.Duration // before a second try to connect
	last    time.Duration // the longest pause between two
	stable  time.Duration // how long a connection must last for what came before to be forgotten
	answer  time.Duration // how long WhatsApp may take to let us in
	retreat time.Duration // how often an outdated program looks whether a newer web version is let in
}

func usualTempo() tempo {
	return tempo{look: 2 * time.Second, first: time.Second, last: 5 * time.Minute, stable: 2 * time.Minute, answer: time.Minute, retreat: 6 * time.Hour}
}

const (
	// failuresTold is after how many failures in a row people are told that WhatsApp can't be reached: a restart of its servers is no alert.
	failuresTold = 3
	// banUnknown is how long the number stays away when WhatsApp does not say how long it is locked.
	banUnknown = time.Hour
)

// trouble counts what went wrong with a connection since it was last stable.
type trouble struct {
	tempo    tempo
	failures int  // connections that failed or were lost
	flaps    int  // of them, those that worked for a moment
	outdated bool // the version was refused, and refreshed, once already
}

// lost counts a connection that ended after it had worked for so long, 0 when it never did, and gives the pause before the next one: doubled each
// time, a quarter more or less by chance (a number from 0 to 1).
func (t *trouble) lost(worked time.Duration, chance float64) time.Duration {
	if worked >= t.tempo.stable {
		t.over()
	}
	t.failures++
	if worked > 0 && worked < t.tempo.stable {
		t.flaps++
	}
	pause := float64(t.tempo.first) * math.Pow(2, float64(min(t.failures-1, 30)))
	return time.Duration(min(float64(t.tempo.last), pause) * (0.75 + 0.5*chance))
}

// told tells whether it is bad enough for people to hear of.
func (t *trouble) told() bool { return t.failures >= failuresTold }

// flapping tells whether a connection that works is to be believed only when it has lasted.
func (t *trouble) flapping() bool { return t.flaps >= failuresTold }

// over forgets what went wrong.
func (t *trouble) over() { t.failures, t.flaps, t.outdated = 0, 0, false }
