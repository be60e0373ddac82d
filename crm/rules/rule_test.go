package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"govorun/crm"
)

// row is a book with one pipeline of open stages and some rules.
func row(stages string, rules ...*Rule) *Book {
	p := &Pipeline{Name: "row"}
	for _, name := range strings.Fields(stages) {
		p.Stages = append(p.Stages, &Stage{Name: name})
	}
	return &Book{Head: "head", Pipelines: map[string]*Pipeline{"row": p}, Rules: rules}
}

func on(kind Kind, stage string) Trigger { return Trigger{Kind: kind, Pipeline: "row", Stage: stage} }

func TestRulesFireInTheOrderOfTheKitThoseOfTheStageLeftFirst(t *testing.T) {
	note := func(text string) func(Scene) ([]crm.Effect, error) {
		return func(s Scene) ([]crm.Effect, error) {
			return []crm.Effect{crm.Commented{Deal: s.Deal.ID, Text: text + " from " + s.From}}, nil
		}
	}
	c := newCompany(t, row("a b",
		&Rule{ID: "in", When: on(Entered, "b"), Do: note("in")}, &Rule{ID: "out", When: on(Left, "a"), Do: note("out")},
		&Rule{ID: "elsewhere", When: on(Entered, "a"), Do: note("never")},
		&Rule{ID: "unless", When: on(Entered, "b"), If: func(s Scene) (bool, error) { return s.Deal.Fields["x"] != nil, nil }, Do: note("never")},
		&Rule{ID: "too", When: on(Entered, "b"), Do: note("too")}))
	c.has(5, Place{"row", "a"})
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "b"}), "move 5 a→b",
		"comment 5 out from a < rule:out", "comment 5 in from a < rule:in", "comment 5 too from a < rule:too")
}

func TestRulesSeeAllThatWasDoneByHandAndEachOther(t *testing.T) {
	c := newCompany(t, row("a b c",
		&Rule{ID: "paid", When: on(Entered, "b"), If: func(s Scene) (bool, error) { return s.Deal.Fields["sum"] == 100, nil },
			Do: func(s Scene) ([]crm.Effect, error) {
				return []crm.Effect{crm.DealChanged{Deal: s.Deal.ID, Fields: crm.Fields{"paid": true}}}, nil
			}},
		&Rule{ID: "then", When: Trigger{Kind: Changed, Pipeline: "row", Field: "paid"}, Do: sends("c")}))
	c.has(5, Place{"row", "a"})
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "b"}, crm.DealChanged{Deal: 5, Fields: crm.Fields{"sum": 100}}),
		"move 5 a→b", "set 5 map[sum:100]", "set 5 map[paid:true] < rule:paid", "move 5 b→c < rule:paid rule:then")
}

func TestARuleThatErrsOrPanicsIsAnEventAndTheRestGoesOn(t *testing.T) {
	c := newCompany(t, row("a b",
		&Rule{ID: "errs", When: on(Entered, "b"), If: func(Scene) (bool, error) { return false, errors.New("nil has no city") }},
		&Rule{ID: "panics", When: on(Entered, "b"), Do: func(Scene) ([]crm.Effect, error) { panic("index out of range") }},
		&Rule{ID: "misses", When: on(Entered, "b"), Do: does(crm.DealMoved{Deal: 404, Stage: "b"})},
		&Rule{ID: "works", When: on(Entered, "b"), Do: does(crm.Rated{Employee: 1, Points: 2})}))
	c.has(5, Place{"row", "a"})
	done := c.run(crm.DealMoved{Deal: 5, Stage: "b"})
	expect(t, done, "move 5 a→b", "record 5 rule_failed < rule:errs", "record 5 rule_failed < rule:panics",
		"record 5 rule_failed < rule:misses", "rate 1 2 < rule:works")
	if r := done[1].Effect.(crm.Recorded); r.Data["rule"] != "errs" || r.Data["error"] != "nil has no city" {
		t.Errorf("recorded %v", r.Data)
	}
}

func TestALoopOfRulesEndsWithOneEventThatShowsTheChain(t *testing.T) {
	c := newCompany(t, row("a b", &Rule{ID: "there", When: on(Entered, "b"), Do: sends("a")}, &Rule{ID: "back", When: on(Entered, "a"), Do: sends("b")}))
	c.has(5, Place{"row", "a"})
	done := c.run(crm.DealMoved{Deal: 5, Stage: "b"})
	if len(done) != 1+maxDepth+1 {
		t.Errorf("%d effects: %v", len(done), play(done))
	}
	r, ok := recorded(done, "cascade_stopped")
	if !ok || r.Data["limit"] != "depth" || len(r.Data["chain"].([]string)) != maxDepth+1 {
		t.Errorf("recorded %v", r)
	}
}

func TestARuleThatDoesTooMuchIsStopped(t *testing.T) {
	many := make([]crm.Effect, 100)
	for i := range many {
		many[i] = crm.Rated{Employee: 1, Points: 1}
	}
	c := newCompany(t, row("a b", &Rule{ID: "many", When: on(Entered, "b"), Do: does(many...)}))
	c.has(5, Place{"row", "a"})
	done := c.run(crm.DealMoved{Deal: 5, Stage: "b"})
	if r, ok := recorded(done, "cascade_stopped"); !ok || r.Data["limit"] != "follow_ups" || len(done) != 1+maxFollow+1 {
		t.Errorf("%d effects, %v", len(done), r)
	}
}

func TestARobotsMoveThatTheBookRefusesIsToldToTheHead(t *testing.T) {
	b := row("a b", &Rule{ID: "hurry", When: Trigger{Kind: Message, Pipeline: "row"}, Do: sends("b")})
	b.Pipelines["row"].Stages[1].Enter = []string{"photo"}
	c := newCompany(t, b)
	c.has(5, Place{"row", "a"})
	expect(t, c.stored(c.cascade().Happened(Message, 5)), "record 5 move_refused < rule:hurry", "tell 5 rolehead rules.move_refused < rule:hurry")
}

func TestR03AnIdleRuleFiresOnlyForADealThatStillStandsThere(t *testing.T) {
	idle := &Rule{ID: "forgotten", When: Trigger{Kind: Idle, Pipeline: "row", Stage: "a", For: time.Hour}, Do: sends("b")}
	for name, want := range map[string]struct {
		change func(*View)
		skip   Skip
	}{
		"it stands there":        {func(*View) {}, ""},
		"it went on":             {func(v *View) { v.Deal.Stage = "b" }, SkipMoved},
		"it came back later":     {func(v *View) { v.Deal.EnteredAt = noon.Add(time.Minute) }, SkipEarly},
		"it is closed":           {func(v *View) { v.Deal.Status = crm.DealWon }, SkipClosed},
		"the clocks differ by 1": {func(v *View) { v.Deal.EnteredAt = noon.Add(time.Second) }, ""},
	} {
		c := newCompany(t, row("a b", idle))
		want.change(c.has(5, Place{"row", "a"}))
		c.now = noon.Add(time.Hour)
		skip, err := c.cascade().Why(5, "forgotten")
		fired := len(c.stored(c.cascade().Fire(5, "forgotten"))) > 0
		if err != nil || skip != want.skip || fired != (want.skip == "") {
			t.Errorf("%s: fired %v, skip %q, %v", name, fired, skip, err)
		}
	}
}

func TestHistoryOfAFiredRuleSaysSo(t *testing.T) {
	c := newCompany(t, row("a b", &Rule{ID: "forgotten", When: Trigger{Kind: Idle, Stage: "a", For: time.Hour}, Do: sends("b")},
		&Rule{ID: "next", When: on(Entered, "b"), Do: does(crm.Rated{Employee: 1, Points: -1})}))
	c.has(5, Place{"row", "a"})
	c.now = noon.Add(2 * time.Hour)
	done := c.stored(c.cascade().Fire(5, "forgotten"))
	expect(t, done, "move 5 a→b < rule:forgotten", "rate 1 -1 < rule:forgotten rule:next")
	if done[0].Origin != 5 {
		t.Errorf("origin %d", done[0].Origin)
	}
	expect(t, c.stored(c.cascade().Fire(5, "forgotten")))
	expect(t, c.stored(c.cascade().Fire(5, "unknown")))
}

func TestExplainTellsOfEveryRuleWhyItWouldNotFire(t *testing.T) {
	yes := func(Scene) (bool, error) { return true, nil }
	b := row("a b c",
		&Rule{ID: "fires", When: on(Left, "a"), If: yes, Do: sends("b")},
		&Rule{ID: "stage", When: on(Entered, "b"), Do: sends("b")},
		&Rule{ID: "pipeline", When: Trigger{Kind: Message, Pipeline: "other"}},
		&Rule{ID: "early", When: Trigger{Kind: Idle, Pipeline: "row", Stage: "a", For: time.Hour}},
		&Rule{ID: "condition", When: Trigger{Kind: Message, Pipeline: "row"}, If: func(Scene) (bool, error) { return false, nil }},
		&Rule{ID: "fails", When: Trigger{Kind: Message, Pipeline: "row"}, Do: func(Scene) ([]crm.Effect, error) { return nil, errors.New("no") }},
		&Rule{ID: "refused", When: Trigger{Kind: Message, Pipeline: "row"}, Do: sends("c")},
		&Rule{ID: "opens", When: Trigger{Kind: Message, Pipeline: "row"}, Do: func(s Scene) ([]crm.Effect, error) {
			return []crm.Effect{crm.DealOpened{Deal: crm.Deal{ID: s.NewDeal()}}}, nil
		}})
	b.Pipelines["row"].Stages[0].To = []string{"b"}
	c := newCompany(t, b)
	v := c.has(5, Place{"row", "a"})
	var got []string
	for _, l := range b.Explain(Scene{View: *v, Now: noon.Add(time.Minute), NewDeal: c.next}) {
		got = append(got, fmt.Sprint(l.Rule, " ", l.Code, " ", len(l.Effects), " ", len(l.Refused)))
		if l.Code == LineEarly && !l.Due.Equal(noon.Add(time.Hour)) {
			t.Errorf("due %s", l.Due)
		}
	}
	want := []string{"fires fires 1 0", "stage other_stage 0 0", "pipeline other_pipeline 0 0", "early early 0 0",
		"condition condition 0 0", "fails failed 0 0", "refused fires 1 1", "opens fires 1 0"}
	if !slices.Equal(got, want) {
		t.Errorf("explained %q, wanted %q", got, want)
	}
	if c.last != 100 || v.Deal.Stage != "a" {
		t.Error("a dry run did something")
	}
}

func TestWhatSupposesARefusedMoveIsLeftOut(t *testing.T) {
	b := row("a b")
	b.Pipelines["row"].Stages[1].Enter = []string{"photo"}
	c := newCompany(t, b)
	c.has(5, Place{"row", "a"})
	c.has(6, Place{"row", "a"})
	c.me = &c.staff[1]
	expect(t, c.run(crm.DealChanged{Deal: 5, Fields: crm.Fields{"x": 1}}, crm.DealMoved{Deal: 5, Stage: "b"},
		crm.Notified{Deal: 5, To: crm.ToContact, Key: "done"}, crm.Commented{Deal: 5, Text: "all is well"}, crm.Rated{Deal: 6, Employee: 1, Points: 1}),
		"set 5 map[x:1]", "record 5 move_refused", "comment 5 all is well", "rate 1 1")
	c.deals[5].Deal.Owner = 3
	expect(t, c.run(crm.DealOwned{Deal: 5, Owner: 2, Free: true}, crm.Notified{Deal: 5, To: crm.ToContact, Key: "taken"}), "record 5 take_refused")
}
