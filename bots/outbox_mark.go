package bots

import (
	"context"
	"time"

	"govorun/crm"
)

const (
	// markEvery is how long marks are gathered: what a crash in between forgets is sent twice.
	markEvery = 10 * time.Millisecond
	// maxMarks bounds one statement: for more rows a planner may prefer to walk the whole table.
	maxMarks = 256
	// unwritten bounds the marks that wait, and so what a crash while the database is away sends twice.
	unwritten = 1000
)

// mark is a row that was sent, and as what.
type mark struct {
	item *item
	out  crm.Outbound
	ref  string
}

// mark writes down what was sent, many rows at a time, until the sender is over. It says whether all could be written.
func (s *sender) mark(ctx context.Context) bool {
	for {
		var group []mark
		select {
		case first := <-s.marks:
			group = append(group, first)
		case <-s.over:
			select {
			case first := <-s.marks:
				group = append(group, first)
			default:
				return true
			}
		}
		group = s.gather(group)
		for !s.write(ctx, group) {
			if sleep(ctx, rereadEvery); ctx.Err() != nil {
				return false
			}
		}
	}
}

// gather adds what comes within a moment.
func (s *sender) gather(group []mark) []mark {
	timer := time.NewTimer(markEvery)
	defer timer.Stop()
	for len(group) < maxMarks {
		select {
		case m := <-s.marks:
			group = append(group, m)
		case <-timer.C:
			return group
		}
	}
	return group
}

// write marks a group and forgets it.
func (s *sender) write(ctx context.Context, group []mark) bool {
	rows, refs := make([]crm.Outbound, len(group)), make([]string, len(group))
	for i, m := range group {
		rows[i], refs[i] = m.out, m.ref
	}
	if err := s.store.Sent(ctx, rows, refs); err != nil {
		s.complain(ctx, "outbox_mark", err)
		return false
	}
	s.mu.Lock()
	for _, m := range group {
		ref := m.ref
		if m.out.Target != 0 {
			ref = ""
		}
		s.lanes.forget(m.item, ref)
	}
	hungry := s.lanes.hungry()
	s.mu.Unlock()
	if hungry {
		signal(s.hunger)
	}
	return true
}
