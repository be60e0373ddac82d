package main

import (
	"fmt"
	"strings"
	"testing"

	"govorun/bots/simulator"
)

// topicOf is the topic of the forum that bears somebody's name, which must be the only one.
func (w *world) topicOf(forum int64, name string) (thread int64) {
	w.t.Helper()
	view, _ := w.sim.View(forum)
	for _, topic := range view.Topics {
		if strings.HasPrefix(topic.Name, name) {
			if thread != 0 {
				w.t.Fatalf("several topics of %s: %v", name, view.Topics)
			}
			thread = topic.ID
		}
	}
	if thread == 0 {
		w.t.Fatalf("no topic of %s: %v", name, view.Topics)
	}
	return thread
}

func TestS17_O09_O10_APersonIsAnsweredInATopicOfTheOperatorsForum(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`WITH e AS (INSERT INTO employees (name, role, city) VALUES ('Вера Цой', 'manager', 'Москва') RETURNING id)
		INSERT INTO identities (channel, address, employee_id) SELECT 'telegram', '3002', id FROM e`)
	w.serve().ready()
	head, technician, vera := w.hired(aigul, "Айгуль"), w.hired(ivan, "Иван"), w.hired(3002, "Вера")
	forum, err := w.sim.AddGroup(simulator.NewGroup{Title: "Операторы", Forum: true, Owner: aigul, Members: []int64{ivan, 3002}})
	well(t, err)
	w.did(head.In(forum).Do(simulator.Action{Do: "promote_bot"}))
	w.did(head.In(forum).Text("/bind операторы"))
	w.quiet()

	anna := w.person(101, "Анна")
	w.did(anna.Start(w.machines["214"]))
	w.sees(anna, "Что случилось?")
	w.did(anna.Text("оператор"))
	w.becomes(1, `SELECT count(*) FROM topics WHERE thread IS NOT NULL`)
	w.quiet()
	topic := w.topicOf(forum, "Анна")
	if n := w.inTopic(forum, topic, "просит"); n != 1 {
		t.Fatalf("%d calls in the topic:\n%s", n, w.sim.Transcript(forum))
	}

	w.did(technician.In(forum).Topic(topic).Text("я мимо"))
	w.did(vera.In(forum).Topic(topic).Text("Здравствуйте, Анна"))
	w.did(head.In(forum).Topic(topic).Text("// постоянный клиент"))
	w.did(head.In(forum).Topic(topic).Photo(640, 480, ""))
	w.quiet()
	w.did(anna.Text("автомат у лифта"))
	w.did(anna.Photo(640, 480, ""))
	w.quiet()
	for words, n := range map[string]int{"я мимо": 0, "Здравствуйте, Анна": 1, "постоянный": 0, "сотрудник: Вера.": 1, "сотрудник: Айгуль.": 1} {
		if got := len(w.texts(anna.Chat, words)); got != n {
			t.Errorf("Anna sees %q %d times, want %d:\n%s", words, got, n, w.sim.Transcript(anna.Chat))
		}
	}
	photos := 0
	for _, chat := range []int64{anna.Chat, forum} {
		for _, m := range w.sim.Messages(chat) {
			if m.From != nil && m.From.ID == w.sim.Bot().ID && len(m.Photo) > 0 && (chat == anna.Chat || m.ThreadID == topic) {
				photos++
			}
		}
	}
	if photos != 2 || w.inTopic(forum, topic, "автомат у лифта") != 1 {
		t.Fatalf("%d photos were passed on:\n%s", photos, w.sim.Transcript(forum))
	}

	w.did(vera.In(forum).Topic(topic).Do(simulator.Action{Do: "delete_topic"}))
	w.did(anna.Text("алло?"))
	w.becomes(1, `SELECT count(*) FROM events WHERE kind = 'topic_renewed'`)
	w.quiet()
	fresh := w.topicOf(forum, "Анна")
	if fresh == topic || w.inTopic(forum, fresh, "алло?") != 1 || w.inTopic(forum, fresh, "Тему удалили") != 1 {
		t.Fatalf("the topic made anew says:\n%s", w.sim.Transcript(forum))
	}
	w.did(vera.In(forum).Topic(fresh).Press("📜 История"))
	w.quiet()
	if n := w.inTopic(forum, fresh, "💬 Здравствуйте, Анна"); n != 1 {
		t.Errorf("the history is told %d times:\n%s", n, w.sim.Transcript(forum))
	}
	w.did(vera.In(forum).Topic(fresh).Text("Уже едем"))
	w.sees(anna, "Уже едем")
	if n := w.inTopic(forum, 0, "Анна"); n != 0 {
		t.Errorf("%d messages fell into the general topic:\n%s", n, w.sim.Transcript(forum))
	}
	w.did(vera.In(forum).Topic(fresh).Press("🤖 Вернуть боту"))
	w.sees(anna, "Снова с вами бот")
	w.becomes(0, `SELECT count(*) FROM conversations WHERE operator_id IS NOT NULL`)
	w.quiet()
	if view, _ := w.sim.View(forum); len(view.Topics) != 1 {
		t.Errorf("the forum has %s", fmt.Sprint(view.Topics))
	}
}
