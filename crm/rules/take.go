package rules

import (
	"time"

	"govorun/crm"
)

// takeTimer fires when the owner whom the distribution chose has not taken the deal in time.
func takeTimer(v *View, want crm.OwnerWanted, now time.Time) crm.TimerSet {
	tried := make([]any, len(want.Tried))
	for i, id := range want.Tried {
		tried[i] = int64(id)
	}
	return crm.TimerSet{
		Deal: v.Deal.ID, Kind: crm.TimerTake, Rule: want.Role, Step: len(want.Tried), Stage: v.Deal.Stage, Since: v.Deal.EnteredAt,
		DueAt: now.Add(want.Within),
		Data: crm.Fields{"owner": int64(v.Deal.Owner), "role": want.Role, "city": want.City, "skill": want.Skill, "source": want.Source,
			"pick": string(want.Pick), "cap": want.Cap, "within": want.Within.String(), "head": want.Head, "tried": tried},
	}
}

// wantedOf reads what takeTimer wrote, even if it went through JSON.
func wantedOf(t crm.TimerSet) (want crm.OwnerWanted, owner crm.EmployeeID) {
	f := t.Data
	within, _ := time.ParseDuration(f.Text("within")) // written by ourselves
	tried, _ := f["tried"].([]any)
	want = crm.OwnerWanted{Deal: t.Deal, Role: f.Text("role"), City: f.Text("city"), Skill: f.Text("skill"), Source: f.Text("source"),
		Pick: crm.Pick(f.Text("pick")), Cap: whole(f["cap"]), Within: within, Head: f.Text("head")}
	for _, id := range tried {
		want.Tried = append(want.Tried, crm.EmployeeID(whole(id)))
	}
	return want, crm.EmployeeID(whole(f["owner"]))
}

func whole(v any) int {
	n, _ := number(v)
	return int(n)
}

// PassOn does what a timer of kind take is for: an owner who has not touched the deal loses it to the next one who fits, and when all were
// asked, to the head. Touched tells whether a human touched the deal since the timer was set. The Skip says why nothing is to be done.
func (c *Cascade) PassOn(t crm.TimerSet, touched bool) ([]Done, Skip, error) {
	r, v, skip, err := c.due(t)
	if err != nil || skip != "" {
		return nil, skip, err
	}
	want, owner := wantedOf(t)
	if touched || v.Deal.Owner != owner {
		return nil, SkipTaken, nil
	}
	want.Tried = append(want.Tried, owner)
	cause := by{}.through("timer", string(crm.TimerTake), t.Deal)
	r.emit(crm.Recorded{Kind: "not_taken", Deal: t.Deal, Data: crm.Fields{"employee": owner}}, cause)
	if err := r.distribute(v, want, cause); err != nil {
		return nil, "", err
	}
	done, err := r.finish()
	return done, "", err
}
