package telegram

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-telegram/bot"

	"govorun/bots"
)

// answer is what a press is acknowledged with.
type answer struct{ callback, toast string }

// Answer acknowledges a press with a toast of at most 200 letters; an empty one just stops the spinner. A press that is too
// old to be answered is no error.
func (c *Channel) Answer(ctx context.Context, callback, toast string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	params := bot.AnswerCallbackQueryParams{CallbackQueryID: callback, Text: bots.Shorten(toast, maxToast)}
	err := c.client.call(ctx, "answerCallbackQuery", &params, nil)
	var refusal *apiError
	if errors.As(err, &refusal) && (refusal.says("query is too old") || refusal.says("query_id_invalid")) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("answer a press: %w", err)
	}
	return nil
}

// answerLater leaves an answer to the pool. When presses come faster than Telegram takes answers some are dropped: the
// spinner of that button stops by itself after a while.
func (c *Channel) answerLater(callback, toast string) {
	if callback == "" {
		return
	}
	select {
	case c.answer <- answer{callback, toast}:
	default:
		c.counts.answersLost.Add(1)
	}
}

// startAnswering starts the pool; the returned function sends what is queued and ends it.
func (c *Channel) startAnswering() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	var workers sync.WaitGroup
	for range answerWorkers {
		workers.Go(func() {
			for {
				select {
				case a := <-c.answer:
					c.answerNow(ctx, a)
					continue
				default:
				}
				select {
				case a := <-c.answer:
					c.answerNow(ctx, a)
				case <-done:
					return
				}
			}
		})
	}
	return func() {
		close(done)
		timer := time.AfterFunc(confirmTimeout, cancel)
		workers.Wait()
		timer.Stop()
		cancel()
	}
}

func (c *Channel) answerNow(ctx context.Context, a answer) {
	if err := c.Answer(ctx, a.callback, a.toast); err != nil {
		c.counts.answersLost.Add(1)
		c.config.Log.Debug("press_not_answered", "channel", c.config.Name, "error", err)
	}
}
