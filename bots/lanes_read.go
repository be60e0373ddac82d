package bots

import (
	"time"

	"govorun/crm"
)

// startRead says what to read from the table: at most room[p] rows of each priority p, none of known and none of the full
// conversations. A quick reading only fetches more of the priorities of which there are more: it spares the walk over the others.
// finishRead must follow.
func (l *lanes) startRead(now time.Time, quick bool) (room [3]int, known []crm.MessageID, full []crm.ConversationID) {
	l.finished.turnOver(now)
	l.reading, l.cut = true, nil
	known = make([]crm.MessageID, 0, len(l.known))
	for id := range l.known {
		known = append(known, id)
	}
	for id, n := range l.lanes {
		switch {
		case len(n.talk)+len(n.bulk) >= roomInLane/2:
			full = append(full, id)
			n.cut = true // what this reading leaves out must come first, by a later one
		case n.cut && !quick:
			l.cut = append(l.cut, id)
		}
	}
	room = l.room
	for p := range room {
		if room[p] = min(room[p], readMost); quick && !l.behind[p] {
			room[p] = 0
		}
	}
	return room, known, full
}

// finishRead takes in what was read, and then what was handed over meanwhile: the reading may have been too early to see it.
// A failed reading gives no rows and ok false.
func (l *lanes) finishRead(rows []handed, room [3]int, ok bool, now time.Time) {
	l.reading = false
	stash, missed := l.stash, l.missed
	l.stash, l.missed = nil, false
	if !ok {
		return // what was stashed is in the table, and the marks that say so still stand
	}
	var count [3]int
	for _, h := range rows {
		count[class(h.out.Priority)]++
	}
	for p := range count {
		if missed || room[p] > 0 { // else it was left out, or full
			l.behind[p] = missed || count[p] >= room[p]
		}
	}
	for _, id := range l.cut {
		if n := l.lanes[id]; n != nil {
			n.cut = missed
		}
	}
	for _, h := range rows {
		l.add(h, now, true)
	}
	for _, id := range l.cut {
		if n := l.lanes[id]; n != nil {
			l.place(n, now) // forgets it when it is empty
		}
	}
	for _, h := range stash {
		l.add(h, now, false)
	}
}

// hand takes in a row that was just committed.
func (l *lanes) hand(h handed, now time.Time) {
	if l.add(h, now, false) || !l.reading {
		return
	}
	if len(l.stash) < roomForReplies {
		l.stash = append(l.stash, h)
	} else {
		l.missed = true
	}
}

// fallBehind says that the table may hold rows that must come first: until a reading that begins from now on has ended, rows
// handed over wait in the table too.
func (l *lanes) fallBehind() {
	l.behind = [3]bool{true, true, true}
	l.missed = l.reading
}

// hungry says that the table holds rows for which there is room again, and nobody is reading.
func (l *lanes) hungry() bool {
	if l.reading {
		return false
	}
	for p, room := range l.room {
		if l.behind[p] && room >= min(readMost, roomFor[p]/2) {
			return true
		}
	}
	return false
}

// waiting gives the rows in memory that have not begun.
func (l *lanes) waiting() (conversations []crm.ConversationID, ids []crm.MessageID) {
	for id, it := range l.known {
		if it.state == queued || it.state == deferred {
			conversations, ids = append(conversations, it.out.Conversation), append(ids, id)
		}
	}
	return conversations, ids
}
