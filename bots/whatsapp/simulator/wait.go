package simulator

import (
	"context"
	"slices"

	waBinary "go.mau.fi/whatsmeow/binary"
)

// signal wakes up whoever waits for a change. Server.mu guards it.
type signal struct{ ch chan struct{} }

func (g *signal) wake() {
	if g.ch != nil {
		close(g.ch)
		g.ch = nil
	}
}

func (g *signal) next() <-chan struct{} {
	if g.ch == nil {
		g.ch = make(chan struct{})
	}
	return g.ch
}

// until waits for cond, which runs with s.mu held each time g was woken up.
func (s *Server) until(ctx context.Context, g *signal, cond func() bool) error {
	for {
		s.mu.Lock()
		if cond() {
			s.mu.Unlock()
			return nil
		}
		ch := g.next()
		s.mu.Unlock()
		select {
		case <-ch:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// capture keeps a stanza of a client for those who look for it.
func (s *Server) capture(n node) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.captured = keepLast(append(s.captured, n), keptStanzas)
	s.changed.wake()
}

// keepLast drops the oldest of a list that grew to twice its bound, so that dropping costs little.
func keepLast[T any](list []T, bound int) []T {
	if len(list) < 2*bound {
		return list
	}
	return slices.Clone(list[len(list)-bound:])
}

// WaitStanza waits for a stanza from a client, or finds an earlier one.
func (s *Server) WaitStanza(ctx context.Context, match func(waBinary.Node) bool) (found waBinary.Node, err error) {
	err = s.until(ctx, &s.changed, func() bool {
		i := slices.IndexFunc(s.captured, match)
		if i >= 0 {
			found = s.captured[i]
		}
		return i >= 0
	})
	return
}

// Captured lists the last few thousand stanzas that clients sent, oldest first.
func (s *Server) Captured() []waBinary.Node {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.captured)
}

// Unhandled lists queries that got an error because nothing answers them. A test should end with none.
func (s *Server) Unhandled() []waBinary.Node {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.unhandled)
}
