package turn_test

import (
	"strings"
	"testing"
)

// buttons are the labels under the newest message of a person.
func (h *house) buttons(person int64) (labels []string) {
	h.t.Helper()
	for _, row := range h.last(person).Buttons {
		for _, b := range row {
			labels = append(labels, b.Text)
		}
	}
	return labels
}

func TestD16AMistypedHelpIsOfferedOnceAndATextThatIsNoCommandIsNotCalledOne(t *testing.T) {
	h := newCrew(t)
	h.text(ivan, "/hlep")
	h.says(ivan, "Не знаю такой команды")
	if got := strings.Join(h.buttons(ivan), " "); got != "/help" {
		t.Errorf("buttons %q", got)
	}
	h.text(ivan, "🔧 № 13 · автомат 11\nМосква, вокзал\nВ работе") // a card that somebody forwarded
	h.says(ivan, "Не понял")
	h.text(ivan, "/save 🌅")
	if got := strings.Join(h.buttons(ivan), " "); got != "/save утро" {
		t.Errorf("a name without letters is answered with %q", got)
	}
}

func TestHelpNamesVisitsOnlyWhereThereAreAny(t *testing.T) {
	h := newProvider(t)
	h.runner.Kit.Visits = nil
	h.text(hana, "/help")
	if got := h.last(hana).Text; strings.Contains(got, "/plan") || strings.Contains(got, "/week") || !strings.Contains(got, "/funnel") {
		t.Errorf("without visits help says %q", got)
	}
	h.text(hana, "/plna")
	if got := strings.Join(h.buttons(hana), " "); strings.Contains(got, "/plan") {
		t.Errorf("a command that can do nothing is suggested: %q", got)
	}
}
