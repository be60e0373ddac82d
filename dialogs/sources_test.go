package dialogs

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"govorun/crm"
)

// leadPark is a kit with two sources: registration starts by reg_…, and opens a deal at once.
func leadPark(more string) fstest.MapFS {
	return fstest.MapFS{
		"kit.yaml":          {Data: []byte("kit: park\nlanguages: [en]\nzone: Asia/Almaty\nhome: home\ncities: {Almaty: {}, Astana: {}}\n" + more)},
		"locales/en.yaml":   {Data: []byte("home.hello: Hello\nreg.phone: Phone?\nreg.city: Which city?\nsource.ig: Instagram\nsource.site: Site\np: Drivers\ns: Stage\nstep.one: Registered\nstep.two: Rides\n")},
		"dialogs/home.yaml": {Data: []byte("dialog: home\nstart: hello\nstates:\n  hello: {say: home.hello, end: done}\n")},
		"dialogs/registration.yaml": {Data: []byte(`dialog: registration
entry: [{link: reg}]
start: begin
slots:
  city: {type: city}
  phone: {type: text}
  from: {type: text}
states:
  begin:
    do:
      - {set: {city: link.city, from: link.source + "/" + link.code}}
      - {open_deal: {pipeline: drivers, stage: new, title: from}}
    next: [{if: city != nil, to: phone}, {to: city}]
  city: {ask: reg.city, slot: city, next: phone}
  phone: {ask: reg.phone, slot: phone, next: bye}
  bye: {end: done}
`)},
		"pipelines.yaml": {Data: []byte("pipelines:\n  drivers: {text: p, was: {checked: review}, stages: {new: {text: s}, review: {text: s}, rides: {text: s, status: won}}}\n")},
		"cards.yaml":     {Data: []byte("cards:\n  work: {text: p, actions: []}\n")},
	}
}

const parkSources = "sources:\n  instagram: {text: source.ig, links: {ig1: Almaty, ig2: \"\"}}\n  site: {text: source.site}\n" +
	"reports: {leads: [drivers], currency: KZT, steps: [{text: step.one, stages: [drivers.review]}, {text: step.two, stages: [drivers.rides]}]}\n"

// follow lets somebody follow a link, with what the turn has looked up.
func followLink(t *testing.T, kit *Kit, payload string, facts Facts, c crm.Contact) (Result, string) {
	t.Helper()
	n := crm.DealID(0)
	env := Env{Now: noon, Lang: "en", Contact: c, Channel: Capabilities{Buttons: true}, NewNonce: func() string { return "N00001" },
		NewDeal: func() crm.DealID { n++; return n }}
	in := Input{Inbound: crm.Inbound{Kind: crm.InText, Command: "start", Start: payload, Text: "/start " + payload}, Facts: facts}
	r := kit.Step(Session{}, in, env)
	told := r.Session.State
	for _, e := range r.Effects {
		switch e := e.(type) {
		case crm.ContactChanged:
			told += fmt.Sprintf(" contact %v", e.Fields)
		case crm.DealOpened:
			told += fmt.Sprintf(" deal %s %v", e.Deal.Title, e.Deal.Fields)
		case crm.Recorded:
			if e.Kind == "dialog_error" {
				t.Error(e.Data)
			}
		}
	}
	return r, told
}

func TestALinkBringsItsSourceAndCityToContactAndDeal(t *testing.T) {
	kit, err := Load(leadPark(parkSources))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		name, payload string
		facts         Facts
		contact       crm.Contact
		want          string
	}{
		{"a code of the kit", "reg_ig1", Facts{}, crm.Contact{ID: 7}, "phone contact map[source:instagram source_code:ig1] deal instagram/ig1 map[source:instagram]"},
		{"in capitals", "reg_IG1", Facts{}, crm.Contact{ID: 7}, "phone contact map[source:instagram source_code:ig1] deal instagram/ig1 map[source:instagram]"},
		{"without a city", "reg_ig2", Facts{}, crm.Contact{ID: 7}, "city contact map[source:instagram source_code:ig2] deal instagram/ig2 map[source:instagram]"},
		{"of the database", "reg_gis", Facts{Source: &Origin{Code: "gis", Source: "2gis", City: "Astana"}}, crm.Contact{ID: 7}, "phone contact map[source:2gis source_code:gis] deal 2gis/gis map[source:2gis]"},
		{"unknown", "reg_nobody", Facts{}, crm.Contact{ID: 7}, "city deal /nobody map[]"},
		{"none", "reg", Facts{}, crm.Contact{ID: 7}, "city deal / map[]"},
		{"rubbish", "reg_-_--_..", Facts{}, crm.Contact{ID: 7}, "city deal / map[]"},
		{"a second source", "reg_ig1", Facts{}, crm.Contact{ID: 7, Fields: crm.Fields{"source": "site"}}, "phone deal instagram/ig1 map[source:site]"},
	} {
		if _, got := followLink(t, kit, one.payload, one.facts, one.contact); got != one.want {
			t.Errorf("%s:\n got %s\nwant %s", one.name, got, one.want)
		}
	}
	if needs := kit.Needs(Session{}, crm.Inbound{Kind: crm.InText, Command: "start", Start: "reg_IG1"}, "en"); len(needs) != 0 {
		t.Errorf("a code of the kit is looked up: %v", needs)
	}
	if needs := kit.Needs(Session{}, crm.Inbound{Kind: crm.InText, Command: "start", Start: "reg_Gis-5"}, "en"); len(needs) != 1 || needs[0] != (Need{Kind: NeedSource, Text: "gis-5"}) {
		t.Errorf("another code is not looked up: %v", needs)
	}
}

func TestALinkFollowedInTheMiddleOfAnotherDialogBringsItsSourceAtOnce(t *testing.T) {
	kit, err := Load(leadPark(parkSources))
	if err != nil {
		t.Fatal(err)
	}
	first, _ := followLink(t, kit, "reg_nobody", Facts{}, crm.Contact{ID: 7})
	env := Env{Now: noon, Lang: "en", Contact: crm.Contact{ID: 7}, NewNonce: func() string { return "N00002" }}
	first = kit.Step(first.Session, Input{Inbound: crm.Inbound{Kind: crm.InText, Text: "Astana"}}, env)
	in := Input{Inbound: crm.Inbound{Kind: crm.InText, Command: "start", Start: "reg_ig2"}}
	r := kit.Step(first.Session, in, env)
	if len(r.Effects) != 1 || r.Effects[0].(crm.ContactChanged).Fields.Text(FieldSource) != "instagram" {
		t.Errorf("effects are %v", r.Effects)
	}
	if r.Session.Dialog != "registration" || r.Session.State != first.Session.State {
		t.Errorf("the registration that was going on stands at %s.%s", r.Session.Dialog, r.Session.State)
	}
}

func TestAnEmployeeWhoTriesALinkComesFromNowhere(t *testing.T) {
	kit, err := Load(leadPark(parkSources))
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Inbound: crm.Inbound{Kind: crm.InText, Command: "start", Start: "reg_ig1"}}
	r := kit.Step(Session{}, in, Env{Now: noon, Lang: "en", Contact: crm.Contact{ID: 7}, Employee: &crm.Employee{ID: 1}, NewNonce: func() string { return "N00002" },
		NewDeal: func() crm.DealID { return 1 }})
	for _, e := range r.Effects {
		if changed, is := e.(crm.ContactChanged); is {
			t.Errorf("the employee has the source %v", changed.Fields)
		}
	}
}

func TestStepsOfAReportKeepTheOldNamesOfStages(t *testing.T) {
	kit, err := Load(leadPark(parkSources))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(kit.PlacesOf(kit.Reports.Steps[0])); got != "[drivers.review drivers.checked]" {
		t.Errorf("the first step is reached at %s", got)
	}
	if kit.SourceIn("en", "instagram") != "Instagram" || kit.SourceIn("en", "2gis") != "2gis" {
		t.Error("sources have other names")
	}
}

func TestMistakesInSourcesAndReportsAreToldWithTheFix(t *testing.T) {
	steps := "steps: [{text: step.one, stages: [drivers.review]}]"
	for more, want := range map[string]string{
		"sources: {ig: {text: source.ig, links: {IG_1: Almaty}}}\n":                                             "Write small Latin letters, digits and “-”.",
		"sources: {ig: {text: source.ig, links: {a: Almaty}}, site: {text: source.site, links: {a: Astana}}}\n": "which is that of “ig”",
		"sources: {ig: {text: source.ig, links: {a: Almati}}}\n":                                                "Write “Almaty”.",
		"sources: {ig: {text: source.no}}\n":                                                                    "source.no",
		"sources: {ig: {text: source.ig, link: {a: Almaty}}}\n":                                                 "Write “links”.",
		"reports: {leads: [driver], " + steps + "}\n":                                                           "driver",
		"reports: {leads: [drivers], steps: []}\n":                                                              "Name one to three.",
		"reports: {leads: [drivers], currency: tenge, " + steps + "}\n":                                         "Write a code such as KZT.",
		"reports: {leads: [drivers], steps: [{text: step.one, stages: [drivers.ride]}]}\n":                      "ride",
		"reports: {leads: [drivers]}\n":                                                                         "needs “steps”",
	} {
		_, err := Load(leadPark(more))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%sgives %v\nwant %s", more, err, want)
		}
	}
}
