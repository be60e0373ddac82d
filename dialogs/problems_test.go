package dialogs

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"govorun/crm"
)

func TestANearWordIsSuggestedAndAFarOneIsNot(t *testing.T) {
	candidates := []string{"opened", "problem", "machine", "bye"}
	for word, want := range map[string]string{
		"opend": "opened", "pening": "", "problme": "problem", "Machine": "machine", "by": "bye", "x": "", "": "",
		"автомат": "", strings.Repeat("opened", 50): "",
	} {
		if got := suggest(word, candidates); got != want {
			t.Errorf("for %q %q is suggested, want %q", word, got, want)
		}
	}
}

func TestAProblemReadsLikeACompilersMessage(t *testing.T) {
	p := Problem{File: "dialogs/report.yaml", Line: 14, Column: 7, What: "state “problem” leads to “opend”, which does not exist", Fix: "Write “opened”."}
	if got, want := p.String(), "dialogs/report.yaml:14:7: state “problem” leads to “opend”, which does not exist. Write “opened”."; got != want {
		t.Errorf("got %q", got)
	}
	if got := (Problem{File: "kit.yaml", What: "the file can't be read"}).String(); got != "kit.yaml: the file can't be read." {
		t.Errorf("got %q", got)
	}
}

func TestProblemsAreSortedAndToldOnce(t *testing.T) {
	b, a := Problem{File: "b", Line: 1}, Problem{File: "a", Line: 2}
	sorted := Problems{b, a, b, {File: "a", Line: 1}}.sorted()
	if len(sorted) != 3 || sorted[0].Line != 1 || sorted[2] != b {
		t.Errorf("sorted as %+v", sorted)
	}
}

// changed is the registration kit with one text in one file replaced.
func changed(t *testing.T, file, from, to string) fstest.MapFS {
	t.Helper()
	files := registration(t).files.open()
	text := string(files[file].Data)
	if !strings.Contains(text, from) {
		t.Fatalf("%s has no %q", file, from)
	}
	files[file].Data = []byte(strings.Replace(text, from, to, 1))
	return files
}

func TestTheLinkOfInvitationsIsNoWayIntoADialog(t *testing.T) {
	_, err := Load(changed(t, "dialogs/registration.yaml", "{link: reg}", "{link: e}"))
	if want := "dialogs/registration.yaml:4:12: the link “e” is that of invitations. Choose another word."; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("told %v, want %q", err, want)
	}
}

func TestWhatIsOnlyDoubtfulIsAWarning(t *testing.T) {
	for want, files := range map[string]fstest.MapFS{
		"nothing uses the text “registration.fine”": changed(t, "dialogs/registration.yaml", "text: registration.fine", "text: registration.right"),
		"has 5 lines": changed(t, "locales/en.yaml", "  By pressing Start", "  One\n  two\n  three\n  By pressing Start"),
		"7 options":   changed(t, "dialogs/registration.yaml", "      - {id: payout, text: registration.change_payout, to: payout}", "      - {id: payout, text: registration.change_payout, to: payout}\n      - {id: more, text: registration.change_payout, to: check}"),
	} {
		kit, err := Load(files)
		if err != nil || len(kit.Warnings) != 1 || !strings.Contains(kit.Warnings[0].What, want) {
			t.Errorf("want %q, got %v, %v", want, kit, err)
		}
	}
}

func TestAKitWithoutFilesSaysWhatIsMissing(t *testing.T) {
	_, err := Load(fstest.MapFS{})
	if err == nil || !strings.Contains(err.Error(), "kit.yaml: the file can't be read. Add “kit.yaml” to the kit.") ||
		!strings.Contains(err.Error(), "dialogs: the folder can't be read") {
		t.Errorf("an empty folder gives %v", err)
	}
}

func TestAMissingLanguageIsAProblem(t *testing.T) {
	files := registration(t).files.open()
	delete(files, "locales/en.yaml")
	if _, err := Load(files); err == nil || !strings.Contains(err.Error(), "texts in en are missing") {
		t.Errorf("a kit without its English texts gives %v", err)
	}
}

func TestWhatTheFilesSayIsWhatTheKitHolds(t *testing.T) {
	kit := registration(t)
	d := kit.Dialogs["registration"]
	if kit.Zone.String() != "Asia/Almaty" || kit.Hours[time.Monday].Open != 540 || kit.Hours[time.Saturday].Close != 960 || kit.Hours[time.Sunday].Close != 0 {
		t.Errorf("zone %s, hours %v", kit.Zone, kit.Hours)
	}
	if kit.ResumeAfter != 12*time.Hour || kit.Home != "home" || kit.Human != "reviewer" || kit.Roles["reviewer"] != "role.reviewer" {
		t.Errorf("the kit is %+v", kit)
	}
	stages := kit.Pipelines["drivers"].Stages
	if len(stages) != 4 || stages[0].Name != "review" || stages[0].Status != crm.DealOpen || stages[3].Status != crm.DealLost {
		t.Errorf("the stages are %+v", stages)
	}
	phone, after := d.States["phone"], d.States["after"]
	if len(phone.Timeouts) != 2 || phone.Timeouts[1].After != 72*time.Hour || phone.Timeouts[1].Do[0].Task.Due != 4*time.Hour || !phone.Timeouts[0].Daytime {
		t.Errorf("a question without timeouts of its own has %+v", phone.Timeouts)
	}
	if len(after.Timeouts) != 1 || after.Timeouts[0].To != "quiet" || len(d.States["begin"].Timeouts) != 0 || len(d.States["sent"].Timeouts) != 0 {
		t.Errorf("own timeouts are %+v", after.Timeouts)
	}
	if phone.Share != "contact" || phone.Slot != "phone" || phone.Next[0].If.String() != "payout != nil" || phone.Next[1].To != "licence" {
		t.Errorf("the state is %+v", phone)
	}
	deal := d.States["sent"].Do[1].OpenDeal
	if deal == nil || deal.Stage != "review" || deal.Unique.String() != `"driver " + phone` || deal.Fields["plate"].String() != "plate" {
		t.Errorf("the deal is %+v", deal)
	}
	if s := d.Slots["licence"]; s.Type != "photos" || s.Min != 2 || s.Max != 2 || d.Slots["phone"].Regions[0] != "KZ" || !d.Slots["account"].Secret {
		t.Errorf("the slots are %+v", d.Slots)
	}
	card := kit.Cards["driver"].Actions[1]
	if card.Do[1].MoveDeal.Stage != "refused" || card.Do[1].MoveDeal.Reason.String() != `"documents"` || card.If == nil {
		t.Errorf("the action is %+v", card)
	}
}

func TestNumbersStayAsTheyWereWritten(t *testing.T) {
	files := changed(t, "dialogs/registration.yaml", "set_contact: {phone: phone,", "set_contact: {code: 087011234567, phone: phone,")
	kit, err := Load(files)
	if err == nil {
		if got := kit.Dialogs["registration"].States["sent"].Do[0].SetContact["code"].String(); got != "087011234567" {
			t.Errorf("087011234567 became %s", got)
		}
		return
	}
	if !strings.Contains(err.Error(), "087011234567") {
		t.Errorf("087011234567 is refused with %v", err)
	}
}
