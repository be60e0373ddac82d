package staff_test

import (
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/dialogs"
	"govorun/dialogs/kits"
	"govorun/dialogs/staff"
)

func TestEveryRoleOfEveryKitHasAPracticeThatCanBePlayedToItsEnd(t *testing.T) {
	for _, name := range []string{"vending", "isp"} {
		files, err := kits.FS(name)
		if err != nil {
			t.Fatal(err)
		}
		kit, err := dialogs.Load(files)
		if err != nil {
			t.Fatal(err)
		}
		for role := range kit.Roles {
			for _, lang := range kit.Languages {
				who := staff.Viewer{Me: crm.Employee{ID: 7, Name: "Иван", Role: role, City: "Москва"}, Now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Lang: lang}
				p := staff.NewPractice(kit, who, func(key string) string { s, _ := kit.Texts.Text(lang, key, nil); return s })
				if len(p.Presses) == 0 || len(p.Presses) > 3 {
					t.Errorf("%s: a %s practises with %d presses", name, role, len(p.Presses))
				}
				for n := range p.Presses {
					text, buttons, next, err := p.Render(kit, n, who)
					if err != nil || next == "" || len(buttons) == 0 || !strings.Contains(text, "🎓") {
						t.Errorf("%s: a %s sees at press %d: %q %v, next %q, %v", name, role, n, text, buttons, next, err)
					}
					t.Log(name, role, lang, n, next, "|", strings.ReplaceAll(text, "\n", " | "))
				}
			}
		}
	}
}
