package postgres

import "testing"

func TestWhoGetsANewDealAfterItWasFreedKeepsIt(t *testing.T) {
	c := Changes{Deals: []DealRow{{ID: 1, Owner: 3}}, DealMoves: []DealMove{{ID: 1, Stage: "next"}, {ID: 1, Free: true}, {ID: 1, Owner: 5}}}
	c.gatherDeals()
	owner := c.Deals[0].Owner
	for _, m := range c.DealMoves {
		if m.Free {
			owner = 0
		} else if m.Owner != 0 {
			owner = m.Owner
		}
	}
	if owner != 5 {
		t.Errorf("employee %d has the deal, want 5", owner)
	}
}
