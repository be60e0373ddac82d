package turn_test

import (
	"context"
	"fmt"
	"html"
	"strings"
	"testing"
	"time"

	"govorun/dialogs/turn"
)

// told is the newest message to a person after a command of theirs.
func (h *house) told(person int64, command string) string {
	h.t.Helper()
	h.text(person, command)
	return h.last(person).Text
}

func (h *house) dealOf(pipeline string) (id int) {
	return h.count(`SELECT coalesce(max(id), 0) FROM deals WHERE pipeline = $1`, pipeline)
}

func TestTheStoryOfADealIsToldWithItsCausesToWhoMaySeeIt(t *testing.T) {
	h := newProvider(t)
	h.sold()
	sale, connection := h.dealOf("sales"), h.dealOf("connection")
	story := h.told(mia, fmt.Sprintf("/why %d", sale))
	for _, part := range []string{fmt.Sprintf("No. %d · Lenin street 1</b> · Contract", sale), "opened: New", "in charge: Mia (stage “New”)", "stage “Talk” · Mia", "stage “Contract” · Mia",
		"mistake in rule broken", "linked with No. ", "📤 on its way, Азамат: Your contract for Lenin street 1 is ready.", "reminder 1", "Sale No. "} {
		if !strings.Contains(story, part) {
			t.Errorf("the story lacks %q:\n%s", part, story)
		}
	}
	if n := strings.Count(story, "\n"); n > 26 {
		t.Errorf("the story has %d lines", n)
	}
	story = h.told(igor, fmt.Sprintf("/why %d", connection))
	for _, part := range []string{"opened: New", "link connection", "in charge: Igor", "to come: rule “stuck”"} {
		if !strings.Contains(story, part) {
			t.Errorf("the story lacks %q:\n%s", part, story)
		}
	}
	if got := h.told(igor, fmt.Sprintf("/why %d", sale)); !strings.Contains(got, "no such job") {
		t.Errorf("an installer, whose role has no card of sales, reads %q", got)
	}
	for _, wrong := range []string{"/why", "/why abc", "/why -3"} {
		if got := h.told(mia, wrong); !strings.Contains(got, "/why 5512") {
			t.Errorf("%s hears %q", wrong, got)
		}
	}
	if got := h.told(mia, "/why 999999"); !strings.Contains(got, "no such job") {
		t.Errorf("a number of no deal hears %q", got)
	}
}

func TestTheStoryFitsAMessageAndTellsNoSecrets(t *testing.T) {
	h := newProvider(t)
	h.startWith(changed(t, "  address: {type: text, max: 200}", "  address: {type: text, max: 200, secret: true}"))
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id) VALUES ('sales', 'talk', 'open', 'Deal', 1)`)
	h.exec(`INSERT INTO events (at, kind, author, deal_id, data) SELECT now(), 'deal_changed', 'bot', 1, jsonb_build_object('address', 'hidden place', 'note', repeat('<long> ', 90), 'other', repeat('x', 500)) FROM generate_series(1, 60)`)
	story := h.told(mia, "/why 1")
	if n := len([]rune(html.UnescapeString(story))); n > 4096 || strings.Count(story, "\n") > 25 || !strings.Contains(story, "and earlier, lines: 36") {
		t.Errorf("the story has %d letters:\n%s", n, story)
	}
	if strings.Contains(story, "hidden") || !strings.Contains(story, "address: •••") {
		t.Errorf("a secret is told:\n%s", story)
	}
}

func TestTheStoryTellsWhatWasSkippedAndWhatCameOfReminders(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin <b>street 1")
	h.press(mia, "I take it")
	h.later(25 * time.Hour)
	h.says(olga, "Shall we go on")
	h.text(olga, "I am thinking & waiting")
	lines, err := turn.Story(context.Background(), h.db, h.runner.Kit, turn.StoryWanted{Deal: 1, Lang: "en", Now: time.Now().Add(h.shift)})
	if err != nil {
		t.Fatal(err)
	}
	story := strings.Join(lines, "\n")
	for _, part := range []string{"time came: reminder 1", "cancelled: reminder 2 (they answered)", "📤 on its way, Азамат: Shall we go on with Lenin <b>street 1?", "📥 Азамат: I am thinking & waiting"} {
		if !strings.Contains(story, part) {
			t.Errorf("the story lacks %q:\n%s", part, story)
		}
	}
	if strings.Contains(h.told(mia, "/why 1"), "Lenin <b>street") {
		t.Error("words of people are markup in the story")
	}
}
