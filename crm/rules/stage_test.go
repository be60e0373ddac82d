package rules

import (
	"errors"
	"strings"
	"testing"
	"time"

	"govorun/crm"
)

// desk is a call centre with every policy of stages.
func desk() *Book {
	return &Book{Head: "head", Pipelines: map[string]*Pipeline{
		"desk": {Name: "desk", Reasons: []string{"price", "gone"}, Missed: &Place{"missed", "new"},
			Was: map[string]string{"old": "older", "older": "unsorted", "snake": "tail", "tail": "snake"},
			Stages: []*Stage{
				{Name: "unsorted", To: []string{"work", "lost"}, Owner: &Owner{Nobody: true}, Recall: 5 * 24 * time.Hour},
				{Name: "work", Enter: []string{"phone"}, Leave: []string{"cause"}, Template: "template.work",
					Owner: wants(crm.OwnerWanted{Role: "technician", Within: 15 * time.Minute, Pick: crm.PickLoad})},
				{Name: "mine", Owner: &Owner{Mover: true}},
				{Name: "won", Status: crm.DealWon, By: []string{"head"}},
				{Name: "lost", Status: crm.DealLost},
			}},
		"missed": {Name: "missed", Stages: []*Stage{{Name: "new"}}},
	}, Rules: []*Rule{{ID: "forgotten", When: Trigger{Kind: Idle, Pipeline: "desk", Stage: "work", For: 48 * time.Hour},
		Do: func(s Scene) ([]crm.Effect, error) {
			return []crm.Effect{crm.Notified{Deal: s.Deal.ID, Role: "head", To: crm.ToRole, Card: "work"}}, nil
		}}}}
}

func TestAStageBringsItsOwnerItsTemplateAndItsTimers(t *testing.T) {
	c := newCompany(t, desk())
	c.has(5, Place{"desk", "unsorted"}).Deal.Fields["phone"] = "+7700"
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "work"}),
		"move 5 unsorted→work",
		"own 5 2 < stage:desk.work",
		"tell 5 owner rules.assigned < stage:desk.work",
		"timer 5 take technician 0 in 15m0s < stage:desk.work",
		"tell 5 contact template.work < stage:desk.work",
		"timer 5 idle forgotten 0 in 48h0m0s < stage:desk.work")
	if v := c.deals[5]; v.Owner.Name != "Tim" || !v.Deal.EnteredAt.Equal(noon) {
		t.Errorf("the view shows %+v", v)
	}
}

func TestAContactWhoOptedOutGetsNoTemplateAndTheReasonIsKept(t *testing.T) {
	c := newCompany(t, desk())
	v := c.has(5, Place{"desk", "unsorted"})
	v.Deal.Fields["phone"], v.Contact.Fields = "+7700", crm.Fields{OptedOut: true}
	done := c.run(crm.DealMoved{Deal: 5, Stage: "work"})
	if r, ok := recorded(done, "template_skipped"); !ok || r.Data["reason"] != "opted_out" {
		t.Errorf("done: %v", play(done))
	}
}

func TestWhoMovesBecomesTheOwnerAndARobotDoesNot(t *testing.T) {
	c := newCompany(t, desk())
	c.has(5, Place{"desk", "won"})
	c.me = &c.staff[0]
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "mine"}), "move 5 won→mine", "own 5 1 < stage:desk.mine")

	c = newCompany(t, desk())
	c.has(6, Place{"desk", "won"})
	c.run(crm.DealMoved{Deal: 6, Stage: "mine"})
	if c.deals[6].Deal.Owner != 9 {
		t.Errorf("a deal that moved by itself has owner %d, not the head", c.deals[6].Deal.Owner)
	}
}

func TestWhenNobodyIsThereTheHeadGetsTheDealAndIsTold(t *testing.T) {
	c := newCompany(t, desk())
	c.staff = c.staff[3:]
	c.has(5, Place{"desk", "unsorted"}).Deal.Fields["phone"] = "+7700"
	done := c.run(crm.DealMoved{Deal: 5, Stage: "work"})
	if c.deals[5].Deal.Owner != 9 || !strings.Contains(strings.Join(play(done), "\n"), "tell 5 owner rules.nobody_took") {
		t.Errorf("owner %d, done %v", c.deals[5].Deal.Owner, play(done))
	}
	c.staff = nil
	c.has(6, Place{"desk", "unsorted"}).Deal.Fields["phone"] = "+7700"
	if _, ok := recorded(c.run(crm.DealMoved{Deal: 6, Stage: "work"}), "owner_missing"); !ok {
		t.Error("a company without a head is silent about a deal that nobody owns")
	}
}

func TestADealGivenBackGoesToAnotherAndNeverToNobody(t *testing.T) {
	c := newCompany(t, desk())
	c.has(5, Place{"desk", "work"}, func(d *crm.Deal) { d.Owner = 2 })
	c.me = &c.staff[1]
	c.run(crm.DealOwned{Deal: 5})
	if owner := c.deals[5].Deal.Owner; owner != 3 {
		t.Errorf("owner %d, wanted the other technician", owner)
	}
}

func TestALostDealNeedsAReasonAndOpensOneForTheMissed(t *testing.T) {
	c := newCompany(t, desk())
	c.has(5, Place{"desk", "unsorted"}).Deal.Fields["phone"] = "+7700"
	c.me = &c.staff[0]
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "lost"}), "record 5 move_refused")
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "lost", Reason: "price"}),
		"move 5 unsorted→lost", "open 101 missed.new < link:missed", "link 5 101 child missed < link:missed")
	opened := c.deals[101].Deal
	if opened.Fields["lost_reason"] != "price" || opened.Fields["phone"] != "+7700" || opened.Parent != 5 || opened.Contact != 7 {
		t.Errorf("the missed deal is %+v", opened)
	}
	if lost := c.deals[5].Deal; lost.Status != crm.DealLost || lost.LostReason != "price" || !lost.ClosedAt.Equal(noon) {
		t.Errorf("the lost deal is %+v", lost)
	}
}

func TestTheBookSaysWhyAMoveIsRefused(t *testing.T) {
	b := desk()
	operator, head := &crm.Employee{Role: "operator"}, &crm.Employee{Role: "head"}
	at := func(stage string, fields crm.Fields) *View {
		return &View{Deal: crm.Deal{Pipeline: "desk", Stage: stage, Status: crm.DealOpen, Fields: fields}}
	}
	for name, c := range map[string]struct {
		refusal *Refusal
		code    string
		fields  string
	}{
		"no such stage":               {b.Refused(at("unsorted", nil), "moon", operator, ""), RefusedStage, ""},
		"no arrow":                    {b.Refused(at("unsorted", nil), "won", head, ""), RefusedArrow, ""},
		"another role":                {b.Refused(at("mine", nil), "won", operator, ""), RefusedRole, ""},
		"a field on entering":         {b.Refused(at("unsorted", nil), "work", operator, ""), RefusedFields, "phone"},
		"blanks are no answer":        {b.Refused(at("unsorted", crm.Fields{"phone": "  "}), "work", operator, ""), RefusedFields, "phone"},
		"a field on leaving":          {b.Refused(at("work", nil), "lost", operator, ""), RefusedFields, "cause"},
		"a reason of our own":         {b.Refused(at("unsorted", nil), "lost", operator, "mood"), RefusedReason, ""},
		"an old button":               {b.Refused(at("mine", nil), "old", operator, ""), "", ""},
		"the head may":                {b.Refused(at("mine", nil), "won", head, ""), "", ""},
		"a robot may":                 {b.Refused(at("mine", nil), "won", nil, ""), "", ""},
		"staying":                     {b.Refused(at("work", nil), "work", operator, ""), "", ""},
		"zero is an answer":           {b.Refused(at("work", crm.Fields{"cause": 0}), "unsorted", operator, ""), "", ""},
		"from a stage of former days": {b.Refused(at("old", nil), "mine", operator, ""), RefusedArrow, ""},
	} {
		got := Refusal{}
		if c.refusal != nil {
			got = *c.refusal
		}
		if got.Code != c.code || strings.Join(got.Fields, " ") != c.fields {
			t.Errorf("%s: %+v, wanted %s %s", name, got, c.code, c.fields)
		}
	}
	if r := b.Refused(at("work", nil), "lost", operator, ""); !r.Reason {
		t.Error("fields and the reason are asked for in one go")
	}
}

func TestADealMovedOnMeanwhileIsNotMovedFromWhereItWas(t *testing.T) {
	c := newCompany(t, desk())
	c.has(5, Place{"desk", "mine"})
	c.me = &c.staff[3]
	done := c.run(crm.DealMoved{Deal: 5, From: "unsorted", Stage: "won"})
	if r, ok := recorded(done, "move_refused"); !ok || r.Data["code"] != RefusedStale || c.stage(5) != "mine" {
		t.Errorf("done: %v", play(done))
	}
}

func TestD20StagesThatAreGoneLeadToThoseThatAreThere(t *testing.T) {
	b := desk()
	if p, known := b.Moved(Place{"desk", "old"}); !known || p.Stage != "unsorted" {
		t.Errorf("old leads to %v %v", p, known)
	}
	lost := b.Orphans([]Place{{"desk", "snake"}, {"desk", "old"}, {"desk", "work"}, {"desk", "moon"}, {"gone", "new"}, {"desk", "moon"}})
	if got := len(lost); got != 3 || lost[0] != (Place{"desk", "moon"}) || lost[1] != (Place{"desk", "snake"}) || lost[2] != (Place{"gone", "new"}) {
		t.Errorf("orphans: %v", lost)
	}
}

func TestO05OfTwoWhoTakeAFreeDealTheFirstWins(t *testing.T) {
	c := newCompany(t, desk())
	c.has(5, Place{"desk", "unsorted"})
	expect(t, c.run(crm.DealOwned{Deal: 5, Owner: 2, Free: true}), "own 5 2")
	done := c.run(crm.DealOwned{Deal: 5, Owner: 3, Free: true})
	if r, ok := recorded(done, "take_refused"); !ok || r.Data["owner"] != crm.EmployeeID(2) || c.deals[5].Deal.Owner != 2 {
		t.Errorf("done: %v", play(done))
	}
}

func TestAnOwnerPolicyThatErrsGivesTheDealToTheHead(t *testing.T) {
	b := desk()
	b.Pipelines["desk"].stage("work").Owner = &Owner{Want: func(Scene) (crm.OwnerWanted, error) { return crm.OwnerWanted{}, errors.New("no city") }}
	c := newCompany(t, b)
	c.has(5, Place{"desk", "unsorted"}).Deal.Fields["phone"] = "+7700"
	if _, ok := recorded(c.run(crm.DealMoved{Deal: 5, Stage: "work"}), "rule_failed"); !ok || c.deals[5].Deal.Owner != 9 {
		t.Errorf("owner %d", c.deals[5].Deal.Owner)
	}
}
