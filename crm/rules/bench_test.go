package rules

import (
	"fmt"
	"testing"
	"time"

	"govorun/crm"
)

// busy is a book of twenty rules, five of which fire when a deal comes to work, which opens a repair as well.
func busy() *Book {
	b := repair()
	b.Pipelines["desk"].stage("repair").Owner = wants(crm.OwnerWanted{Role: "technician", Within: time.Minute})
	b.Pipelines["desk"].stage("repair").Template = "template.repair"
	acts := []func(Scene) crm.Effect{
		func(s Scene) crm.Effect {
			return crm.DealChanged{Deal: s.Deal.ID, Fields: crm.Fields{"seen": s.Now.Unix()}}
		},
		func(s Scene) crm.Effect { return crm.Commented{Deal: s.Deal.ID, Text: "a repair is wanted"} },
		func(s Scene) crm.Effect { return crm.Notified{Deal: s.Deal.ID, Role: "operator", To: crm.ToRole} },
		func(s Scene) crm.Effect { return crm.Rated{Employee: s.Deal.Owner, Points: 1, Reason: "took"} },
		func(s Scene) crm.Effect { return crm.TaskAdded{Deal: s.Deal.ID, Role: "operator", Title: "call"} },
	}
	for i := range 20 {
		at := Place{"tech", "refused"}
		if i < len(acts) {
			at = Place{"desk", "repair"}
		}
		act := acts[i%len(acts)]
		b.Rules = append(b.Rules, &Rule{ID: fmt.Sprint("rule", i), When: Trigger{Kind: Entered, Pipeline: at.Pipeline, Stage: at.Stage},
			If: func(s Scene) (bool, error) { return s.Deal.Contact != 0, nil },
			Do: func(s Scene) ([]crm.Effect, error) { return []crm.Effect{act(s)}, nil }})
	}
	return b
}

// BenchmarkMoveWithFiveRulesAndALinkedDeal is a move that sets an owner, two timers and a template, fires five rules and opens a deal.
func BenchmarkMoveWithFiveRulesAndALinkedDeal(b *testing.B) {
	book, m := busy(), newMemory()
	effects := []crm.Effect{crm.DealMoved{Deal: 5, Stage: "repair"}}
	b.ReportAllocs()
	for b.Loop() {
		m.has(5, Place{"desk", "unsorted"})
		m.picked, m.last = m.picked[:0], 100
		c := &Cascade{Book: book, Memory: m, Now: noon, NewDeal: m.next}
		done, err := c.Run(effects)
		if err != nil || len(done) != 12 {
			b.Fatalf("%d effects, %v: %v", len(done), err, play(done))
		}
	}
}

// BenchmarkMoveOfAMirror is a move that the other side follows.
func BenchmarkMoveOfAMirror(b *testing.B) {
	book, m := repair(), newMemory()
	m.links = []crm.DealLinked{{Deal: 5, Other: 6, Kind: crm.LinkMirror, Name: "installation"}}
	effects := []crm.Effect{crm.DealMoved{Deal: 5, Stage: "preparation"}}
	b.ReportAllocs()
	for b.Loop() {
		m.has(5, Place{"sale", "contract"})
		m.has(6, Place{"install", "unsorted"})
		c := &Cascade{Book: book, Memory: m, Now: noon, NewDeal: m.next}
		if done, err := c.Run(effects); err != nil || len(done) != 2 {
			b.Fatalf("%d effects, %v", len(done), err)
		}
	}
}
