package turn_test

import (
	"fmt"
	"strings"
	"testing"

	"govorun/crm"
	"govorun/dialogs/turn"
)

// deals makes open sales of Moscow: so many of an owner, nobody's when the owner is 0.
func (h *house) deals(owner, n int, title string) {
	h.t.Helper()
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, city) SELECT 'sales', 'talk', 'open', $3 || n, nullif($1, 0), 'Moscow' FROM generate_series(1, $2::integer) n`, owner, n, title)
}

// onList presses a button of the newest list of a person.
func (h *house) onList(person int64, label string) turn.Receipt {
	h.t.Helper()
	return h.pressOn(person, h.list(person), label)
}

// list is the newest list of a person as it stands now.
func (h *house) list(person int64) crm.Outbound {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.out) - 1; i >= 0; i-- {
		o := h.out[i]
		if o.Address.Chat != fmt.Sprint(person) || len(o.Buttons) == 0 || !strings.HasPrefix(o.Buttons[0][0].Data, "f:") {
			continue
		}
		for _, row := range o.Buttons {
			for _, b := range row {
				if len(b.Data) > 64 {
					h.t.Errorf("the button %q carries %d bytes", b.Text, len(b.Data))
				}
			}
		}
		return o
	}
	h.t.Fatalf("person %d has no list", person)
	return crm.Outbound{}
}

func labels(o crm.Outbound) string {
	var all []string
	for _, row := range o.Buttons {
		for _, b := range row {
			all = append(all, b.Text)
		}
	}
	return strings.Join(all, "|")
}

func TestOnesOwnDealsComeFirstThenFreeOnesInPagesThatSurviveARestart(t *testing.T) {
	h := newProvider(t)
	h.deals(1, 7, "Own ")
	h.deals(0, 6, "Free ")
	h.deals(2, 3, "Of Max ")
	h.text(mia, "/my")
	first := h.list(mia)
	if !strings.Contains(first.Text, "My jobs: 7, free: 6") || strings.Count(first.Text, "No. ") != 5 || strings.Contains(first.Text, "Max") {
		t.Fatalf("the first page is\n%s", first.Text)
	}
	if got := labels(first); !strings.HasPrefix(got, "1|2|3|4|5|1/3|➡️") {
		t.Errorf("its buttons are %s", got)
	}
	h.startWith(h.runner.Kit) // another process
	h.onList(mia, "➡️")
	second := h.list(mia)
	if second.Kind != crm.OutEdit || second.Target != first.ID || !strings.Contains(second.Text, "Own 1") || !strings.Contains(second.Text, "Free") || !strings.Contains(second.Text, "free</b>") && !strings.Contains(second.Text, "· free") {
		t.Errorf("the second page is %s of %d:\n%s", second.Kind, second.Target, second.Text)
	}
	h.onList(mia, "➡️")
	if third := h.list(mia); strings.Count(third.Text, "No. ") != 3 || !strings.Contains(labels(third), "⬅️|3/3") || strings.Contains(labels(third), "➡️") {
		t.Errorf("the third page is\n%s\n%s", third.Text, labels(third))
	}
	h.exec(`UPDATE deals SET status = 'won', closed_at = now() WHERE owner_id IS NULL`)
	h.onList(mia, "3/3") // there are fewer now
	if last := h.list(mia); !strings.Contains(last.Text, "free: 0") || !strings.Contains(labels(last), "2/2") {
		t.Errorf("the shorter list is\n%s\n%s", last.Text, labels(last))
	}
	h.onList(mia, "1")
	h.says(mia, "Sale No. ")
	if card := h.card(mia); card.Kind != crm.OutMessage {
		t.Error("the numbered button showed no card")
	}
}

func TestAFilterIsShownAndTakenApartPartByPart(t *testing.T) {
	h := newProvider(t)
	h.deals(1, 2, "Talk ")
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, city) VALUES ('sales', 'contract', 'open', 'Paper', 1, 'Moscow'), ('sales', 'talk', 'open', 'Far', 1, 'Tver')`)
	h.text(mia, "/deals city:Moscow stage:talk")
	list := h.list(mia)
	if !strings.Contains(list.Text, "Jobs: 2") || !strings.Contains(list.Text, "🔎") || strings.Contains(list.Text, "Paper") || strings.Contains(list.Text, "Far") {
		t.Fatalf("the list is\n%s", list.Text)
	}
	stale := list
	h.pressOn(mia, list, "alk ✖️")
	if list = h.list(mia); !strings.Contains(list.Text, "Jobs: 3") || !strings.Contains(list.Text, "Paper") {
		t.Errorf("without the stage it is\n%s", list.Text)
	}
	h.pressOn(mia, stale, "oscow ✖️") // of a list that is another one now: it is shown as it is
	if list = h.list(mia); !strings.Contains(list.Text, "Jobs: 3") {
		t.Errorf("a stale press made it\n%s", list.Text)
	}
	h.onList(mia, "oscow ✖️")
	if list = h.list(mia); !strings.Contains(list.Text, "Jobs: 4") || strings.Contains(list.Text, "🔎") {
		t.Errorf("without the city it is\n%s", list.Text)
	}
	h.onList(mia, "newest first")
	if list = h.list(mia); !strings.Contains(labels(list), "by due") {
		t.Errorf("sorted otherwise its buttons are %s", labels(list))
	}
	h.text(mia, "/my")
	h.onList(mia, "Free")
	if list = h.list(mia); !strings.Contains(list.Text, "No jobs fit") || !strings.Contains(list.Text, "The last one: ") || !strings.Contains(labels(list), "✖️") {
		t.Errorf("the empty list is\n%s\n%s", list.Text, labels(list))
	}
}

func TestWhatIsWrongWithAFilterIsSaidWithTheNearestRightCommandToPress(t *testing.T) {
	h := newProvider(t)
	h.deals(1, 1, "Job ")
	h.text(mia, "/deals statge:talk")
	said := h.last(mia)
	if strings.Contains(said.Text, "No. ") || len(said.Buttons) == 0 {
		t.Fatalf("a misspelt key hears %q %s", said.Text, labels(said))
	}
	h.pressOn(mia, said, "/deals")
	if list := h.list(mia); !strings.Contains(list.Text, "Jobs: 1") {
		t.Errorf("the suggestion gave\n%s", list.Text)
	}
	h.text(mia, "/find")
	h.says(mia, "/find 214")
}

func TestX07NoTextWidensAFilterOrBreaksIt(t *testing.T) {
	h := newProvider(t)
	h.deals(2, 2, "Secret ")
	h.exec(`UPDATE deals SET city = 'Tver'`)
	for _, text := range []string{"status:new' OR 1=1--", "city:%", "_", `"`, ";", "employee:2", strings.Repeat("кофе ", 1000), "((((((((", `\`, "'", "owner:Max", "sort:", "-", ":", "\U0010ffff", "%%%", "text:\"", "/my /deals"} {
		for _, command := range []string{"my", "deals", "find", "export"} {
			before := h.heard(mia)
			h.accept(h.from(mia, crm.Inbound{Kind: crm.InText, Text: "/" + command + " " + text, Command: command, Args: text}))
			if h.heard(mia) == before {
				t.Errorf("/%s %.40q is not answered", command, text)
			}
			if said := h.last(mia).Text; strings.Contains(said, "Secret") {
				t.Errorf("/%s %.40q shows %q", command, text, said)
			}
		}
	}
	if n := h.count(`SELECT count(*) FROM dead_letters`); n != 0 {
		t.Errorf("%d messages were put aside", n)
	}
}

// heard counts the messages to a person.
func (h *house) heard(person int64) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.out {
		if o.Address.Chat == fmt.Sprint(person) {
			n++
		}
	}
	return n
}

func TestX06AForgedOrForeignPressOfAListIsAnsweredAsIfThereWereNothing(t *testing.T) {
	h := newProvider(t)
	h.deals(1, 7, "Own ")
	h.text(mia, "/my")
	list := h.list(mia)
	data := list.Buttons[0][0].Data
	secret := strings.Split(data, ":")[1]
	for _, forged := range []string{data, "f:" + secret + ":0:p1", "f:AAAAAABBBBBB:0:p0", "f:AAAAAABBBBBB:0:d1", "f:", "f::::", "f:" + secret, "f:!1:/my", "f:!x", "f:-:1:1", "f:-:1", "f:AAAAAABBBBBB:0:p-1", "k:1:sale:show", "t:1:nothing"} {
		before := h.heard(max)
		in := h.from(max, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: forged, Message: "1"}})
		in.Key = "p:" + in.Key
		r := h.accept(in)
		if !strings.Contains(r.Toast, "no such job") && !strings.Contains(r.Toast, "out of date") {
			t.Errorf("%q hears %q", forged, r.Toast)
		}
		if h.heard(max) != before {
			t.Errorf("%q was answered with a message", forged)
		}
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'deal_refused' AND employee_id = 2`); n < 8 {
		t.Errorf("%d refusals are noted", n)
	}
	if n := h.count(`SELECT count(*) FROM lists WHERE employee_id = 1 AND page = 0`); n != 1 {
		t.Error("the list of another was turned")
	}
}

func TestD21InAGroupTheButtonsOfAListAreThoseOfWhoAsked(t *testing.T) {
	h := newProvider(t)
	h.deals(1, 7, "Own ")
	group := func(person int64, in crm.Inbound) turn.Receipt {
		in = h.from(person, in)
		in.Address.Chat, in.Group, in.Title = "-100", true, "Crew"
		return h.accept(in)
	}
	group(mia, crm.Inbound{Kind: crm.InText, Text: "Colleagues, look /my", Command: "my"})
	list := h.list(-100)
	press := &crm.Press{Data: list.Buttons[1][1].Data, Message: "1"}
	if r := group(max, crm.Inbound{Kind: crm.InPress, Key: "p:a", Press: press}); !strings.Contains(r.Toast, "not yours") && !strings.Contains(r.Toast, "not your") {
		t.Errorf("Max hears %q", r.Toast)
	}
	if r := group(7777, crm.Inbound{Kind: crm.InPress, Key: "p:b", Press: press}); !strings.Contains(r.Toast, "not your") {
		t.Errorf("a stranger hears %q", r.Toast)
	}
	if got := h.list(-100); got.Kind != crm.OutMessage {
		t.Error("the page was turned by another")
	}
	group(mia, crm.Inbound{Kind: crm.InPress, Key: "p:c", Press: press})
	if got := h.list(-100); got.Kind != crm.OutEdit {
		t.Error("the page was not turned by its owner")
	}
}

func TestD16CommandsOfAnyAlphabetWorkAfterWordsAndMistypedOnesAreCorrected(t *testing.T) {
	h := newProvider(t)
	h.deals(1, 1, "Own ")
	for _, text := range []string{"/мои", "Смотрите 👨‍👩‍👧 /мои", "/МОИ", "/Менікі", "строка\n/мои"} {
		h.accept(h.from(mia, crm.Inbound{Kind: crm.InText, Text: text}))
		h.says(mia, "My jobs: 1")
		h.text(mia, "/lang")
	}
	h.accept(h.from(mia, crm.Inbound{Kind: crm.InMedia, Text: "/my", Command: "my", Media: []crm.Media{{Kind: crm.Photo, Ref: "r"}}})) // a caption
	h.says(mia, "My jobs: 1")
	for wrong, right := range map[string]string{"/mi": "/my", "/dael 1": "/deal 1", "/заявкы": "/deal", "/fnd 12": "/find 12", "/qwertyuiop": "/help"} {
		h.text(mia, wrong)
		if said := h.last(mia); !strings.Contains(labels(said), right) {
			t.Errorf("%s suggests %s", wrong, labels(said))
		}
	}
	h.text(mia, "/mi")
	h.press(mia, "/my")
	h.says(mia, "My jobs: 1")
}

func TestABareNumberOrPhoneIsLookedFor(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO contacts (id, name, phone) VALUES (900, 'Olga', '+79161234567')`)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, city, contact_id, fields) VALUES ('sales', 'talk', 'open', 'Garden street', 1, 'Moscow', 900, '{"address": "Garden street"}')`)
	id := h.count(`SELECT max(id) FROM deals`)
	for _, text := range []string{fmt.Sprint(id), fmt.Sprintf("№ %d", id), fmt.Sprintf("/deal %d", id), fmt.Sprintf("/deal №%d", id)} {
		h.text(mia, text)
		h.says(mia, "Garden street")
		if card := h.last(mia); !strings.HasPrefix(card.Buttons[0][0].Data, "k:") {
			t.Errorf("%s shows no card: %s", text, card.Text)
		}
	}
	for _, text := range []string{"+7 916 123-45-67", "/find +79161234567", "/find 4567"} {
		h.text(mia, text)
		h.says(mia, "Found: 1")
		h.says(mia, "Garden street")
	}
	h.text(mia, "garden street")
	h.press(mia, "/find")
	h.says(mia, "Garden street")
	h.text(mia, "/deal garden")
	if said := h.last(mia); !strings.Contains(labels(said), "/find garden") {
		t.Errorf("a word for a number suggests %s", labels(said))
	}
	h.text(mia, "/deal 999999")
	h.says(mia, "no such job")
}

func TestX16NamesAreShownLiterallyInLists(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, city) VALUES ('sales', 'talk', 'open', '<a href="https://evil">x</a> & [y](tg://user?id=1) _*', 1, 'Moscow')`)
	h.text(mia, "/my")
	if got := h.list(mia).Text; strings.Contains(got, "<a ") || !strings.Contains(got, "&lt;a href") || !strings.Contains(got, "&amp;") {
		t.Errorf("the list is\n%s", got)
	}
	h.text(mia, "/find <b>evil&")
	if got := h.last(mia).Text; strings.Contains(got, "<b>evil") {
		t.Errorf("a filter is markup: %s", got)
	}
	h.text(mia, "/<b>x")
	if got := h.last(mia).Text; strings.Contains(got, "<b>x") {
		t.Errorf("a command is markup: %s", got)
	}
}

func TestX08WhoWasDismissedPressesOldListsInVain(t *testing.T) {
	h := newProvider(t)
	h.deals(1, 7, "Own ")
	h.text(mia, "/my")
	list := h.list(mia)
	h.exec(`UPDATE employees SET active = false WHERE id = 1`)
	before := h.heard(mia)
	h.pressOn(mia, list, "➡️")
	if got := h.list(mia); got.Kind == crm.OutEdit || h.heard(mia) > before && strings.Contains(h.last(mia).Text, "Own") {
		t.Error("the list was turned")
	}
}

func TestTheFunnelCountsStagesAndHelpSpeaksOfOnesOwn(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, city, closed_at) VALUES ('sales', 'won', 'won', 'Paid', 1, 'Moscow', now())`)
	h.deals(1, 3, "Own ")
	h.text(hana, "/funnel") // the head sees all, which counters tell
	h.says(hana, "Talk: 3")
	if got := h.last(hana).Text; !strings.Contains(got, ": 3\n") || strings.Contains(got, ": 4") || strings.Contains(got, ": 1") {
		t.Errorf("the funnel of open deals is\n%s", got)
	}
	h.text(mia, "/funnel")
	h.says(mia, "Talk: 3")
	h.text(mia, "/help")
	help := h.last(mia)
	for _, part := range []string{"/my", "/funnel", fmt.Sprintf("/deal <code>%d</code>", h.count(`SELECT max(id) FROM deals`)), "Moscow"} {
		if !strings.Contains(help.Text, part) {
			t.Errorf("the help lacks %q:\n%s", part, help.Text)
		}
	}
	if strings.Contains(help.Text, "/export") || strings.Contains(help.Text, "{") || len(help.Text) > 4096 {
		t.Errorf("the help of a manager is\n%s", help.Text)
	}
	h.text(hana, "/help")
	h.says(hana, "/export")
	h.pressOn(mia, help, "oscow")
	h.says(mia, "Jobs: 3")
}

func TestHelpExplainsFiltersAndAnEmptyListOfNewDealsTellsOfTheLast(t *testing.T) {
	h := newProvider(t)
	h.deals(1, 1, "Own ")
	h.text(mia, "/help /find")
	h.says(mia, "city:")
	if got := h.told(mia, "/help shift"); !strings.HasPrefix(got, "/shift") || strings.Contains(got, "\n") {
		t.Errorf("help on one command is %q", got)
	}
	if got := h.told(mia, "/help почему"); !strings.HasPrefix(got, "/why <code>") {
		t.Errorf("help on a command by another name is %q", got)
	}
	if got := h.told(mia, "/help export"); !strings.Contains(got, "/my") || strings.Contains(got, "/export") {
		t.Errorf("help on a command that is not theirs is %q", got)
	}
	h.text(mia, "/my")
	h.onList(mia, "New")
	list := h.list(mia)
	if !strings.Contains(list.Text, "No new jobs. The last one: today ") || !strings.Contains(labels(list), "new ✖️") {
		t.Errorf("the list is\n%s\n%s", list.Text, labels(list))
	}
}
