package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"govorun/bots/simulator"
)

func TestS02_AChatThatMustWaitWaitsAloneAndOverARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve().ready()
	anna, boris := w.person(101, "Анна"), w.person(102, "Борис")
	w.did(anna.Start(""))
	w.did(boris.Start(""))
	w.sees(anna, "Здравствуйте")
	w.sees(boris, "Здравствуйте")
	w.quiet()
	w.sim.AddFault(simulator.Fault{Kind: simulator.TooMany, Method: "sendMessage", Chat: 101, RetryAfter: 5, Times: 1})
	began := time.Now()
	w.did(anna.Text("214"))
	w.becomes(1, `SELECT count(*) FROM holds WHERE chat = '101'`)
	w.did(boris.Text("214"))
	w.sees(boris, "Что случилось?")
	if n := one[int](w, `SELECT count(*) FROM messages WHERE status = 'queued' AND attempts > 0`); n != 0 {
		t.Error("waiting was counted as an attempt")
	}
	p.kill()
	w.serve().ready()
	w.sees(anna, "Что случилось?")
	if waited := time.Since(began); waited < 5*time.Second {
		t.Errorf("sent after %v, Telegram asked for 5 s", waited)
	}
	refused := 0
	for _, c := range w.sim.Calls("sendMessage") {
		if c.Code == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d calls were refused with 429", refused)
	}
}

func TestS04_AMessageToSomebodyWhoBlockedTheBotEndsTheStoryWithATaskToCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.report(anna, "214")
	w.quiet()
	before := len(w.sim.Calls("sendMessage"))
	w.sim.AddFault(simulator.Fault{Kind: simulator.Blocked, Method: "sendMessage", Chat: 101, Times: 1})
	w.did(anna.Text("экран моргает"))
	w.becomes(1, `SELECT count(*) FROM conversations WHERE chat = '101' AND blocked AND due_at IS NULL`)
	w.becomes(1, `SELECT count(*) FROM tasks WHERE deal_id IS NOT NULL AND done_at IS NULL`)
	w.becomes(1, `SELECT count(*) FROM events WHERE kind = 'unreachable' AND deal_id IS NOT NULL`)
	w.quiet()
	if n := len(w.sim.Calls("sendMessage")) - before; n != 1 {
		t.Errorf("%d tries to reach somebody who blocked the bot", n)
	}
}

func TestS06_AGroupThatBecameASupergroupIsFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	boss := w.hired(aigul, "Айгуль")
	group, err := w.sim.AddGroup(simulator.NewGroup{Type: "group", Title: "Операторы", Owner: aigul, BotStatus: "administrator"})
	if err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.sim.AddFault(simulator.Fault{Kind: simulator.TooMany, Method: "sendMessage", Chat: group, RetryAfter: 2, Times: 1})
	w.did(boss.In(group).Text("/help"))
	w.becomes(1, `SELECT count(*) FROM holds WHERE chat LIKE '-%'`)
	moved := w.did(boss.In(group).Do(simulator.Action{Do: "migrate"})).Chat
	w.sees(boss.In(moved), "Команды. Примеры")
	w.quiet()
	if got := w.texts(moved, "Команды. Примеры"); len(got) != 1 {
		t.Errorf("%d answers in the new group:\n%s", len(got), w.sim.Transcript(moved))
	}
	if n := one[int](w, `SELECT count(*) FROM conversations WHERE grouped`); n != 1 {
		t.Errorf("%d conversations of one group", n)
	}
}

func TestS07_AnEditThatChangesNothingIsASuccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(w.machines["214"]))
	w.sees(anna, "Что случилось?")
	w.quiet()
	for _, method := range []string{"editMessageText", "editMessageReplyMarkup"} {
		w.sim.AddFault(simulator.Fault{Kind: simulator.Refuse, Method: method, Code: 400, Times: 1,
			Description: "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"})
	}
	w.did(anna.Press("⛔ Не работает"))
	w.sees(anna, "Заявка уже у нас")
	w.quiet()
	if got := one[string](w, `SELECT coalesce(string_agg(concat_ws(' ', kind, status, reason), ', '), '') FROM messages
		WHERE direction = 'out' AND status <> 'sent' AND kind = 'edit'`); got != "" {
		t.Errorf("not sent: %s", got)
	}
}

func TestS09_APressThatIsTooOldToBeAnsweredStillCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(w.machines["214"]))
	question := w.sees(anna, "Что случилось?")
	w.quiet()
	w.sim.AddFault(simulator.Fault{Kind: simulator.Refuse, Method: "answerCallbackQuery", Code: 400, Times: 1,
		Description: "Bad Request: query is too old and response timeout expired or query ID is invalid"})
	w.did(anna.Press("⛔ Не работает"))
	w.sees(anna, "Заявка уже у нас")
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM deals`); n != 1 {
		t.Errorf("%d deals", n)
	}
	for _, m := range w.sim.Messages(101) {
		if m.ID == question.ID && !strings.Contains(m.Text, "✓") {
			t.Error("the answered question was not edited")
		}
	}
	if strings.Contains(p.out.String(), "level=ERROR") {
		t.Error("it was logged as an error")
	}
}

func TestS10_MarkupThatIsRefusedIsSentAgainAsPlainText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	anna := w.person(101, "Анна")
	w.did(anna.Start(""))
	w.sees(anna, "Здравствуйте")
	w.quiet()
	w.sim.AddFault(simulator.Fault{Kind: simulator.Refuse, Method: "sendMessage", Code: 400, Times: 1,
		Description: "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""})
	w.did(anna.Text("214"))
	w.sees(anna, "Что случилось?")
	w.becomes(1, `SELECT count(*) FROM events WHERE kind = 'alert_markup'`)
	w.quiet()
	if n := len(w.sim.Calls("sendMessage")); n != 3 { // the greeting, the refused answer, the plain one
		t.Errorf("%d messages were sent", n)
	}
}

func TestX16_ANameMadeOfMarkupIsShownAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve().ready()
	boss := w.hired(aigul, "Айгуль")
	const name = `<a href="tg://user?id=1">Ann</a> & [x](tg://user?id=1) _*`
	anna := w.person(101, name)
	w.report(anna, "214")
	w.quiet()
	w.did(anna.Text("оператор"))
	card := w.sees(boss, "просит")
	if !strings.Contains(card.Text, name) || len(card.Entities) > 0 && strings.Contains(toJSON(card.Entities), "text_link") {
		t.Errorf("the manager sees %q with %s", card.Text, toJSON(card.Entities))
	}
}
