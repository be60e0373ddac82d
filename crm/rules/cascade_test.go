package rules

import (
	"encoding/json"
	"errors"
	"testing"

	"govorun/crm"
)

// broken is a memory whose links can't be read.
type broken struct{ *memory }

var errAway = errors.New("the database is away")

func (broken) Links(crm.DealID) ([]crm.DealLinked, error) { return nil, errAway }

func TestAnErrorOfTheMemoryEndsTheWholeAct(t *testing.T) {
	c := newCompany(t, repair())
	c.has(5, Place{"desk", "unsorted"})
	cascade := c.cascade()
	cascade.Memory = broken{c.memory}
	if done, err := cascade.Run([]crm.Effect{crm.DealMoved{Deal: 5, Stage: "repair"}}); !errors.Is(err, errAway) || done != nil {
		t.Errorf("done %v, %v", play(done), err)
	}
	if _, err := cascade.Run([]crm.Effect{crm.DealMoved{Deal: 404, Stage: "repair"}}); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("a move by hand of a deal that is not there: %v", err)
	}
}

func TestRulesSeeWhatTheSameActTellsOfTheContact(t *testing.T) {
	c := newCompany(t, row("a b", &Rule{ID: "vip", When: on(Entered, "b"),
		If: func(s Scene) (bool, error) {
			return s.Contact.Phone == "+7700" && s.Contact.Fields["vip"] == true && s.Contact.Fields["old"] == nil, nil
		},
		Do: does(crm.Rated{Contact: 7, Points: 1})}))
	c.has(5, Place{"row", "a"}).Contact.Fields = crm.Fields{"old": 1}
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "b"},
		crm.ContactChanged{Contact: 7, Name: "Bob", Phone: "+7700", Lang: "ru", Fields: crm.Fields{"vip": true, "old": nil}}),
		"move 5 a→b", "crm.ContactChanged", "rate 0 1 < rule:vip")
}

func TestOfTwoMirroredDealsThatAreLostOneIsCollected(t *testing.T) {
	b := repair()
	b.Pipelines["missed"] = &Pipeline{Name: "missed", Stages: []*Stage{{Name: "new"}}}
	b.Pipelines["sale"].Stages = append(b.Pipelines["sale"].Stages, &Stage{Name: "gone", Status: crm.DealLost})
	b.Pipelines["sale"].Missed, b.Pipelines["install"].Missed = &Place{"missed", "new"}, &Place{"missed", "new"}
	b.link("installation").Stages["gone"] = "refused"
	c := newCompany(t, b)
	c.has(5, Place{"sale", "contract"})
	c.has(6, Place{"install", "unsorted"})
	c.links = []crm.DealLinked{{Deal: 5, Other: 6, Kind: crm.LinkMirror, Name: "installation"}}
	expect(t, c.run(crm.DealMoved{Deal: 6, Stage: "refused", Reason: "price"}), "move 6 unsorted→refused", "move 5 contract→gone < link:installation",
		"open 101 missed.new < link:missed", "link 6 101 child missed < link:missed")
}

func TestNumbersAreEqualWhateverTheirType(t *testing.T) {
	for _, pair := range [][2]any{{1, 1.0}, {int64(2), json.Number("2")}, {crm.DealID(3), 3}, {nil, nil}, {[]any{"a"}, []any{"a"}}, {true, true}} {
		if !same(pair[0], pair[1]) || !same(pair[1], pair[0]) {
			t.Errorf("%#v and %#v differ", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]any{{1, "1"}, {nil, ""}, {false, nil}, {0, false}, {[]any{"a"}, []any{"b"}}} {
		if same(pair[0], pair[1]) || same(pair[1], pair[0]) {
			t.Errorf("%#v and %#v are the same", pair[0], pair[1])
		}
	}
}
