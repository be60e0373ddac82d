package dialogs_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"govorun/crm"
	"govorun/crm/seal"
	"govorun/dialogs"
)

func TestADocumentHoldsSealedFieldsThemselvesAndTextsTheirMasks(t *testing.T) {
	kit, err := dialogs.Load(os.DirFS("testdata/office"))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := seal.NewSecret(strings.NewReader(strings.Repeat("k", 64)))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.NewRing([]seal.Key{{ID: 1, Secret: secret}})
	if err != nil {
		t.Fatal(err)
	}
	token := ring.Seal("KZ86125KZT5004100100", "KZ86 ···0100")
	scope := dialogs.Scope{Now: time.Date(2030, 6, 3, 10, 0, 0, 0, kit.Zone), Lang: "en", Contact: crm.Contact{ID: 7, Name: "Ivo"},
		Deal: crm.Deal{ID: 42, Pipeline: "drivers", Stage: "new", Status: crm.DealOpen, Fields: crm.Fields{"account": token}}}
	card := kit.Cards["driver"]
	effects, err := kit.Act(card.Actions[0].Do, scope)
	if err != nil || len(effects) != 1 {
		t.Fatalf("%v, %v", effects, err)
	}
	wanted, is := effects[0].(crm.DocumentWanted)
	if !is || wanted.Deal != 42 || wanted.Name != "contract" || wanted.Version != 2 || wanted.Title != "Contract" {
		t.Fatalf("%+v", effects[0])
	}
	if !strings.Contains(wanted.Text, token) || !strings.Contains(wanted.Text, "# Contract No. 42") || !strings.Contains(wanted.Text, "Ivo") || strings.Contains(wanted.Text, "…") {
		t.Errorf("the document says %q", wanted.Text)
	}
	if shown := seal.Masked(wanted.Text); strings.Contains(shown, "KZ86125") || !strings.Contains(shown, "KZ86 ···0100") {
		t.Errorf("masked it says %q", shown)
	}
}

func TestMistakesInConsentsAndDocumentsAreNamedWithTheirPlace(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{"kit.yaml", "pipelines.yaml", "rules.yaml", "cards.yaml", "dialogs/join.yaml", "locales/en.yaml"} {
		text, err := os.ReadFile("testdata/office/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	change := func(name, before, after string) {
		text := string(files[name].Data)
		if !strings.Contains(text, before) {
			t.Fatalf("%s has no %q", name, before)
		}
		files[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, before, after, 1))}
	}
	change("kit.yaml", "data: {version: 3", "data: {version: 0")
	change("kit.yaml", "  contract: {", "  data: {version: 1, title: contract.title, text: contract.text}\n  contract: {")
	change("cards.yaml", "send_document: contract", "send_document: contrakt")
	change("dialogs/join.yaml", "consent: data", "consent: date")
	change("locales/en.yaml", "{{.today}}", "{{.todey}}")
	_, err := dialogs.Load(files)
	if err == nil {
		t.Fatal("the kit is taken")
	}
	for _, want := range []string{"kit.yaml:11:19", "both a consent and a document", "Write “contract”", "keeps the consent “date”, which does not exist", "{{.todey}}"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
}
