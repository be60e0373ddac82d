package dialogs

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// changed is the kit of reviews with some words replaced in one of its files.
func reviewsWith(t *testing.T, file string, oldnew ...string) (*Kit, error) {
	t.Helper()
	kit := fstest.MapFS{}
	for _, name := range []string{"kit.yaml", "pipelines.yaml", "cards.yaml", "dialogs/home.yaml", "dialogs/register.yaml", "dialogs/complain.yaml", "locales/ru.yaml", "locales/en.yaml"} {
		data, err := os.ReadFile(reviewed + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if name == file {
			if !strings.Contains(string(data), oldnew[0]) {
				t.Fatalf("%s has no %q", file, oldnew[0])
			}
			data = []byte(strings.NewReplacer(oldnew...).Replace(string(data)))
		}
		kit[name] = &fstest.MapFile{Data: data}
	}
	return Load(kit)
}

func TestMistakesInRetakesAndChecksAreToldWithTheirMending(t *testing.T) {
	for _, c := range []struct{ file, from, to, want string }{
		{"cards.yaml", "licence.2:", "license.2:", "Write “licence”"},
		{"cards.yaml", "licence.2:", "licence.x:", "which is no photo"},
		{"cards.yaml", "selfie: photo.selfie}", "by: photo.selfie}", "which is no photo"},
		{"cards.yaml", "          back: review\n", "", "Write both “stage” and “back”"},
		{"cards.yaml", "stage: fixing", "stage: fixng", "which does not exist"},
		{"cards.yaml", "to: contact, stage", "to: everybody, stage", "can't be “everybody”"},
		{"cards.yaml", "photo.back", "photo.bak", "which does not exist"},
		{"cards.yaml", "talk: true}", "talk: true, call: true}", "2 things"},
		{"pipelines.yaml", "to: [review, accounting, refused]", "to: [accounting, refused]", "Add “review” to “to” of stage “fixing”"},
		{"dialogs/register.yaml", "{type: name}", "{type: name, side: 800}", "which takes no photos"},
		{"dialogs/register.yaml", "forwarded: refuse", "forwarded: refused", "Write “refuse”"},
	} {
		if _, err := reviewsWith(t, c.file, c.from, c.to); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s instead of %s: %v, want %q", c.to, c.from, err, c.want)
		}
	}
}

func TestARetakeGoesOnInAStoredVersionOfItsDialog(t *testing.T) {
	kit, err := reviewsWith(t, "kit.yaml", "kit: review", "kit: review")
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range kit.Dialogs {
		source, err := kit.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		old, err := RestoreKit(source)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := old.Dialogs[name]; got == nil || got.Version != d.Version {
			t.Errorf("%s is restored as %+v", name, got)
		}
	}
}

func TestAKitThatChangesLosesNoRetake(t *testing.T) {
	p := sent(t)
	p.play(t, "/complain", "Не пришёл бонус")
	p.wants(t, "photo.back", "retake.glare")
	kit, err := reviewsWith(t, "locales/ru.yaml", "блик, дату не прочитать", "блик закрывает дату", "Когда это было?", "Когда?")
	if err != nil {
		t.Fatal(err)
	}
	p.session = kit.Brought(p.session)
	p.kit = kit
	mustSay(t, p.hear(t, photoOf("new")), "attached licence at 2", "Когда?")
}
