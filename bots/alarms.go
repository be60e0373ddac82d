package bots

import (
	"container/heap"
	"time"
)

// alarm rings for a lane or an item. It may be out of date when it rings: who set it knows.
type alarm struct {
	at   time.Time
	lane *lane
	item *item
}

// alarms is a heap of them, the earliest first.
type alarms []*alarm

func (a *alarms) set(at time.Time, n *lane, it *item) *alarm {
	entry := &alarm{at: at, lane: n, item: it}
	heap.Push(a, entry)
	return entry
}

// due takes the next alarm whose time has come, nil when there is none.
func (a *alarms) due(now time.Time) *alarm {
	if len(*a) == 0 || (*a)[0].at.After(now) {
		return nil
	}
	return heap.Pop(a).(*alarm)
}

// next says how long until the next alarm.
func (a *alarms) next(now time.Time) time.Duration {
	if len(*a) == 0 {
		return never
	}
	return (*a)[0].at.Sub(now)
}

func (a alarms) Len() int           { return len(a) }
func (a alarms) Less(i, j int) bool { return a[i].at.Before(a[j].at) }
func (a alarms) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *alarms) Push(x any)        { *a = append(*a, x.(*alarm)) }

func (a *alarms) Pop() any {
	last := len(*a) - 1
	x := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	return x
}
