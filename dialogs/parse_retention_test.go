package dialogs

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// keeping is a small kit with these rules of retention.
func keeping(rules string) (*Kit, error) {
	return Load(fstest.MapFS{
		"kit.yaml":       {Data: []byte("kit: park\nlanguages: [en]\nzone: UTC\nhome: home\nhead: clerk\nroles: {clerk: t.clerk}\n" + rules)},
		"pipelines.yaml": {Data: []byte("pipelines:\n  drivers:\n    text: t.drivers\n    stages:\n      new: {text: t.new}\n      refused: {text: t.refused, status: lost}\n")},
		"dialogs/home.yaml": {Data: []byte("dialog: home\nstart: hi\nslots:\n  account: {type: text}\n  selfie: {type: photo}\nstates:\n  hi: {ask: t.hi, slot: account, next: photo}\n  photo: {ask: t.hi, slot: selfie, next: open}\n" +
			"  open: {do: [{open_deal: {pipeline: drivers, stage: new, title: account, fields: {account: account}}}, {attach: selfie}], say: t.hi, end: done}\n")},
		"locales/en.yaml": {Data: []byte("t.clerk: Clerk\nt.drivers: Drivers\nt.new: New\nt.refused: Refused\nt.hi: Hello\n")},
	})
}

func TestX23_AKitSaysHowLongWhatIsKept(t *testing.T) {
	kit, err := keeping("retention:\n  refused: {after: 30d, of: [selfie, account], when: {stage: drivers.refused}}\n  lost: {after: 90d, of: [selfie], when: {lost: drivers}}\n  talks: {after: 1095d, of: [messages]}\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(kit.Retention) != 3 {
		t.Fatalf("%d rules", len(kit.Retention))
	}
	first, second, third := kit.Retention[0], kit.Retention[1], kit.Retention[2]
	if first.After != 30*24*time.Hour || first.Pipeline != "drivers" || first.Stage != "refused" || len(first.Of) != 2 || first.Basis != "refused: selfie, account, deals on drivers.refused after 30d" {
		t.Errorf("%+v", first)
	}
	if second.Status != "lost" || second.Stage != "" || !third.Messages || third.Pipeline != "" {
		t.Errorf("%+v %+v", second, third)
	}
}

func TestX23_MistakesInRetentionAreToldWithTheirMending(t *testing.T) {
	for rule, want := range map[string]string{
		"{after: 30d, of: [selfi], when: {lost: drivers}}":                "Write “selfie”",
		"{after: 30d, of: [selfie], when: {stage: drivers.refuse}}":       "does not exist",
		"{after: 30d, of: [selfie], when: {lost: driver}}":                "does not exist",
		"{after: 30d, of: [selfie]}":                                      "0 times",
		"{after: 30d, of: [selfie], when: {lost: drivers, won: drivers}}": "2 times",
		"{after: 30d, of: [messages], when: {lost: drivers}}":             "about talks, and about deals too",
		"{after: 1h, of: [selfie], when: {lost: drivers}}":                "at least 1d",
		"{after: 30d, of: [], when: {lost: drivers}}":                     "removes nothing",
		"{of: [selfie], when: {lost: drivers}}":                           "needs “after”",
	} {
		if _, err := keeping("retention:\n  r: " + rule + "\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", rule, err, want)
		}
	}
}
