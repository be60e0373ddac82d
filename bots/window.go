package bots

import "time"

// never is how long to wait for something that no clock brings about, such as the end of a call.
const never = time.Duration(1<<63 - 1)

// window lets at most max calls happen in any period. A call counts from its beginning until a period after its end,
// whichever moment in between the provider took for it. A nil window lets everything pass.
type window struct {
	max    int
	period time.Duration
	flying int
	ends   []time.Time // of the last calls, oldest first; never more than max
}

// newWindow gives nil, no limit, for a max of zero.
func newWindow(max int, period time.Duration) *window {
	if max <= 0 {
		return nil
	}
	return &window{max: max, period: period}
}

// wait says how long until a call may begin; zero is now, never until another call ends.
func (w *window) wait(now time.Time) time.Duration {
	if w == nil {
		return 0
	}
	w.forget(now)
	switch {
	case w.flying+len(w.ends) < w.max:
		return 0
	case len(w.ends) == 0:
		return never
	}
	return w.ends[0].Add(w.period).Sub(now)
}

func (w *window) begin() {
	if w != nil {
		w.flying++
	}
}

// spare takes begin back: there was no call.
func (w *window) spare() {
	if w != nil {
		w.flying--
	}
}

func (w *window) end(now time.Time) {
	if w != nil {
		w.flying--
		w.ends = append(w.ends, now)
	}
}

// idle says that the window remembers nothing that could make a call wait.
func (w *window) idle(now time.Time) bool {
	if w == nil {
		return true
	}
	w.forget(now)
	return w.flying == 0 && len(w.ends) == 0
}

func (w *window) forget(now time.Time) {
	n := 0
	for n < len(w.ends) && !w.ends[n].Add(w.period).After(now) {
		n++
	}
	if n > 0 {
		w.ends = append(w.ends[:0], w.ends[n:]...)
	}
}
