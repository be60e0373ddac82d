package dialogs

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govorun/crm"
)

// mover is Eve's own chat, in which she is asked for what a stage demands.
type mover struct {
	t       *testing.T
	kit     *Kit
	env     Env
	deal    crm.Deal
	session Session
	result  Result
}

func newMover(t *testing.T, deal crm.Deal) *mover {
	kit := kitOnce(t, service)
	env := benchEnv(kit)
	env.Lang, env.Contact, env.Employee = "en", crm.Contact{}, &crm.Employee{ID: 5, Name: "Eve", Role: "operator"}
	return &mover{t: t, kit: kit, env: env, deal: deal}
}

// moves asks for a move by hand, as a press on a card does.
func (m *mover) moves(stage string) {
	dialog := m.kit.Demand(m.deal.Pipeline, stage)
	if dialog == "" {
		m.t.Fatalf("%s demands nothing", stage)
	}
	m.does(Input{Inbound: crm.Inbound{Kind: crm.InSignal, Signal: &crm.Signal{ID: "1", Dialog: dialog, Deal: m.deal.ID}}})
}

func (m *mover) does(in Input) {
	m.t.Helper()
	in.Facts.Same = &m.deal
	m.result = m.kit.Step(m.session, in, m.env)
	m.session = m.result.Session
	for _, e := range m.result.Effects {
		if r, ok := e.(crm.Recorded); ok && r.Kind == "dialog_error" {
			m.t.Fatalf("%v", r.Data)
		}
	}
}

// asked is the question that stands, with its buttons.
func (m *mover) asked() string {
	rendered := m.kit.Render(m.result.Say, m.env)
	var labels []string
	for _, row := range rendered.Buttons {
		for _, button := range row {
			labels = append(labels, button.Text)
		}
	}
	return rendered.Plain() + " [" + strings.Join(labels, "] [") + "]"
}

func (m *mover) wants(question string) {
	m.t.Helper()
	if got := m.asked(); got != question {
		m.t.Fatalf("asked is %q, want %q", got, question)
	}
}

// done are the effects without the notes of the dialog about itself.
func (m *mover) done() []crm.Effect {
	return slices.DeleteFunc(slices.Clone(m.result.Effects), func(e crm.Effect) bool { _, note := e.(crm.Recorded); return note })
}

func dealAt(stage string, fields crm.Fields) crm.Deal {
	return crm.Deal{ID: 5512, Pipeline: "call_centre", Stage: stage, Status: crm.DealOpen, Fields: fields}
}

func TestWhoeverMovesADealIsAskedForWhatIsMissingAndForTheReason(t *testing.T) {
	m := newMover(t, dealAt("check", crm.Fields{"phone": "+77071234567"}))
	m.moves("refused")
	m.wants("What broke in No. 5512? [Bill acceptor] [Pump]")
	m.does(pressed(m.session, "pump"))
	m.wants("Why is No. 5512 lost? [No spare part] [Not our machine] [⬅️ Back]")
	m.does(pressed(m.session, ":back"))
	m.wants("What broke in No. 5512? [Bill acceptor] [Pump]")
	m.does(pressed(m.session, "bill"))
	m.does(pressed(m.session, "no_part"))
	want := []crm.Effect{
		crm.DealChanged{Deal: 5512, Fields: crm.Fields{"cause": "bill"}},
		crm.DealMoved{Deal: 5512, From: "check", Stage: "refused", Status: crm.DealLost, Reason: "no_part"},
	}
	if diff := cmp.Diff(want, m.done()); diff != "" || m.session.Dialog != "" {
		t.Errorf("it ends in %q with\n%s", m.session.Dialog, diff)
	}
	m.wants("Done. []")
}

func TestOnlyWhatTheStageThatIsLeftDemandsIsAsked(t *testing.T) {
	m := newMover(t, dealAt("unsorted", nil))
	m.moves("refused")
	m.wants("Why is No. 5512 lost? [No spare part] [Not our machine]")
	m = newMover(t, dealAt("check", crm.Fields{"cause": "pump"}))
	m.moves("refused")
	m.wants("Why is No. 5512 lost? [No spare part] [Not our machine]")
	m = newMover(t, dealAt("check", crm.Fields{"cause": ""}))
	m.moves("done")
	m.wants("What does it cost? []") // what entering demands comes first
	m.does(text("1500"))
	m.does(pressed(m.session, "pump"))
	want := []crm.Effect{
		crm.DealChanged{Deal: 5512, Fields: crm.Fields{"cause": "pump", "price": 1500.0}},
		crm.DealMoved{Deal: 5512, From: "check", Stage: "done", Status: crm.DealWon},
	}
	if diff := cmp.Diff(want, m.done()); diff != "" {
		t.Errorf("the effects differ:\n%s", diff)
	}
}

func TestAMoveThatIsCancelledMovesNothing(t *testing.T) {
	m := newMover(t, dealAt("unsorted", nil))
	m.moves("repair")
	m.wants("The customer's phone? []")
	m.does(text("12"))
	m.does(text("cancel"))
	if m.session.Dialog != "" || len(m.done()) != 0 {
		t.Errorf("it stands at %q with %v", m.session.Dialog, m.result.Effects)
	}
}

func TestWhatTheMoverWasDoingComesBack(t *testing.T) {
	m := newMover(t, dealAt("unsorted", nil))
	m.deal.Stage = "check"
	m.moves("refused")
	m.does(pressed(m.session, "pump"))
	m.wants("Why is No. 5512 lost? [No spare part] [Not our machine] [⬅️ Back]")
	other := m.deal
	m.deal = crm.Deal{ID: 5513, Pipeline: "call_centre", Stage: "unsorted"}
	m.moves("repair")
	m.wants("The customer's phone? [⬅️ Back]") // back to what she was doing
	m.does(text("+7 707 123-45-67"))
	if done := m.done(); len(done) != 2 || done[1].(crm.DealMoved).Deal != 5513 || m.session.Dialog != "demand.call_centre.refused" || m.session.Deal != 5512 {
		t.Fatalf("it stands at %q of %d after %v", m.session.Dialog, m.session.Deal, done)
	}
	m.deal = other
	m.does(pressed(m.session, "no_part"))
	if done := m.done(); len(done) != 2 || done[1].(crm.DealMoved).From != "check" || done[1].(crm.DealMoved).Deal != 5512 {
		t.Errorf("it ends with %v", done)
	}
}

func TestPhotosThatAStageDemandsAreAttachedToTheDeal(t *testing.T) {
	m := newMover(t, crm.Deal{ID: 9, Pipeline: "technicians", Stage: "unsorted"})
	m.moves("in_work")
	m.does(Input{Inbound: crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: "r", Unique: "u", Width: 900, Height: 900}}}})
	done := m.done()
	if len(done) != 3 || done[0].(crm.DealChanged).Fields["photos"] == nil || done[1].(crm.Attached).Media[0].Unique != "u" || done[2].(crm.DealMoved).Stage != "in_work" {
		t.Errorf("the effects are %+v", done)
	}
}

func TestAGeneratedDialogIsPinnedAndRestoredLikeAnyOther(t *testing.T) {
	kit := kitOnce(t, service)
	name := kit.Demand("call_centre", "refused")
	if d := kit.Dialogs[name]; d == nil || !d.Demand || d.Version == "" {
		t.Fatalf("the dialog is %+v", kit.Dialogs[name])
	}
	source, err := kit.Source(name)
	if err != nil {
		t.Fatal(err)
	}
	old, err := RestoreKit(source)
	if err != nil {
		t.Fatal(err)
	}
	if old.Dialogs[name].Version != kit.Dialogs[name].Version {
		t.Errorf("the restored version is %s, was %s", old.Dialogs[name].Version, kit.Dialogs[name].Version)
	}
	if kit.Demand("missed", "new") != "" || kit.Demand("nothing", "new") != "" {
		t.Error("a stage that demands nothing has a dialog")
	}
}

func TestPeopleCannotWriteAGeneratedDialog(t *testing.T) {
	files := kitOnce(t, service).files.open()
	if _, err := Load(files); err == nil || !strings.Contains(err.Error(), "“demand.call_centre.refused” is no name of a dialog") {
		t.Errorf("it gives %v", err)
	}
}

func TestADemandKnowsItsPipelineEvenWhenTheDealIsUnknown(t *testing.T) {
	m := newMover(t, crm.Deal{ID: 9})
	m.deal.ID = 0 // the turn found nothing
	m.does(Input{Inbound: crm.Inbound{Kind: crm.InSignal, Signal: &crm.Signal{ID: "1", Dialog: "demand.technicians.in_work", Deal: 9}}})
	m.does(Input{Inbound: crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: "r", Unique: "u", Width: 900, Height: 900}}}})
	if moved, ok := m.done()[2].(crm.DealMoved); !ok || moved.Deal != 9 || moved.Stage != "in_work" || moved.Status != crm.DealOpen {
		t.Errorf("the effects are %+v", m.done())
	}
}
