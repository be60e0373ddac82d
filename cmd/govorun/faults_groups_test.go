package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"govorun/bots/simulator"
)

// inTopic lists the messages of the bot in a topic that have these words.
func (w *world) inTopic(chat, thread int64, words string) (n int) {
	for _, m := range w.sim.Messages(chat) {
		if m.From != nil && m.From.ID == w.sim.Bot().ID && m.ThreadID == thread && strings.Contains(m.Text, words) {
			n++
		}
	}
	return n
}

func TestS17_ADeletedTopicOfACrewIsMadeAnewAndNothingFallsIntoTheGeneralOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	technician, manager := w.hired(ivan, "Иван"), w.hired(aigul, "Айгуль")
	forum, err := w.sim.AddGroup(simulator.NewGroup{Title: "Бригада", Forum: true, Owner: aigul, Members: []int64{ivan}})
	if err != nil {
		t.Fatal(err)
	}
	crew := one[string](w, `SELECT c.name FROM crews c JOIN employees e ON e.crew_id = c.id JOIN identities i ON i.employee_id = e.id WHERE i.address = $1`, fmt.Sprint(ivan))
	topic := w.did(manager.In(forum).Do(simulator.Action{Do: "new_topic", Text: "Заявки"})).Thread
	w.did(manager.In(forum).Topic(topic).Text("/bind " + crew))
	w.quiet()
	if n := w.inTopic(forum, topic, "теперь здесь"); n != 1 {
		t.Fatalf("bound %d times:\n%s", n, w.sim.Transcript(forum))
	}
	w.report(w.person(101, "Анна"), "214")
	w.quiet()
	if n := w.inTopic(forum, topic, "автомат 214"); n != 1 {
		t.Fatalf("%d cards in the topic:\n%s", n, w.sim.Transcript(forum))
	}

	w.did(manager.In(forum).Topic(topic).Do(simulator.Action{Do: "delete_topic"}))
	w.report(w.person(102, "Борис"), "215")
	w.becomes(1, `SELECT count(*) FROM events WHERE kind = 'topic_renewed'`)
	w.quiet()
	thread := one[string](w, `SELECT thread FROM rooms`)
	general, fresh := 0, 0
	for _, m := range w.sim.Messages(forum) {
		switch {
		case m.From == nil || m.From.ID != w.sim.Bot().ID || m.Text == "":
		case m.ThreadID == 0:
			general++
		case m.ThreadID != topic && strings.Contains(m.Text, "№"):
			fresh++
		}
	}
	if general != 0 || fresh == 0 || thread == "" {
		t.Fatalf("%d messages fell into the general topic, %d stand in the new one (%s):\n%s", general, fresh, thread, w.sim.Transcript(forum))
	}
	if !slices.ContainsFunc(w.sim.Calls("createForumTopic"), func(c simulator.Call) bool { return true }) {
		t.Error("no topic was made")
	}

	w.did(manager.In(forum).Do(simulator.Action{Do: "kick_bot"}))
	w.becomes(1, `SELECT count(*) FROM rooms WHERE status = 'lost'`)
	w.exec(`UPDATE rooms SET lost_at = now() - interval '1 minute'`)
	w.sees(technician, "№")
	w.sees(manager, "больше не пишет")
}

func TestTheFirstPersonIsInvitedOnTheCommandLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	out, code := runOnce(t, w.env, "staff", "invite", "менеджер", "--city", "Алматы", "--name", "Ким <b>", "--bot", "vending_bot")
	_, rest, found := strings.Cut(out, "start=")
	if code != exitOK || !found || !strings.Contains(out, "█") {
		t.Fatalf("exit %d, printed:\n%s", code, out)
	}
	payload, _, _ := strings.Cut(rest, "\n")
	kim := w.person(301, "Kim")
	w.did(kim.Start(payload))
	w.sees(kim, "Добро пожаловать, Ким <b>!")
	w.becomes(1, `SELECT count(*) FROM employees WHERE name = 'Ким <b>' AND role = 'manager' AND city = 'Алматы'`)
	other := w.person(302, "Other")
	w.did(other.Start(payload))
	w.sees(other, "не действует")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"staff", "invite", "менеджир", "--bot", "x"}, exitTrouble, "did you mean"},
		{[]string{"slots"}, exitOK, "No places of work"},
		{[]string{"slots", "add", "Центр", "--role", "technician", "--city", "Москва"}, exitOK, "vacant"},
		{[]string{"slots", "add", "центр", "--role", "technician"}, exitTrouble, "already"},
		{[]string{"slots", "set", "Центр", "Иван Петров"}, exitOK, "holds Центр now"},
		{[]string{"slots", "set", "Центр", "Иван Петров"}, exitOK, "already"},
		{[]string{"slots"}, exitOK, "Иван Петров"},
		{[]string{"slots", "remove", "Центр"}, exitTrouble, "vacate"},
		{[]string{"slots", "vacate", "Центр"}, exitOK, "is vacant"},
		{[]string{"slots", "history", "1"}, exitOK, "vacant, before: Иван Петров"},
		{[]string{"slots", "remove", "Центр"}, exitOK, "is removed"},
		{[]string{"slots", "set", "Север", "Иван Петров"}, exitTrouble, "no slot"},
	} {
		if out, code := runOnce(t, w.env, c.args...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%v: exit %d, printed:\n%s", c.args, code, out)
		}
	}
}
