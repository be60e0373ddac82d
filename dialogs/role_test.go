package dialogs

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"govorun/crm"
)

// kitWithRoles is the smallest kit with roles as given, below “roles:”.
func kitWithRoles(roles string) fstest.MapFS {
	return fstest.MapFS{
		"kit.yaml":          {Data: []byte("kit: small\nlanguages: [en]\nzone: Europe/Moscow\nhome: home\nhead: boss\nroles:\n" + roles)},
		"locales/en.yaml":   {Data: []byte("role:\n  boss: Boss\n  fitter: Fitter\n  clerk: Clerk\nhome:\n  hello: Hello\ncard:\n  work: Work\n  done: Done\npipeline: Works\nstage: New\n")},
		"dialogs/home.yaml": {Data: []byte("dialog: home\nstart: hello\nstates:\n  hello: {say: home.hello, end: done}\n")},
		"pipelines.yaml":    {Data: []byte("pipelines:\n  works: {text: pipeline, stages: {new: {text: stage}}}\n  other: {text: pipeline, stages: {new: {text: stage}}}\n")},
		"cards.yaml":        {Data: []byte("cards:\n  work: {text: card.work, roles: [fitter], pipelines: [works], actions: []}\n")},
	}
}

func TestARoleSeesAndMayWhatTheKitSays(t *testing.T) {
	kit, err := Load(kitWithRoles("  boss: role.boss\n  fitter: {text: role.fitter, sees: own, may: [assign]}\n  clerk: {text: role.clerk, sees: all, may: []}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []crm.RoleScope{{Role: "boss", Sees: crm.SeesNear}, {Role: "clerk", Sees: crm.SeesAll}, {Role: "fitter", Sees: crm.SeesOwn, Pipelines: []string{"works"}}}
	if diff := cmp.Diff(want, kit.Scopes()); diff != "" {
		t.Error(diff)
	}
	for role, rights := range map[string]map[crm.Right]bool{
		"boss": {crm.MayExport: true, crm.MayInvite: true}, "fitter": {crm.MayAssign: true, crm.MayExport: false}, "clerk": {crm.MayExport: false}, "stranger": {crm.MayBind: false},
	} {
		for right, want := range rights {
			if kit.May(role, right) != want {
				t.Errorf("%s may %s: %t", role, right, !want)
			}
		}
	}
}

func TestAnUnknownWordOfARoleIsToldWithItsPlaceAndTheFix(t *testing.T) {
	for roles, want := range map[string]string{
		"  boss: role.boss\n  fitter: {text: role.fitter, sees: crews}\n  clerk: role.clerk\n":       "kit.yaml:8:37: what a role sees can't be “crews”. Write “crew”.",
		"  boss: role.boss\n  fitter: {text: role.fitter, may: [asign]}\n  clerk: role.clerk\n":      "kit.yaml:8:37: a right can't be “asign”. Write “assign”.",
		"  boss: role.boss\n  fitter: {text: role.fitter, may: [plan, plan]}\n  clerk: role.clerk\n": "has the right “plan” twice",
		"  boss: role.boss\n  fitter: {sees: own}\n  clerk: role.clerk\n":                            "needs “text”",
	} {
		_, err := Load(kitWithRoles(roles))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngives %v\nwant %s", roles, err, want)
		}
	}
}
