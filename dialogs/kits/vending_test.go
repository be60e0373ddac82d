package kits_test

import (
	"slices"
	"strings"
	"testing"

	"govorun/crm"
	"govorun/crm/rules"
	"govorun/dialogs"
	"govorun/dialogs/kits"
)

// play holds a talk with the vending kit before machine 214.
func play(t *testing.T, script string) string {
	t.Helper()
	played, err := dialogs.Play(vendingKit(t), "# vending: a test, English\n@ asset 214 kind=machine name=Coffee address=Moskva\n"+script)
	if err != nil {
		t.Fatal(err)
	}
	return played
}

func TestD15_ASecondScanOpensTheSameReport(t *testing.T) {
	played := play(t, "> /start m_214\n> [⛔ Out of order]\n> (wait 20m)\n> /start m_214\n> (wait 40m)\n> /start m_214\n")
	if opened := strings.Count(played, "= deal opened"); opened != 1 {
		t.Errorf("three scans opened %d reports:\n%s", opened, played)
	}
	if again := strings.Count(played, "Your report No. 5512 is open"); again != 2 {
		t.Errorf("the own report was shown %d times:\n%s", again, played)
	}
}

func TestD13_D14_EveryCodeThatIsNotOursGetsTheSameAnswer(t *testing.T) {
	answers := map[string]string{}
	for _, payload := range []string{"m_999", "m_", "m", "x_214", "../../x'--", strings.Repeat("A", 200), "☕☕", "214"} {
		_, answer, _ := strings.Cut(play(t, "> /start "+payload+"\n"), payload+"\n")
		var said []string
		for line := range strings.Lines(answer) {
			if !strings.HasPrefix(line, "= ") { // what is recorded, nobody sees
				said = append(said, line)
			}
		}
		answers[strings.Join(said, "")] = payload
	}
	if len(answers) != 1 {
		t.Errorf("the answers differ: %q", answers)
	}
	for answer := range answers {
		if !strings.Contains(answer, "Type the number") || !strings.Contains(answer, "photo") {
			t.Errorf("the answer shows no way on: %s", answer)
		}
	}
}

func TestAReportTakesTwoTapsAndARefundSix(t *testing.T) {
	report := "> /start m_214\n> [💸 Took money, gave nothing]\n" // Start, category
	if !strings.Contains(play(t, report), "= deal opened") {
		t.Error("two taps are not enough for a report")
	}
	refund := report + "> [💸 Refund]\n> [150 ₽]\n> (contact +79161234567)\n" // the contact is a key and Telegram's own question
	if !strings.Contains(play(t, refund), `refund_text="150 ₽"`) {
		t.Error("six taps are not enough for a refund")
	}
}

func TestNoDealIsParkedWhereNobodyIsReminded(t *testing.T) {
	kit := vendingKit(t)
	watched := map[rules.Place]bool{}
	for _, rule := range kit.Rules {
		if rule.When.Kind == rules.Idle {
			watched[rules.Place{Pipeline: rule.When.Pipeline, Stage: rule.When.Stage}] = true
		}
	}
	for _, link := range kit.Links { // a linked deal is watched in its own pipeline
		watched[link.From] = true
		for stage := range link.Stages {
			watched[rules.Place{Pipeline: link.From.Pipeline, Stage: stage}] = true
		}
	}
	for name, pipeline := range kit.Pipelines {
		for _, stage := range pipeline.Stages {
			place := rules.Place{Pipeline: name, Stage: stage.Name}
			if stage.Status == crm.DealOpen && stage.Recall == 0 && !watched[place] && place.String() != "installation.in_work" { // left at once
				t.Errorf("a deal may stand at %s for ever, and nobody hears of it", place)
			}
		}
	}
}

func TestALossHasAReasonWhereverPeopleRefuse(t *testing.T) {
	kit := vendingKit(t)
	for name, pipeline := range kit.Pipelines {
		for _, stage := range pipeline.Stages {
			if stage.Status != crm.DealLost || name == "missed" { // there the reason is known already
				continue
			}
			if len(pipeline.Reasons) == 0 || kit.Demand(name, stage.Name) == "" {
				t.Errorf("nobody is asked why a deal comes to %s.%s", name, stage.Name)
			}
		}
	}
}

func TestTheDirectorPressesOnceAndTheRestGoesByItself(t *testing.T) {
	kit := vendingKit(t)
	presses := 0
	for _, pipeline := range []string{"installation", "prep_machine", "prep_market"} {
		for _, stage := range kit.Pipelines[pipeline].Stages {
			if stage.Status == crm.DealOpen && slices.Contains(stage.By, "director") {
				presses++
			}
		}
	}
	if presses != 1 {
		t.Errorf("the director moves deals to %d stages by hand", presses)
	}
}

func vendingKit(t *testing.T) *dialogs.Kit {
	t.Helper()
	folder, err := kits.FS("vending")
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return kit
}
