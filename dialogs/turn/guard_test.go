package turn_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/guard"
	"govorun/dialogs/turn"
)

// nags lets a robot want to say three things to the first driver, who answers nothing.
func nags(t *testing.T) *fleet {
	p := newFleet(t, 1, "")
	p.now = p.now.Add(12 * time.Hour)
	for _, text := range []string{"one", "two", "three"} {
		p.says(0, crm.Outbound{Text: text, Priority: crm.Notice}, 0)
		p.collect()
		for len(p.wait) > 0 {
			next := p.wait[0]
			p.wait = p.wait[1:]
			p.now = next.due
			p.send(next)
		}
	}
	return p
}

func TestW11_WhoIsToCallIsToldByTheBotAndHowTheNumberStandsIsShown(t *testing.T) {
	p := nags(t)
	for round, want := range []int{1, 0} {
		if told, err := p.runner.GuardCallsOnce(context.Background()); err != nil || told != want {
			t.Fatalf("round %d: told of %d calls: %v", round, told, err)
		}
	}
	var notice string
	p.must(p.db.Pool.QueryRow(context.Background(), `SELECT content->>'text' FROM messages WHERE conversation_id = 1 AND direction = 'out'`).Scan(&notice))
	if !strings.Contains(notice, "Позвонить: не отвечает на сообщения") {
		t.Errorf("Anna is told %q", notice)
	}
	p.must(p.guard.Stop(context.Background(), simulated, guard.StopBanned, p.now.Add(36*time.Hour)))
	numbers, err := p.db.GuardNumbers(context.Background(), p.now)
	if err != nil || len(numbers) != 1 {
		t.Fatalf("%d numbers: %v", len(numbers), err)
	}
	for lang, want := range map[string]string{
		"ru": "за час 2 из 5, за сутки 2 из 20", "en": "2 of 5 this hour, 2 of 20 today", "kk": "сағатына 2/5, тәулігіне 2/20",
	} {
		lines := turn.GuardLines(p.kit, lang, numbers[0])
		shown := strings.Join(lines, "\n")
		if len(lines) > 10 || !strings.Contains(shown, want) || !strings.Contains(shown, "+77010000000") || !strings.Contains(shown, "05.06") && !strings.Contains(shown, "04.06") ||
			!strings.Contains(shown, ": 1") || strings.Contains(shown, "guard.") {
			t.Errorf("%s:\n%s", lang, shown)
		}
	}
}

func TestW11_WhyTellsWhatWasNotSaidAndWhy(t *testing.T) {
	p := nags(t)
	lines, err := turn.Story(context.Background(), p.db, p.kit, turn.StoryWanted{Deal: 100, Lang: "en", Now: p.now})
	p.must(err)
	if story := strings.Join(lines, "\n"); !strings.Contains(story, "three") || !strings.Contains(story, "two messages unanswered, a person calls") {
		t.Errorf("the story says\n%s", story)
	}
}
