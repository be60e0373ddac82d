package dialogs_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"govorun/crm"
	"govorun/dialogs"
)

// payouts is the kit that pays to accounts, with some texts of its files replaced.
func payouts(t *testing.T, replace ...string) (*dialogs.Kit, error) {
	t.Helper()
	root := os.DirFS("turn/testdata/sealed")
	files := fstest.MapFS{}
	for _, name := range []string{"kit.yaml", "pipelines.yaml", "cards.yaml", "dialogs/payout.yaml", "locales/ru.yaml", "locales/en.yaml"} {
		b, err := root.(interface {
			ReadFile(string) ([]byte, error)
		}).ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: []byte(strings.NewReplacer(replace...).Replace(string(b)))}
	}
	return dialogs.Load(files)
}

// asks is the payout dialog at its first question.
func asks(t *testing.T, kit *dialogs.Kit, env dialogs.Env) dialogs.Session {
	t.Helper()
	return kit.Step(dialogs.Session{}, dialogs.Input{Inbound: crm.Inbound{Kind: crm.InText, Command: "payout", Text: "/payout"}}, env).Session
}

func payoutEnv() dialogs.Env {
	return dialogs.Env{Now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC), Lang: "ru", Channel: dialogs.Capabilities{Buttons: true},
		NewNonce: func() string { return "N00001" }, NewDeal: func() crm.DealID { return 1 },
		Seal: func(plain, mask string) string {
			return "‹sealed:" + mask + ":k1:" + strings.Repeat("A", len(plain)) + "›"
		}}
}

func TestX20_AStepSealsSecretAnswersAndLeavesOthersAlone(t *testing.T) {
	kit, err := payouts(t)
	if err != nil {
		t.Fatal(err)
	}
	env := payoutEnv()
	s := asks(t, kit, env)
	if !kit.AsksSecret(s) {
		t.Error("an account is no secret")
	}
	remark := kit.Step(s, dialogs.Input{Inbound: crm.Inbound{Kind: crm.InText, Text: "скорее бы"}}, env).Session
	if got := remark.Slots["remark"].Text; got != "скорее бы" {
		t.Errorf("the remark is %q", got)
	}
	wrong := kit.Step(s, dialogs.Input{Inbound: crm.Inbound{Kind: crm.InText, Text: "KZ87 125K ZT50 0410 0100"}}, env).Session
	if got := wrong.Slots["remark"].Text; got != "" || wrong.Failures != 1 {
		t.Errorf("an account with a mistake became the remark %q, %d failures", got, wrong.Failures)
	}
	r := kit.Step(s, dialogs.Input{Inbound: crm.Inbound{Kind: crm.InText, Text: "KZ86 125K ZT50 0410 0100"}}, env)
	if got := r.Session.Slots["account"].Text; got != "‹sealed:KZ86 ···0100:k1:AAAAAAAAAAAAAAAAAAAA›" {
		t.Errorf("the account is kept as %q", got)
	}
	card := kit.Step(s, dialogs.Input{Inbound: crm.Inbound{Kind: crm.InText, Text: "4242 4242 4242 4242"}}, env).Session
	if got := card.Slots["account"].Text; got != "•••• 4242" {
		t.Errorf("a card is kept as %q", got)
	}
	env.Seal = nil
	plain := kit.Step(s, dialogs.Input{Inbound: crm.Inbound{Kind: crm.InText, Text: "KZ86 125K ZT50 0410 0100"}}, env).Session
	if got := plain.Slots["account"].Text; got != "KZ86125KZT5004100100" {
		t.Errorf("without keys it is kept as %q", got)
	}
}

func TestX20_ASecretWithADotOfAListIsSealedLikeAnyOther(t *testing.T) {
	kit, err := payouts(t, "remark: {", "remark: {secret: true, ")
	if err != nil {
		t.Fatal(err)
	}
	env := payoutEnv()
	s := kit.Step(asks(t, kit, env), dialogs.Input{Inbound: crm.Inbound{Kind: crm.InText, Text: "• код двери 45"}}, env).Session
	if got := s.Slots["remark"].Text; !strings.HasPrefix(got, "‹sealed:") || strings.Contains(got, "двери") {
		t.Errorf("it is kept as %q", got)
	}
}

func TestOnlyRolesOfACardThatRevealsAFieldMaySeeIt(t *testing.T) {
	kit, err := payouts(t, "roles: [accountant]", "roles: [accountant]\n    pipelines: [payouts]")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		role, pipeline, name string
		may                  bool
	}{
		{"accountant", "payouts", "account", true}, {"accountant", "payouts", "selfie", true}, {"accountant", "payouts", "remark", false},
		{"accountant", "others", "account", false}, {"manager", "payouts", "account", false}, {"", "payouts", "account", false},
	} {
		if kit.Reveals(c.role, c.pipeline, c.name) != c.may {
			t.Errorf("%s may see %s of %s: %v", c.role, c.name, c.pipeline, !c.may)
		}
	}
}

func TestCheckFindsSecretsThatCanNotBeKept(t *testing.T) {
	for name, c := range map[string]struct {
		replace []string
		says    string
	}{
		"a secret number":          {[]string{"iin: {type: text, secret: true, min: 12, max: 12}", "iin: {type: number, secret: true}"}, "slot “iin” of type number is secret"},
		"a field that nobody has":  {[]string{"reveal: [account,", "reveal: [acount,"}, "reveals “acount”, which no deal has"},
		"two things in one button": {[]string{"reveal: [account,", "call: true, reveal: [account,"}, "2 things"},
	} {
		_, err := payouts(t, c.replace...)
		var problems dialogs.Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		found := false
		for _, p := range problems {
			found = found || strings.Contains(p.String(), c.says)
		}
		if !found {
			t.Errorf("%s: %v", name, problems)
		}
	}
}
