package turn_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
)

// People of the tests of knowledge: drivers Ann and Bob, two clerks, the head.
const (
	annAsks   = 501
	bobAsks   = 502
	clerkHere = 601
	clerkFar  = 602
	headAsked = 603
)

// newKnowing is a house that answers questions.
func newKnowing(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t)}
	kit, err := dialogs.Load(os.DirFS("../testdata/knowing"))
	if err != nil {
		t.Fatal(err)
	}
	h.startWith(kit)
	if err := h.runner.Keep(context.Background()); err != nil {
		t.Fatal(err)
	}
	for id, e := range map[int][2]string{clerkHere: {"clerk", "Алматы"}, clerkFar: {"clerk", "Шымкент"}, headAsked: {"head", ""}} {
		h.exec(`INSERT INTO employees (id, name, role, city, lang) VALUES ($1, $2, $2, $3, 'ru')`, id, e[0], e[1])
		h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', $1::bigint::text, $1::bigint)`, id)
	}
	h.at(12)
	return h
}

// at moves the clock to an hour of the next Tuesday in Almaty.
func (h *house) at(hour int) {
	zone, err := time.LoadLocation("Asia/Almaty")
	if err != nil {
		h.t.Fatal(err)
	}
	now := time.Now().In(zone)
	day := now.AddDate(0, 0, 1)
	for day.Weekday() != time.Tuesday {
		day = day.AddDate(0, 0, 1)
	}
	h.shift = time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, zone).Sub(now)
}

func (h *house) hearsLast(person int64, parts ...string) {
	h.t.Helper()
	last := h.last(person).Text
	for _, part := range parts {
		if !strings.Contains(last, part) {
			h.t.Errorf("%d hears %q, wanted %q", person, last, part)
		}
	}
}

// replies answers the newest message to an employee.
func (h *house) replies(person int64, text string) {
	h.t.Helper()
	last := h.last(person)
	h.delivered()
	in := h.from(person, crm.Inbound{Kind: crm.InText, Text: text, ReplyTo: fmt.Sprint(last.ID)})
	h.accept(in)
}

func TestAQuestionIsAnsweredInTheMiddleOfADialogWhichGoesOn(t *testing.T) {
	h := newKnowing(t)
	h.text(annAsks, "/register")
	h.text(annAsks, "Анна")
	h.text(annAsks, "кагда приходят виплаты")
	h.hearsLast(annAsks, "до <b>18:00</b> того же дня", "В каком вы городе?")
	h.text(annAsks, "Алматы")
	h.text(annAsks, "где офес")
	h.hearsLast(annAsks, "Абая, 10", "номер телефона")
	h.text(annAsks, "+7 707 123 45 67")
	h.hearsLast(annAsks, "Чего вы хотите")
	h.text(annAsks, "Когда приходят выплаты?")
	h.hearsLast(annAsks, "заявка у нас")
	h.is("deals", h.count(`SELECT count(*)::int FROM deals WHERE fields->>'wish' = 'Когда приходят выплаты?'`), 1)
	h.is("answers noted", h.count(`SELECT count(*)::int FROM events WHERE kind = 'knowledge_answered' AND data->>'entry' IN ('payouts.when', 'office.almaty')`), 2)
	h.text(annAsks, "/ask где офис")
	h.hearsLast(annAsks, "Абая, 10")
	h.at(21)
	h.text(annAsks, "/ask когда выплаты")
	h.hearsLast(annAsks, "Бухгалтерия уже закрыта")
}

func TestAQuestionWithoutAnAnswerGoesToWhoAnswersAndBackToAllWhoAsked(t *testing.T) {
	h := newKnowing(t)
	asked := map[int64]string{annAsks: "что делать если попал в аварию?", bobAsks: "Что делать, если попал в авариию"}
	for _, person := range []int64{annAsks, bobAsks} {
		words := asked[person]
		h.text(person, "/register")
		h.text(person, "Имя")
		h.text(person, "Алматы")
		h.text(person, words)
		h.hearsLast(person, "передан коллеге", "номер телефона")
	}
	h.text(annAsks, "Что делать если попал в аварию")
	h.is("questions", h.count(`SELECT count(*)::int FROM questions`), 1)
	h.text(clerkFar, "/questions")
	h.hearsLast(clerkFar, "Вопросов без ответа нет")
	h.text(clerkHere, "/вопросы")
	h.hearsLast(clerkHere, "1 вопрос без ответа", "аварию", "3 раз", "Алматы")
	id := strings.TrimSpace(h.last(clerkHere).Buttons[0][0].Text)
	h.press(clerkHere, id)
	h.hearsLast(clerkHere, "Ответьте на это сообщение")
	h.replies(clerkHere, "Позвоните 102 & <ждите>.")
	h.hearsLast(clerkHere, "2 людям")
	for _, person := range []int64{annAsks, bobAsks} {
		h.hearsLast(person, "Вы спрашивали", "попал", "Позвоните 102 &amp; &lt;ждите&gt;.")
	}
	h.is("answered", h.count(`SELECT count(*)::int FROM questions WHERE status = 'answered' AND employee_id = $1`, clerkHere), 1)
	h.is("told", h.count(`SELECT count(*)::int FROM question_askers WHERE told_at IS NOT NULL`), 2)
	h.text(headAsked, "/answer "+id+" ещё раз")
	h.hearsLast(headAsked, "уже ответили")
	h.text(annAsks, "+7 707 123 45 67") // the dialog waits where it stood
	h.hearsLast(annAsks, "Чего вы хотите")
}

func TestWhoMayNotAnswerSeesNoQuestions(t *testing.T) {
	h := newKnowing(t)
	h.text(annAsks, "/register")
	h.text(annAsks, "Имя")
	h.text(annAsks, "Алматы")
	h.text(annAsks, "как отключить музыку?")
	h.exec(`INSERT INTO employees (id, name, role, city, lang) VALUES (604, 'driver', 'driver', 'Алматы', 'ru')`)
	h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', '604', 604)`)
	id := h.count(`SELECT id::int FROM questions`)
	h.text(604, "/questions")
	h.hearsLast(604, "нет")
	before := h.count(`SELECT count(*)::int FROM messages WHERE direction = 'out'`)
	for _, data := range []string{"q:o:1", "q:d:1", "q:p:0", "q:x:1", "q", "q:o:99999999999999999999"} {
		h.forged(604, data, "1")
	}
	h.forged(annAsks, "q:o:1", "1")
	h.forged(clerkFar, "q:o:1", "1")
	h.forged(clerkFar, "q:d:1", "1")
	h.is("messages since", h.count(`SELECT count(*)::int FROM messages WHERE direction = 'out'`)-before, 0)
	h.is("open questions", h.count(`SELECT count(*)::int FROM questions WHERE status = 'open' AND id = $1`, id), 1)
	h.forged(clerkHere, "q:d:1", "1")
	h.is("open questions", h.count(`SELECT count(*)::int FROM questions WHERE status = 'open'`), 0)
}

func TestAnEmployeeFindsWhatTheBusinessAnswers(t *testing.T) {
	h := newKnowing(t)
	h.text(clerkFar, "/ask где офис")
	h.hearsLast(clerkFar, "Тауке хана")
	h.text(clerkFar, "/сұрақ парктин комисиясы")
	h.hearsLast(clerkFar, "3 %")
	h.text(clerkFar, "/ask как отключить музыку")
	h.hearsLast(clerkFar, "В базе знаний этого нет")
	h.is("collected", h.count(`SELECT count(*)::int FROM questions`), 0)
}

func TestWhoAsksWithoutEndIsCollectedTenTimesADay(t *testing.T) {
	h := newKnowing(t)
	h.text(annAsks, "/register")
	h.text(annAsks, "Имя")
	h.text(annAsks, "Алматы")
	for _, word := range strings.Fields("мотор колесо фара дверь крыша капот багажник руль тормоз коробка зеркало стекло ремень") {
		h.text(annAsks, "почему сломалось "+strings.Repeat(word, 3)+"?")
	}
	h.hearsLast(annAsks, "уже у коллеги")
	h.is("questions", h.count(`SELECT count(*)::int FROM questions`), 10)
}

func TestStrangersInAGroupAreNotAnswered(t *testing.T) {
	h := newKnowing(t)
	h.accept(h.inGroup(annAsks, "", crm.Inbound{Kind: crm.InText, Text: "Когда приходят выплаты?"}))
	h.accept(h.inGroup(annAsks, "", crm.Inbound{Kind: crm.InText, Text: "/ask Когда приходят выплаты?", Command: "ask", Args: "Когда приходят выплаты?"}))
	h.is("messages", h.count(`SELECT count(*)::int FROM messages WHERE direction = 'out'`), 0)
}

func TestHostileTextsFindNothingBreakNothingAndLoseNoStep(t *testing.T) {
	h := newKnowing(t)
	h.text(annAsks, "/register")
	h.text(annAsks, "Имя")
	h.text(annAsks, "Алматы")
	for _, text := range []string{strings.Repeat("ы", 4000), strings.Repeat("выплаты? ", 440), "%", "_%_%_ %?", "'; DROP TABLE questions; --?", "\\x00 $1 {{.answer}}?", "🙏🙏🙏🙏", "🙏?", "\u202eытсон?",
		"<b>почему жирно?", strings.Repeat("а", 300) + " " + strings.Repeat("б? ", 900), "почему &amp; <script>alert(1)</script>?", "1' OR similarity(word, 'a') > 0?", "/ask", "/ask %%%", "/ask 👍"} {
		h.text(annAsks, text)
	}
	h.text(annAsks, "+7 707 123 45 67")
	h.hearsLast(annAsks, "Чего вы хотите")
	h.is("dead letters", h.count(`SELECT count(*)::int FROM dead_letters`), 0)
	h.is("texts that are too long", h.count(`SELECT count(*)::int FROM questions WHERE length(text) > 302`), 0)
	for _, text := range []string{"/questions", "/answer", "/answer 1", "/answer x y", "/answer 99999999999999999999 да", "/answer 1 " + strings.Repeat("я", 4000)} {
		h.text(headAsked, text)
	}
	h.is("answered", h.count(`SELECT count(*)::int FROM questions WHERE status <> 'open'`), 0)
	h.text(headAsked, "/questions")
	if text := h.last(headAsked).Text; strings.Contains(text, "<script") || strings.Contains(text, "<b>почему") {
		t.Errorf("markup of a person is shown: %s", text)
	}
}

func TestTheFirstNewQuestionOfHalfADayIsToldToWhoAnswersIt(t *testing.T) {
	h := newKnowing(t)
	for _, person := range []int64{clerkHere, clerkFar, headAsked} {
		h.text(person, "/start")
	}
	h.text(annAsks, "/register")
	h.text(annAsks, "Имя")
	h.text(annAsks, "Алматы")
	h.text(annAsks, "как отключить музыку?")
	h.hearsLast(clerkHere, "Новый вопрос", "музыку")
	h.hearsLast(headAsked, "Новый вопрос", "музыку")
	h.text(annAsks, "почему дует из окна?")
	if strings.Contains(h.last(clerkHere).Text, "дует") || strings.Contains(h.last(clerkFar).Text, "музыку") {
		t.Errorf("told: %q, and far away: %q", h.last(clerkHere).Text, h.last(clerkFar).Text)
	}
}
