package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"go.mau.fi/whatsmeow/types"

	"govorun/bots/whatsapp/simulator"
)

// phones hold dialogs with one number over a simulator of WhatsApp's servers, each in a chat of a person who never wrote before: really
// encrypted on both sides, with the keys of a new person fetched in each dialog.
type phones struct {
	server  *simulator.Server
	number  types.JID
	answers [steps]int // how many messages answer each step
	photo   *stub      // makes pictures like no other

	people     atomic.Int64
	said       atomic.Int64
	dialogs    atomic.Int64
	replies    atomic.Int64
	twice      atomic.Int64 // messages that came more than once
	unanswered atomic.Int64
	failure    atomic.Pointer[error] // the first
}

func newPhones(s *simulator.Server, number types.JID) *phones {
	return &phones{server: s, number: number, photo: &stub{photo: smallPhoto()}}
}

// phone is one person, who takes a new number for each dialog.
type phone struct {
	*phones
	peer *simulator.Peer
	seen map[string]bool // answers by their ids
}

func (p *phones) enter() *phone { return &phone{phones: p} }

func (p *phone) home() {}

// renew takes a new number.
func (p *phone) renew() {
	n := p.people.Add(1)
	p.peer = p.server.NewPeer("Ann Lee", types.NewJID(fmt.Sprintf("7999%07d", n), types.DefaultUserServer), types.NewJID(fmt.Sprintf("8%014d", n), types.HiddenUserServer))
	p.peer.UseLID(true)
	p.seen = map[string]bool{}
}

// say sends what the person says at a step.
func (p *phone) say(ctx context.Context, step int) (err error) {
	switch step {
	case 4:
		_, err = p.peer.SendFile(ctx, p.number, simulator.File{Kind: "image", Data: p.photo.anotherPhoto()})
	default:
		_, err = p.peer.SendText(ctx, p.number, [steps]string{"/start", "Ann Lee", "+79161234567", "Kazan", "", "yes"}[step])
	}
	if err == nil {
		p.phones.said.Add(1)
	}
	return err
}

// hear waits for the next answer.
func (p *phone) hear(ctx context.Context) error {
	b, err := p.peer.WaitBubble(ctx, p.number, func(b simulator.Bubble) bool { return !b.Mine && b.Kind == "text" && !p.seen[b.ID] })
	if err == nil {
		p.seen[b.ID] = true
		p.replies.Add(1)
	}
	return err
}

// turn says something and waits until all that answers it stands on the phone.
func (p *phone) turn(ctx context.Context, step int) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, replyTime)
	defer cancel()
	began := time.Now()
	if err := p.say(ctx, step); err != nil {
		return 0, err
	}
	for range p.answers[step] {
		if err := p.hear(ctx); err != nil {
			p.unanswered.Add(1)
			return 0, fmt.Errorf("no answer to step %d of the dialog within %s", step+1, replyTime)
		}
	}
	return time.Since(began), nil
}

func (p *phone) dialog(ctx context.Context, phase *atomic.Int32, times *[]time.Duration) error {
	p.renew()
	for step := range steps {
		took, err := p.turn(ctx, step)
		if err != nil {
			return err
		}
		if phase.Load() == measuring {
			*times = append(*times, took)
		}
	}
	p.dialogs.Add(1)
	p.lookTwice()
	return nil
}

// lookTwice counts what came twice, and answers that nobody waited for.
func (p *phone) lookTwice() {
	for _, b := range p.peer.Screen(p.number) {
		if !b.Mine && (b.Copies > 1 || !p.seen[b.ID]) {
			p.twice.Add(1)
		}
	}
}

// learn plays one dialog slowly and notes how many messages answer each step.
func (p *phones) learn(ctx context.Context) error {
	one := p.enter()
	one.renew()
	for step := range steps {
		if err := one.say(ctx, step); err != nil {
			return err
		}
		for wait := replyTime; ; wait = silence {
			next, cancel := context.WithTimeout(ctx, wait)
			err := one.hear(next)
			cancel()
			if err != nil {
				break
			}
			p.answers[step]++
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if p.answers[step] == 0 {
			return fmt.Errorf("the number did not answer step %d of the dialog within %s", step+1, replyTime)
		}
	}
	p.dialogs.Add(1)
	return nil
}

// play holds dialogs on so many phones at once.
func (p *phones) play(ctx context.Context, l load) (pace, error) {
	return l.hold(ctx, &p.failure, func() talker { return p.enter() })
}

// heard sums up what the phones saw.
func (p *phones) heard() played {
	return played{Acknowledged: int(p.said.Load()), Dialogs: int(p.dialogs.Load()), Replies: int(p.replies.Load()),
		Unanswered: int(p.unanswered.Load()), Unexpected: int(p.twice.Load())}
}
