package bots

import (
	"context"
	"slices"
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
	// forgetful is how long a mark that was written may be lost with the database: marks do not wait for its disk, and PostgreSQL writes them
	// within three times wal_writer_delay, by default 0.6 s.
	forgetful = time.Second
)

// mark is a row that was sent, and as what.
type mark struct {
	item *item
	out  crm.Outbound
	ref  string
	at   time.Time // when it was written
}

// mark writes down what was sent, many rows at a time, until the sender is over. It says whether all could be written; what could not is owed.
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
				return s.remind(ctx)
			}
		}
		group = s.gather(group)
		if !s.insist(ctx, "outbox_mark", rereadEvery, func(ctx context.Context) error { return s.write(ctx, group) }) {
			s.owed = append(s.written, group...)
			for len(s.marks) > 0 {
				s.owed = append(s.owed, <-s.marks)
			}
			return false
		}
		s.forget(group)
	}
}

// remind writes the last marks once more when the right to send ended by itself: a database that was killed may have forgotten them, and what
// has no mark is sent again, or replaced as if nobody had seen it.
func (s *sender) remind(ctx context.Context) bool {
	select {
	case <-s.lost:
	default:
		return true
	}
	s.owed = s.written
	if !s.insist(ctx, "outbox_mark", rereadEvery, s.repay) {
		return false
	}
	s.owed = nil
	return true
}

// repay writes the marks that are owed. Marking twice changes nothing.
func (o *Outbox) repay(ctx context.Context) error {
	for group := range slices.Chunk(o.owed, maxMarks) {
		if err := o.write(ctx, group); err != nil {
			return err
		}
	}
	return nil
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

// write marks a group.
func (o *Outbox) write(ctx context.Context, group []mark) error {
	rows, refs := make([]crm.Outbound, len(group)), make([]string, len(group))
	for i, m := range group {
		rows[i], refs[i] = m.out, m.ref
	}
	return o.store.Sent(ctx, rows, refs)
}

// forget lets go of what is marked, but for what the database may yet forget.
func (s *sender) forget(group []mark) {
	now := s.c.Now()
	for len(s.written) > 0 && now.Sub(s.written[0].at) > forgetful {
		s.written = s.written[1:]
	}
	s.mu.Lock()
	for _, m := range group {
		ref := m.ref
		if m.out.Target != 0 {
			ref = ""
		}
		s.lanes.forget(m.item, ref)
		if m.out.Target == 0 { // an edit may well be made twice
			s.written = append(s.written, mark{out: crm.Outbound{ID: m.out.ID, Conversation: m.out.Conversation}, ref: m.ref, at: now})
		}
	}
	hungry := s.lanes.hungry()
	s.mu.Unlock()
	if hungry {
		signal(s.hunger)
	}
}
