package telegram

import "sync"

// window holds the updates that Telegram still keeps because we have not confirmed them: at most one batch, for
// Telegram shows no more. A poll confirms everything below its offset, so the offset moves only past updates that are done
// without a gap. Ids are compared for equality inside the window alone: after a quiet week they start anywhere.
type window struct {
	mu       sync.Mutex
	waiting  []entry // in the order in which they came
	offset   int64   // of the next poll; 0 asks for everything unconfirmed
	changed  chan struct{}
	retrying int // lanes whose inbox is away
}

type entry struct {
	update int64
	done   bool
}

func newWindow() *window { return &window{changed: make(chan struct{}, 1)} }

// add takes an update in unless it is inside already.
func (w *window) add(update int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.waiting {
		if e.update == update {
			return false
		}
	}
	w.waiting = append(w.waiting, entry{update: update})
	return true
}

// done marks an update. It stays inside until the next look: the answer of a poll that is on its way may hold it once more.
func (w *window) done(update int64) {
	w.mu.Lock()
	for i := range w.waiting {
		if w.waiting[i].update == update {
			w.waiting[i].done = true
		}
	}
	w.mu.Unlock()
	w.wake()
}

// confirmed is told when a poll with this offset came back empty: everything is confirmed, and asking without an offset
// is right whatever number the next update gets.
func (w *window) confirmed(offset int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.offset == offset && len(w.waiting) == 0 {
		w.offset = 0
	}
}

// look moves the offset past everything done in front and returns it, with the number of updates that still wait to be confirmed
// and whether the inbox is away. It must not be called between a poll and adding its answer.
func (w *window) look() (offset int64, waiting int, away bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.waiting) > 0 && w.waiting[0].done {
		w.offset = w.waiting[0].update + 1
		w.waiting = w.waiting[1:]
	}
	return w.offset, len(w.waiting), w.retrying > 0
}

// away counts lanes that wait for the inbox to come back.
func (w *window) away(change int) {
	w.mu.Lock()
	w.retrying += change
	w.mu.Unlock()
	w.wake()
}

func (w *window) wake() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}
