package dialogs

import (
	"strings"
	"testing"
	"testing/fstest"

	"govorun/crm"
)

// deskOf is a small kit whose only card has these lines.
func deskOf(t *testing.T, card string) (*Kit, error) {
	t.Helper()
	return Load(fstest.MapFS{
		"kit.yaml":       {Data: []byte("kit: desk\nlanguages: [en, ru]\nzone: UTC\nhome: home\nhuman: clerk\nhead: clerk\nroles: {clerk: t.clerk}\n")},
		"pipelines.yaml": {Data: []byte("fields:\n  colour: {type: text, max: 40, ask: t.colour}\npipelines:\n  desk:\n    text: t.desk\n    stages:\n      new: {text: t.new}\n")},
		"cards.yaml":     {Data: []byte(card)},
		"dialogs/home.yaml": {Data: []byte("dialog: home\nstart: hi\nslots:\n  what: {type: text}\nstates:\n  hi: {ask: t.hi, slot: what, next: open}\n" +
			"  open: {do: [{open_deal: {pipeline: desk, stage: new, title: what}}], say: t.hi, end: done}\n")},
		"locales/en.yaml": {Data: []byte("t.clerk: Clerk\nt.desk: Desk\nt.new: New\nt.hi: Hello\nt.card: Deal\nt.b: Button\nt.colour: Which colour?\n")},
		"locales/ru.yaml": {Data: []byte("t.clerk: Клерк\nt.desk: Стол\nt.new: Новая\nt.hi: Привет\nt.card: Заявка\nt.b: Кнопка\nt.colour: Какой цвет?\n")},
	})
}

func action(line string) string {
	return "cards:\n  job:\n    text: t.card\n    roles: [clerk]\n    pipelines: [desk]\n    actions:\n      - {id: act, text: t.b, " + line + "}\n"
}

func TestAButtonIsOfOneFormAndMistakesAreToldWithTheirMending(t *testing.T) {
	for line, want := range map[string]string{
		"call: true, comment: true": "2 things",
		`if: deal.stage == "new"`:   "0 things",
		"call: true, confirm: t.b":  "which changes nothing by itself",
		"ask: [size]":               "which does not exist",
		"reassign: [boss]":          "which does not exist",
		"call: true}\n      - {id: undo, text: t.b, call: true":                         "which every card has already",
		"call: true}\n      - {id: a_word_that_is_much_too_long, text: t.b, call: true": "too long for a button",
	} {
		if _, err := deskOf(t, action(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
	for _, address := range []string{"http://maps.example/{place}", "https://maps.example/", "{place}", "https:///{place}"} {
		if _, err := deskOf(t, "map: "+`"`+address+`"`+"\n"+action("call: true")); err == nil || !strings.Contains(err.Error(), "no address of a map") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestButtonsThatAskHaveTheirDialogs(t *testing.T) {
	kit, err := deskOf(t, action("ask: [colour]}\n      - {id: note, text: t.b, comment: true"))
	if err != nil {
		t.Fatal(err)
	}
	asks, comments := kit.Dialogs[kit.AskOf("job", "act")], kit.Dialogs[kit.CommentDialog()]
	if asks == nil || !asks.Demand || asks.Slots["colour"] == nil || comments == nil || !comments.Demand || kit.AskOf("job", "note") != "" {
		t.Errorf("the dialogs are %+v and %+v", asks, comments)
	}
}

func TestARouteTakesAnAddressOrCoordinatesAndNothingForNoPlace(t *testing.T) {
	kit, err := deskOf(t, action("route: deal.fields.address ?? \"\""))
	if err != nil {
		t.Fatal(err)
	}
	place := kit.Cards["job"].Actions[0].Route
	for address, want := range map[string]string{
		"":                      "",
		" , ":                   "",
		"43.2389, 76.8897":      "https://www.google.com/maps/search/?api=1&query=43.2389%2C+76.8897",
		"Абая 10 & <b>, офис 2": "https://www.google.com/maps/search/?api=1&query=%D0%90%D0%B1%D0%B0%D1%8F+10+%26+%3Cb%3E%2C+%D0%BE%D1%84%D0%B8%D1%81+2",
	} {
		got, err := kit.RouteOf(place, Scope{Deal: crm.Deal{ID: 1, Pipeline: "desk", Stage: "new", Fields: crm.Fields{"address": address}}, Asset: &Asset{}, Me: &crm.Employee{}})
		if err != nil || got != want {
			t.Errorf("%q leads to %q (%v)", address, got, err)
		}
	}
}

func TestOnlyWhatTheKitItselfSaysIsReadInAnotherLanguage(t *testing.T) {
	kit, err := deskOf(t, action("call: true"))
	if err != nil {
		t.Fatal(err)
	}
	for said, want := range map[string]string{"Заявка": "Deal", "Deal": "Deal", "Заявка 5": "Заявка 5", "": ""} {
		if got := kit.Localized(said, "en"); got != want {
			t.Errorf("%q is read as %q, want %q", said, got, want)
		}
	}
}
