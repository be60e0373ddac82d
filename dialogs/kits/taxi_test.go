package kits_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"govorun/crm"
	"govorun/crm/rules"
	"govorun/dialogs"
	"govorun/dialogs/kits"
)

func TestTheTaxiKitHasNothingThatIsWorthALook(t *testing.T) {
	for _, p := range taxiKit(t).Warnings {
		if !strings.Contains(p.What, "contract.text") { // a document is longer than a message
			t.Error(p)
		}
	}
}

func TestARegistrationTakesSixTapsFourPhotosAndOneTypedField(t *testing.T) {
	played, err := dialogs.Play(taxiKit(t), `# taxi: a test, Russian
> /start reg_almaty
> [▶️ Начать]
> (contact +77071234567)
> (album 2)
> (photo)
> 123 ABC 02
> (photo)
> [📱 По номеру телефона]
> [✅ Отправить]
`)
	// Start in Telegram, begin, the key and Telegram's own question for the contact, payout, send: six.
	if err != nil || !strings.Contains(played, "stage=review") {
		t.Errorf("%v:\n%s", err, played)
	}
}

func TestD24_OneImageForBothSidesIsAskedForAgain(t *testing.T) {
	w := newWalker(taxiKit(t), 0)
	for _, deed := range []string{"/start reg_almaty", "(press)"} {
		if deed == "(press)" {
			w.step(t, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: w.shown[0].Data, Message: "1"}})
			continue
		}
		w.step(t, w.does(deed))
	}
	front := w.photo(1280)
	for range 2 {
		w.step(t, crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{front}})
	}
	if w.session.State != "licence" {
		t.Errorf("with the same picture for both sides the talk stands at %s", w.session.State)
	}
	w.step(t, w.does("(photo)"))
	if w.session.State != "certificate" {
		t.Errorf("with both sides the talk stands at %s", w.session.State)
	}
}

func TestNobodyCanParkADriver(t *testing.T) {
	kit := taxiKit(t)
	watched := map[string]bool{}
	for _, rule := range kit.Rules {
		if rule.When.Kind == rules.Idle {
			watched[rule.When.Pipeline+"."+rule.When.Stage] = true
		}
	}
	for name, pipeline := range kit.Pipelines {
		for _, stage := range pipeline.Stages {
			if stage.Status == crm.DealOpen && stage.Recall == 0 && !watched[name+"."+stage.Name] {
				t.Errorf("a deal may stand at %s.%s for ever, and nobody hears of it", name, stage.Name)
			}
			if stage.Name == "selfie" || stage.Name == "documents" {
				if !slices.Equal(stage.By, []string{"head"}) || !watched[name+"."+stage.Name] {
					t.Errorf("%s.%s is a place to park: by %v, watched %v", name, stage.Name, stage.By, watched[name+"."+stage.Name])
				}
			}
		}
	}
	if kit.Reminders > 2 {
		t.Errorf("robots remind %d times", kit.Reminders)
	}
}

func TestEveryLossOfADriverHasAReason(t *testing.T) {
	kit := taxiKit(t)
	for _, name := range []string{"drivers", "returning", "missed", "intake"} {
		pipeline := kit.Pipelines[name]
		if len(pipeline.Reasons) == 0 {
			t.Errorf("%s has no reasons", name)
		}
		for _, stage := range pipeline.Stages {
			if stage.Status == crm.DealLost && kit.Demand(name, stage.Name) == "" {
				t.Errorf("nobody is asked why a deal comes to %s.%s", name, stage.Name)
			}
		}
	}
}

// secondBrand is another ride-hailing service as somebody adds it: one dialog and its texts.
const secondBrand = `dialog: jet
entry:
  - {link: jet}
  - {words: jet.words}
start: arrive
slots:
  city: {type: city}
states:
  arrive: {do: [{set: {city: link.city}}], say: jet.welcome, next: go}
  go: {do: [{start_dialog: {dialog: registration, with: {brand: '"jet"', city: city}}}], end: done}
`

func TestASecondBrandIsAddedByFilesAlone(t *testing.T) {
	folder, err := kits.FS("taxi")
	if err != nil {
		t.Fatal(err)
	}
	copied := fstest.MapFS{"dialogs/jet.yaml": {Data: []byte(secondBrand)}}
	err = fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(folder, name)
		copied[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for lang, words := range map[string]string{"ru": "Джет", "kk": "Жет", "en": "Jet"} {
		name := "locales/" + lang + ".yaml"
		copied[name].Data = append(copied[name].Data, []byte("\njet.words: "+words+"\njet.welcome: "+words+"!\n")...)
	}
	kit, err := dialogs.Load(copied)
	if err != nil {
		t.Fatal(err)
	}
	for start, brand := range map[string]string{"/start jet_ig-almaty": "brand=jet", "Джет": "brand=jet", "/start reg_ig-almaty": "brand=taxi"} {
		script := "# taxi: a brand, Russian\n> " + start + "\n> [▶️ Начать]\n"
		if start == "Джет" {
			script += "> [Алматы]\n"
		}
		played, err := dialogs.Play(kit, script+"> (contact +77071234567)\n")
		if err != nil || !strings.Contains(played, brand) || !strings.Contains(played, "city=Алматы") {
			t.Errorf("%s: %v\n%s", start, err, played)
		}
	}
}
