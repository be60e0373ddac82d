package bots

import (
	"time"

	"govorun/crm"
)

// finishedMemory is how long a finished row is remembered at least: longer than any reading of the table takes, and than the
// moment between a commit and the hand-over of its rows.
const finishedMemory = 10 * time.Second

// finished remembers what was done lately and under which id of the provider, so that a row read or handed over late is not
// sent twice, and an edit finds its message.
type finished struct {
	young, old map[crm.MessageID]string
	since      time.Time
}

func newFinished(now time.Time) finished {
	return finished{young: map[crm.MessageID]string{}, since: now}
}

func (f *finished) add(id crm.MessageID, ref string) { f.young[id] = ref }

func (f *finished) has(id crm.MessageID) bool {
	_, ok := f.young[id]
	if !ok {
		_, ok = f.old[id]
	}
	return ok
}

// ref gives the provider's id of a message sent lately.
func (f *finished) ref(id crm.MessageID) string {
	if ref := f.young[id]; ref != "" {
		return ref
	}
	return f.old[id]
}

// turnOver forgets what is older than finishedMemory. Nobody may be reading the table.
func (f *finished) turnOver(now time.Time) {
	if now.Sub(f.since) >= finishedMemory {
		f.old, f.young, f.since = f.young, map[crm.MessageID]string{}, now
	}
}
