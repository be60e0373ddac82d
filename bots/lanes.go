package bots

import (
	"container/list"
	"slices"
	"time"

	"govorun/crm"
)

// Sizes of the sender's memory. What does not fit stays in the table and is read when there is room.
const (
	// roomForReplies, roomForNotices and roomForBroadcasts bound the rows of each priority, so that many broadcasts never
	// leave a reply outside. A row takes about one kilobyte.
	roomForReplies    = 8000
	roomForNotices    = 4000
	roomForBroadcasts = 1000
	// readMost bounds the rows of each priority in one reading, so that sending begins before a backlog is read.
	readMost = 2000
	// roomInLane bounds the rows of one conversation, so that a chat that must wait does not fill the memory.
	roomInLane = 100
	// foresight is how far ahead of its time a row handed over is kept in memory.
	foresight = time.Minute
)

// roomFor gives the bound of each priority.
var roomFor = [3]int{roomForReplies, roomForNotices, roomForBroadcasts}

// item is one row in memory.
type item struct {
	out   crm.Outbound
	due   time.Time // by our clock; zero: at once
	lane  *lane
	state itemState
	anew  bool // an edit that is sent as a new message
	bare  bool // sent without markup
	// renewed says that its topic was made anew for it once: a second time it waits.
	renewed bool
	// after are rows about this message, such as edits of it, that wait until it is sent or given up.
	after []*item
}

type itemState int

const (
	deferred itemState = iota // its time has not come
	queued                    // in its lane
	flying                    // a call is under way
	closed                    // sent or given up; the table does not know yet
	dropped                   // not ours any more
)

// lane is one conversation: its rows go one after the other. Replies and notices stand in the order of their ids; broadcasts
// in a second line, so that an answer never waits for a broadcast.
type lane struct {
	conversation crm.ConversationID
	pace         *pace
	talk, bulk   []*item
	busy         bool
	held         time.Time // after a failure of its first row
	cut          bool      // has rows in the table that are not in memory: new ones must come from there too

	list  *list.List // where it stands when it may go
	place *list.Element
	alarm *alarm // when it may go
}

// lanes is the memory of the sender: what waits, and who may go next. It does nothing by itself: the clock is given, and its
// user locks.
type lanes struct {
	limits   Limits
	grouped  func(chat string) bool
	lanes    map[crm.ConversationID]*lane
	known    map[crm.MessageID]*item // every row in memory, until the table knows that it is done
	paces    map[string]*pace
	ready    [3]list.List
	alarms   alarms
	all      *window   // calls of the account
	bulk     *window   // broadcasts of the account
	held     time.Time // the whole account is silent until then
	flooded  time.Time // until when the account's limit after a complaint holds
	probing  bool      // one call at a time, to see whether the account works again
	flying   int
	room     [3]int
	behind   [3]bool // of each priority: the table holds rows that are not in memory
	finished finished

	reading bool
	stash   []handed             // handed over during a reading
	missed  bool                 // more than the stash holds
	cut     []crm.ConversationID // lanes that this reading fills up
}

// handed is a row with its time by our clock.
type handed struct {
	out crm.Outbound
	due time.Time
}

func newLanes(limits Limits, grouped func(string) bool, now time.Time) *lanes {
	return &lanes{
		limits: limits, grouped: grouped,
		lanes: map[crm.ConversationID]*lane{}, known: map[crm.MessageID]*item{}, paces: map[string]*pace{},
		all:    newWindow(limits.BotPerSecond, time.Second),
		bulk:   newWindow(limits.BroadcastPerSecond, time.Second),
		room:   roomFor,
		behind: [3]bool{true, true, true}, finished: newFinished(now),
	}
}

// add takes a row in and says whether it is cared for. It is not, when there is no room or when earlier rows are in the table
// only: then the table gives it in its turn. A row that is in memory or was finished lately is not taken twice. read says
// that the row came from the table.
func (l *lanes) add(h handed, now time.Time, read bool) bool {
	if _, known := l.known[h.out.ID]; known || l.finished.has(h.out.ID) {
		return true
	}
	p, n := class(h.out.Priority), l.lanes[h.out.Conversation]
	switch {
	case !read && (l.behind[p] || n != nil && n.cut || h.due.Sub(now) > foresight):
		return false
	case n != nil && len(n.talk)+len(n.bulk) >= roomInLane:
		n.cut = true
		return false
	case l.room[p] <= 0:
		l.behind[p] = true
		return false
	}
	it := &item{out: h.out, due: h.due}
	l.known[h.out.ID] = it
	l.room[p]--
	if h.due.After(now) && (h.out.Attempts == 0 || p == crm.Broadcast) {
		l.alarms.set(h.due, nil, it)
		return true
	}
	l.enqueue(it, now)
	return true
}

// enqueue puts an item whose time has come into its lane.
func (l *lanes) enqueue(it *item, now time.Time) {
	n := l.lanes[it.out.Conversation]
	if n == nil {
		n = &lane{conversation: it.out.Conversation, pace: l.paceOf(it.out.Address.Chat)}
		l.lanes[it.out.Conversation] = n
	}
	it.lane, it.state = n, queued
	line := n.line(it)
	at := len(*line)
	for at > 0 && (*line)[at-1].out.ID > it.out.ID {
		at--
	}
	*line = slices.Insert(*line, at, it)
	if at == 0 && it.due.After(n.held) {
		n.held = it.due // it failed before: the lane waits for it
	}
	l.place(n, now)
}

// line is the line of its lane in which an item stands.
func (n *lane) line(it *item) *[]*item {
	if class(it.out.Priority) == crm.Broadcast {
		return &n.bulk
	}
	return &n.talk
}

// first is the item that goes next, nil when none waits.
func (n *lane) first() *item {
	if len(n.talk) > 0 {
		return n.talk[0]
	}
	if len(n.bulk) > 0 {
		return n.bulk[0]
	}
	return nil
}

// priority is the best of those who wait: a notice in front of a reply goes as early as the reply.
func (n *lane) priority() crm.Priority {
	if len(n.talk) == 0 {
		return crm.Broadcast
	}
	for _, it := range n.talk {
		if class(it.out.Priority) == crm.Reply {
			return crm.Reply
		}
	}
	return crm.Notice
}

// class is the priority, with unknown ones counted as notices.
func class(p crm.Priority) crm.Priority {
	if p < crm.Reply || p > crm.Broadcast {
		return crm.Notice
	}
	return p
}

// place puts a lane where it belongs: among those that may go, or to wait for its time, or nowhere when it is busy or empty.
func (l *lanes) place(n *lane, now time.Time) {
	if n.place != nil {
		n.list.Remove(n.place)
		n.list, n.place = nil, nil
	}
	first := n.first()
	if n.busy || first == nil {
		n.alarm = nil
		if first == nil && !n.busy && !n.cut {
			delete(l.lanes, n.conversation)
		}
		return
	}
	p := n.priority()
	wait := max(n.pace.wait(now, p), n.held.Sub(now))
	if wait > 0 {
		if at := now.Add(wait); n.alarm == nil || n.alarm.at.After(at) { // one that rings too early is set again then
			n.alarm = l.alarms.set(at, n, nil)
		}
		return
	}
	n.alarm = nil
	n.list = &l.ready[p]
	n.place = n.list.PushBack(n)
}

// take gives the item to send now, or how long to wait for one. What was taken must be given to end.
func (l *lanes) take(now time.Time) (*item, time.Duration) {
	l.ring(now)
	if wait := l.accountWait(now); wait > 0 {
		return nil, wait
	}
	l.setAside(now)
	next := l.alarms.next(now)
	for p := range l.ready {
		front := l.ready[p].Front()
		if front == nil {
			continue
		}
		if crm.Priority(p) == crm.Broadcast {
			if wait := l.bulk.wait(now); wait > 0 {
				return nil, min(wait, next)
			}
		}
		n := front.Value.(*lane)
		it := n.first()
		line := n.line(it)
		*line = slices.Delete(*line, 0, 1)
		n.busy, it.state = true, flying
		l.place(n, now)
		l.begin(it)
		return it, 0
	}
	return nil, next
}

// accountWait says how long nothing at all may be sent.
func (l *lanes) accountWait(now time.Time) time.Duration {
	if l.held.After(now) {
		return l.held.Sub(now)
	}
	if l.probing && l.flying > 0 {
		return never
	}
	if l.limits.BotPerSecond == 0 && l.all != nil && !l.flooded.After(now) && l.all.idle(now) {
		l.all = nil
	}
	return l.all.wait(now)
}

// ring does what was to be done at a time that has come.
func (l *lanes) ring(now time.Time) {
	for a := l.alarms.due(now); a != nil; a = l.alarms.due(now) {
		switch {
		case a.item != nil && a.item.state == deferred:
			l.enqueue(a.item, now)
		case a.lane != nil && a.lane.alarm == a:
			a.lane.alarm = nil
			l.place(a.lane, now)
		}
	}
}

func (l *lanes) begin(it *item) {
	l.flying++
	l.all.begin()
	it.lane.pace.begin()
	if class(it.out.Priority) == crm.Broadcast {
		l.bulk.begin()
	}
}

// spare takes begin back: no call was made, so the chat is charged nothing.
func (l *lanes) spare(it *item) {
	l.flying--
	if l.all != nil && l.all.flying > 0 {
		l.all.spare()
	}
	it.lane.pace.minute.spare()
	if class(it.out.Priority) == crm.Broadcast {
		l.bulk.spare()
	}
}

// end says that the call is over; its lane stays busy until close, again or postpone says what follows.
func (l *lanes) end(it *item, now time.Time) {
	l.flying--
	if l.all != nil && l.all.flying > 0 {
		l.all.end(now)
	}
	it.lane.pace.end(now)
	if class(it.out.Priority) == crm.Broadcast {
		l.bulk.end(now)
	}
}

// close ends the story of an item: the next one of its lane may go.
func (l *lanes) close(it *item, now time.Time) {
	it.state = closed
	it.lane.busy = false
	l.place(it.lane, now)
	l.release(it, now)
}

// again puts an item back to the front of its lane, to go after a delay. Nothing waits for a broadcast.
func (l *lanes) again(it *item, delay time.Duration, now time.Time) {
	if delay > 0 && class(it.out.Priority) == crm.Broadcast {
		l.postpone(it, delay, now)
		return
	}
	it.due = time.Time{}
	if delay > 0 {
		it.lane.held = now.Add(delay)
	}
	it.lane.busy = false
	l.enqueue(it, now)
}

// postpone takes an item out of its lane for a while: what follows does not wait for it.
func (l *lanes) postpone(it *item, delay time.Duration, now time.Time) {
	it.state, it.due = deferred, now.Add(delay)
	it.lane.busy = false
	l.alarms.set(it.due, nil, it)
	l.place(it.lane, now)
}

// forget removes an item: the table knows that it is done, or will give it back. ref, if any, is what it was sent as.
func (l *lanes) forget(it *item, ref string) {
	if l.known[it.out.ID] != it {
		return
	}
	delete(l.known, it.out.ID)
	l.room[class(it.out.Priority)]++
	l.finished.add(it.out.ID, ref)
}
