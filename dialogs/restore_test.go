package dialogs

import (
	"strings"
	"testing"
)

func TestD20_AStoredDialogComesBackAsItWas(t *testing.T) {
	kit := registration(t)
	for name, definition := range kit.Dialogs {
		source, err := kit.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		old, err := RestoreKit(source)
		if err != nil {
			t.Fatal(err)
		}
		back := old.Dialogs[name]
		if len(old.Dialogs) != 1 || back.Version != definition.Version || len(back.States) != len(definition.States) {
			t.Errorf("dialog %s comes back as %+v, was %+v", name, back, definition)
		}
		for _, state := range back.States {
			for _, key := range []string{state.Ask, state.Say} {
				if key != "" && (!old.Texts.Has("ru", key) || !old.Texts.Has("en", key)) {
					t.Errorf("the text %s of dialog %s is lost", key, name)
				}
			}
			for _, to := range state.targets() {
				if err := back.move(state.Name, to); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func TestTheVersionChangesWithTheFileAndWithItsTexts(t *testing.T) {
	before := registration(t).Dialogs["registration"].Version
	if len(before) != versionLength {
		t.Errorf("the version is %q", before)
	}
	for file, change := range map[string][2]string{
		"dialogs/registration.yaml": {"after: 24h", "after: 25h"},
		"locales/en.yaml":           {"Where to pay?", "Where shall we pay?"},
	} {
		files := registration(t).files.open()
		files[file].Data = []byte(strings.Replace(string(files[file].Data), change[0], change[1], 1))
		kit, err := Load(files)
		if err != nil {
			t.Fatal(err)
		}
		if kit.Dialogs["registration"].Version == before {
			t.Errorf("a change of %s keeps the version", file)
		}
		if kit.Dialogs["home"].Version != registration(t).Dialogs["home"].Version {
			t.Errorf("a change of %s changes the version of a dialog that doesn't use it", file)
		}
	}
}

func TestAStoredDialogThatIsDamagedIsRefused(t *testing.T) {
	for _, source := range []string{"", "{", "{}", `{"kit.yaml": "kit: x"}`, `{"kit.yaml": "kit: x\nlanguages: [ru]\nzone: UTC\nhome: a\n", "dialogs/a.yaml": "x"}`} {
		if kit, err := RestoreKit([]byte(source)); err == nil {
			t.Errorf("%q gives %+v", source, kit)
		}
	}
	if _, err := registration(t).Source("nothing"); err == nil {
		t.Error("a dialog that doesn't exist was stored")
	}
}
