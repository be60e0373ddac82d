package dialogs

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// altered is the kit of visits with something else in its files.
func altered(t *testing.T, file, old, now string) fstest.MapFS {
	t.Helper()
	memory := fstest.MapFS{}
	for _, name := range []string{"kit.yaml", "pipelines.yaml", "rules.yaml", "cards.yaml", "dialogs/order.yaml", "locales/en.yaml"} {
		data, err := os.ReadFile(visitsKit + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if name == file {
			if !strings.Contains(string(data), old) {
				t.Fatalf("no %q in %s", old, file)
			}
			data = []byte(strings.Replace(string(data), old, now, 1))
		}
		memory[name] = &fstest.MapFile{Data: data}
	}
	return memory
}

func TestMistakesInVisitsAreToldWithTheirPlaceAndFix(t *testing.T) {
	for _, c := range []struct{ file, old, now, want string }{
		{"pipelines.yaml", "role: installer", "role: instaler", "visit “connection” is made by role “instaler”, which does not exist. Write “installer”"},
		{"pipelines.yaml", "stage: scheduled", "stage: planned", "visit “connection” moves the deal to stage “planned”"},
		{"pipelines.yaml", "length: 2h", "length: 30h", "visit “connection” takes 30h0m0s. Write a time such as 2h, at most 12h."},
		{"pipelines.yaml", "step: 1h", "step: 1m", "begins every 1m0s. Write a time from 10m to 24h."},
		{"pipelines.yaml", "ahead: 10d", "ahead: 90d", "is booked 90d ahead. Write days, from 1d to 60d."},
		{"pipelines.yaml", "remind: [24h, 2h]", "remind: [24h, 2h, 1h]", "sends 3 reminders, the kit allows 2"},
		{"pipelines.yaml", "remind: [24h, 2h]", "remind: [2h, 2h]", "reminds 2h before"},
		{"pipelines.yaml", "deal.fields.fibre", "deal.feilds.fibre", "feilds"},
		{"pipelines.yaml", "travel: 30m", "travell: 30m", "a kind of visit has no key “travell”. Write “travel”."},
		{"pipelines.yaml", "visit: connection, ask", "visit: conection, ask", "is a time of visit “conection”, which does not exist. Write “connection”"},
		{"pipelines.yaml", "{type: window, visit: connection, ask", "{type: window, ask", "of type window needs “visit: KIND”"},
		{"kit.yaml", "hours: {mon-sat: \"09:00-18:00\"}", "resume_after: 24h", "nobody says when crews work"},
		{"cards.yaml", "visit: connection", "visit: connexion", "starts the dialog of visit “connexion”"},
		{"dialogs/order.yaml", "book: when", "book: address", "books slot “address”, which is of type text. Name a slot of type window."},
		{"locales/en.yaml", "{{.visit.address}}", "{{.visit.adress}}", "{{.visit.address}}"},
	} {
		_, err := Load(altered(t, c.file, c.old, c.now))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), ".yaml:") {
			t.Errorf("%s instead of %s gives\n%v\nwant %q", c.now, c.old, err, c.want)
		}
	}
}

func TestEveryKindOfVisitHasADialogThatBooksAndMovesIt(t *testing.T) {
	kit, err := Load(os.DirFS(visitsKit))
	if err != nil {
		t.Fatal(err)
	}
	if kit.VisitDialog("connection") != "visit.connection" || kit.Dialogs["visit.connection"] == nil || kit.VisitDialog("nothing") != "" {
		t.Errorf("the dialogs are %v", sortedKeys(kit.Dialogs))
	}
	source, err := kit.Source("visit.connection")
	if err != nil {
		t.Fatal(err)
	}
	old, err := RestoreKit(source)
	if err != nil || old.Visits["connection"] == nil || old.Dialogs["visit.connection"].Version != kit.Dialogs["visit.connection"].Version {
		t.Errorf("a stored dialog comes back with %v: %v", old, err)
	}
	if len(kit.Warnings) > 0 {
		t.Errorf("warned of %v", kit.Warnings)
	}
}

func TestHoursOfACrewAreReadAsInAKit(t *testing.T) {
	hours := CrewHours(map[string]string{"mon-wed": "08:00-16:30", "sun": "nonsense"})
	if hours == nil || hours[1].From != 8*60 || hours[3].To != 16*60+30 || hours[0].To != 0 || hours[4].To != 0 {
		t.Errorf("%v", hours)
	}
	if CrewHours(nil) != nil {
		t.Error("who has no hours of their own has those of the kit")
	}
}
