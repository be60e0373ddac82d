package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"govorun/crm"
	"govorun/dialogs/turn"
)

// rulesSteps is what a person says in the dialog of the measured kit, the last of which opens a deal that finds its worker.
var rulesSteps = [...]crm.Inbound{
	{Kind: crm.InText, Text: "/start", Command: "start"},
	{Kind: crm.InText, Text: "Bob Lee"},
	{Kind: crm.InText, Text: "Kazan"},
}

// say is a person's step in the dialog, in the chat of the given number.
func say(ctx context.Context, runner *turn.Runner, chat, step int) error {
	id := personOf(chat)
	in := rulesSteps[step]
	in.Address, in.From = crm.Address{Channel: "telegram", Chat: id}, crm.Person{ID: id, Name: "Bob", Lang: "en"}
	in.Key, in.SentAt = fmt.Sprintf("m:%d", step), time.Now()
	_, err := runner.Accept(ctx, in)
	return err
}

// personOf is the address of a person who holds dialogs.
func personOf(number int) string { return fmt.Sprint(5000000000 + number) }

// timed is a turn that was due at a moment and committed so much later: what waited for its turn counts.
type timed struct {
	at   time.Time
	took time.Duration
}

// talk is people who write at a steady rate, whatever the answers take.
type talk struct {
	end     context.CancelFunc
	ended   chan struct{}
	mu      sync.Mutex
	turns   []timed
	failure error
}

// beginTalk lets people write, each in a new chat, Rate turns a second in all, until it is stopped.
func (r *rules) beginTalk(ctx context.Context) *talk {
	ctx, end := context.WithCancel(ctx)
	t := &talk{end: end, ended: make(chan struct{})}
	go func() {
		defer close(t.ended)
		var group sync.WaitGroup
		defer group.Wait()
		// As many chats take turns as there are turns in a second, so that each waits a second between its steps.
		places := make([]place, max(r.Rate, 1))
		every := time.Second / time.Duration(max(r.Rate, 1))
		began := time.Now()
		for n := 0; ; n++ {
			at := began.Add(time.Duration(n) * every)
			if pause(ctx, time.Until(at)) != nil {
				return
			}
			p := &places[n%len(places)]
			if p.step == 0 {
				r.chats++
				p.chat = r.chats
			}
			chat, step, before, done := p.chat, p.step, p.done, make(chan struct{})
			p.step, p.done = (p.step+1)%len(rulesSteps), done
			group.Go(func() {
				defer close(done)
				if before != nil {
					<-before
				}
				t.add(at, say(context.WithoutCancel(ctx), r.replicas[0].runner, chat, step))
			})
		}
	}()
	return t
}

// place is where one person after the other writes. Done is closed when the last step was committed.
type place struct {
	chat, step int
	done       chan struct{}
}

func (t *talk) add(at time.Time, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turns = append(t.turns, timed{at, time.Since(at)})
	t.failure = errors.Join(t.failure, err)
}

func (t *talk) stop() ([]timed, error) {
	t.end()
	<-t.ended
	return t.turns, t.failure
}
