package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"govorun/crm"
)

// TestNoRuleAnswersOneThingThatHappenedTwiceAndEveryLoopIsStopped counts, for kits drawn at random, how often each rule is asked about each event.
func TestNoRuleAnswersOneThingThatHappenedTwiceAndEveryLoopIsStopped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &company{book: anyBook(t), memory: newMemory(), now: noon}
		asked := 0
		for _, rule := range c.book.Rules {
			do := rule.Do
			rule.Do = func(s Scene) ([]crm.Effect, error) {
				asked++
				return do(s)
			}
		}
		at := anyPlace(t, "first")
		effects := []crm.Effect{crm.DealOpened{Deal: crm.Deal{ID: c.next(), Pipeline: at.Pipeline, Stage: at.Stage, Fields: crm.Fields{}}}}
		for range rapid.IntRange(1, 6).Draw(t, "turns") {
			asked = 0
			done, err := c.cascade().Run(effects)
			if err != nil {
				t.Fatal(err)
			}
			c.store(done)
			happened := happenings(done)
			if most := happened * len(c.book.Rules); asked > most {
				t.Fatalf("%d rules were asked %d times about %d things that happened", len(c.book.Rules), asked, happened)
			}
			chained(t, done)
			c.now = c.now.Add(time.Minute)
			effects = []crm.Effect{anyEffect(t, c)}
		}
	})
}

// happenings counts what rules may be asked about: each effect is an event at most, and a move two, since a stage is left and another entered.
func happenings(done []Done) int { return 2*len(done) + 2 }

// chained checks that each effect of a rule tells whose doing it is, in a chain that nowhere repeats itself without end.
func chained(t *rapid.T, done []Done) {
	stopped := false
	for _, d := range done {
		if r, is := d.Effect.(crm.Recorded); is && r.Kind == "cascade_stopped" {
			if stopped {
				t.Fatal("a cascade is stopped twice")
			}
			stopped = true
		}
		rules := map[string]int{}
		for _, cause := range d.Cause {
			if what, name, named := strings.Cut(cause, ":"); !named || what == "" || name == "" {
				t.Fatalf("the cause %q names nothing", cause)
			}
			rules[cause]++
		}
		for cause, times := range rules {
			if times > maxDepth+1 {
				t.Fatalf("%s stands %d times behind %s", cause, times, fmt.Sprint(d.Effect))
			}
		}
	}
}
