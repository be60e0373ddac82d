package bots

import "time"

// shelve leaves an item to the table, which gives it again when its time has come. Nothing is remembered of it: a reading that began before may
// still bring it, and then it is asked about once more.
func (l *lanes) shelve(it *item, now time.Time) {
	it.state = dropped
	it.lane.busy = false
	if l.known[it.out.ID] == it {
		delete(l.known, it.out.ID)
		l.room[class(it.out.Priority)]++
	}
	l.place(it.lane, now)
}
