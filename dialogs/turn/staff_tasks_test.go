package turn_test

import (
	"strings"
	"testing"
	"time"
)

func TestATaskIsDoneOnceByWhoHasItAndTheRestIsListed(t *testing.T) {
	h := newProvider(t)
	h.text(mia, "/tasks")
	h.says(mia, "no open tasks")
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, robot_touches) VALUES ('sales', 'talk', 'open', 'Deal', 1, 5)`)
	h.exec(`INSERT INTO tasks (deal_id, assignee_id, role, title, due_at) SELECT id, 1, '', 'call <Bob>', now() FROM deals`)
	h.exec(`INSERT INTO tasks (assignee_id, role, title) VALUES (1, '', 'second')`)
	h.text(mia, "/tasks")
	list := h.last(mia)
	if !strings.Contains(list.Text, "1. call &lt;Bob&gt; · № 1 · ⏰ overdue") || !strings.Contains(list.Text, "2. second") {
		t.Errorf("the list is %q", list.Text)
	}
	if r := h.pressOn(mia, list, "✅ 1"); !strings.Contains(r.Toast, "done") {
		t.Errorf("the toast is %q", r.Toast)
	}
	if r := h.pressOn(mia, list, "✅ 1"); !strings.Contains(r.Toast, "lready") {
		t.Errorf("the second press hears %q", r.Toast)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'task_done'`); n != 1 {
		t.Errorf("%d events", n)
	}
	if n := h.count(`SELECT robot_touches FROM deals`); n != 0 {
		t.Error("a done task is no touch of a person")
	}
	h.mu.Lock()
	edit := h.out[len(h.out)-1]
	h.mu.Unlock()
	if strings.Contains(edit.Text, "Bob") || !strings.Contains(edit.Text, "1. second") {
		t.Errorf("the list shows %q", edit.Text)
	}
	if r := h.pressOn(igor, list, "✅ 2"); !strings.Contains(r.Toast, "not allowed") && !strings.Contains(r.Toast, "right") {
		t.Errorf("somebody else's press hears %q", r.Toast)
	}
	if n := h.count(`SELECT count(*) FROM tasks WHERE done_at IS NULL`); n != 1 {
		t.Error("somebody else has done the task")
	}
}

func TestEachSeesTheirOwnPointsAndTheHeadSeesAll(t *testing.T) {
	h := newProvider(t)
	h.text(mia, "/rating")
	h.says(mia, "no points")
	h.exec(`INSERT INTO points (employee_id, points, reason, at) VALUES (1, 2, 'rating.fast', now()), (1, 2, 'rating.fast', now()), (1, -1, 'rating.stuck', now()),
		(3, 7, 'rating.fast', now()), (1, 50, 'rating.fast', $1)`, time.Now().AddDate(0, -2, 0))
	got := h.told(mia, "/rating")
	if !strings.Contains(got, "+3") || !strings.Contains(got, "+4 · a sale × 2") || !strings.Contains(got, "-1 · a connection stood still × 1") || strings.Contains(got, "Igor") {
		t.Errorf("Mia reads %q", got)
	}
	got = h.told(hana, "/rating")
	if !strings.Contains(got, "1. Igor · Moscow: +7\n2. Mia · Moscow: +3") {
		t.Errorf("the head reads %q", got)
	}
}

func TestTheHeadHearsOfParkedDealsEachMondayMorning(t *testing.T) {
	h := newProvider(t)
	if err := h.runner.SettleOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, robot_touches, human_at) SELECT 'sales', 'talk', 'open', 'Deal <' || n || '>', CASE WHEN n < 6 THEN 1 END, 9, now() - interval '9 days' FROM generate_series(1, 6) n`)
	h.later(6*24*time.Hour + 20*time.Hour) // Monday noon, then Monday 8:00
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'digest_sent'`); n != 0 {
		t.Fatal("the digest came before its hour")
	}
	h.later(time.Hour + time.Minute)
	got := h.last(hana).Text
	for _, part := range []string{"7 days: 6", "Mia: 5", "nobody in charge: 1", "Deal &lt;1&gt; · Talk · 9 days"} {
		if !strings.Contains(got, part) {
			t.Errorf("the digest lacks %q:\n%s", part, got)
		}
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE rule = 'digest.parked' AND status = 'waiting'`); n != 1 {
		t.Errorf("%d digests wait", n)
	}
	h.later(5 * time.Minute)
	h.later(15 * 24 * time.Hour) // two Mondays later: one digest, not two
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'digest_sent'`); n != 2 {
		t.Errorf("%d digests came", n)
	}
}

func TestEachHeadHearsOfTheParkedDealsOfTheirOwnCities(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO employees (id, name, role, city, lang) VALUES (20, 'Tver Head', 'head', 'Tver', 'en')`)
	h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', '620', 20)`)
	if err := h.runner.SettleOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, city := range []string{"Moscow", "Tver", "", "Paris"} {
		h.exec(`INSERT INTO deals (pipeline, stage, status, title, city, robot_touches, human_at) VALUES ('sales', 'talk', 'open', $1, $2, 9, now() - interval '9 days')`, "Deal of "+city+".", city)
	}
	h.later(6*24*time.Hour + 21*time.Hour + time.Minute)
	for who, want := range map[int64]string{hana: "Deal of Moscow.", 620: "Deal of Tver."} {
		got := h.last(who).Text
		if !strings.Contains(got, want) || !strings.Contains(got, "7 days: 3") || !strings.Contains(got, "Deal of .") || !strings.Contains(got, "Deal of Paris.") {
			t.Errorf("the head %d reads:\n%s", who, got)
		}
	}
}
