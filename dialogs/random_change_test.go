package dialogs

import (
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

// renamed is the small kit after a day's work: two of its questions have another name and one is gone.
func renamed(t *testing.T, kit *Kit) *Kit {
	t.Helper()
	files := kit.files.open()
	name := kit.Dialogs["lead"].File
	before := string(files[name].Data)
	after := strings.NewReplacer("next: photo}", "next: picture}", "  photo: {ask", "  picture: {ask", "next: city}", "next: picture}", "  city: {ask: lead.city, slot: city, next: photo}\n", "",
		"  city: {type: text, max: 100}\n", "", "city: city", "city: name", "[name, phone, city, photo]", "[name, phone, photo]").Replace(before)
	files[name] = &fstest.MapFile{Data: []byte(after)}
	for lang := range kit.raw {
		texts := "locales/" + lang + ".yaml"
		files[texts] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(files[texts].Data), "{{.city}}", ""))}
	}
	changed, err := Load(files)
	if err != nil || before == after {
		t.Fatalf("the changed kit: %v\n%s", err, after)
	}
	return changed
}

func TestD20_OfFiveHundredTalksOnAKitThatChangesNoneIsStuck(t *testing.T) {
	draws(t, "500")
	kit := kitOnce(t, "kits/lead")
	changed := renamed(t, kit)
	var open, moved int
	rapid.Check(t, func(t *rapid.T) {
		p := newPlayer(kit)
		for _, line := range []string{"/start", "Анна Петрова", "+7 707 123-45-67", "Алматы", "(photo)"}[:rapid.IntRange(1, 5).Draw(t, "answers")] {
			if _, err := p.do(line); err != nil {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(0, 4).Draw(t, "before") {
			p.walk(t)
		}
		if p.session.Dialog != "" {
			open++
			if changed.State(p.session) == nil {
				moved++
			}
		}
		p.kit = changed
		for range rapid.IntRange(1, 5).Draw(t, "after") {
			p.walk(t)
			p.stored(t)
		}
		p.leaves(t)
	})
	if open < 250 || moved < 50 {
		t.Errorf("%d talks were open when the kit changed, %d of them at a question that is gone: too few", open, moved)
	}
}
