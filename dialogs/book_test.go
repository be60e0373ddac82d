package dialogs

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"govorun/crm"
	"govorun/crm/rules"
)

var noon = time.Date(2026, 5, 12, 9, 0, 0, 0, time.UTC)

// eve's scene: a deal of Bob about machine 214 in Almaty, opened by another.
func scene() rules.Scene {
	return rules.Scene{
		View: rules.View{
			Deal: crm.Deal{
				ID: 7, Pipeline: "technicians", Stage: "in_work", Status: crm.DealOpen, Title: "stuck", Contact: 3, Asset: 214, Owner: 5,
				Fields: crm.Fields{"source": "flyer", "price": 1500.0}, EnteredAt: noon.Add(-time.Hour),
			},
			Contact: crm.Contact{ID: 3, Name: "Bob", Phone: "+77071234567"},
			Asset:   crm.Asset{ID: 214, Code: "214", City: "Almaty"},
			Parent:  &rules.View{Deal: crm.Deal{ID: 6, Pipeline: "call_centre", Stage: "repair", Fields: crm.Fields{"address": "Abay 10"}}},
		},
		Now: noon, From: "repair", NewDeal: func() crm.DealID { return 8 },
	}
}

func ruleOf(t *testing.T, book *rules.Book, id string) *rules.Rule {
	t.Helper()
	for _, rule := range book.Rules {
		if rule.ID == id {
			return rule
		}
	}
	t.Fatalf("there is no rule %s", id)
	return nil
}

func TestARuleOfTheKitIsAFunctionOverAScene(t *testing.T) {
	rule := ruleOf(t, kitOnce(t, service).Book, "forgotten")
	if want := (rules.Trigger{Kind: rules.Idle, Pipeline: "technicians", Stage: "in_work", For: 48 * time.Hour}); rule.When != want {
		t.Errorf("it waits for %+v", rule.When)
	}
	s := scene()
	if holds, err := rule.If(s); !holds || err != nil {
		t.Errorf("it holds: %v, %v", holds, err)
	}
	s.Parent = nil
	if holds, err := rule.If(s); holds || err != nil {
		t.Errorf("without a parent it holds: %v, %v", holds, err)
	}
	effects, err := rule.Do(scene())
	want := []crm.Effect{
		crm.OwnerWanted{Deal: 7, Role: "technician", City: "Almaty", Pick: crm.PickLoad, Head: "manager"},
		crm.TaskAdded{Deal: 7, Assignee: 5, Owner: true, Role: "manager", Title: "Why does No. 7 stand still?", DueAt: noon.Add(4 * time.Hour), Points: -1, Card: "job"},
		crm.Rated{Employee: 5, Deal: 7, Points: -2, Reason: "rating.forgotten"},
		crm.Notified{Deal: 7, Role: "manager", Card: "job", To: crm.ToRole},
	}
	if diff := cmp.Diff(want, effects); diff != "" || err != nil {
		t.Errorf("it does (%v):\n%s", err, diff)
	}
}

func TestADealThatARuleOpensIsAboutTheSameAndKnowsItsParent(t *testing.T) {
	effects, err := ruleOf(t, kitOnce(t, service).Book, "expensive").Do(scene())
	if err != nil || len(effects) != 3 {
		t.Fatalf("the effects are %v, %v", effects, err)
	}
	opened := effects[0].(crm.DealOpened).Deal
	if opened.ID != 8 || opened.Parent != 7 || opened.Asset != 214 || opened.Contact != 3 || opened.Title != "stuck" || opened.Fields["price"] != 1500.0 {
		t.Errorf("the deal is %+v", opened)
	}
	if changed := effects[1].(crm.DealChanged); changed.Deal != 8 || changed.Fields["big"] != true {
		t.Errorf("the second effect is %+v", changed)
	}
	if moved := effects[2].(crm.DealMoved); moved.Deal != 8 || moved.From != "talks" || moved.Stage != "contract" {
		t.Errorf("the third effect is %+v", moved)
	}
}

func TestStagesLinksAndKeysOfTheKitAreInItsBook(t *testing.T) {
	book := kitOnce(t, service).Book
	p := book.Pipelines["call_centre"]
	if cmp.Diff([]string{"no_part", "not_ours"}, p.Reasons) != "" || *p.Missed != (rules.Place{Pipeline: "missed", Stage: "new"}) || p.Was["new"] != "unsorted" {
		t.Errorf("the pipeline is %+v", p)
	}
	unsorted, repair, check := p.Stages[0], p.Stages[1], p.Stages[2]
	want, err := unsorted.Owner.Want(scene())
	if diff := cmp.Diff(crm.OwnerWanted{
		Deal: 7, Role: "operator", City: "Almaty", Skill: "calls", Source: "flyer", Pick: crm.PickQueue, Cap: 20, Within: 15 * time.Minute, Head: "manager",
	}, want); diff != "" || err != nil {
		t.Errorf("the owner is %v:\n%s", err, diff)
	}
	if unsorted.Recall != 5*24*time.Hour || !repair.Owner.Mover || repair.Template != "template.repair" || repair.Enter[0] != "phone" || !check.Owner.Nobody || check.Leave[0] != "cause" {
		t.Errorf("the stages are %+v, %+v, %+v", unsorted, repair, check)
	}
	child, mirror := book.Links[0], book.Links[1]
	if child.Mirror || !child.Up || !child.Down || child.Back["refused"] != "unsorted" || child.Back["done"] != "check" || child.From.String() != "call_centre.repair" {
		t.Errorf("the link is %+v", child)
	}
	fields, err := child.Fields(scene())
	if diff := cmp.Diff(crm.Fields{"note": "stuck, 214"}, fields); diff != "" || err != nil {
		t.Errorf("the fields are %v:\n%s", err, diff)
	}
	if !mirror.Mirror || mirror.Stages["mounted"] != "done" || cmp.Diff([]string{"address", "due"}, mirror.Keep) != "" || !mirror.Up || mirror.Down {
		t.Errorf("the mirror is %+v", mirror)
	}
	if key, err := book.Unique[0].Key(scene()); key != "+77071234567stuck214" || err != nil {
		t.Errorf("the key is %q, %v", key, err)
	}
	if book.Head != "manager" {
		t.Errorf("the head is %q", book.Head)
	}
}

func TestAMistakeOfARuleIsAnErrorOfTheRule(t *testing.T) {
	kit := kitOf(t, service)
	broken, err := compileExpr(`deal.fields.price + deal.title`, ruleEnv(), false)
	if err != nil {
		t.Fatal(err)
	}
	kit.Rules[1].Do = []Action{{Comment: broken}}
	if effects, err := kit.book().Rules[1].Do(scene()); err == nil || !strings.Contains(err.Error(), "deal.title") {
		t.Errorf("it gives %v, %v", effects, err)
	}
}

func TestR04_ARemindersTimerIsFoundAgainAndKeepsOutOfTheNight(t *testing.T) {
	kit := kitOnce(t, service)
	s := scene()
	s.Deal.Pipeline, s.Deal.Stage = "call_centre", "check"
	s.Now = at(t, "2026-05-12T22:00:00Z") // three in the morning in Almaty
	effects, err := ruleOf(t, kit.Book, "silent").Do(s)
	if err != nil {
		t.Fatal(err)
	}
	timer := effects[0].(crm.TimerSet)
	if timer.Kind != crm.TimerRemind || timer.Rule != "silent/1" || timer.Step != 0 || timer.Stage != "check" || !timer.Since.Equal(s.Deal.EnteredAt) ||
		!timer.DueAt.Equal(at(t, "2026-05-14T08:30:00+05:00")) {
		t.Errorf("the timer is %+v", timer)
	}
	if effects[1] != (crm.Commented{Deal: 7, Text: "from repair"}) {
		t.Errorf("the comment is %+v", effects[1])
	}
	plan, known := kit.Reminding(timer.Rule, kit.Scope(s))
	if diff := cmp.Diff(rules.Reminding{
		Text: "remind.check", Every: 48 * time.Hour, Max: 2, Task: &rules.Call{Title: "Call Bob", Due: 24 * time.Hour, Points: -1},
	}, plan); diff != "" || !known {
		t.Errorf("the plan differs:\n%s", diff)
	}
	if args := kit.Args(plan.Text, kit.Scope(s)); args["contact"].(map[string]any)["name"] != "Bob" || args["deal"].(map[string]any)["id"] != 7 {
		t.Errorf("the text shows %v", args)
	}
	if r := kit.Reminder("job/later/2"); r == nil || r.Max != 1 || r.After != 3*time.Hour || kit.Reminder("job/later/1").Max != 2 {
		t.Errorf("the second reminder of a card is %+v", r)
	}
	if _, known := kit.Reminding("gone/1", Scope{}); known || kit.Reminder("gone/1") != nil {
		t.Error("what is gone is known")
	}
}

func TestRobotsDoNotRateThemselves(t *testing.T) {
	kit := kitOnce(t, service)
	rate := func(who string, scope Scope) []crm.Effect {
		effects, err := kit.Act([]Action{{Rate: &Rate{Who: who, Points: 1, Reason: "rating.forgotten"}}}, scope)
		if err != nil {
			t.Fatal(err)
		}
		return effects
	}
	if got := rate("me", Scope{Deal: crm.Deal{ID: 1}}); len(got) != 0 {
		t.Errorf("a robot rates %v", got)
	}
	if got := rate("owner", Scope{Deal: crm.Deal{ID: 1}}); len(got) != 0 {
		t.Errorf("nobody is rated: %v", got)
	}
	if got := rate("me", Scope{Me: &crm.Employee{ID: 9}}); got[0].(crm.Rated).Employee != 9 {
		t.Errorf("me is %v", got)
	}
}

func TestADealOnAStageThatIsGoneStandsWhereItsDealsGo(t *testing.T) {
	kit := kitOnce(t, service)
	scope := Scope{Deal: crm.Deal{ID: 1, Pipeline: "call_centre", Stage: "new"}, Lang: "en", Now: noon}
	here, err := compileExpr(`deal.stage == "unsorted"`, ruleEnv(), true)
	if err != nil {
		t.Fatal(err)
	}
	if holds, err := kit.Holds(here, scope); !holds || err != nil {
		t.Errorf("it stands there: %v, %v", holds, err)
	}
	if args := kit.Args("template.repair", scope); args["deal"].(map[string]any)["stage"] != "Unsorted" {
		t.Errorf("it is shown as %v", args["deal"])
	}
	if kit.StageNow("call_centre", "never") != "never" || kit.StageNow("nothing", "new") != "new" || kit.StageNow("call_centre", "check") != "check" {
		t.Error("other stages have other names")
	}
}

func TestATextShowsTheCityAndTheReasonOfALoss(t *testing.T) {
	kit := kitOnce(t, service)
	scope := kit.Scope(scene())
	scope.Deal.Pipeline, scope.Deal.Stage, scope.Deal.LostReason = "call_centre", "refused", "no_part"
	deal := kit.Args("card.job", scope)["deal"].(map[string]any)
	if deal["reason"] != "No spare part" || deal["city"] != "Almaty" || deal["region"] != "south" {
		t.Errorf("the text shows %v", deal)
	}
}
