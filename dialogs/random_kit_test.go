package dialogs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing/fstest"

	"pgregory.net/rapid"
)

// mapping is a part of a kit on its way to YAML, of which JSON is a part.
type mapping = map[string]any

// randomSlots are the slots that dialogs drawn at random ask for.
var randomSlots = map[string]mapping{
	"words": {"type": "text", "max": 50}, "who": {"type": "name"}, "phone": {"type": "phone", "regions": []string{"KZ"}}, "count": {"type": "number", "min": 1, "max": 90},
	"day": {"type": "date", "day": true}, "photo": {"type": "photo"}, "photos": {"type": "photos", "max": 3}, "mail": {"type": "email"}, "pick": {"type": "choice"},
	"some": {"type": "many", "options": []string{"some.tea", "some.milk", "some.jam"}}, "place": {"type": "location"}, "sum": {"type": "money", "currency": "KZT"},
}

// conditionOn is a condition about a slot, and always one that may be evaluated before the slot is filled.
var conditionOn = map[string]string{
	"words": `words contains "a"`, "who": `who != nil`, "phone": `phone == nil`, "count": `count > 20`, "day": `day > now`, "photo": `photo == nil`, "photos": `len(photos ?? []) > 1`,
	"mail": `mail != nil`, "pick": `pick == "o0"`, "some": `"tea" in (some ?? [])`, "place": `place == nil`, "sum": `sum >= 100`,
}

// kitMaker draws a kit of a few dialogs, most of whose states are reachable and lead on.
type kitMaker struct {
	t       *rapid.T
	dialogs int
	states  int             // of the dialog under way
	slots   map[string]bool // that it fills
	texts   map[string]any
}

// anyKit draws the files of a kit.
func anyKit(t *rapid.T) fstest.MapFS {
	m := &kitMaker{t: t, dialogs: rapid.IntRange(1, 3).Draw(t, "dialogs"), texts: mapping{
		"role.worker": "worker", "pipe": "Pipe", "stage.new": "New", "stage.won": "Won", "stage.lost": "Lost", "some.tea": "Tea", "some.milk": "Milk", "some.jam": "Jam",
	}}
	files := fstest.MapFS{}
	put := func(name string, content mapping) {
		data, err := json.MarshalIndent(content, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	kit := mapping{"kit": "random", "languages": []string{"en"}, "zone": "Asia/Almaty", "home": "d0", "human": "worker", "resume_after": "12h", "roles": mapping{"worker": "role.worker"}}
	if rapid.Bool().Draw(t, "hours") {
		kit["hours"] = mapping{"mon-fri": "09:00-18:00"}
	}
	put("kit.yaml", kit)
	put("pipelines.yaml", mapping{"pipelines": mapping{"pipe": mapping{"text": "pipe", "stages": mapping{
		"begun": mapping{"text": "stage.new"}, "won": mapping{"text": "stage.won", "status": "won"}, "lost": mapping{"text": "stage.lost", "status": "lost"}}}}})
	for i := range m.dialogs {
		put(fmt.Sprintf("dialogs/d%d.yaml", i), m.dialog(i))
	}
	put("locales/en.yaml", m.texts)
	return files
}

// chance draws true in so many of a hundred cases.
func (m *kitMaker) chance(percent int, label string) bool {
	return rapid.IntRange(0, 99).Draw(m.t, label) < percent
}

// text makes a text of its own for a state.
func (m *kitMaker) text(label string) string {
	key := fmt.Sprintf("t%d", len(m.texts))
	text := label + " " + key
	if m.chance(10, "with a name") {
		text += ", {{.contact.name}}"
	}
	m.texts[key] = text
	return key
}

func (m *kitMaker) slot() string {
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(randomSlots))).Draw(m.t, "slot")
	m.slots[name] = true
	return name
}

func (m *kitMaker) condition() string {
	name, any := m.filled()
	if !any || m.chance(30, "about the world") {
		return rapid.SampledFrom([]string{`open`, `lang == "en"`, `contact.phone == ""`, `deal.id == 0`, `deal.stage == "begun"`, `channel == "telegram"`}).Draw(m.t, "condition")
	}
	return conditionOn[name]
}

// filled draws a slot that a state asks for; false when none does yet.
func (m *kitMaker) filled() (name string, any bool) {
	if len(m.slots) == 0 {
		return "", false
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.slots))).Draw(m.t, "filled"), true
}

func (m *kitMaker) any() string {
	return fmt.Sprint("s", rapid.IntRange(0, m.states-1).Draw(m.t, "to"))
}

// dialog draws one. Each of its states but the first is led to by one before it; the last one ends it.
func (m *kitMaker) dialog(i int) mapping {
	m.slots, m.states = map[string]bool{}, rapid.IntRange(1, 7).Draw(m.t, "states")
	after := make([][]string, m.states)
	for s := 1; s < m.states; s++ {
		from := rapid.IntRange(max(0, s-2), s-1).Draw(m.t, "from")
		after[from] = append(after[from], fmt.Sprint("s", s))
	}
	states := mapping{}
	for s := range m.states {
		states[fmt.Sprint("s", s)] = m.state(i, s, after[s])
	}
	d := mapping{"dialog": fmt.Sprint("d", i), "start": "s0", "states": states}
	entry := []mapping{{"command": fmt.Sprint("go", i)}}
	if i == 0 || m.chance(50, "entry") {
		d["entry"] = entry
	}
	if len(m.slots) > 0 {
		slots := mapping{}
		for name := range m.slots {
			slots[name] = randomSlots[name]
		}
		d["slots"] = slots
	}
	if m.chance(20, "timeouts of all") {
		d["timeouts"] = m.timeouts()
	}
	return d
}

// state draws one that leads to all of those after it.
func (m *kitMaker) state(dialog, index int, after []string) mapping {
	if len(after) == 0 && (index == m.states-1 || m.chance(70, "end")) {
		end := mapping{"end": rapid.SampledFrom([]string{"done", "cancelled"}).Draw(m.t, "outcome"), "say": m.text("Bye")}
		if m.chance(40, "last deeds") {
			end["do"] = m.deeds()
		}
		return end
	}
	kind := rapid.SampledFrom([]string{"ask", "ask", "options", "options", "options", "act", "call"}).Draw(m.t, "kind")
	if kind == "call" && (dialog == m.dialogs-1 && m.chance(80, "no call") || len(after) > 1) {
		kind = "ask"
	}
	switch kind {
	case "options":
		return m.choosing(after)
	case "ask":
		return m.asking(after)
	case "call":
		to := rapid.IntRange(min(dialog+1, m.dialogs-1), m.dialogs-1).Draw(m.t, "called")
		if m.chance(5, "any dialog") {
			to = rapid.IntRange(0, m.dialogs-1).Draw(m.t, "called")
		}
		return mapping{"call": mapping{"dialog": fmt.Sprint("d", to)}, "next": m.next(after, index)}
	}
	act := mapping{"next": m.next(after, index)}
	if m.chance(70, "says") {
		act["say"] = m.text("By the way")
	}
	if m.chance(60, "does") || act["say"] == nil {
		act["do"] = m.deeds()
	}
	return act
}

// next draws the way on: to all of those after it, else forward, now and then anywhere.
func (m *kitMaker) next(after []string, index int) any {
	if len(after) == 0 {
		after = []string{fmt.Sprint("s", rapid.IntRange(min(index+1, m.states-1), m.states-1).Draw(m.t, "on"))}
		if m.chance(10, "anywhere") {
			after[0] = m.any()
		}
	}
	if len(after) == 1 {
		return after[0]
	}
	var branches []mapping
	for _, to := range after[:len(after)-1] {
		branches = append(branches, mapping{"if": m.condition(), "to": to})
	}
	return append(branches, mapping{"to": after[len(after)-1]})
}

// choosing draws a question with buttons.
func (m *kitMaker) choosing(after []string) mapping {
	st := mapping{"ask": m.text("Choose")}
	var options []mapping
	for i := range len(after) + rapid.IntRange(1, 3).Draw(m.t, "more options") {
		key := fmt.Sprint("option.", string(rune('a'+i)))
		m.texts[key] = "Option " + string(rune('A'+i))
		o := mapping{"id": fmt.Sprint("o", i), "text": key}
		if i < len(after) {
			o["to"] = after[i]
		} else if m.chance(40, "option leads") {
			o["to"] = m.any()
		}
		if i >= len(after) && m.chance(15, "option if") {
			o["if"] = m.condition()
		}
		if m.chance(15, "option does") {
			o["do"] = m.deeds()
		}
		options = append(options, o)
	}
	st["options"], st["next"] = options, m.any()
	if m.chance(40, "fills") {
		st["slot"] = "pick"
		m.slots["pick"] = true
	}
	m.questions(st)
	return st
}

// asking draws a question for a slot.
func (m *kitMaker) asking(after []string) mapping {
	name := m.slot()
	if name == "pick" {
		delete(m.slots, name)
		return m.choosing(after)
	}
	st := mapping{"ask": m.text("Tell"), "slot": name, "next": m.next(after, 0)}
	if m.chance(25, "optional") {
		st["optional"] = true
	}
	if name == "phone" {
		st["share"] = "contact"
	}
	m.questions(st)
	return st
}

// questions adds what any question may have.
func (m *kitMaker) questions(st mapping) {
	if m.chance(20, "accepts") {
		name := m.slot()
		accept := mapping{"slot": name}
		if m.chance(50, "accept says") {
			accept["say"] = m.text("Got it")
		}
		if m.chance(50, "accept leads") {
			accept["to"] = m.any()
		}
		if name != st["slot"] && name != "pick" {
			st["accept"] = []mapping{accept}
		}
	}
	if m.chance(20, "hint") {
		st["hint"] = m.text("Such as")
	}
	if m.chance(15, "edit") {
		st["edit"] = true
	}
	if m.chance(25, "timeouts") {
		st["timeouts"] = m.timeouts()
	}
}

func (m *kitMaker) timeouts() (list []mapping) {
	after := 0
	for range rapid.IntRange(1, 3).Draw(m.t, "how many timeouts") {
		after += rapid.IntRange(1, 48).Draw(m.t, "hours")
		timeout := mapping{"after": fmt.Sprint(after, "h")}
		if m.chance(60, "timeout says") {
			timeout["say"] = m.text("Still there?")
		}
		if timeout["say"] == nil || m.chance(30, "timeout leads") {
			timeout["to"] = m.any()
		}
		if m.chance(30, "by day") {
			timeout["daytime"] = true
		}
		list = append(list, timeout)
	}
	return list
}

// deeds draws effects. Those that need a deal come after one is opened: whether there is one elsewhere, no check can know.
func (m *kitMaker) deeds() (list []mapping) {
	opened := mapping{"open_deal": mapping{"pipeline": "pipe", "stage": "begun", "title": `"a deal"`, "unique": `"one of " + string(contact.id)`}}
	for range rapid.IntRange(1, 3).Draw(m.t, "how many deeds") {
		switch rapid.IntRange(0, 9).Draw(m.t, "deed") {
		case 0:
			list = append(list, opened)
		case 1:
			deal := mapping{"pipeline": "pipe", "stage": "begun", "title": `"another"`}
			if name, any := m.filled(); any {
				deal["fields"] = mapping{name: name}
			}
			list = append(list, mapping{"open_deal": deal})
		case 2:
			name := `"Ann"`
			if m.slots["who"] {
				name = "who"
			}
			list = append(list, mapping{"set_contact": mapping{"name": name}})
		case 3:
			if name, any := m.filled(); any {
				list = append(list, mapping{"clear": []string{name}})
				continue
			}
			list = append(list, mapping{"record": "nothing to clear"})
		case 4:
			m.slots["words"] = true
			list = append(list, mapping{"set": mapping{"words": `"a word"`}})
		case 5:
			list = append(list, opened, mapping{"comment": `"seen in " + lang`})
		case 6:
			list = append(list, opened, mapping{"task": mapping{"role": "worker", "title": m.text("Call"), "due": "2h"}})
		case 7:
			list = append(list, mapping{"hand_over": mapping{"role": "worker"}})
		case 8:
			list = append(list, opened, mapping{"move_deal": "won"})
		case 9:
			list = append(list, mapping{"record": "passed"})
		}
	}
	return list
}

// refusedWell fails when a refused kit is refused without a reason, its place and what to do.
func refusedWell(t *rapid.T, files fstest.MapFS, err error) {
	problems, is := err.(Problems)
	if !is || len(problems) == 0 {
		t.Fatalf("a kit is refused by %T: %v", err, err)
	}
	for _, p := range problems {
		file := files[strings.TrimPrefix(p.File, "./")]
		if p.File == "" || p.What == "" || p.Fix == "" {
			t.Fatalf("a problem without its file, reason or fix: %+v", p)
		}
		if file != nil && (p.Line < 1 || p.Column < 1 || p.Line > 1+strings.Count(string(file.Data), "\n")) {
			t.Fatalf("a problem without its place: %s\nin\n%s", p, file.Data)
		}
	}
}
