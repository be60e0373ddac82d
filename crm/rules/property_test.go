package rules

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"govorun/crm"
)

var (
	pipelineNames = []string{"p", "q", "r"}
	stageNames    = []string{"a", "b", "c", "d", "won", "lost"}
	fieldNames    = []string{"x", "y", "z"}
)

func anyPlace(t *rapid.T, label string) Place {
	return Place{rapid.SampledFrom(pipelineNames).Draw(t, label+" pipeline"), rapid.SampledFrom(stageNames).Draw(t, label+" stage")}
}

// anyBook draws a kit: policies, links of each kind and rules that move, set, open, own, free and panic. Two mirrors never join the
// same pipelines, since their maps could contradict each other.
func anyBook(t *rapid.T) *Book {
	b := &Book{Head: "head", Pipelines: map[string]*Pipeline{}}
	for _, name := range pipelineNames {
		b.Pipelines[name] = anyPipeline(t, name)
	}
	mirrors := rapid.SliceOfNDistinct(rapid.IntRange(0, 1), 0, 2, rapid.ID).Draw(t, "mirrors")
	for _, i := range mirrors { // p–q and q–r: a chain
		b.Links = append(b.Links, anyMirror(t, fmt.Sprint("mirror", i), pipelineNames[i], pipelineNames[i+1]))
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "children") {
		b.Links = append(b.Links, &Link{Name: fmt.Sprint("child", i), From: anyPlace(t, "from"), To: anyPlace(t, "to"),
			Back:    rapid.MapOfN(rapid.SampledFrom(stageNames), rapid.SampledFrom(stageNames), 0, 3).Draw(t, "back"),
			Results: []string{"x"}, Up: rapid.Bool().Draw(t, "up"), Down: rapid.Bool().Draw(t, "down")})
	}
	for i := range rapid.IntRange(0, 8).Draw(t, "rules") {
		b.Rules = append(b.Rules, anyRule(t, fmt.Sprint("rule", i)))
	}
	return b
}

func anyPipeline(t *rapid.T, name string) *Pipeline {
	p := &Pipeline{Name: name}
	for _, stage := range stageNames {
		s := &Stage{Name: stage, Template: rapid.SampledFrom([]string{"", "hello"}).Draw(t, "template")}
		switch stage {
		case "won":
			s.Status = crm.DealWon
		case "lost":
			s.Status = crm.DealLost
		}
		switch rapid.IntRange(0, 5).Draw(t, "owner") {
		case 0:
			s.Owner = wants(crm.OwnerWanted{Role: "technician", Within: time.Minute})
		case 1:
			s.Owner = wants(crm.OwnerWanted{Role: "nobody has it"})
		case 2:
			s.Owner = &Owner{Mover: true}
		case 3:
			s.Owner = &Owner{Want: func(Scene) (crm.OwnerWanted, error) { panic("no city") }}
		case 4:
			s.Owner = &Owner{Nobody: true}
		}
		if rapid.IntRange(0, 3).Draw(t, "strict") == 0 {
			s.To = rapid.SliceOfN(rapid.SampledFrom(stageNames), 1, 4).Draw(t, "to")
		}
		if rapid.IntRange(0, 5).Draw(t, "demanding") == 0 {
			s.Enter = []string{rapid.SampledFrom(fieldNames).Draw(t, "enter")}
		}
		p.Stages = append(p.Stages, s)
	}
	if rapid.Bool().Draw(t, "missed") {
		p.Missed = &Place{rapid.SampledFrom(pipelineNames).Draw(t, "missed pipeline"), rapid.SampledFrom(stageNames).Draw(t, "missed stage")}
	}
	return p
}

func anyMirror(t *rapid.T, name, from, to string) *Link {
	stages := rapid.MapOfN(rapid.SampledFrom(stageNames), rapid.SampledFrom(stageNames), 0, 6).Draw(t, name+" stages")
	return &Link{Name: name, Mirror: true, Stages: stages,
		From: Place{from, rapid.SampledFrom(stageNames).Draw(t, name+" from")}, To: Place{to, rapid.SampledFrom(stageNames).Draw(t, name+" to")},
		Keep:   rapid.SliceOfDistinct(rapid.SampledFrom(fieldNames), rapid.ID).Draw(t, name+" keep"),
		Fields: func(Scene) (crm.Fields, error) { return crm.Fields{"y": "first"}, nil }}
}

func anyRule(t *rapid.T, id string) *Rule {
	at := anyPlace(t, id)
	kind := rapid.SampledFrom([]Kind{Opened, Entered, Left, Changed, Message}).Draw(t, "kind")
	rule := &Rule{ID: id, When: Trigger{Kind: kind, Pipeline: at.Pipeline, Stage: at.Stage, Field: rapid.SampledFrom(fieldNames).Draw(t, "field")}}
	if kind != Entered && kind != Left {
		rule.When.Stage = ""
	}
	acts := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 3).Draw(t, "acts")
	stage, field := rapid.SampledFrom(stageNames).Draw(t, "stage"), rapid.SampledFrom(fieldNames).Draw(t, "sets")
	rule.Do = func(s Scene) (all []crm.Effect, err error) {
		for _, act := range acts {
			all = append(all, acted(s, act, stage, field))
		}
		return all, nil
	}
	return rule
}

func acted(s Scene, act int, stage, field string) crm.Effect {
	switch act {
	case 0, 1:
		return crm.DealMoved{Deal: s.Deal.ID, Stage: stage}
	case 2:
		return crm.DealChanged{Deal: s.Deal.ID, Fields: crm.Fields{field: fmt.Sprint(s.Deal.Fields[field], "+")}}
	case 3:
		return crm.DealOpened{Deal: crm.Deal{ID: s.NewDeal(), Pipeline: s.Deal.Pipeline, Stage: stage, Parent: s.Deal.ID}}
	case 4:
		return crm.DealOwned{Deal: s.Deal.ID}
	case 5:
		return crm.Commented{Deal: s.Deal.ID, Text: "seen"}
	}
	if s.Deal.Fields["x"] == nil {
		panic("x is not known")
	}
	return crm.OwnerWanted{Deal: s.Deal.ID, Role: "technician"}
}

// anyEffect draws what somebody does by hand.
func anyEffect(t *rapid.T, c *company) crm.Effect {
	id := rapid.SampledFrom(slices.Sorted(maps.Keys(c.deals))).Draw(t, "deal")
	switch rapid.IntRange(0, 6).Draw(t, "by hand") {
	case 0:
		return crm.DealOwned{Deal: id}
	case 1:
		field := rapid.SampledFrom(fieldNames).Draw(t, "field")
		return crm.DealChanged{Deal: id, Fields: crm.Fields{field: rapid.SampledFrom([]any{nil, "1", 2}).Draw(t, "value")}}
	case 2:
		at := anyPlace(t, "open")
		return crm.DealOpened{Deal: crm.Deal{ID: c.next(), Pipeline: at.Pipeline, Stage: at.Stage, Fields: crm.Fields{}}}
	case 3:
		return crm.Commented{Deal: id, Text: "hello"}
	}
	return crm.DealMoved{Deal: id, Stage: rapid.SampledFrom(stageNames).Draw(t, "to")}
}

func TestAnySequenceEndsKeepsMirrorsEqualAndLeavesNoDealWithoutAnOwner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &company{book: anyBook(t), memory: newMemory(), now: noon}
		at := anyPlace(t, "first")
		play := func(effects ...crm.Effect) {
			done, err := c.cascade().Run(effects)
			if err != nil {
				t.Fatal(err)
			}
			c.store(done)
			bounded(t, done)
			equal(t, c)
			owned(t, c)
		}
		play(crm.DealOpened{Deal: crm.Deal{ID: c.next(), Pipeline: at.Pipeline, Stage: at.Stage, Fields: crm.Fields{}}})
		for range rapid.IntRange(1, 8).Draw(t, "turns") {
			c.now = c.now.Add(time.Minute)
			if c.me = nil; rapid.Bool().Draw(t, "employee") {
				c.me = &c.staff[rapid.IntRange(0, 3).Draw(t, "who")]
			}
			var effects []crm.Effect
			for range rapid.IntRange(1, 3).Draw(t, "effects") {
				effects = append(effects, anyEffect(t, c))
			}
			play(effects...)
		}
	})
}

// bounded checks that rules and links did not go on for ever, and that each effect knows its cause. Each follow-up may bring some more at once.
func bounded(t *rapid.T, done []Done) {
	stops, longest := 0, 0
	for _, d := range done {
		if r, ok := d.Effect.(crm.Recorded); ok && r.Kind == "cascade_stopped" {
			stops++
		}
		longest = max(longest, len(d.Cause))
	}
	if len(done) > 20*maxFollow || stops > 1 || longest > maxDepth+4 {
		t.Fatalf("%d effects, %d stops, %d causes", len(done), stops, longest)
	}
}

// equal checks that both sides of each mirror show the same.
func equal(t *rapid.T, c *company) {
	for _, row := range c.links {
		link := c.book.link(row.Name)
		if row.Kind != crm.LinkMirror {
			continue
		}
		first, other := c.deals[row.Deal].Deal, c.deals[row.Other].Deal
		for _, name := range link.Keep {
			if !same(first.Fields[name], other.Fields[name]) {
				t.Fatalf("%s of %d is %v, of %d %v", name, first.ID, first.Fields[name], other.ID, other.Fields[name])
			}
		}
		here, there := link.Stages[first.Stage], false
		for _, to := range link.Stages {
			there = there || to == other.Stage
		}
		if here != "" && there && here != other.Stage {
			t.Fatalf("%d stands on %s, %d on %s (%s %v)", first.ID, first.Stage, other.ID, other.Stage, link.Name, link.Stages)
		}
	}
}

// owned checks that no deal is left alone where its stage asks for somebody.
func owned(t *rapid.T, c *company) {
	for id, v := range c.deals {
		stage := c.book.stage(c.book.here(v))
		asks := stage != nil && stage.Owner != nil && !stage.Owner.Nobody
		if asks && v.Deal.Status == crm.DealOpen && v.Deal.Owner == 0 {
			t.Fatalf("nobody owns deal %d on %s.%s", id, v.Deal.Pipeline, v.Deal.Stage)
		}
	}
}
