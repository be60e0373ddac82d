package main

import (
	"path/filepath"
	"testing"
	"time"

	"govorun/crm/demo"
)

func TestTheNextTryShowsTheChatsOfTheOneBefore(t *testing.T) {
	y := startTry(t)
	first := y.scan()
	staff, _ := y.sim.View(demo.TechnicianID)
	before, _ := y.sim.View(demo.CustomerID)
	dir := filepath.Dir(y.dir)
	y.close()
	y.trial = startTryIn(t, dir).trial // closed in place of the first one

	after, ok := y.sim.View(demo.CustomerID)
	if !ok || len(after.Messages) < len(before.Messages) || after.Messages[0].Message.Text != before.Messages[0].Message.Text {
		t.Fatalf("the customer's chat was %+v and is %+v", before.Messages, after.Messages)
	}
	if again, _ := y.sim.View(demo.TechnicianID); len(again.Messages) < len(staff.Messages) || len(again.Messages) > len(staff.Messages)+1 {
		t.Errorf("the technician had %d messages and has %d", len(staff.Messages), len(again.Messages))
	}
	if _, err := y.sim.Person(demo.CustomerID).PressOn(first.ID, first.ReplyMarkup.Rows[0][0].Text); err != nil {
		t.Fatal(err)
	}
	y.answer(first.ID)
}

func TestTheClockKnowsWhatItShowedWhenSomethingHappened(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	c := openClock(file)
	before := time.Now()
	if err := c.forward(24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	between := time.Now().Add(-1) // before the second move in any case
	if err := c.forward(time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*clock{c, openClock(file)} {
		for at, want := range map[time.Time]time.Duration{before: 0, between: 24 * time.Hour, time.Now(): 25 * time.Hour} {
			if got := c.when(at).Sub(at); got != want {
				t.Errorf("%v is shown %v ahead, want %v", at, got, want)
			}
		}
	}
}

func TestTheCRMShowsTheTimeOfTheChats(t *testing.T) {
	y := startTry(t)
	if err := y.clock.forward(48 * time.Hour); err != nil {
		t.Fatal(err)
	}
	first := y.scan()
	if _, err := y.sim.Person(demo.CustomerID).Press(first.ReplyMarkup.Rows[0][0].Text); err != nil {
		t.Fatal(err)
	}
	y.answer(first.ID)
	var deals []struct {
		CreatedAt time.Time `json:"created_at"`
		EnteredAt time.Time `json:"entered_at"`
	}
	y.call("GET", "/board/deals", "", &deals)
	if len(deals) == 0 {
		t.Fatal("no deal")
	}
	if d := deals[0].CreatedAt.Sub(y.clock.now()).Abs(); d > time.Minute {
		t.Errorf("the deal was created %v, the phones show %v", deals[0].CreatedAt, y.clock.now())
	}
}
