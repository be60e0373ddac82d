package rules

import (
	"errors"
	"testing"

	"govorun/crm"
)

// reports is a book in which a contact reports a thing once.
func reports() *Book {
	b := row("new work done")
	b.Pipelines["row"].Stages[2].Status = crm.DealWon
	b.Unique = []*Unique{{Name: "report", Pipelines: []string{"row"}, Key: func(s Scene) (string, error) { return s.Deal.Title, nil }}}
	return b
}

func report(id crm.DealID, title string, fields crm.Fields) crm.DealOpened {
	return crm.DealOpened{Deal: crm.Deal{ID: id, Pipeline: "row", Stage: "new", Title: title, Contact: 7, Fields: fields}}
}

func TestASecondRequestJoinsTheFirstAndNothingOfItIsLost(t *testing.T) {
	c := newCompany(t, reports())
	c.run(report(5, "no cups", crm.Fields{"machine": "214"}))
	if key := c.deals[5].Deal.UniqueKey; key != "report:no cups" {
		t.Fatalf("key %q", key)
	}
	done := c.run(report(6, " No  CUPS ", crm.Fields{"machine": "215", "sum": 200}),
		crm.DealChanged{Deal: 6, Fields: crm.Fields{"phone": "+7", "machine": "216"}}, crm.DealMoved{Deal: 6, Stage: "work"}, crm.DealOwned{Deal: 6, Owner: 1},
		crm.Commented{Deal: 6, Text: "again"}, crm.Notified{Deal: 6, Role: "operator", To: crm.ToRole}, crm.Notified{Deal: 6, To: crm.ToContact, Key: "known"})
	expect(t, done, "record 5 deal_repeated", "set 5 map[sum:200]", "set 5 map[phone:+7]", "comment 5 again", "tell 5 contact known")
	if r, _ := recorded(done, "deal_repeated"); r.Data["instead"] != crm.DealID(6) || r.Data["fields"].(crm.Fields)["machine"] != "215" {
		t.Errorf("recorded %v", r.Data)
	}
}

func TestTheSameRequestEnteredAgainByHandIsRefusedAndCounted(t *testing.T) {
	c := newCompany(t, reports())
	c.run(report(5, "no cups", nil))
	c.me = &c.staff[0]
	done := c.run(report(6, "no cups", crm.Fields{"sum": 200}), crm.DealChanged{Deal: 6, Fields: crm.Fields{"phone": "+7"}}, crm.Commented{Deal: 6, Text: "again"})
	expect(t, done, "record 5 duplicate_refused", "comment 5 again")
	if r, _ := recorded(done, "duplicate_refused"); r.Data["employee"] != crm.EmployeeID(1) {
		t.Errorf("recorded %v", r.Data)
	}
}

func TestTwoEqualRequestsInOneTransactionAreOne(t *testing.T) {
	c := newCompany(t, reports())
	expect(t, c.run(report(5, "no cups", nil), report(6, "no cups", nil)), "open 5 row.new", "record 5 deal_repeated")
}

func TestARequestThatIsDoneDoesNotStandInTheWayOfANewOne(t *testing.T) {
	c := newCompany(t, reports())
	c.run(report(5, "no cups", nil))
	c.run(crm.DealMoved{Deal: 5, Stage: "done"})
	expect(t, c.run(report(6, "no cups", nil)), "open 6 row.new")
	expect(t, c.run(crm.DealMoved{Deal: 5, Stage: "work"}), "record 5 move_refused", "tell 5 rolehead rules.move_refused")
}

func TestAKeyThatErrsOrIsEmptyLimitsNothing(t *testing.T) {
	c := newCompany(t, reports())
	expect(t, c.run(report(5, " ", nil), report(6, "", nil)), "open 5 row.new", "open 6 row.new")
	c.book.Unique[0].Key = func(Scene) (string, error) { return "", errors.New("no phone") }
	expect(t, c.run(report(7, "x", nil)), "record 7 rule_failed", "open 7 row.new")
}
