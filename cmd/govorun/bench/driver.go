package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// replyTime is how long a chat waits for what it is to get.
	replyTime = 10 * time.Second
	// silence is how long nothing must come after the first message for a step to be over, when the driver learns how many
	// messages answer it.
	silence = 300 * time.Millisecond
	// redeliveries bounds how often an update is posted again, every redeliverEvery, until the bot takes it.
	redeliveries   = 2000
	redeliverEvery = 5 * time.Millisecond
)

// driver holds dialogs with one bot, each in a new chat.
type driver struct {
	stub    *stub
	hook    hook
	answers [steps]int // how many messages answer each step

	chats, updates atomic.Int64
	acknowledged   atomic.Int64
	dialogs        atomic.Int64
	unanswered     atomic.Int64
	failure        atomic.Pointer[error] // the first
}

func newDriver(s *stub, h hook) *driver {
	d := &driver{stub: s, hook: h}
	start := time.Now().UnixMicro() % 1e12 // so that a second run in one database meets no chat of the first
	d.chats.Store(start)
	d.updates.Store(start % 1e9)
	return d
}

// learn plays one dialog slowly and notes how many messages answer each step.
func (d *driver) learn(ctx context.Context) error {
	c := d.enter()
	defer c.post.close()
	chat := d.chats.Add(1)
	for step := range steps {
		d.answers[step] = 1 << 30
		c.listener.want = d.answers[step]
		d.stub.listen(chat, &c.listener)
		if err := c.say(ctx, chat, step); err != nil {
			return err
		}
		last, at := 0, time.Now()
		if !until(ctx, replyTime, 10*time.Millisecond, func() bool {
			if got := d.stub.got(chat, &c.listener); got != last {
				last, at = got, time.Now()
			}
			return last > 0 && time.Since(at) > silence
		}) {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("the bot did not answer step %d of the dialog within %s", step+1, replyTime)
		}
		d.answers[step] = d.stub.deaf(chat, &c.listener)
	}
	d.dialogs.Add(1)
	return nil
}

// chatter is one person who holds one dialog after the other.
type chatter struct {
	*driver
	post     *poster
	listener listener
	timer    *time.Timer
}

func (d *driver) enter() *chatter {
	return &chatter{driver: d, post: newPoster(d.hook), listener: listener{done: make(chan time.Time, 1)}, timer: time.NewTimer(time.Hour)}
}

// say posts an update until the bot takes it, as Telegram does.
func (c *chatter) say(ctx context.Context, chat int64, step int) error {
	body := update(c.updates.Add(1), chat, step)
	for try := 1; ; try++ {
		status, err := c.post.post(body)
		if err == nil && status/100 == 2 {
			c.acknowledged.Add(1)
			return nil
		}
		if try == redeliveries {
			return fmt.Errorf("the bot does not take updates: status %d, %v", status, err)
		}
		if err := pause(ctx, redeliverEvery); err != nil {
			return err
		}
	}
}

// turn says something and waits until the bot has acknowledged it and the answer has arrived. The time is from the post to
// the last message of the answer.
func (c *chatter) turn(ctx context.Context, chat int64, step int) (took time.Duration, err error) {
	c.listener.want = c.answers[step]
	c.stub.listen(chat, &c.listener)
	began := time.Now()
	if err := c.say(ctx, chat, step); err != nil {
		c.stub.deaf(chat, &c.listener)
		return 0, err
	}
	c.timer.Reset(replyTime)
	select {
	case at := <-c.listener.done:
		c.timer.Stop()
		return at.Sub(began), nil
	case <-c.timer.C:
		c.unanswered.Add(1)
		c.stub.deaf(chat, &c.listener)
		return 0, fmt.Errorf("no answer to step %d of the dialog within %s", step+1, replyTime)
	}
}

// load is what a measurement plays.
type load struct {
	Chats   int
	Warm    time.Duration
	Measure time.Duration
	Edge    func() // is called when measuring begins and ends
}

// pace is what a measurement found. Times are sorted.
type pace struct {
	Turns float64 // a second
	Times []time.Duration
}

// at gives a quantile of the times, in milliseconds.
func (p pace) at(quant float64) float64 { return milliseconds(quantile(p.Times, quant)) }

// phases of a measurement.
const (
	warming = iota
	measuring
	ending
)

// play holds dialogs in so many chats at once.
func (d *driver) play(ctx context.Context, l load) (pace, error) {
	return l.hold(ctx, &d.failure, func() talker { return d.enter() })
}

// talker is a person who holds one dialog after the other and goes home in the end.
type talker interface {
	dialog(ctx context.Context, phase *atomic.Int32, times *[]time.Duration) error
	home()
}

func (c *chatter) home() { c.post.close() }

// hold lets so many people talk at once; enter brings one of them. Dialogs that have begun are ended, so that their deals can be
// counted. The first trouble of anybody is kept.
func (l load) hold(ctx context.Context, failure *atomic.Pointer[error], enter func() talker) (pace, error) {
	var phase atomic.Int32
	var group sync.WaitGroup
	times := make([][]time.Duration, l.Chats)
	for i := range l.Chats {
		group.Go(func() {
			person := enter()
			defer person.home()
			for phase.Load() != ending {
				if err := person.dialog(ctx, &phase, &times[i]); err != nil {
					failure.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	edge := func(p int32) {
		phase.Store(p)
		if l.Edge != nil {
			l.Edge()
		}
	}
	err := pause(ctx, l.Warm)
	edge(measuring)
	began := time.Now()
	if err == nil {
		err = pause(ctx, l.Measure)
	}
	edge(ending)
	took := time.Since(began)
	group.Wait()
	all := slices.Concat(times...)
	slices.Sort(all)
	return pace{Turns: float64(len(all)) / took.Seconds(), Times: all}, err
}

// dialog holds one dialog in a new chat and notes the times of turns that ended while measuring.
func (c *chatter) dialog(ctx context.Context, phase *atomic.Int32, times *[]time.Duration) error {
	chat := c.chats.Add(1)
	for step := range steps {
		took, err := c.turn(ctx, chat, step)
		if err != nil {
			return err
		}
		if phase.Load() == measuring {
			*times = append(*times, took)
		}
	}
	c.dialogs.Add(1)
	return nil
}

// leave opens dialogs and leaves them at the step after the given number of answers.
func (d *driver) leave(ctx context.Context, dialogs, chats, answers int) error {
	var begun atomic.Int64
	var group sync.WaitGroup
	for range chats {
		group.Go(func() {
			c := d.enter()
			defer c.post.close()
			for begun.Add(1) <= int64(dialogs) && ctx.Err() == nil {
				chat := d.chats.Add(1)
				for step := range answers {
					if _, err := c.turn(ctx, chat, step); err != nil {
						d.failure.CompareAndSwap(nil, &err)
						break
					}
				}
			}
		})
	}
	group.Wait()
	if err := d.failure.Load(); err != nil {
		return *err
	}
	return ctx.Err()
}

// seen sums up what the chats saw.
func (d *driver) seen() played {
	return played{Acknowledged: int(d.acknowledged.Load()), Dialogs: int(d.dialogs.Load()), Replies: int(d.stub.sends.Load()),
		Unanswered: int(d.unanswered.Load()), Unexpected: int(d.stub.unexpected.Load())}
}
