package turn_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
)

// Employees of a park of drivers: Hana hears of everything, Alia of Almaty, Mina works. Their chats have their numbers.
const hanaOfPark, alia, mina, driver = 701, 702, 703, 801

// parkFiles is a kit with sources, reports and three languages.
func parkFiles() fstest.MapFS {
	texts := func(lang string) string {
		words := map[string][]string{"ru": {"Регистрация", "1-я поездка"}, "en": {"Registered", "First ride"}, "kk": {"Тіркелу", "Алғашқы сапар"}}[lang]
		return "role.head: Head\nrole.manager: Manager\nreg.hello: Hello\nreg.phone: Phone?\nreg.city: City?\nsource.ig: Instagram\np: Drivers\ns: Stage\nstep.one: " + words[0] + "\nstep.two: " + words[1] + "\n"
	}
	files := fstest.MapFS{
		"kit.yaml": {Data: []byte(`kit: park
languages: [ru, en, kk]
zone: Asia/Almaty
home: home
head: head
roles: {head: role.head, manager: {text: role.manager, sees: own}}
cities: {Алматы: {names: {en: Almaty}}, Астана: {names: {en: Astana}}}
sources: {instagram: {text: source.ig, links: {ig1: Алматы}}}
reports: {leads: [drivers], currency: KZT, steps: [{text: step.one, stages: [drivers.review]}, {text: step.two, stages: [drivers.rides]}]}
`)},
		"dialogs/home.yaml": {Data: []byte("dialog: home\nstart: hello\nstates:\n  hello: {say: reg.hello, end: done}\n")},
		"dialogs/registration.yaml": {Data: []byte(`dialog: registration
entry: [{link: reg}]
start: begin
slots: {city: {type: city}, phone: {type: text}}
states:
  begin:
    do: [{set: {city: link.city}}, {open_deal: {pipeline: drivers, stage: new, title: '"driver"', fields: {city: city}}}]
    next: phone
  phone: {ask: reg.phone, slot: phone, next: bye}
  bye: {end: done}
`)},
		"dialogs/site.yaml": {Data: []byte("dialog: site\nentry: [{command: site}]\nstart: begin\nstates:\n  begin: {do: [{open_deal: {pipeline: checks, stage: new, title: '\"form\"', fields: {source: '\"site\"'}}}], end: done}\n")},
		"pipelines.yaml": {Data: []byte("pipelines:\n  drivers: {text: p, stages: {new: {text: s}, review: {text: s}, rides: {text: s, status: won}, lost: {text: s, status: lost}}}\n" +
			"  checks: {text: p, stages: {new: {text: s}, done: {text: s, status: won}}}\n" +
			"links:\n  check: {from: drivers.review, to: checks.new}\n")},
		"cards.yaml": {Data: []byte("cards:\n  work: {text: p, actions: [{id: review, text: s, do: [{move_deal: review}]}, {id: rides, text: p, do: [{move_deal: rides}]}]}\n")},
	}
	for _, lang := range []string{"ru", "en", "kk"} {
		files["locales/"+lang+".yaml"] = &fstest.MapFile{Data: []byte(texts(lang))}
	}
	return files
}

func newPark(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t)}
	for i, e := range []struct{ name, role, city string }{{"Hana", "head", ""}, {"Alia", "head", "Алматы"}, {"Mina", "manager", "Алматы"}} {
		h.exec(`INSERT INTO employees (id, name, role, city, lang, on_shift) VALUES ($1, $2, $3, $4, 'en', true)`, i+1, e.name, e.role, e.city)
		h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', $1, $2)`, fmt.Sprint(hanaOfPark+i), i+1)
	}
	kit, err := dialogs.Load(parkFiles())
	if err != nil {
		t.Fatal(err)
	}
	h.startWith(kit)
	if err := h.db.KeepRoles(context.Background(), kit.Scopes()); err != nil {
		t.Fatal(err)
	}
	return h
}

// chart is the picture of the newest report to a person, kept for a look when $KEEP_PICTURES names a folder.
func (h *house) chart(person int64, name string) {
	h.t.Helper()
	out := h.last(person)
	if out.Kind != crm.OutMedia || len(out.Media) != 1 {
		h.t.Fatalf("there is no picture: %+v", out)
	}
	if _, err := png.Decode(bytes.NewReader(out.Media[0].Bytes)); err != nil {
		h.t.Error(err)
	}
	if len([]rune(out.Text)) > 1024 {
		h.t.Errorf("a caption of %d letters", len([]rune(out.Text)))
	}
	for _, row := range out.Buttons {
		for _, b := range row {
			if len(b.Data) > 64 {
				h.t.Errorf("the button %q carries %d bytes", b.Text, len(b.Data))
			}
		}
	}
	if keep := os.Getenv("KEEP_PICTURES"); keep != "" {
		if err := os.WriteFile(keep+"/"+name+".png", out.Media[0].Bytes, 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
}

// leads fills this month: so many of a source in a city, half of them registered, a quarter riding.
func (h *house) leads(n int, source, city string) {
	h.t.Helper()
	h.exec(`WITH c AS (INSERT INTO contacts (name) SELECT 'Driver' FROM generate_series(1, $1::integer) RETURNING id)
		INSERT INTO deals (pipeline, stage, status, contact_id, owner_id, city, source, closed_at) SELECT 'drivers', CASE WHEN n % 4 = 1 THEN 'rides' WHEN n % 2 = 1 THEN 'review' ELSE 'new' END,
			CASE WHEN n % 4 = 1 THEN 'won' ELSE 'open' END, id, 3, $3, $2, CASE WHEN n % 4 = 1 THEN now() END FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM c) x`, n, source, city)
}

func TestTheFirstSourceOfAPersonStaysAndEveryDealOfTheirsBearsIt(t *testing.T) {
	h := newPark(t)
	if err := h.db.AddSource(context.Background(), postgres.Source{Code: "gis", Source: "2gis", City: "Астана"}); err != nil {
		t.Fatal(err)
	}
	h.text(driver, "/start reg_gis")
	if n := h.count(`SELECT count(*) FROM contacts WHERE fields->>'source' = '2gis' AND fields->>'source_code' = 'gis'`); n != 1 {
		t.Error("the contact does not know where they came from")
	}
	if n := h.count(`SELECT count(*) FROM deals WHERE source = '2gis' AND city = 'Астана' AND fields->>'source' = '2gis'`); n != 1 {
		t.Error("the deal bears no source or city")
	}
	h.text(driver, "+77071234567")
	h.text(driver, "/start reg_ig1")
	if n := h.count(`SELECT count(*) FROM contacts WHERE fields->>'source' = '2gis'`); n != 1 {
		t.Error("a later link took the place of the first source")
	}
	if n := h.count(`SELECT count(*) FROM deals WHERE source = '2gis' AND city = 'Алматы'`); n != 1 {
		t.Error("the second deal has another source than its person, or not the city of its link")
	}
	h.text(driver+1, "/start reg_nobody")
	h.says(driver+1, "Phone?")
	if n := h.count(`SELECT count(*) FROM deals WHERE source = '' AND contact_id IN (SELECT contact_id FROM identities WHERE address = $1)`, fmt.Sprint(driver+1)); n != 1 {
		t.Error("an unknown code keeps somebody from registering")
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'unknown_code'`); n != 0 {
		t.Error("an unknown code of an advertisement counts as a guess of codes of machines")
	}
}

func TestWhoComesByAFormFirstCameFromItForGood(t *testing.T) {
	h := newPark(t)
	h.text(driver, "/site")
	h.text(driver, "/start reg_ig1")
	if n := h.count(`SELECT count(*) FROM contacts WHERE fields->>'source' = 'site' AND fields->'source_code' IS NULL`); n != 1 {
		t.Error("a later link took the place of the form")
	}
	if n := h.count(`SELECT count(*) FROM deals WHERE source = 'site'`); n != 2 {
		t.Errorf("%d of two deals bear the first source", n)
	}
}

func TestADealThatALinkOpensHasTheSourceOfItsContact(t *testing.T) {
	h := newPark(t)
	h.text(driver, "/start reg_ig1")
	h.exec(`UPDATE deals SET owner_id = 3`)
	h.text(mina, "/deal 1")
	h.press(mina, "Stage")
	if n := h.count(`SELECT count(*) FROM deals WHERE pipeline = 'checks' AND source = 'instagram' AND fields->>'source' = 'instagram'`); n != 1 {
		t.Error("the deal that the review opened has no source")
	}
}

func TestTheHeadReadsWhatCameOfLeadsAndWhatTheyCost(t *testing.T) {
	h := newPark(t)
	h.leads(40, "instagram", "Алматы")
	h.leads(8, "2gis", "Астана")
	h.leads(3, "", "")
	h.exec(`INSERT INTO source_costs (day, source, city, cost) SELECT day, source, city, cost FROM (VALUES ('instagram', 'Алматы', 12000000), ('2gis', '', 400000)) v(source, city, cost),
		LATERAL (SELECT (now() AT TIME ZONE 'Asia/Almaty')::date AS day) d`)
	h.text(hanaOfPark, "/report")
	for _, part := range []string{"<b>Report: ", "Leads: 51 · Registered 26 (51\u00a0%) · First ride 13 (25\u00a0%)", "Cost 124\u00a0000\u00a0₸: lead 2\u00a0431 · Registered 4\u00a0769 · First ride 9\u00a0538"} {
		h.says(hanaOfPark, part)
	}
	h.chart(hanaOfPark, "head-leads")
	if got := labels(h.last(hanaOfPark)); !strings.HasPrefix(got, "👥 Employees|⭐ Rating|🅿️ Parked|⬅️ ") || strings.Contains(got, "➡️") {
		t.Errorf("the buttons are %s", got)
	}
	h.text(alia, "/есеп осы ай")
	h.says(alia, "Leads: 43 ·") // those of her city and of none
	h.says(alia, "Cost 120\u00a0000\u00a0₸")
	h.press(hanaOfPark, "⬅️")
	h.says(hanaOfPark, "No leads came in this time.")
	h.press(hanaOfPark, "➡️")
	h.says(hanaOfPark, "Leads: 51")
	for lang, want := range map[string]string{"ru": "Заявки: 51 · Регистрация 26 (51\u00a0%) · 1-я поездка 13 (25\u00a0%)\nРасход 124\u00a0000\u00a0₸: заявка 2\u00a0431", "kk": "Өтінімдер: 51"} {
		h.exec(`UPDATE employees SET lang = $1 WHERE id = 1`, lang)
		h.exec(`UPDATE conversations SET lang = $1`, lang)
		h.text(hanaOfPark, "/reports")
		h.says(hanaOfPark, want)
		h.chart(hanaOfPark, "head-leads-"+lang)
		h.text(hanaOfPark, "/reports "+map[string]string{"ru": "сотрудники", "kk": "қызметкерлер"}[lang])
		h.chart(hanaOfPark, "head-work-"+lang)
	}
}

func TestTheHeadReadsWhatEmployeesDidAndWhoIsRated(t *testing.T) {
	h := newPark(t)
	h.leads(8, "instagram", "Алматы")
	h.exec(`INSERT INTO events (at, kind, author, employee_id, deal_id) SELECT now(), 'comment', 'employee', 3, id FROM deals LIMIT 5`)
	h.exec(`INSERT INTO events (at, kind, author, employee_id, deal_id) SELECT now(), 'duplicate_refused', 'employee', 3, min(id) FROM deals`)
	h.exec(`INSERT INTO points (employee_id, points, reason) VALUES (3, 7, 'x')`)
	h.exec(`INSERT INTO points (contact_id, deal_id, points, reason) SELECT contact_id, id, id, 'x' FROM deals`)
	h.text(hanaOfPark, "/reports employees")
	h.says(hanaOfPark, "Closed 2 · lost 0 · parked 0\nRepeated requests refused: 1, of employees 1")
	h.chart(hanaOfPark, "head-work")
	h.press(hanaOfPark, "⭐")
	h.says(hanaOfPark, "1. Driver: +8 (for 1)\n2. Driver: +7")
	h.press(hanaOfPark, "🅿️")
	h.says(hanaOfPark, "No deal is parked")
}

func TestReportsAreForThoseWithTheRightInTheirOwnChat(t *testing.T) {
	h := newPark(t)
	h.leads(4, "instagram", "Алматы")
	h.text(mina, "/report")
	if got := h.last(mina).Text; strings.Contains(got, "Leads") {
		t.Errorf("a manager reads %q", got)
	}
	h.text(hanaOfPark, "/report")
	press := h.last(hanaOfPark).Buttons[0][0].Data
	in := h.from(mina, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: press, Message: "1"}})
	in.Key = "p:1"
	if r := h.accept(in); r.Toast == "" {
		t.Error("a manager pressed the head's button and heard nothing")
	}
	before := h.last(hanaOfPark).ID
	for i, data := range []string{"s", "s:l", "s:x:20261101:20261201", "s:l:20261201:20261101", "s:l:20200101:20261101", "s:l:2026110:20261201", "s:l:00010101:00010201"} {
		in := h.from(hanaOfPark, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: data, Message: "1"}})
		in.Key = fmt.Sprintf("p:x%d", i)
		if r := h.accept(in); r.Toast == "" {
			t.Errorf("the made up button %s is answered with nothing", data)
		}
	}
	if h.last(hanaOfPark).ID != before {
		t.Error("a made up button brought a report")
	}
	for _, bad := range []string{"/report когда-нибудь", "/report 2010-2026", "/report до пятницы", "/report 5 лет"} {
		h.text(hanaOfPark, bad)
		h.says(hanaOfPark, "I don't know what time the report is of")
	}
}

func TestTimesOfReportsAreReadAndSaid(t *testing.T) {
	h := newPark(t)
	year := time.Now().Year() - 1
	for text, want := range map[string]string{
		fmt.Sprintf("/report 01.05.%d-10.05.%[1]d", year): fmt.Sprintf("1–10 May %d", year), fmt.Sprintf("/report май %d", year): fmt.Sprintf("May %d", year),
		fmt.Sprintf("/report 03.05.%d", year): fmt.Sprintf("3 May %d", year), fmt.Sprintf("/report leads 25.04.%d-10.05.%[1]d", year): fmt.Sprintf("25 April – 10 May %d", year),
		fmt.Sprintf("/отчёт 25.12.%d-10.01.%d", year-1, year): fmt.Sprintf("25 December %d – 10 January %d", year-1, year),
	} {
		h.text(hanaOfPark, text)
		if got := h.last(hanaOfPark).Text; !strings.Contains(got, ": "+want+"<") {
			t.Errorf("%s is answered with %q, want %s", text, got, want)
		}
	}
}

func TestTheMonthlyReportComesOnTheFirstByItself(t *testing.T) {
	h := newPark(t)
	zone, _ := time.LoadLocation("Asia/Almaty")
	at := time.Date(2030, 6, 30, 12, 0, 0, 0, zone)
	h.shift = time.Until(at)
	if err := h.runner.SettleOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.leads(4, "instagram", "Алматы")
	h.leads(4, "instagram", "Астана")
	h.exec(`UPDATE deals SET created_at = '2030-06-15 00:00Z', closed_at = CASE WHEN closed_at IS NOT NULL THEN '2030-06-20 00:00Z'::timestamptz END`)
	h.exec(`UPDATE timers SET due_at = due_at + interval '1 year' WHERE rule = 'digest.parked'`)
	h.later(20 * time.Hour) // 1 July, 8:00
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'digest_sent'`); n != 0 {
		t.Fatal("the report came before its hour")
	}
	h.later(time.Hour + time.Minute)
	heard := func(person int64) string {
		h.mu.Lock()
		defer h.mu.Unlock()
		var all []string
		for _, o := range h.out {
			if o.Address.Chat == fmt.Sprint(person) {
				all = append(all, o.Text)
			}
		}
		return strings.Join(all, "\n")
	}
	for person, leads := range map[int64]string{hanaOfPark: "Leads: 8", alia: "Leads: 4"} {
		got := heard(person)
		for _, part := range []string{"Report: June 2030", leads, "Employees: June 2030", "Rating: June 2030"} {
			if !strings.Contains(got, part) {
				t.Errorf("person %d does not hear %q in %q", person, part, got)
			}
		}
	}
	if got := heard(mina); strings.Contains(got, "June") {
		t.Errorf("a manager hears %q", got)
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE rule = 'digest.month' AND status = 'waiting' AND due_at = '2030-08-01 04:00Z'`); n != 1 {
		t.Error("the next one does not wait for the first of August")
	}
	h.later(5 * time.Minute)
	h.later(80 * 24 * time.Hour) // two months are over: the last one is told, once
	if got := heard(hanaOfPark); strings.Contains(got, "July 2030") || strings.Count(got, "Report: August 2030") != 1 {
		t.Errorf("after an outage the head hears %q", got)
	}
}

func TestTheMonthlyReportReachesManyReadersSomeAtATimeAndNobodyTwice(t *testing.T) {
	h := newPark(t)
	zone, _ := time.LoadLocation("Asia/Almaty")
	h.shift = time.Until(time.Date(2030, 6, 30, 12, 0, 0, 0, zone))
	if err := h.runner.SettleOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	readers := 2
	for i := range 7 {
		h.exec(`INSERT INTO employees (id, name, role, lang) VALUES ($1, 'Head', 'head', 'en')`, 900+i)
		h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', $1, $2)`, fmt.Sprint(9000+i), 900+i)
		h.text(int64(9000+i), "/help")
		readers++
	}
	h.exec(`UPDATE timers SET due_at = due_at + interval '1 year' WHERE rule = 'digest.parked'`)
	h.later(21*time.Hour + time.Minute)
	for range 4 {
		h.later(time.Minute)
	}
	h.is("readers", h.count(`SELECT count(DISTINCT conversation_id) FROM messages WHERE card = 'report:2030-06'`), readers)
	h.is("reports of employees", h.count(`SELECT count(*) FROM messages WHERE card = 'report:2030-06' AND content->>'text' LIKE '%Employees: June%'`), readers)
	h.is("transactions", h.count(`SELECT count(*) FROM events WHERE kind = 'digest_sent'`), 3)
}
