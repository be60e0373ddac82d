package rules

import (
	"errors"
	"testing"

	"govorun/crm"
)

// repair is a call centre that asks technicians, and a mirror of sales and installation.
func repair() *Book {
	stages := func(names ...string) (all []*Stage) {
		for _, n := range names {
			s := &Stage{Name: n}
			switch n {
			case "done":
				s.Status = crm.DealWon
			case "refused":
				s.Status = crm.DealLost
			}
			all = append(all, s)
		}
		return all
	}
	return &Book{Head: "head", Pipelines: map[string]*Pipeline{
		"desk":    {Name: "desk", Stages: stages("unsorted", "repair", "check", "done")},
		"tech":    {Name: "tech", Stages: stages("unsorted", "work", "done", "refused")},
		"sale":    {Name: "sale", Stages: stages("new", "contract", "preparation", "mounted", "stuck", "done")},
		"install": {Name: "install", Stages: stages("unsorted", "preparation", "done", "refused")},
	}, Links: []*Link{
		{Name: "repair", From: Place{"desk", "repair"}, To: Place{"tech", "unsorted"}, Up: true, Results: []string{"cause", "refund"},
			Back:   map[string]string{"done": "check", "refused": "unsorted"},
			Fields: func(s Scene) (crm.Fields, error) { return crm.Fields{"note": s.Deal.Fields["details"]}, nil }},
		{Name: "installation", Mirror: true, From: Place{"sale", "contract"}, To: Place{"install", "unsorted"}, Up: true, Down: true,
			Keep: []string{"address", "model"}, Stages: map[string]string{"preparation": "preparation", "mounted": "done"},
			Fields: func(s Scene) (crm.Fields, error) { return crm.Fields{"model": "M1", "hint": "door"}, nil }},
	}}
}

func TestAStageOpensADealWhoseResultMovesTheOneThatOpenedIt(t *testing.T) {
	c := newCompany(t, repair())
	c.has(5, Place{"desk", "unsorted"}, func(d *crm.Deal) { d.Fields["details"] = "no cups" })
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "repair"}),
		"move 5 unsorted→repair", "open 101 tech.unsorted < link:repair", "link 5 101 child repair < link:repair")
	if d := c.deals[101].Deal; d.Fields["note"] != "no cups" || d.Parent != 5 || d.Contact != 7 || d.Title != "coffee" {
		t.Errorf("opened %+v", d)
	}
	expect(t, c.run(crm.Commented{Deal: 101, Text: "a cup was stuck"}), "comment 101 a cup was stuck", "comment 5 a cup was stuck < link:repair")
	expect(t, c.run(crm.Commented{Deal: 5, Text: "only up"}), "comment 5 only up")
	done := c.run(crm.DealChanged{Deal: 101, Fields: crm.Fields{"cause": "cup"}}, crm.DealMoved{Deal: 101, Stage: "done"})
	expect(t, done, "set 101 map[cause:cup]", "move 101 unsorted→done",
		"set 5 map[cause:cup] < link:repair", "move 5 repair→check < link:repair")
	if done[3].Origin != 101 {
		t.Errorf("the history says that %d moved the parent", done[3].Origin)
	}
}

func TestADealWithAnOpenChildOpensNoSecondOne(t *testing.T) {
	c := newCompany(t, repair())
	c.has(5, Place{"desk", "unsorted"})
	c.run(crm.DealMoved{Deal: 5, Stage: "repair"})
	c.run(crm.DealMoved{Deal: 5, Stage: "unsorted"})
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "repair"}), "move 5 unsorted→repair")
	c.run(crm.DealMoved{Deal: 101, Stage: "refused"})
	if c.stage(5) != "unsorted" {
		t.Fatalf("the refusal left the parent on %s", c.stage(5))
	}
	if c.run(crm.DealMoved{Deal: 5, Stage: "repair"}); c.deals[102] == nil {
		t.Error("after a refusal a second attempt opens nothing")
	}
}

func TestAClosedParentLearnsTheResultAndStaysClosed(t *testing.T) {
	c := newCompany(t, repair())
	c.has(5, Place{"desk", "unsorted"})
	c.run(crm.DealMoved{Deal: 5, Stage: "repair"})
	c.run(crm.DealMoved{Deal: 5, Stage: "done"})
	c.run(crm.DealChanged{Deal: 101, Fields: crm.Fields{"cause": "cup"}}, crm.DealMoved{Deal: 101, Stage: "done"})
	if d := c.deals[5].Deal; d.Stage != "done" || d.Fields["cause"] != "cup" {
		t.Errorf("the parent is %+v", d)
	}
}

func TestALinkWhoseFieldsErrStillOpensItsDeal(t *testing.T) {
	b := repair()
	b.Links[0].Fields = func(Scene) (crm.Fields, error) { return nil, errors.New("no asset") }
	c := newCompany(t, b)
	c.has(5, Place{"desk", "unsorted"})
	if _, ok := recorded(c.run(crm.DealMoved{Deal: 5, Stage: "repair"}), "rule_failed"); !ok || c.deals[101] == nil {
		t.Error("the repair is lost")
	}
}

// mirrored gives a company where sale 5 and installation 101 are a mirror.
func mirrored(t *testing.T) *company {
	c := newCompany(t, repair())
	c.has(5, Place{"sale", "new"}, func(d *crm.Deal) { d.Fields["address"] = "Abay 1" })
	c.run(crm.DealMoved{Deal: 5, Stage: "contract"})
	return c
}

func TestMirrorsBeginEqual(t *testing.T) {
	c := mirrored(t)
	sale, install := c.deals[5].Deal, c.deals[101].Deal
	if install.Fields["address"] != "Abay 1" || sale.Fields["model"] != "M1" || install.Fields["hint"] != "door" || sale.Fields["hint"] != nil {
		t.Errorf("sale %v, installation %v", sale.Fields, install.Fields)
	}
}

func TestMirrorsKeepFieldsAndStagesInStepBothWays(t *testing.T) {
	c := mirrored(t)
	expect(t, c.run(crm.DealMoved{Deal: 101, Stage: "preparation"}), "move 101 unsorted→preparation", "move 5 contract→preparation < link:installation")
	expect(t, c.run(crm.DealChanged{Deal: 5, Fields: crm.Fields{"model": "M2", "price": 10}}),
		"set 5 map[model:M2 price:10]", "set 101 map[model:M2] < link:installation")
	expect(t, c.run(crm.DealChanged{Deal: 101, Fields: crm.Fields{"model": nil}}), "set 101 map[model:<nil>]", "set 5 map[model:<nil>] < link:installation")
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "stuck"}), "move 5 preparation→stuck")
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "mounted"}), "move 5 stuck→mounted", "move 101 preparation→done < link:installation")
	if c.deals[101].Deal.Status != crm.DealWon {
		t.Error("the installation is not won")
	}
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "preparation"}), "move 5 mounted→preparation", "move 101 done→preparation < link:installation")
	expect(t, c.run(crm.Commented{Deal: 5, Text: "hi"}), "comment 5 hi", "comment 101 hi < link:installation")
}

func TestASideThatWasClosedOnAStageOfItsOwnGoesItsOwnWay(t *testing.T) {
	c := mirrored(t)
	c.run(crm.DealMoved{Deal: 101, Stage: "refused"})
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "preparation"}), "move 5 contract→preparation")
}

func TestARuleOnOneSideOfAMirrorMovesBoth(t *testing.T) {
	b := repair()
	b.Rules = []*Rule{{ID: "skip", When: Trigger{Kind: Entered, Pipeline: "install", Stage: "preparation"}, Do: sends("done")}}
	c := newCompany(t, b)
	c.has(5, Place{"sale", "contract"})
	c.run(crm.DealLinked{Deal: 5, Other: c.has(6, Place{"install", "unsorted"}).Deal.ID, Kind: crm.LinkMirror, Name: "installation"})
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "preparation"}),
		"move 5 contract→preparation", "move 6 unsorted→preparation < link:installation",
		"move 6 preparation→done < link:installation rule:skip", "move 5 preparation→mounted < link:installation rule:skip link:installation")
}

func TestMirrorsThatContradictEachOtherInACircleEnd(t *testing.T) {
	p := func(n string) *Pipeline { return &Pipeline{Name: n, Stages: []*Stage{{Name: "x"}, {Name: "y"}}} }
	b := &Book{Pipelines: map[string]*Pipeline{"a": p("a"), "b": p("b"), "c": p("c")}}
	for _, l := range [][2]string{{"a", "b"}, {"b", "c"}, {"c", "a"}} {
		b.Links = append(b.Links, &Link{Name: l[0] + l[1], Mirror: true, From: Place{l[0], "none"}, To: Place{l[1], "x"},
			Stages: map[string]string{"x": "y", "y": "x"}})
	}
	c := newCompany(t, b)
	for i, n := range []string{"a", "b", "c"} {
		c.has(crm.DealID(i+1), Place{n, "x"})
	}
	c.links = []crm.DealLinked{{Deal: 1, Other: 2, Kind: crm.LinkMirror, Name: "ab"}, {Deal: 2, Other: 3, Kind: crm.LinkMirror, Name: "bc"},
		{Deal: 3, Other: 1, Kind: crm.LinkMirror, Name: "ca"}}
	if done := c.run(crm.DealMoved{Deal: 1, Stage: "y"}); len(done) > 3 {
		t.Errorf("done: %v", play(done))
	}
}
