package turn_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"govorun/crm"
	"govorun/dialogs"
)

// changed is the provider's kit with replacements in its files.
func changed(t *testing.T, oldNew ...string) *dialogs.Kit {
	t.Helper()
	return changedIn(t, "testdata/provider", oldNew...)
}

func changedIn(t *testing.T, dir string, oldNew ...string) *dialogs.Kit {
	t.Helper()
	files := fstest.MapFS{}
	base := os.DirFS(dir)
	err := fs.WalkDir(base, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(base, name)
		files[name] = &fstest.MapFile{Data: []byte(strings.NewReplacer(oldNew...).Replace(string(text)))}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return kit
}

func TestAKitThatWouldLoseDealsIsRefusedWithTheirCountAndTheMappingToAdd(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title) SELECT 'sales', 'thinking', 'open', 'Deal' FROM generate_series(1, 12)`)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, closed_at) VALUES ('gone', 'first', 'open', 'Deal', NULL), ('sales', 'thought', 'lost', 'closed ones may stand anywhere', now())`)
	err := h.runner.CheckStages(t.Context())
	if err == nil {
		t.Fatal("the kit is taken")
	}
	for _, part := range []string{"12 open deals stand on sales.thinking", "was: {thinking: new}", "1 open deal stands on gone.first", "pipelines.yaml has no pipeline gone"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q:\n%v", part, err)
		}
	}
	h.startWith(changed(t, "  missed:\n    text: pipeline.missed\n", "  gone: {text: pipeline.missed, stages: {first: {text: stage.new}}}\n  missed:\n    text: pipeline.missed\n",
		"reason: field.reason\n", "reason: field.reason\n    was: {thinking: talk}\n"))
	if err := h.runner.CheckStages(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestDealsOfARenamedStageMoveInTheBackgroundAndOldButtonsAreExplained(t *testing.T) {
	h := newProvider(t)
	think := "      - {id: think, text: card.talk, if: deal.stage == \"thinking\", do: [{move_deal: talk}]}\n      - {id: contract, text: card.contract"
	h.startWith(changed(t, "      talk: {text: stage.talk, by", "      thinking: {text: stage.talk}\n      talk: {text: stage.talk, by", "      - {id: contract, text: card.contract", think))
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id) SELECT 'sales', 'thinking', 'open', 'Deal', 1 FROM generate_series(1, 1200)`)
	h.text(mia, "/deal 1")
	card := h.card(mia)
	h.startWith(changed(t, "reason: field.reason\n", "reason: field.reason\n    was: {thinking: talk}\n"))
	if err := h.runner.CheckStages(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.explained(card, "I take it")
	for range 2 {
		if err := h.runner.SettleOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if old, fresh := h.count(`SELECT count(*) FROM deals WHERE stage = 'thinking'`), h.count(`SELECT count(*) FROM deals WHERE stage = 'talk'`); old != 0 || fresh != 1200 {
		t.Errorf("%d deals stand on the old stage and %d on the new one", old, fresh)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'deal_moved' AND data->'cause' ? 'kit:sales.thinking'`); n != 1200 {
		t.Errorf("%d events tell of it", n)
	}
	h.explained(card, "I take it")
	if story := h.told(mia, "/why 1"); !strings.Contains(story, "stage renamed") {
		t.Errorf("the story is\n%s", story)
	}
}

// explained presses a button whose action is gone.
func (h *house) explained(card crm.Outbound, button string) {
	h.t.Helper()
	if r := h.pressOn(mia, card, button); !strings.Contains(r.Toast, "out of date") {
		h.t.Errorf("the old button says %q", r.Toast)
	}
}

func TestARuleThatComesIntoTheKitFiresForDealsThatStoodThereBefore(t *testing.T) {
	h := newProvider(t)
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, entered_at) VALUES ('sales', 'talk', 'open', 'old', 1, $1), ('sales', 'talk', 'open', 'young', 1, $2)`,
		time.Now().Add(h.shift-80*time.Hour), time.Now().Add(h.shift-time.Hour))
	h.startWith(changed(t, "rules:\n", "rules:\n  - id: forgotten\n    when: {idle: sales.talk, for: 72h}\n    do: [{comment: '\"forgotten\"'}]\n"))
	for range 2 {
		if err := h.runner.SettleOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.later(time.Minute)
	}
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'comment' AND deal_id = (SELECT id FROM deals WHERE title = 'old')`); n != 1 {
		t.Errorf("the rule fired %d times for the deal that stood too long", n)
	}
	h.later(72 * time.Hour)
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'comment'`); n != 2 {
		t.Errorf("the rule fired %d times in all", n)
	}
}
