package chaos

import (
	"context"
	"fmt"
	"time"

	"govorun/bots/simulator"
	walled "govorun/bots/whatsapp/simulator"
)

// victim is somebody with a chat who writes at this time: one of those who always do, or of the last ones who came.
func (s *striker) victim(c *company) *hand {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.random.IntN(2) == 0 && len(c.talkers) > 0 {
		return c.talkers[s.random.IntN(len(c.talkers))]
	}
	last := c.hands[max(0, len(c.hands)-6):]
	return last[s.random.IntN(len(last))]
}

func (s *striker) duplicate(_ context.Context, c *company) (string, error) {
	n := 2 + s.random.IntN(8)
	for _, k := range []simulator.FaultKind{simulator.Duplicate, simulator.DuplicateNewID} {
		c.sim.AddFault(simulator.Fault{Kind: k, Times: n})
	}
	return fmt.Sprintf("the next %d, and %d under new ids", n, n), nil
}

func (s *striker) reorder(_ context.Context, c *company) (string, error) {
	h := s.victim(c)
	f := simulator.Fault{Kind: simulator.Reorder, Chat: h.Chat, Times: 1}
	if s.random.IntN(2) == 0 {
		f.Kind, f.DelayMS = simulator.Delay, 500+s.random.IntN(2500)
	}
	h.mu.Lock()
	h.shuffled++
	h.mu.Unlock()
	c.sim.AddFault(f)
	return string(f.Kind), nil
}

func (s *striker) flood(_ context.Context, c *company) (string, error) {
	h, after := s.victim(c), 1+s.random.IntN(5)
	c.sim.AddFault(simulator.Fault{Kind: simulator.TooMany, Chat: h.Chat, Times: 1, RetryAfter: after})
	return fmt.Sprintf("one chat, %d s", after), nil
}

// forbid lets somebody who only came for that block the bot: others wait for answers.
func (s *striker) forbid(ctx context.Context, c *company) (string, error) {
	h := c.enter("Обида", 0)
	h.refused = true
	for _, do := range []string{"start", "text"} {
		if err := h.act(simulator.Action{Do: do, Text: map[string]string{"text": planted}[do]}); err != nil {
			return "", err
		}
	}
	c.sim.AddFault(simulator.Fault{Kind: simulator.Blocked, Chat: h.Chat, Times: 1})
	pause(ctx, 300*time.Millisecond)
	return "one person", h.act(simulator.Action{Do: "text", Text: planted})
}

func (s *striker) trouble(_ context.Context, c *company) (string, error) {
	n, code := 2+s.random.IntN(8), []int{500, 502, 504}[s.random.IntN(3)]
	c.sim.AddFault(simulator.Fault{Kind: simulator.ServerError, Code: code, Times: n})
	return fmt.Sprintf("%d calls, %d", n, code), nil
}

func (s *striker) drop(_ context.Context, c *company) (string, error) {
	n, k := 1+s.random.IntN(3), []simulator.FaultKind{simulator.DropAfter, simulator.DropBefore}[s.random.IntN(2)]
	c.sim.AddFault(simulator.Fault{Kind: k, Times: n})
	return fmt.Sprintf("%d calls, %s", n, k), nil
}

func (s *striker) loseAnswer(_ context.Context, c *company) (string, error) {
	n := 1 + s.random.IntN(4)
	c.door.losing(n)
	return fmt.Sprintf("%d answers", n), nil
}

// poisonText is what the database of a company refuses once it was poisoned.
const poisonText = "яд"

func (s *striker) poisoned(ctx context.Context, c *company) (string, error) {
	if err := c.db.Poison(ctx, poisonText); err != nil {
		return "", err
	}
	h := c.enter("Яд", 0)
	if err := h.act(simulator.Action{Do: "start"}); err != nil {
		return "", err
	}
	if err := h.act(simulator.Action{Do: "text", Text: poisonText}); err != nil {
		return "", err
	}
	c.mu.Lock()
	c.poison = append(c.poison, poisonText)
	c.mu.Unlock()
	return "one message", h.act(simulator.Action{Do: "text", Text: "после яда"})
}

func (s *striker) walledCut(_ context.Context, c *company) (string, error) {
	if s.random.IntN(2) == 0 {
		return "without a word", c.number.server.Drop(c.number.own)
	}
	return "as a server that is drained", c.number.server.Restart(c.number.own)
}

func (s *striker) walledGarble(_ context.Context, c *company) (string, error) {
	p := c.number.some()
	if p == nil {
		return "nobody writes yet", nil
	}
	p.Unreadable(1)
	p.mu.Lock()
	p.shuffled++
	p.mu.Unlock()
	return "one message", nil
}

func (s *striker) walledAck(_ context.Context, c *company) (string, error) {
	n := 1 + s.random.IntN(2)
	for range n {
		if err := c.number.server.FaultNextSend(c.number.own, walled.SendFault{NoAck: true}); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d sends", n), nil
}

func (s *striker) walledSlow(_ context.Context, c *company) (string, error) {
	f := walled.SendFault{Slow: s.seconds(1, 5)}
	if s.random.IntN(2) == 0 {
		f = walled.SendFault{Drop: true}
	}
	return fmt.Sprintf("%+v", f), c.number.server.FaultNextSend(c.number.own, f)
}
