package rules

import (
	"encoding/json"
	"testing"
	"time"

	"govorun/crm"
)

// stored is a timer as it comes back from a table.
func stored(t *testing.T, timer crm.TimerSet) crm.TimerSet {
	t.Helper()
	b, err := json.Marshal(timer.Data)
	if err != nil {
		t.Fatal(err)
	}
	timer.Data = nil
	if err := json.Unmarshal(b, &timer.Data); err != nil {
		t.Fatal(err)
	}
	return timer
}

// timerOf finds the timer of a kind.
func timerOf(t *testing.T, done []Done, kind crm.TimerKind) crm.TimerSet {
	t.Helper()
	for _, d := range done {
		if timer, ok := d.Effect.(crm.TimerSet); ok && timer.Kind == kind {
			return stored(t, timer)
		}
	}
	t.Fatalf("no timer %s in %v", kind, play(done))
	return crm.TimerSet{}
}

func TestADealThatIsNotTakenPassesOnUntilTheHeadHasIt(t *testing.T) {
	c := newCompany(t, desk())
	c.has(5, Place{"desk", "unsorted"}).Deal.Fields["phone"] = "+7700"
	timer := timerOf(t, c.run(crm.DealMoved{Deal: 5, Stage: "work"}), crm.TimerTake)
	pass := func(touched bool) ([]Done, Skip) {
		c.now = c.now.Add(15 * time.Minute)
		done, skip, err := c.cascade().PassOn(timer, touched)
		return c.stored(done, err), skip
	}
	if done, skip := pass(true); len(done) > 0 || skip != SkipTaken {
		t.Errorf("a deal that was touched: %v %q", play(done), skip)
	}
	done, _ := pass(false)
	expect(t, done, "record 5 not_taken < timer:take", "own 5 3 < timer:take", "tell 5 owner rules.assigned < timer:take",
		"timer 5 take technician 1 in 45m0s < timer:take")
	if done, skip := pass(false); len(done) > 0 || skip != SkipTaken {
		t.Errorf("an old timer passed on the deal of another: %v", play(done))
	}
	timer = timerOf(t, done, crm.TimerTake)
	done, _ = pass(false)
	expect(t, done, "record 5 not_taken < timer:take", "own 5 9 < timer:take", "tell 5 owner rules.nobody_took < timer:take")
	if want := c.picked[len(c.picked)-1]; len(want.Tried) != 2 || want.Within != 15*time.Minute || want.Pick != crm.PickLoad {
		t.Errorf("the last one was looked for as %+v", want)
	}
	c.run(crm.DealChanged{Deal: 5, Fields: crm.Fields{"cause": "x"}}, crm.DealMoved{Deal: 5, Stage: "mine"})
	if _, skip := pass(false); skip != SkipMoved {
		t.Errorf("skip %q", skip)
	}
}

func TestUnprocessedDealsAreShownAgainAndAgain(t *testing.T) {
	c := newCompany(t, desk())
	c.has(5, Place{"desk", "mine"}).Deal.Fields["phone"] = "+7700"
	timer := timerOf(t, c.run(crm.DealMoved{Deal: 5, Stage: "unsorted"}), crm.TimerRecall)
	c.now = timer.DueAt.Add(30 * 24 * time.Hour) // after a long outage: once
	done, skip, err := c.cascade().Recall(timer, false)
	expect(t, c.stored(done, err), "record 5 deal_recalled < stage:desk.unsorted", "tell 5 rolehead rules.recalled < stage:desk.unsorted",
		"timer 5 recall desk.unsorted 1 in 960h0m0s < stage:desk.unsorted")
	if skip != "" {
		t.Errorf("skip %q", skip)
	}
	done, skip, err = c.cascade().Recall(timerOf(t, done, crm.TimerRecall), true)
	if expect(t, c.stored(done, err), "timer 5 recall desk.unsorted 2 in 960h0m0s < stage:desk.unsorted"); skip != SkipTaken {
		t.Errorf("skip %q", skip)
	}
}

func TestRemindersHaveABoundAndThenAHumanCalls(t *testing.T) {
	plan := Reminding{Text: "remind.docs", Every: 48 * time.Hour, Max: 2, Task: &Call{Title: "Call Bob", Due: 24 * time.Hour, Points: -1}}
	first := crm.TimerSet{Deal: 5, Kind: crm.TimerRemind, Rule: "docs", Stage: "work", Since: noon, DueAt: noon.Add(24 * time.Hour)}
	at := func(step int) crm.TimerSet { t := first; t.Step = step; return t }
	for name, m := range map[string]struct {
		Reminder
		change func(*View)
		skip   Skip
		want   []string
	}{
		"the first": {Reminder{Timer: first, Bound: 2}, nil, "",
			[]string{"tell 5 contact remind.docs < timer:remind", "timer 5 remind docs 1 in 72h0m0s < timer:remind"}},
		"the last": {Reminder{Timer: at(1), Sent: 1, Bound: 2}, nil, "",
			[]string{"tell 5 contact remind.docs < timer:remind", "timer 5 remind docs 2 in 72h0m0s < timer:remind"}},
		"after it":            {Reminder{Timer: at(2), Sent: 2, Bound: 5}, nil, SkipBound, []string{"task 5 Call Bob for 2 < timer:remind"}},
		"bound of the kit":    {Reminder{Timer: first, Sent: 2, Bound: 2}, nil, SkipBound, []string{"task 5 Call Bob for 2 < timer:remind"}},
		"answered":            {Reminder{Timer: first, Bound: 2, Answered: true}, nil, SkipAnswered, nil},
		"R09 blocked":         {Reminder{Timer: first, Bound: 2, Blocked: true}, nil, SkipBlocked, []string{"task 5 Call Bob for 2 < timer:remind"}},
		"R04 in the night":    {Reminder{Timer: first, Bound: 2, Quiet: noon.Add(30 * time.Hour)}, nil, SkipQuiet, nil},
		"closed":              {Reminder{Timer: first, Bound: 2}, func(v *View) { v.Deal.Status = crm.DealWon }, SkipClosed, nil},
		"on another stage":    {Reminder{Timer: first, Bound: 2}, func(v *View) { v.Deal.Stage = "mine" }, SkipMoved, nil},
		"wants no robots":     {Reminder{Timer: first, Bound: 2}, func(v *View) { v.Contact.Fields = crm.Fields{OptedOut: true} }, SkipOptedOut, []string{"task 5 Call Bob for 2 < timer:remind"}},
		"nobody owns it":      {Reminder{Timer: at(2), Bound: 2}, func(v *View) { v.Deal.Owner = 0 }, SkipBound, []string{"task 5 Call Bob for 0head < timer:remind"}},
		"the deal is no more": {Reminder{Timer: crm.TimerSet{Deal: 404}, Bound: 2}, nil, SkipGone, nil},
	} {
		c := newCompany(t, desk())
		v := c.has(5, Place{"desk", "work"}, func(d *crm.Deal) { d.Owner = 2 })
		if m.change != nil {
			m.change(v)
		}
		c.now = noon.Add(24 * time.Hour)
		m.Plan = plan
		done, skip, err := c.cascade().Remind(m.Reminder)
		t.Run(name, func(t *testing.T) {
			if expect(t, done, m.want...); skip != m.skip || err != nil {
				t.Errorf("skip %q, %v", skip, err)
			}
		})
	}
}

func TestATaskNotDoneCostsPointsAndTheHeadHears(t *testing.T) {
	c := newCompany(t, desk())
	c.book.Rules = append(c.book.Rules, &Rule{ID: "late", When: Trigger{Kind: TaskOverdue, Pipeline: "desk"}, Do: does(crm.Rated{Employee: 9, Points: -1})})
	c.has(5, Place{"desk", "work"})
	task := Task{Deal: 5, Assignee: 2, Title: "Call Bob", Points: -3}
	done, _, err := c.cascade().Overdue(task)
	expect(t, c.stored(done, err), "record 5 task_overdue < timer:task", "rate 2 -3 < timer:task", "tell 5 rolehead rules.task_overdue < timer:task",
		"rate 9 -1 < timer:task rule:late")
	task.Done = true
	if done, skip, _ := c.cascade().Overdue(task); len(done) > 0 || skip != SkipDone {
		t.Errorf("a task that is done: %v %q", play(done), skip)
	}
}

func TestTimersOfStagesThatWereRenamedStillCount(t *testing.T) {
	c := newCompany(t, desk())
	v := c.has(5, Place{"desk", "unsorted"})
	if skip := c.book.Stale(crm.TimerSet{Deal: 5, Stage: "old", Since: noon}, v); skip != "" {
		t.Errorf("skip %q", skip)
	}
}
