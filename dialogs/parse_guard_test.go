package dialogs

import (
	"strings"
	"testing"
	"time"

	"govorun/crm/guard"
)

func TestW11_AKitLowersWhatRobotsMayWriteByThemselves(t *testing.T) {
	kit, err := keeping("")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Guard{Role: "clerk", Due: 4 * time.Hour}); kit.Guard != want {
		t.Errorf("a kit that says nothing has %+v", kit.Guard)
	}
	kit, err = keeping("guard: {hour: 10, day: 50, same: 5, unanswered: 1, gap: 1m, call: {due: 1d, points: -2}}\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Guard{Policy: guard.Policy{Hour: 10, Day: 50, Same: 5, Unanswered: 1, Gap: time.Minute}, Role: "clerk", Due: 24 * time.Hour, Points: -2}); kit.Guard != want {
		t.Errorf("%+v", kit.Guard)
	}
}

func TestW11_AKitThatWouldRaiseABoundIsToldWhereTheyEnd(t *testing.T) {
	for bound, want := range map[string]string{
		"hour: 41":             "from 1 to 40",
		"day: 500":             "from 1 to 200",
		"same: 0":              "from 1 to 20",
		"unanswered: 3":        "from 1 to 2",
		"gap: 5s":              "20s or longer",
		"call: {points: 2}":    "Write -2",
		"call: {role: nobody}": "does not exist",
		"calls: 3":             "calls",
	} {
		if _, err := keeping("guard: {" + bound + "}\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", bound, err, want)
		}
	}
}
