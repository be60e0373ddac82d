package dialogs

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// park is the small kit of web forms and calls, with one text changed when old isn't empty.
func park(t *testing.T, file, old, now string) (*Kit, error) {
	t.Helper()
	memory := fstest.MapFS{}
	for _, name := range []string{"kit.yaml", "pipelines.yaml", "rules.yaml", "cards.yaml", "intake.yaml", "dialogs/home.yaml", "locales/en.yaml"} {
		data, err := os.ReadFile("turn/testdata/park/" + name)
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
	return Load(memory)
}

func TestMistakesInFormsAndHooksAreToldWithTheirPlaceAndFix(t *testing.T) {
	for _, c := range []struct{ old, now, want string }{
		{"https://park.example]", "http://park.example/]", "is no site"},
		{"type: phone, regions", "type: photo, regions", "which no page can send"},
		{"about: {type: text, max: 1000}", "about: {type: text, secret: true}", "is secret"},
		{"city: {type: city}", "deal: {type: city}", "always there"},
		{"city: city, source: '\"site\"'}}", "city: town, source: '\"site\"'}}", "“town”, which is not known here"},
		{"pipeline: support", "pipeline: suport", "Write “support”"},
		{"- notify: {role: manager, card: lead}", "- hand_over: {role: manager}", "does “hand_over”, but there is no talk"},
		{"https://books.example/hook", "http://books.example/hook", "is no address of a hook"},
		{"https://books.example/hook", "https://me:secret@books.example/hook", "is no address of a hook"},
		{"GOVORUN_HOOK_BOOKS", "DATABASE_URL", "is no environment variable of a hook"},
		{"  books:", "  tables:", "tells hook “books”, which does not exist"},
		{"  site:", "  call:", "it stands for telephone calls"},
	} {
		_, err := park(t, "intake.yaml", c.old, c.now)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), ".yaml:") {
			t.Errorf("%s instead of %s gives\n%v\nwant %q", c.now, c.old, err, c.want)
		}
	}
}

func TestAFormIsReadAsPeopleWriteAndSaysWhatIsWrong(t *testing.T) {
	kit, err := park(t, "intake.yaml", "forms:", "forms:")
	if err != nil {
		t.Fatal(err)
	}
	f := kit.Form("site")
	values, problems, ignored := kit.Read(f, map[string]string{"phone": "8 (707) 123-45-67", "city": "almaty", "topic": "Support", "about": " ", "utm": "x"}, "en", time.Now())
	if len(problems) > 0 || values["phone"].Text != "+77071234567" || values["city"].Text != "Алматы" || values["topic"].Text != "support" || len(ignored) != 1 {
		t.Errorf("values %v, problems %v, ignored %v", values, problems, ignored)
	}
	if _, filled := values["about"]; filled || f.PhoneOf(values) != "+77071234567" {
		t.Error("an empty field counts, or the number is not found")
	}
	_, problems, _ = kit.Read(f, map[string]string{"topic": "money"}, "en", time.Now())
	if len(problems) != 2 || !strings.Contains(problems[0].What, "work, support") || problems[1].Field != "phone" {
		t.Errorf("problems %v", problems)
	}
}
