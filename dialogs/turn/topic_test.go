package turn_test

import (
	"fmt"
	"strings"
	"testing"

	"govorun/crm"
)

// People of the operators' forum.
const (
	roman    = 8002
	vera     = 8003
	forum    = crewChat
	azamatAt = "55" // what the provider calls the topic of Azamat's talk
)

// inForum is an input of a person in the forum.
func (h *house) inForum(person int64, thread string, in crm.Inbound) crm.Inbound {
	in = h.inGroup(person, thread, in)
	in.Forum = true
	return in
}

func (h *house) writes(person int64, text string) {
	h.t.Helper()
	h.accept(h.inForum(person, azamatAt, crm.Inbound{Kind: crm.InText, Text: text}))
}

func (h *house) pressInForum(person int64, on crm.Outbound, label string) string {
	h.t.Helper()
	for _, row := range on.Buttons {
		for _, b := range row {
			if strings.Contains(b.Text, label) {
				return h.accept(h.inForum(person, azamatAt, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: b.Data, Message: fmt.Sprint(on.ID)}})).Toast
			}
		}
	}
	h.t.Fatalf("no button %q under %q: %v", label, on.Text, on.Buttons)
	return ""
}

// callCentre is a house with two operators and a forum, in which Azamat has asked for a person in the middle of a report.
func callCentre(t *testing.T) *house {
	t.Helper()
	h := crowd(t)
	for person, name := range map[int64]string{roman: "Роман Ким", vera: "Вера Цой"} {
		h.exec(`WITH e AS (INSERT INTO employees (name, role, city) VALUES ($1, 'manager', 'Москва') RETURNING id)
			INSERT INTO identities (channel, address, employee_id) SELECT 'telegram', $2, id FROM e`, name, fmt.Sprint(person))
	}
	h.accept(h.inForum(aigul, "", crm.Inbound{Kind: crm.InText, Text: "/bind операторы", Command: "bind", Args: "операторы"}))
	h.says(forum, "своя тема")
	h.text(azamat, h.scan("214"))
	h.text(azamat, "оператор")
	h.exec(`UPDATE topics SET thread = $1`, azamatAt) // the sender has made it
	h.delivered()
	return h
}

// saidTo counts the messages to a chat with some words.
func (h *house) saidTo(person int64, words string) (n int) {
	for _, o := range h.outs(person) {
		if strings.Contains(o.Text, words) {
			n++
		}
	}
	return n
}

// topical is everything sent to the forum after binding: each must bear the name of the topic.
func (h *house) topical() {
	h.t.Helper()
	for _, o := range h.outs(forum)[1:] {
		if _, named := crm.TalkOf(o.Thread); !named {
			h.t.Errorf("%q goes to thread %q of the forum", o.Text, o.Thread)
		}
	}
}

func TestACallForAPersonHasATopicOfItsOwnWithWhatWasSaid(t *testing.T) {
	h := callCentre(t)
	call := h.last(forum)
	if !strings.Contains(call.Text, "Азамат") || !strings.Contains(call.Text, "\n👤") || len(call.Buttons) == 0 {
		t.Fatalf("the call is %q %v", call.Text, call.Buttons)
	}
	h.is("topics named after the person", h.count(`SELECT count(*) FROM topics WHERE title LIKE 'Азамат%' AND status = 'called'`), 1)
	h.is("calls in private", h.saidTo(aigul, "просит"), 0)
	h.topical()
}

func TestO09_O10_SeveralOperatorsWriteInATopicAndTheBotIsSilentUntilItIsHandedBack(t *testing.T) {
	h := callCentre(t)
	h.writes(roman, "Здравствуйте!")
	h.writes(vera, "Я тоже здесь")
	h.writes(roman, "Какой автомат?")
	for words, n := range map[string]int{"Здравствуйте!": 1, "Я тоже здесь": 1, "Какой автомат?": 1, "подключился сотрудник: Роман.": 1, "подключился сотрудник: Вера.": 1} {
		h.is(words, h.saidTo(azamat, words), n)
	}
	before := len(h.outs(azamat))
	h.text(azamat, "214, у лифта")
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: "F1", Unique: "U1"}}}))
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InLocation, Location: &crm.Location{Latitude: 55.75, Longitude: 37.61}}))
	h.is("answers of the bot", len(h.outs(azamat))-before, 0)
	outs := h.outs(forum)
	line, photo, place := outs[len(outs)-3], outs[len(outs)-2], outs[len(outs)-1]
	if !strings.Contains(line.Text, "у лифта") || len(photo.Media) != 1 || photo.Media[0].Ref != "F1" || !strings.Contains(place.Text, "55.75") {
		t.Errorf("the topic shows %q, %+v, %q", line.Text, photo.Media, place.Text)
	}
	h.writes(vera, "// клиент сердится")
	h.is("notes", h.count(`SELECT count(*) FROM events WHERE kind = 'note' AND data->>'text' = 'клиент сердится'`), 1)
	h.is("notes that the person reads", h.saidTo(azamat, "сердится"), 0)
	h.says(forum, "не видит")

	led := h.edit(forum)
	if !strings.Contains(led.Text, "Роман") || !strings.Contains(led.Text, "\n👤") {
		t.Errorf("the call became %q", led.Text)
	}
	h.delivered()
	if toast := h.pressInForum(8000, led, "Вернуть"); !strings.Contains(toast, "не ваша") {
		t.Errorf("a stranger hears %q (D21)", toast)
	}
	if toast := h.pressInForum(ivan, led, "Вернуть"); !strings.Contains(toast, "не ваша") {
		t.Errorf("a technician hears %q", toast)
	}
	h.pressInForum(vera, led, "Вернуть")
	h.is("talks that somebody leads", h.count(`SELECT count(*) FROM conversations WHERE operator_id IS NOT NULL`), 0)
	h.says(forum, "снова ведёт бот")
	h.says(azamat, "Снова с вами бот")
	h.text(azamat, "/help")
	if len(h.outs(azamat)) == before+1 {
		t.Error("the bot is still silent")
	}
	h.topical()
}

func TestASecondCallOpensTheSameTopicAndWhoeverWritesInAReturnedOneJoinsAgain(t *testing.T) {
	h := callCentre(t)
	h.pressInForum(roman, h.last(forum), "Взять")
	h.says(azamat, "подключился сотрудник: Роман.")
	h.pressInForum(roman, h.edit(forum), "Вернуть")
	h.text(azamat, "оператор")
	h.is("topics", h.count(`SELECT count(*) FROM topics WHERE thread = $1 AND status = 'called'`, azamatAt), 1)
	h.writes(vera, "Слушаю вас")
	h.pressInForum(vera, h.edit(forum), "Вернуть")
	h.writes(roman, "Ещё одно")
	h.is("times Roman is introduced", h.saidTo(azamat, "сотрудник: Роман."), 2)
	h.says(azamat, "Ещё одно")
	if led := h.last(forum); !strings.Contains(led.Text, "Роман") || len(led.Buttons) == 0 {
		t.Errorf("the topic shows %q %v", led.Text, led.Buttons)
	}
	h.topical()
}

func TestATalkOfATopicThatIsHandedOverStaysThereAndItsNextOperatorIsIntroducedOnce(t *testing.T) {
	h := callCentre(t)
	h.exec(`UPDATE employees SET on_shift = (name = 'Вера Цой') WHERE name <> 'Роман Ким'`)
	h.text(roman, "/start")
	h.text(vera, "/start")
	h.writes(roman, "Здравствуйте!")
	h.told(roman, "/shift end")
	h.is("talks that Vera leads", h.count(`SELECT count(*) FROM conversations k JOIN employees e ON e.id = k.operator_id WHERE e.name = 'Вера Цой'`), 1)
	if led := h.last(forum); !strings.Contains(led.Text, "Вера") || len(led.Buttons) == 0 {
		t.Errorf("the topic shows %q %v", led.Text, led.Buttons)
	}
	h.says(vera, "ведут в теме «Азамат")
	h.is("talks that Vera is to lead in private", h.count(`SELECT count(*) FROM messages m JOIN conversations k ON k.id = m.conversation_id
		WHERE k.chat = '8003' AND m.card LIKE 'talk:%'`), 0)
	h.writes(vera, "Теперь я")
	h.is("times Vera is introduced", h.saidTo(azamat, "подключился сотрудник: Вера."), 1)
	h.says(azamat, "Теперь я")
	h.topical()
}

func TestX09_AStrangerInTheForumReachesNobodyAndTheOperatorsAreWarnedOnce(t *testing.T) {
	h := callCentre(t)
	before, shown := len(h.outs(azamat)), h.saidTo(forum, "№ ")
	h.writes(8000, "купите слона")
	h.writes(8000, "недорого")
	h.accept(h.inForum(8000, azamatAt, crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: "F9", Unique: "U9"}}}))
	h.accept(h.inForum(8000, azamatAt, crm.Inbound{Kind: crm.InText, Text: "/deals", Command: "deals"}))
	h.is("warnings of a stranger", h.saidTo(forum, "не сотрудник"), 1)
	h.is("deals shown to a stranger", h.saidTo(forum, "№ ")-shown, 0)
	h.topical()
	h.is("messages to the person", len(h.outs(azamat))-before, 0)
}

func TestX09_OtherRolesInTheForumReachNobody(t *testing.T) {
	h := callCentre(t)
	before := len(h.outs(azamat))
	h.writes(ivan, "я техник")
	h.is("answers to a technician", h.saidTo(forum, "Не отправлено"), 1)
	h.writes(roman, "/my")
	h.accept(h.inForum(roman, azamatAt, crm.Inbound{Kind: crm.InContact, Card: &crm.Card{Phone: "+77070000000"}}))
	h.says(forum, "не переслать")
	h.accept(h.inForum(roman, "", crm.Inbound{Kind: crm.InText, Text: "болтовня в общей теме"}))
	h.is("messages to the person", len(h.outs(azamat))-before, 0)
	h.writes(roman, "ответ")
	h.text(roman, "/start")
	h.text(roman, "это личное")
	h.is("what an operator writes in private", h.saidTo(azamat, "личное"), 0)
}

func TestS18_ALostForumHandsItsTalksToPrivateChats(t *testing.T) {
	h := callCentre(t)
	h.text(roman, "/start")
	h.text(1002, "/start")
	h.text(1002, "оператор")
	h.writes(roman, "Здравствуйте!")
	h.accept(h.inForum(aigul, "", crm.Inbound{Kind: crm.InBlocked}))
	h.text(azamat, "вы тут?")
	h.exec(`UPDATE rooms SET lost_at = now() - interval '1 minute'`)
	for range 2 {
		if _, err := h.runner.SweepRooms(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	h.is("calls that Roman hears of in private", h.saidTo(roman, "просит"), 1)
	h.is("talks that Roman goes on with in private", h.saidTo(roman, "вы тут?"), 1)
	h.is("rows that wait for the lost forum", h.count(`SELECT count(*) FROM messages WHERE status = 'queued' AND content->>'thread' LIKE 'talk:%'`), 0)
	h.text(azamat, "ау")
	h.says(roman, "ау")
	h.text(roman, "я здесь")
	h.says(azamat, "я здесь")
}

func TestWithoutTheRightToMakeTopicsCallsStandInTheGroupAndTheHeadHearsWhy(t *testing.T) {
	h := callCentre(t)
	if err := h.db.Outbox().LoseTopic(t.Context(), h.last(forum), "no_rights"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.runner.SweepRooms(t.Context()); err != nil {
		t.Fatal(err)
	}
	if call := h.last(forum); call.Thread != "" || !strings.HasPrefix(call.Card, "talk:") {
		t.Errorf("the call stands in %q as %q", call.Thread, call.Card)
	}
	h.says(aigul, "Управление темами")
}

func TestATopicShowsThatTheBotHasTheTalkOfSomebodyWhoIsGoneWhenNobodyElseIsThere(t *testing.T) {
	h := callCentre(t)
	h.writes(roman, "Здравствуйте!")
	h.exec(`UPDATE employees SET active = false WHERE role = 'manager' AND name <> 'Роман Ким'`)
	var id crm.EmployeeID
	if err := h.db.Pool.QueryRow(t.Context(), `SELECT id FROM employees WHERE name = 'Роман Ким'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	if _, err := h.runner.Dismiss(t.Context(), id, 0); err != nil {
		t.Fatal(err)
	}
	h.is("talks that somebody leads", h.count(`SELECT count(*) FROM conversations WHERE operator_id IS NOT NULL`), 0)
	h.is("topics that somebody leads", h.count(`SELECT count(*) FROM topics WHERE status <> 'returned'`), 0)
	h.says(forum, "снова ведёт бот")
	h.says(forum, "Роман")
}
