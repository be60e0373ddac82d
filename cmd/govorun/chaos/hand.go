package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"govorun/bots/simulator"
)

// hand is a person with a Telegram of their own, and the record of what they did there.
type hand struct {
	*simulator.Person
	company *company
	name    string

	mu       sync.Mutex
	sent     []Sent
	presses  map[string]time.Time
	shuffled int
	refused  bool
}

const (
	storyPatience = 100 * time.Second // for one answer, while faults strike
	pressAgain    = 12 * time.Second  // after which a button without effect is pressed again
	mostPresses   = 3                 // of one button that stays where it is
)

// enter makes a person whose name nobody else has.
func (c *company) enter(name string, id int64) *hand {
	c.mu.Lock()
	c.serial++
	if id == 0 {
		id = 100_000 + int64(c.serial)
		name = fmt.Sprintf("%s %s", name, letters(c.serial))
	}
	c.mu.Unlock()
	phone := fmt.Sprintf("7707%07d", 4_000_000+id%1_000_000)
	c.secrets.add("a phone number", phone[1:])
	p, err := c.sim.AddUser(simulator.NewUser{ID: id, FirstName: name, LanguageCode: "ru", Phone: phone})
	if err != nil {
		c.note("%v", err)
		p = c.sim.Person(id)
	}
	h := &hand{Person: p, company: c, name: name, presses: map[string]time.Time{}}
	c.mu.Lock()
	c.hands = append(c.hands, h)
	c.mu.Unlock()
	return h
}

// letters is a number in letters, as a second name: cards and searches take digits for numbers of deals.
func letters(n int) string {
	const of = "абвгдежзиклмнопрстуфхцчшэюя"
	alphabet := []rune(of)
	name := ""
	for n > 0 {
		name = string(alphabet[n%len(alphabet)]) + name
		n /= len(alphabet)
	}
	return "Ю" + name
}

// act does something and notes it.
func (h *hand) act(a simulator.Action) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	done, err := h.Do(a)
	if err != nil {
		return fmt.Errorf("%s can't %s %q: %w", h.name, a.Do, a.Text+a.Button, err)
	}
	for _, m := range done.Messages {
		h.sent = append(h.sent, Sent{Key: "m:" + strconv.FormatInt(m.ID, 10), Text: m.Text})
	}
	if done.CallbackID != "" {
		h.presses[done.CallbackID] = time.Now()
		h.sent = append(h.sent, Sent{Key: "p:" + done.CallbackID, Text: a.Button})
	}
	return nil
}

// sees waits for a message with these words after another.
func (h *hand) sees(ctx context.Context, after int64, words string) error {
	if words == "" {
		return nil
	}
	_, err := h.company.sim.WaitAfter(ctx, h.Chat, after, simulator.Contains(words))
	if err != nil {
		return fmt.Errorf("%s never sees %q", h.name, words)
	}
	return nil
}

// press waits for a button on a message with these words, the newest that has it, and presses it, again if nothing comes of it, until
// the words in then are seen; without such words, until the button has gone.
func (h *hand) press(ctx context.Context, after int64, d deed) error {
	for tries := 1; ; tries++ {
		var id int64
		if !until(ctx, 60*time.Millisecond, func() bool { id = h.button(after, d.button, d.on); return id != 0 }) {
			return fmt.Errorf("%s never gets the button %q", h.name, d.button)
		}
		if err := h.act(simulator.Action{Do: "press", MessageID: id, Button: d.button}); err != nil {
			return err
		}
		short, cancel := context.WithTimeout(ctx, pressAgain)
		var err error
		if d.then != "" {
			err = h.sees(short, after, d.then)
		} else if !until(short, 60*time.Millisecond, func() bool { return h.button(after, d.button, d.on) != id }) && tries < mostPresses {
			err = errNothing
		}
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
}

var errNothing = errors.New("nothing came of a press")

// button is the newest message after another with these words that shows a button, 0 when there is none.
func (h *hand) button(after int64, button, on string) int64 {
	view, _ := h.company.sim.View(h.Chat)
	for _, b := range slices.Backward(view.Messages) {
		if b.Message.ID <= after {
			break
		}
		if b.Deleted || b.Message.ReplyMarkup == nil || !strings.Contains(b.Message.Text+b.Message.Caption, on) {
			continue
		}
		for _, row := range b.Message.ReplyMarkup.Rows {
			for _, one := range row {
				if one.Text == button {
					return b.Message.ID
				}
			}
		}
	}
	return 0
}

// deed is what somebody does in a story, and the words that they see then. On are words of the message whose button is pressed.
type deed struct {
	who        *hand
	do         simulator.Action
	button, on string
	then       string
	reminds    int // how many deeds earlier the wait for a reminder began that this one ends; 0: none
}

// story is a row of deeds of several people.
type story struct {
	name  string
	hero  *hand
	tale  Tale
	deeds []deed
	slow  time.Duration // more patience than usual, for who waits for a reminder
}

// live plays a story and keeps its tale. One that could not be begun because the run is over leaves none.
func (c *company) live(ctx context.Context, s story) {
	marks := map[*hand]int64{}
	for _, d := range s.deeds {
		marks[d.who] = c.sim.LastID(d.who.Chat)
	}
	s.tale.Name, s.tale.Story, s.tale.Chat = s.hero.name, s.name, strconv.FormatInt(s.hero.Chat, 10)
	ended := make([]time.Time, len(s.deeds))
	for i, d := range s.deeds {
		pause(ctx, time.Duration(100+c.chance(500))*time.Millisecond) // people think
		if err := c.one(d, marks[d.who], storyPatience+s.slow); err != nil {
			s.tale.Trouble = fmt.Sprintf("step %d: %v; the chat:\n%s", i+1, err, lastLines(c.sim.Transcript(d.who.Chat), 14))
			break
		}
		ended[i] = time.Now()
		if d.reminds > 0 && ended[i].Sub(ended[i-d.reminds]) >= between-time.Second {
			s.tale.Reads = nil // faults held it up for so long that a reminder may be right
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tales = append(c.tales, s.tale)
}

// one does one deed. It goes on when the run is over: what has begun is finished.
func (c *company) one(d deed, mark int64, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if d.button != "" {
		return d.who.press(ctx, mark, d)
	}
	if d.do.Do != "" {
		if err := d.who.act(d.do); err != nil {
			return err
		}
	}
	return d.who.sees(ctx, mark, d.then)
}

func says(who *hand, text, then string) deed {
	return deed{who: who, do: simulator.Action{Do: "text", Text: text}, then: then}
}

func presses(who *hand, button, then string) deed { return deed{who: who, button: button, then: then} }

func waits(who *hand, then string) deed { return deed{who: who, then: then} }

func starts(who *hand, payload, then string) deed {
	return deed{who: who, do: simulator.Action{Do: "start", Text: payload}, then: then}
}

func sends(who *hand, what string, then string) deed {
	return deed{who: who, do: simulator.Action{Do: what, Items: make([]simulator.Item, 2), Own: true}, then: then}
}

// chat is the record of a person.
func (h *hand) chat() Chat {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := Chat{Channel: "telegram", ID: strconv.FormatInt(h.Chat, 10), Name: h.name, Sent: slices.Clone(h.sent), Shuffled: h.shuffled, Refused: h.refused}
	for i, s := range c.Sent {
		id, is := strings.CutPrefix(s.Key, "p:")
		if !is {
			continue
		}
		press, _ := h.company.sim.PressOf(id)
		c.Sent[i].At = h.presses[id]
		c.Sent[i].Lapsed = !press.Answered && time.Since(c.Sent[i].At) > pressLife
	}
	view, _ := h.company.sim.View(h.Chat)
	for _, b := range view.Messages {
		if b.FromBot {
			text := b.Message.Text + b.Message.Caption
			if len(b.Past) > 0 {
				text = b.Past[0].Text + b.Past[0].Caption
			}
			c.Seen = append(c.Seen, Seen{ID: strconv.FormatInt(b.Message.ID, 10), Text: text, Copies: 1})
		}
	}
	return c
}
