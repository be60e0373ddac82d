package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"govorun/bots"
	"govorun/crm"
	"govorun/dialogs/turn"
)

// cardPatience is how long an edit of a card is waited for.
const cardPatience = 10 * time.Second

// screen is a provider that takes no time. It tells when the card of a chat was edited.
type screen struct {
	mu     sync.Mutex
	edited map[string]chan time.Time // by the provider's id of the card
}

// Name implements bots.Channel.
func (s *screen) Name() string { return "telegram" }

// Run implements bots.Channel: nothing comes in.
func (s *screen) Run(ctx context.Context, _ bots.Inbox) error {
	<-ctx.Done()
	return nil
}

// Send implements bots.Channel.
func (s *screen) Send(_ context.Context, out crm.Outbound) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if told := s.edited[out.TargetRef]; told != nil && out.Kind == crm.OutEdit {
		delete(s.edited, out.TargetRef)
		told <- time.Now()
	}
	return fmt.Sprint("s", out.ID), nil
}

// watch gives a channel that hears of the edit of one card.
func (s *screen) watch(ref string) <-chan time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := make(chan time.Time, 1)
	s.edited[ref] = told
	return told
}

// cards measures the way from the press of a card's button to the call that hands the edited card to the provider, one at a time.
func (r *rules) cards(ctx context.Context) error {
	r.say("  cards")
	shown := &screen{edited: map[string]chan time.Time{}}
	outbox := bots.NewOutbox(shown, r.db.Outbox(), bots.OutboxConfig{Limits: bots.Limits{}})
	running, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- outbox.Run(running) }()
	defer func() { end(); <-ended }()
	select {
	case <-outbox.Ready():
	case err := <-ended:
		ended <- err
		return fmt.Errorf("send cards: %w", err)
	}
	config := r.config(r.db)
	config.Committed, config.Sent = outbox.Push, outbox.Sent
	runner := turn.New(config)
	defer runner.Wait()
	first, many := r.pressed, r.cardPresses()
	r.pressed += many
	var times []time.Duration
	for n := range many {
		id := r.deal(first+n, digitPressed)
		told, began := shown.watch(fmt.Sprint(id)), time.Now()
		if err := pressOrder(ctx, runner, id); err != nil {
			return err
		}
		select {
		case at := <-told:
			if n >= max(1, many/5) { // before that the outbox sends what presses of before have left, and connections learn the statements
				times = append(times, at.Sub(began))
			}
		case <-time.After(cardPatience):
			return fmt.Errorf("the card of deal %d was not edited within %s", id, cardPatience)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	r.report.cards = append(r.report.cards, sortedTimes(times))
	return nil
}

// cardPresses is how many presses of cards are watched in a round.
func (r Rules) cardPresses() int { return max(2, r.Presses/10) }
