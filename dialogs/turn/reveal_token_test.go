package turn

import (
	"testing"

	"govorun/crm"
)

func TestX30_ATokenPostedInAChatIsMaskedBeforeItIsStored(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"new one: 7777777777:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1, take it": "new one: 7777777777:···, take it",
		"at 10:30 in 5512:7":                     "at 10:30 in 5512:7",
		"https://example.org:8080/a_path_of_any": "https://example.org:8080/a_path_of_any",
		"":                                       "",
	} {
		if got := withoutSecrets(crm.Inbound{Text: text}).Text; got != want {
			t.Errorf("%q is stored as %q", text, got)
		}
	}
}
