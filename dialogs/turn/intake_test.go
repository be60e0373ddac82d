package turn_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
)

// Managers of the park by city, and its head; drivers.
const (
	aliya, erlan, saken = 501, 502, 503
	dauren, somebody    = 601, 602
)

// newIntake is a house over a park that people find by web form and telephone, too.
func newIntake(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t)}
	for i, e := range []struct{ name, role, city string }{{"Алия", "manager", "Алматы"}, {"Ерлан", "manager", "Астана"}, {"Сакен", "head", ""}} {
		h.exec(`INSERT INTO employees (id, name, role, city, lang, phone, on_shift) VALUES ($1, $2, $3, $4, 'en', $5, true)`, i+1, e.name, e.role, e.city, fmt.Sprintf("+7701000000%d", i))
		h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', $1, $2)`, fmt.Sprint(aliya+i), i+1)
	}
	kit, err := dialogs.Load(os.DirFS("testdata/park"))
	if err != nil {
		t.Fatal(err)
	}
	h.startWith(kit)
	h.shift = time.Until(time.Date(2030, 6, 3, 12, 0, 0, 0, kit.Zone)) // a Monday
	return h
}

// form is a web form of the site; key is that of its site.
func form(key string, values map[string]string) crm.Inbound {
	chat := values["phone"]
	return crm.Inbound{Address: crm.Address{Channel: "form:site", Chat: chat}, From: crm.Person{ID: chat}, Key: "f:" + key, Kind: crm.InForm, SentAt: time.Now(),
		Form: &crm.FormSent{Name: "site", Values: values, Key: key, Digest: key}}
}

// ring is a telephone call, missed unless somebody is named who answered.
func (h *house) ring(id, phone, answered string) crm.Inbound {
	call := &crm.Call{ID: id, Phone: phone, Line: "main", Status: crm.CallMissed, At: time.Now().Add(h.shift), Employee: answered}
	if answered != "" {
		call.Status, call.Seconds = crm.CallAnswered, 40
	}
	return crm.Inbound{Address: crm.Address{Channel: "call", Chat: phone}, From: crm.Person{ID: phone}, Key: "c:" + id, Kind: crm.InCall, SentAt: time.Now(), Call: call}
}

func TestAFormBecomesALeadOfItsCityWithAManagerAndACard(t *testing.T) {
	h := newIntake(t)
	h.accept(form("k1", map[string]string{"name": "Азамат", "phone": "+7 707 123-45-67", "city": "almaty"}))
	h.accept(form("k2", map[string]string{"name": "Берик", "phone": "87011112233", "city": "Астана", "topic": "support", "about": "Не приходит код"}))
	for sql, want := range map[string]int{
		`SELECT count(*) FROM deals WHERE pipeline = 'drivers' AND stage = 'new' AND city = 'Алматы' AND owner_id = 1 AND source = 'site' AND conversation_id IS NULL`: 1,
		`SELECT count(*) FROM deals WHERE pipeline = 'support' AND city = 'Астана' AND title = 'Не приходит код'`:                                                      1,
		`SELECT count(*) FROM contacts WHERE name = 'Азамат' AND phone = '+77071234567'`:                                                                               1,
		`SELECT count(*) FROM form_leads f JOIN deals d ON d.id = f.deal_id AND d.contact_id = f.contact_id`:                                                           2,
		`SELECT count(*) FROM messages WHERE kind = 'form' AND direction = 'in'`:                                                                                       2,
		`SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.channel LIKE 'form:%' AND m.direction = 'out'`:                       0,
	} {
		if n := h.count(sql); n != want {
			t.Errorf("%d, want %d: %s", n, want, sql)
		}
	}
	h.says(aliya, "Азамат")
	h.says(erlan, "Берик")
}

func TestAFormThatIsSentAgainOpensNothingMoreHoweverManySendItAtOnce(t *testing.T) {
	h := newIntake(t)
	values := map[string]string{"name": "Азамат", "phone": "+77071234567", "city": "Алматы"}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := h.runner.Accept(t.Context(), form("k1", values)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	again := form("k1", values) // the same key from another chat: the page has changed the number meanwhile
	again.Address.Chat, again.From.ID = "+77070000000", "+77070000000"
	h.accept(again)
	if n := h.count(`SELECT count(*) FROM deals`) + h.count(`SELECT count(*) FROM form_leads`); n != 2 {
		t.Errorf("%d deals and leads", n)
	}
}

func TestASecondRequestOfOnePersonJoinsTheFirst(t *testing.T) {
	h := newIntake(t)
	h.accept(form("k1", map[string]string{"phone": "+77071234567", "city": "Алматы"}))
	h.accept(form("k2", map[string]string{"phone": "8 707 123 45 67", "name": "Азамат"}))
	if n := h.count(`SELECT count(*) FROM deals`); n != 1 {
		t.Errorf("%d deals", n)
	}
	if n := h.count(`SELECT count(DISTINCT deal_id) FROM form_leads WHERE deal_id IS NOT NULL`); n != 1 {
		t.Errorf("both forms name %d deals", n)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'deal_repeated'`); n != 1 {
		t.Errorf("%d attempts recorded", n)
	}
}

func TestAFormedNumberOfSomebodyElseReachesAndChangesNobody(t *testing.T) {
	h := newIntake(t)
	h.text(dauren, "/menu")
	h.accept(h.from(dauren, crm.Inbound{Kind: crm.InContact, Card: &crm.Card{Phone: "77071234567", Own: true}}))
	before := h.count(`SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.chat = '601'`)
	h.accept(form("k1", map[string]string{"phone": "+77071234567", "name": "Мошенник", "city": "Алматы"}))
	for sql, want := range map[string]int{
		`SELECT count(*) FROM contacts WHERE phone = '+77071234567' AND merged_into IS NULL`:                                            2,
		`SELECT count(*) FROM contacts c JOIN identities i ON i.contact_id = c.id WHERE i.channel = 'telegram' AND c.name = 'Мошенник'`: 0,
		`SELECT count(*) FROM deals d JOIN identities i ON i.contact_id = d.contact_id WHERE i.channel = 'telegram'`:                    0,
		`SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.chat = '601'`:                         before,
		`SELECT count(*) FROM contact_merges`: 0,
	} {
		if n := h.count(sql); n != want {
			t.Errorf("%d, want %d: %s", n, want, sql)
		}
	}
}

// listed is somebody whom a list has brought.
func (h *house) listed(name, phone string, s crm.Standing) {
	h.t.Helper()
	if _, err := h.db.ImportContacts(h.t.Context(), []postgres.ContactImport{{Name: name, Phone: phone, Fields: s.Fields()}}, postgres.ImportOptions{}); err != nil {
		h.t.Fatal(err)
	}
}

func owing(sum float64) crm.Standing {
	balance := -sum
	return crm.Standing{Known: true, Balance: &balance, At: time.Date(2030, 6, 1, 0, 0, 0, 0, time.UTC)}
}

func TestAKnownDriverIsRecognisedByTheirNumberAtOnceAndADebtIsOnlyToldToItsOwner(t *testing.T) {
	h := newIntake(t)
	h.listed("Азамат Серик", "+77071234567", owing(12500))
	h.text(somebody, "/menu")
	h.text(somebody, "+7 707 123-45-67") // anybody can type a number
	h.says(somebody, "We know you")
	h.press(somebody, "OK")
	h.says(somebody, "We know you") // it is still known at the next step, and still no sum
	if n := h.count(`SELECT count(*) FROM contacts WHERE fields ? 'balance'`); n != 1 {
		t.Errorf("%d contacts have the balance", n)
	}
	h.text(dauren, "/menu")
	h.accept(h.from(dauren, crm.Inbound{Kind: crm.InContact, Card: &crm.Card{Phone: "77071234567", Own: true}}))
	h.says(dauren, "You owe 12")
	h.press(dauren, "OK")
	h.says(dauren, "You owe 12")
	if n := h.count(`SELECT count(*) FROM identities i JOIN contacts c ON c.id = i.contact_id WHERE i.address = '601' AND c.name = 'Азамат Серик'`); n != 1 {
		t.Error("the driver is not the contact of the list")
	}
}

func TestADriverOfAnotherPartnerIsRecognisedAndANewOneIsNot(t *testing.T) {
	h := newIntake(t)
	h.listed("Берик", "+77012223344", crm.Standing{Partner: "Жылдам"})
	h.text(dauren, "/menu")
	h.text(dauren, "+77012223344")
	h.says(dauren, "You drive for Жылдам")
	h.text(somebody, "/menu")
	h.text(somebody, "+77019998877")
	h.says(somebody, "Welcome!")
}

func TestAFormSeesWhoIsKnownAndALeadFromItBelongsToTheContactOfTheList(t *testing.T) {
	h := newIntake(t)
	h.listed("Азамат Серик", "+77071234567", owing(500))
	h.accept(form("k1", map[string]string{"phone": "+77071234567", "name": "Кто-то", "city": "Алматы"}))
	if n := h.count(`SELECT count(*) FROM deals d JOIN contacts c ON c.id = d.contact_id WHERE c.name = 'Азамат Серик' AND d.fields->>'known' = 'true'`); n != 1 {
		t.Errorf("%d such leads", n)
	}
}

func TestTheCityOfAListIsKnownOfWhoseNumberItIsForCertainOnly(t *testing.T) {
	h := newIntake(t)
	s := owing(500)
	s.City = "Астана"
	h.listed("Азамат Серик", "+77071234567", s)
	h.text(somebody, "/menu")
	h.text(somebody, "+7 707 123-45-67") // anybody can type a number
	h.is("cities of who only typed it", h.count(`SELECT count(*) FROM contacts c JOIN identities i ON i.contact_id = c.id WHERE i.address = '602' AND c.fields::text LIKE '%Астана%'`), 0)
	h.text(dauren, "/menu")
	h.accept(h.from(dauren, crm.Inbound{Kind: crm.InContact, Card: &crm.Card{Phone: "77071234567", Own: true}}))
	h.is("the city of the list", h.count(`SELECT count(*) FROM contacts c JOIN identities i ON i.contact_id = c.id WHERE i.address = '601' AND c.fields->>'city' = 'Астана'`), 1)
}
