package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"govorun/bots/simulator"
)

func toText(id int64) string { return strconv.FormatInt(id, 10) }

func TestD12_AButtonOfAFinishedDialogDoesNothingAndSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(w.machines["214"]))
	question := w.sees(anna, "Что случилось?")
	w.quiet()
	w.did(anna.Text("моргает экран"))
	w.sees(anna, "Заявка уже у нас")
	w.quiet()
	w.did(anna.Press("✅ Всё, спасибо"))
	w.sees(anna, "Починим")
	w.exec(`UPDATE conversations SET session = NULL, due_at = NULL WHERE chat = '101'`) // three months later
	toast := w.toast(anna.PressOn(question.ID, "⛔ Не работает"))
	if !strings.Contains(toast, "устарела") {
		t.Errorf("the toast says %q", toast)
	}
	w.sees(anna, "Здравствуйте") // what can be done now
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM deals`); n != 1 {
		t.Errorf("%d deals", n)
	}
}

func TestD15_ASecondScanOpensTheOwnReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.report(anna, "214")
	w.quiet()
	w.did(anna.Start(w.machines["214"]))
	w.sees(anna, "Ваша заявка №")
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM deals`); n != 1 {
		t.Errorf("%d deals", n)
	}
}

func TestD16_CommandsInAGroupAreRecognisedHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	boss := w.hired(ivan, "Иван")
	anna := w.person(101, "Анна")
	w.report(anna, "214")
	group, err := w.sim.AddGroup(simulator.NewGroup{Title: "Операторы", Owner: ivan})
	if err != nil {
		t.Fatal(err)
	}
	here := boss.In(group)
	for n, text := range []string{"/my@govorun_bot", "/MY", "Коллеги, смотрите 👨‍👩‍👧 /my"} {
		w.did(here.Text(text))
		until(t, text+" is answered", func() bool { return len(w.texts(group, "214")) == n+1 })
	}
	w.did(here.Photo(100, 100, "смотрите: /my"))
	until(t, "a command in a caption is answered", func() bool { return len(w.texts(group, "214")) == 4 })
	w.did(here.Text("/my@another_bot"))
	w.did(here.Text("просто разговор про /my/path"))
	w.quiet()
	if got := w.texts(group, "214"); len(got) != 4 {
		t.Errorf("%d answers:\n%s", len(got), w.sim.Transcript(group))
	}
}

func TestD21_InAGroupAButtonAnswersOnlyThoseItIsFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	boss := w.hired(ivan, "Иван")
	anna := w.person(101, "Анна")
	w.report(anna, "214")
	w.quiet()
	stranger := w.person(103, "Прохожий")
	group, err := w.sim.AddGroup(simulator.NewGroup{Title: "Операторы", Owner: ivan, Members: []int64{103}})
	if err != nil {
		t.Fatal(err)
	}
	w.did(boss.In(group).Text("/my"))
	list := w.sees(boss.In(group), "214")
	w.quiet()
	before := len(w.texts(group, ""))
	done, err := stranger.In(group).Do(simulator.Action{Do: "press", MessageID: list.ID, Row: 1, Col: 1})
	if toast := w.toast(done, err); toast != "Это не ваша кнопка." {
		t.Errorf("the stranger reads %q", toast)
	}
	w.quiet()
	if after := len(w.texts(group, "")); after != before {
		t.Error("the stranger made the bot talk")
	}
	if n := one[int](w, `SELECT count(*) FROM contacts WHERE name = 'Прохожий'`); n != 0 {
		t.Error("the stranger became a contact")
	}
}

func TestD25_AHundredMessagesAMinuteAreAllStoredAndAnsweredTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.report(anna, "214")
	w.quiet()
	for n := 1; n <= 100; n++ {
		w.did(anna.Text(fmt.Sprintf("слово %d", n)))
	}
	if err := w.sim.WaitDelivered(waiting(t)); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.inOrder(101, 100)
	if got := w.texts(101, "Сообщений очень много"); len(got) != 1 {
		t.Errorf("the slow-mode sentence was said %d times", len(got))
	}
	if n := len(w.texts(101, "")); n > 60 {
		t.Errorf("%d replies to 100 messages", n)
	}
}

func TestD26_MessagesOfBotsAreIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	robot, err := w.sim.AddUser(simulator.NewUser{ID: 104, FirstName: "Robot", IsBot: true})
	if err != nil {
		t.Fatal(err)
	}
	group, err := w.sim.AddGroup(simulator.NewGroup{Title: "Операторы", Owner: 101, Members: []int64{104}})
	if err != nil {
		t.Fatal(err)
	}
	w.did(robot.In(group).Do(simulator.Action{Do: "bot_message", Text: "/start"}))
	w.becomes(1, `SELECT count(*) FROM messages WHERE status = 'ignored' AND content->>'note' = 'bot'`)
	w.quiet()
	if got := w.texts(group, ""); len(got) != 0 {
		t.Errorf("the bot answered a bot: %q", got)
	}
}

func TestACardStaysTheCardItIsWhenAnotherOneOfTheDealIsPressed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	technician, boss := w.hired(ivan, "Иван"), w.hired(aigul, "Айгуль")
	anna := w.person(101, "Анна")
	w.report(anna, "214")
	w.quiet()
	w.did(anna.Press("💸 Вернуть деньги"))
	w.sees(anna, "Сколько вернуть?")
	w.quiet()
	w.did(anna.Press("150 ₽"))
	w.sees(anna, "Номер телефона для возврата?")
	w.did(anna.OwnContact())
	refund := w.sees(boss, "возврат 150")
	w.quiet()
	w.did(technician.Press("✅ Беру"))
	w.sees(technician, "👷\u00a0Иван")
	w.quiet()
	for _, m := range w.sim.Messages(aigul) {
		if m.ID == refund.ID && !strings.Contains(m.Text, "возврат 150") {
			t.Errorf("the manager's refund card became: %s", m.Text)
		}
	}
	w.did(boss.Press("✅ Беру возврат"))
	w.becomes(1, `SELECT count(*) FROM deals WHERE fields->>'refund_by' = (SELECT max(id)::text FROM employees WHERE name = 'Айгуль Серикова')`)
	w.quiet()
	for _, text := range w.texts(ivan, "возврат") {
		t.Errorf("the technician's card became: %s", text)
	}
}
