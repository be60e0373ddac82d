package dialogs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"govorun/crm"
)

func TestAMistakeInAnExpressionUndoesTheStepAndOffersAPerson(t *testing.T) {
	kit := kitOf(t, "kits/lead")
	env := benchEnv(kit)
	s := kit.Step(Session{}, text("привет"), env).Session
	if s.State != "name" {
		t.Fatalf("a greeting leads to %q", s.State)
	}
	broken := *kit.Dialogs["lead"].States["phone"]
	broken.Do = []Action{{MoveDeal: &MoveDeal{Stage: "nowhere"}}}
	kit.Dialogs["lead"].States["phone"] = &broken
	result := kit.Step(s, text("Анна"), env)
	recorded, ok := result.Effects[0].(crm.Recorded)
	if !ok || recorded.Kind != "dialog_error" || len(result.Effects) != 1 || result.Session.State != "name" {
		t.Errorf("a mistake gives %+v", result)
	}
	if pressed := kit.Step(result.Session, pressed(result.Session, ":human"), env); !pressed.HandOver {
		t.Errorf("the person who is offered doesn't come: %+v", pressed)
	}
}

func TestALoopEndsInAnApologyAndAnEvent(t *testing.T) {
	kit := kitOf(t, "kits/lead")
	loop := *kit.Dialogs["lead"]
	loop.States = map[string]*State{
		"a": {Name: "a", Next: []Branch{{To: "b"}}},
		"b": {Name: "b", Next: []Branch{{To: "a"}}},
	}
	loop.Start, loop.machine = "a", machines{}
	loop.machine = newMachines(&loop)
	kit.Dialogs["lead"] = &loop
	result := kit.Step(Session{}, text("привет"), benchEnv(kit))
	recorded, ok := result.Effects[0].(crm.Recorded)
	if !ok || recorded.Kind != "step_limit" || result.Say[0].Key != "grammar.trouble" || result.Session.Dialog != "" {
		t.Errorf("a loop gives %+v", result)
	}
}

func TestAStageThatIsNotThereIsAnErrorOfACard(t *testing.T) {
	kit := kitOf(t, vending)
	_, err := kit.Act([]Action{{MoveDeal: &MoveDeal{Stage: "nowhere"}}}, Scope{Deal: crm.Deal{ID: 1, Pipeline: "call_centre"}})
	if err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("the error is %v", err)
	}
	if _, err = kit.Act([]Action{{Attach: "photos"}, {SetDeal: map[string]*Expr{}}}, Scope{}); !errors.Is(err, errNoDeal) {
		t.Errorf("the error is %v", err)
	}
}

func TestO05_WhoTakesAFreeDealGetsItOnlyIfItIsStillFree(t *testing.T) {
	kit := kitOf(t, vending)
	take := kit.Cards["job"].Actions[0]
	scope := Scope{Deal: crm.Deal{ID: 5512, Pipeline: "call_centre", Stage: "unsorted"}, Me: &crm.Employee{ID: 3}, Now: time.Now()}
	if may, err := kit.Holds(take.If, scope); !may || err != nil {
		t.Fatalf("may take: %v, %v", may, err)
	}
	effects, err := kit.Act(take.Do, scope)
	if err != nil {
		t.Fatal(err)
	}
	if owned, ok := effects[0].(crm.DealOwned); !ok || owned.Owner != 3 || !owned.Free {
		t.Errorf("the first effect is %+v", effects[0])
	}
	if moved, ok := effects[1].(crm.DealMoved); !ok || moved.From != "unsorted" || moved.Stage != "in_work" {
		t.Errorf("the second effect is %+v", effects[1])
	}
}
