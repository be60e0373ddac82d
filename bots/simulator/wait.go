package simulator

import (
	"context"
	"fmt"
	"strings"
)

// Wait gives the first message of the bot in a chat that fits, among those there already and those that come; a
// message edited so that it fits counts too, a deleted one doesn't. fits runs with the server locked: it must only
// look at the message. The error tells what the chat looked like when ctx ended.
func (s *Server) Wait(ctx context.Context, chatID int64, fits func(Message) bool) (Message, error) {
	return s.WaitAfter(ctx, chatID, 0, fits)
}

// WaitAfter is Wait for messages with an id above afterID (what LastID gave before the deed).
func (s *Server) WaitAfter(ctx context.Context, chatID, afterID int64, fits func(Message) bool) (Message, error) {
	var found Message
	err := s.await(ctx, func() bool {
		c := s.chats[chatID]
		if c == nil {
			return false
		}
		for i := len(c.bubbles) - 1; i >= 0 && c.bubbles[i].msg.ID > afterID; i-- {
			if b := c.bubbles[i]; b.out && !b.deleted && fits(*b.msg) {
				found = *b.msg // and go on: the first that fits, not the last
			}
		}
		return found.ID != 0
	})
	if err != nil {
		return Message{}, fmt.Errorf("wait for a message in chat %d: %w; the chat so far:\n%s", chatID, err, tail(s.Transcript(chatID), 30))
	}
	return found, nil
}

// LastID is the id of the newest message of a chat; 0 when there is none.
func (s *Server) LastID(chatID int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.chats[chatID]; c != nil {
		return c.lastID
	}
	return 0
}

// WaitPress gives a press once the bot has answered it.
func (s *Server) WaitPress(ctx context.Context, callbackID string) (Press, error) {
	var found Press
	err := s.await(ctx, func() bool {
		if p := s.presses.byID[callbackID]; p != nil {
			found = *p
		}
		return found.Answered
	})
	if err != nil {
		return found, fmt.Errorf("wait for the answer to press %s (%q): %w", callbackID, found.Text, err)
	}
	return found, nil
}

// WaitCalls gives the calls of a method ("" for all) as soon as there are at least n of them.
func (s *Server) WaitCalls(ctx context.Context, method string, n int) ([]Call, error) {
	var found []Call
	err := s.await(ctx, func() bool {
		found = found[:0]
		for _, c := range s.calls.list {
			if method == "" || strings.EqualFold(c.Method, method) {
				found = append(found, c)
			}
		}
		return len(found) >= n
	})
	if err != nil {
		return found, fmt.Errorf("wait for %d calls of %q, %d so far: %w", n, method, len(found), err)
	}
	return found, nil
}

// WaitDelivered returns when the bot has taken (confirmed or answered 2xx) every update.
func (s *Server) WaitDelivered(ctx context.Context) error {
	left := 0
	err := s.await(ctx, func() bool { left = s.pending(); return left == 0 })
	if err != nil {
		return fmt.Errorf("wait until the bot took all updates, %d left: %w", left, err)
	}
	return nil
}

// Contains fits messages whose text or caption has the words.
func Contains(words string) func(Message) bool {
	return func(m Message) bool { return strings.Contains(m.Text+m.Caption, words) }
}

// WaitPolling returns when a getUpdates of the bot waits at the server: the bot is up and has nothing to do.
func (s *Server) WaitPolling(ctx context.Context) error {
	if err := s.await(ctx, func() bool { return s.queue.poller != nil }); err != nil {
		return fmt.Errorf("wait for the bot to poll: %w", err)
	}
	return nil
}

func tail(text string, lines int) string {
	list := strings.Split(text, "\n")
	return strings.Join(list[max(0, len(list)-lines):], "\n")
}
