package turn_test

import (
	"strings"
	"testing"
	"time"

	"govorun/crm"
)

// labelled tells whether a message has a button with a text in it.
func labelled(out crm.Outbound, part string) bool {
	for _, row := range out.Buttons {
		for _, b := range row {
			if strings.Contains(b.Text, part) {
				return true
			}
		}
	}
	return false
}

func TestAReminderOfAQuestionForATimeNamesNoDaysOfYesterdayAndAsksAnew(t *testing.T) {
	h := newVisits(t)
	h.startWith(changedIn(t, "../testdata/visits", "rules:\n", "rules:\n  - id: quiet\n    when: {entered: connection.new}\n"+
		"    do: [{remind: {text: order.when, after: 24h}}]\n"))
	h.asks(olga)
	if !labelled(h.last(olga), "tomorrow, 4 June") {
		t.Fatalf("asked with %v", h.last(olga).Buttons)
	}
	since := h.sofar()
	h.later(24*time.Hour + time.Minute)
	reminder := h.one(olga, since)
	if labelled(reminder, "June") || !labelled(reminder, "Another day") {
		t.Errorf("the reminder offers %v", reminder.Buttons)
	}
	h.delivered()
	h.pressOn(olga, reminder, "Another day")
	if asked := h.find(olga, "tomorrow, 5 June"); labelled(asked, "tomorrow, 4 June") {
		t.Errorf("asked anew with %v", asked.Buttons)
	}
}
