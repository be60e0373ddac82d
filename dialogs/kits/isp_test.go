package kits_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/rules"
	"govorun/dialogs"
	"govorun/dialogs/kits"
	"govorun/dialogs/staff"
)

var (
	ispNow   = time.Date(2026, 5, 12, 10, 0, 0, 0, time.UTC)
	olga     = crm.Employee{ID: 31, Name: "Ольга", Role: "manager", City: "Казань", Active: true}
	airat    = crm.Employee{ID: 32, Name: "Айрат", Role: "installer", City: "Казань", Active: true}
	vera     = crm.Employee{ID: 33, Name: "Вера", Role: "head", City: "Казань", Active: true}
	ispSales = []string{"sales_private", "sales_business", "sales_partner"}
)

func ispKit(t *testing.T) *dialogs.Kit {
	t.Helper()
	folder, err := kits.FS("isp")
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return kit
}

// ispBase is a CRM in memory, where everybody is at work.
type ispBase struct {
	deals map[crm.DealID]*rules.View
	links []crm.DealLinked
}

func (b *ispBase) Deal(id crm.DealID) (*rules.View, error) {
	if v := b.deals[id]; v != nil {
		return v, nil
	}
	return nil, crm.ErrNotFound
}

func (b *ispBase) Open(d crm.Deal) (*rules.View, error) {
	b.deals[d.ID] = &rules.View{Deal: d, Contact: crm.Contact{ID: d.Contact, Name: "Анна", Phone: "+79161234567"}}
	return b.deals[d.ID], nil
}

func (b *ispBase) Links(id crm.DealID) ([]crm.DealLinked, error) {
	var own []crm.DealLinked
	for _, l := range b.links {
		if l.Deal == id || l.Other == id {
			own = append(own, l)
		}
	}
	return own, nil
}

func (b *ispBase) Same(string) (crm.DealID, error)              { return 0, nil }
func (b *ispBase) Pick(crm.OwnerWanted) (crm.EmployeeID, error) { return airat.ID, nil }
func (b *ispBase) Head(string, string) (crm.EmployeeID, error)  { return vera.ID, nil }

// stands expects a deal at pipeline.stage, with the reason behind it if it is lost.
func (b *ispBase) stands(t *testing.T, id crm.DealID, where string) {
	t.Helper()
	v := b.deals[id]
	if v == nil {
		t.Fatalf("there is no deal %d", id)
	}
	if got := strings.TrimSpace(v.Deal.Pipeline + "." + v.Deal.Stage + " " + v.Deal.LostReason); got != where {
		t.Errorf("deal %d stands at %s, not at %s", id, got, where)
	}
}

// run applies effects of somebody and what follows from them.
func (b *ispBase) run(t *testing.T, kit *dialogs.Kit, me *crm.Employee, effects ...crm.Effect) []rules.Done {
	t.Helper()
	last := slices.Max(slices.Collect(maps.Keys(b.deals)))
	c := &rules.Cascade{Book: kit.Book, Memory: b, Now: ispNow, Me: me, NewDeal: func() crm.DealID { last++; return last }}
	done, err := c.Run(effects)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range done {
		if l, ok := d.Effect.(crm.DealLinked); ok {
			b.links = append(b.links, l)
		}
		if r, ok := d.Effect.(crm.Recorded); ok && r.Kind == "rule_failed" {
			t.Errorf("a rule failed: %v", r.Data)
		}
	}
	return done
}

func ispDeal(pipeline, stage string, fields crm.Fields) *ispBase {
	view := &rules.View{Contact: crm.Contact{ID: 7, Name: "Анна", Phone: "+79161234567"}, Owner: olga}
	view.Deal = crm.Deal{ID: 1, Pipeline: pipeline, Stage: stage, Status: crm.DealOpen, Title: "100", Contact: 7, Owner: olga.ID,
		Fields: fields, EnteredAt: ispNow.Add(-time.Hour), CreatedAt: ispNow.Add(-time.Hour)}
	return &ispBase{deals: map[crm.DealID]*rules.View{1: view}}
}

func ispFields() crm.Fields {
	return crm.Fields{"city": "Казань", "kind": "internet", "tariff": "home_100", "address": "Ленина 5", "phone": "+79161234567"}
}

func TestTheKindOfRequestIsMandatoryWhereverADealIsWonOrLost(t *testing.T) {
	kit := ispKit(t)
	for _, name := range ispSales {
		lost := 0
		for _, stage := range kit.Pipelines[name].Stages {
			if stage.Status == crm.DealOpen {
				continue
			}
			if !slices.Contains(stage.Enter, "kind") || kit.Demand(name, stage.Name) == "" {
				t.Errorf("%s.%s may be entered without the kind, or nobody asks for it", name, stage.Name)
			}
			if stage.Status == crm.DealLost {
				lost++
				if refusal := kit.Book.Refused(ispDeal(name, "talks", ispFields()).deals[1], stage.Name, &olga, "whim"); refusal == nil || !refusal.Reason {
					t.Errorf("%s.%s takes any reason: %+v", name, stage.Name, refusal)
				}
			}
		}
		if lost < 5 {
			t.Errorf("%s has %d lost stages", name, lost)
		}
	}
	base := ispDeal("sales_private", "talks", crm.Fields{"budget": 400.0})
	base.run(t, kit, &olga, crm.DealMoved{Deal: 1, Stage: "lost_price", Reason: "dear"})
	base.stands(t, 1, "sales_private.talks")
	base.run(t, kit, &olga, crm.DealChanged{Deal: 1, Fields: crm.Fields{"kind": "internet"}}, crm.DealMoved{Deal: 1, Stage: "lost_price", Reason: "dear"})
	base.stands(t, 1, "sales_private.lost_price dear")
	base.stands(t, 2, "missed.new")
}

func TestOnlyTheCrewAndTheHeadEndAConnection(t *testing.T) {
	kit := ispKit(t)
	base := ispDeal("sales_private", "contract", ispFields())
	for stage, may := range map[string]map[*crm.Employee]bool{
		"won": {&olga: false, &airat: false, &vera: true}, "connecting": {&olga: false, &vera: true}, "lost_other": {&olga: true, &airat: false},
	} {
		for who, want := range may {
			refusal := kit.Book.Refused(base.deals[1], stage, who, "changed_mind")
			if (refusal == nil) != want {
				t.Errorf("%s may move a deal to %s: %+v", who.Role, stage, refusal)
			}
		}
	}
}

func TestTheResultOfAConnectionMovesTheSaleOfEveryKindAndBack(t *testing.T) {
	kit := ispKit(t)
	for _, name := range ispSales {
		before := "offer"
		if name == "sales_partner" {
			before = "papers"
		}
		base := ispDeal(name, before, ispFields())
		base.run(t, kit, &olga, crm.DealMoved{Deal: 1, Stage: "contract"})
		base.stands(t, 2, "connection.new")
		base.run(t, kit, &vera, crm.DealChanged{Deal: 2, Fields: crm.Fields{"visit": "2026-05-13T14:00:00+03:00"}}, crm.DealMoved{Deal: 2, Stage: "planned"})
		base.stands(t, 1, name+".connecting")
		if visit := base.deals[1].Deal.Fields.Text("visit_text"); visit != "13.05, 14:00" {
			t.Errorf("the manager sees the visit as %q", visit)
		}
		base.run(t, kit, &airat, crm.DealMoved{Deal: 2, Stage: "impossible", Reason: "too_far"})
		base.stands(t, 1, name+".lost_technical too_far")
		base.stands(t, 3, "missed.new")
		// A line was laid: the sale goes on, and so do the works.
		base.run(t, kit, &olga, crm.DealMoved{Deal: 1, Stage: "contract"})
		base.stands(t, 2, "connection.new")
		if len(base.deals) != 3 {
			t.Errorf("there are %d deals now", len(base.deals))
		}
	}
}

func TestLeadsOfTheOldStagesLeadToTheNewOnes(t *testing.T) {
	kit := ispKit(t)
	was := kit.Pipelines["sales_private"].Was
	if len(was) == 0 {
		t.Fatal("no stage of former days is left")
	}
	for old, stage := range was {
		to, known := kit.Book.Moved(rules.Place{Pipeline: "sales_private", Stage: old})
		if !known || to.Stage != stage {
			t.Errorf("%s leads to %v %v", old, to, known)
		}
		if there, known := kit.Book.Moved(to); !known || there != to {
			t.Errorf("%s, to which %s leads, leads on to %v %v", to, old, there, known)
		}
	}
}

func TestEveryPipelineIsSeenOnItsOwnCard(t *testing.T) {
	kit := ispKit(t)
	for pipeline, want := range map[string]string{"sales_private": "sale", "sales_business": "sale", "sales_partner": "sale", "connection": "visit", "missed": "missed", "support": "ticket"} {
		if card := staff.For(kit, "head", pipeline); card != want {
			t.Errorf("the head sees deals of %s as %q, not as %q", pipeline, card, want)
		}
	}
	for role, pipeline := range map[string]string{"manager": "connection", "installer": "sales_private", "call_centre": "sales_private"} {
		if card := staff.For(kit, role, pipeline); card != "" {
			t.Errorf("a %s sees deals of %s as %q", role, pipeline, card)
		}
	}
}

func TestARefusalIsTwoPressesAndEveryButtonHasAReasonOfThePipeline(t *testing.T) {
	kit := ispKit(t)
	deal := ispDeal("sales_private", "offer", ispFields()).deals[1].Deal
	deal.Fields["refusing"] = true
	view := staff.View{Deal: deal, Contact: crm.Contact{ID: 7, Name: "Анна"}}
	who := staff.Viewer{Me: olga, Now: ispNow, Lang: "ru"}
	_, rows, err := staff.Render(kit, "sale", view, who)
	if err != nil {
		t.Fatal(err)
	}
	moves := 0
	for _, row := range rows {
		for _, button := range row {
			action := button.Data[strings.LastIndex(button.Data, ":")+1:]
			out, err := staff.Act(kit, staff.Press{Deal: 1, Card: "sale", Action: action}, view, who)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range out.Effects {
				if move, ok := e.(crm.DealMoved); ok {
					moves++
					refusal := kit.Book.Refused(&rules.View{Deal: deal}, move.Stage, &olga, move.Reason)
					if refusal != nil && refusal.Code != rules.RefusedFields && action != "no_way" {
						t.Errorf("%s is refused: %+v", button.Text, refusal)
					}
				}
			}
		}
	}
	if moves != 7 {
		t.Errorf("%d ways to lose are offered", moves)
	}
}

func TestAProvidersBusinessIsOnePicture(t *testing.T) {
	g := ispKit(t).BusinessGraph("en")
	if len(g.Lanes) != 6 {
		t.Errorf("it has %d lanes", len(g.Lanes))
	}
	both, missed := 0, 0
	for _, edge := range g.Edges {
		if edge.Both {
			both++
		}
		if edge.To == "missed.new" && strings.HasPrefix(edge.From, "sales_") {
			missed++
		}
	}
	if both != 15 || missed != 3 { // the lost stages of a pipeline are one box
		t.Errorf("%d stages are in step and %d lead to the missed deals", both, missed)
	}
}

func TestSixTapsAndAnAddressMakeADeal(t *testing.T) {
	script := "# isp: a test, English\n> /start\n> [🌐 Connect me]\n> [Kazan]\n> [🏠 A home]\n> [💬 Advise me]\n> Lenina 5, flat 12\n> (contact +79161234567)\n> [⚡ Soon]\n"
	played, err := dialogs.Play(ispKit(t), script)
	if err != nil {
		t.Fatal(err)
	}
	if taps := strings.Count(script, "> [") + strings.Count(script, "> (contact"); taps != 6 || !strings.Contains(played, "= deal opened") {
		t.Errorf("%d taps, and then:\n%s", taps, played)
	}
}
