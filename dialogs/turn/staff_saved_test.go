package turn_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/crm"
)

// menu is the newest command menu of a person: its commands in a row.
func (h *house) menu(person int64) string {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.out) - 1; i >= 0; i-- {
		if o := h.out[i]; o.Address.Chat == fmt.Sprint(person) && o.Kind == crm.OutMenu {
			var all []string
			for _, item := range o.Menu {
				all = append(all, "/"+item.Command)
			}
			return strings.Join(all, " ")
		}
	}
	return ""
}

func TestTheLastListBecomesACommandOfItsEmployeeAlone(t *testing.T) {
	h := newProvider(t)
	h.deals(1, 2, "Own ")
	h.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, city) VALUES ('sales', 'contract', 'open', 'Paper', 1, 'Moscow')`)
	h.text(mia, "/save утро")
	h.says(mia, "nothing to save")
	h.text(mia, "/deals stage:contract")
	for wrong, part := range map[string]string{"/save": "Name the last list", "/save my": "already", "/save моё": "already", "/save order": "already",
		"/save 1st": "1 to 32", "/save a b": "1 to 32", "/save " + strings.Repeat("я", 33): "1 to 32", "/save <b>": "1 to 32"} {
		h.text(mia, wrong)
		h.says(mia, part)
		if said := h.last(mia); !strings.Contains(labels(said), "/save ") {
			t.Errorf("%s suggests %s", wrong, labels(said))
		}
	}
	h.text(mia, "/save Утро")
	h.says(mia, "/утро")
	if menu := h.menu(mia); !strings.HasPrefix(menu, "/utro /my ") {
		t.Errorf("the menu is %s", menu)
	}
	for _, typed := range []string{"/утро", "/utro", "/УТРО", "слова /утро"} {
		h.accept(h.from(mia, crm.Inbound{Kind: crm.InText, Text: typed}))
		if list := h.list(mia); !strings.Contains(list.Text, "Jobs: 1") || !strings.Contains(list.Text, "Paper") {
			t.Errorf("%s lists\n%s", typed, list.Text)
		}
	}
	h.text(mia, "/utra")
	if said := h.last(mia); !strings.Contains(labels(said), "/утро") {
		t.Errorf("a mistake in the name suggests %s", labels(said))
	}
	h.text(max, "/utro")
	if said := h.last(max); strings.Contains(said.Text, "Jobs") {
		t.Error("another has the command as well")
	}
	h.text(mia, "/my")
	h.text(mia, "/save утрё") // another name of the same Latin letters
	if menu := h.menu(mia); !strings.HasPrefix(menu, "/utro /utre /my ") {
		t.Errorf("the menu is %s", menu)
	}
	h.text(mia, "/saved")
	h.says(mia, "/utre")
	h.press(mia, "✖️ утре")
	if menu := h.menu(mia); !strings.HasPrefix(menu, "/utro /my ") {
		t.Errorf("after removing one the menu is %s", menu)
	}
	h.text(mia, "/saved")
	saved := h.last(mia)
	for range 2 { // pressed twice, it is gone once
		h.pressOn(mia, saved, "✖️ утро")
	}
	h.text(mia, "/saved")
	h.says(mia, "No commands")
	if n := h.count(`SELECT count(*) FROM events WHERE kind = 'filter_removed'`); n != 2 {
		t.Errorf("%d removals are noted", n)
	}
}

func TestASavedCommandComesByItselfOnWorkingDaysOnceHoweverManyProcessesLook(t *testing.T) {
	h := newProvider(t)
	h.deals(1, 1, "Own ")
	h.text(mia, "/schedule утро 8:30")
	h.says(mia, "No commands")
	h.text(mia, "/my")
	h.text(mia, "/save утро")
	for wrong, part := range map[string]string{"/schedule": "Which command", "/schedule утро 25:00": "understand the time", "/schedule утро": "understand the time", "/schedule утра 8:30": "no command", "/schedule утро 8:5": "understand the time"} {
		h.text(mia, wrong)
		h.says(mia, part)
		if said := h.last(mia); !strings.Contains(labels(said), "/schedule утро") {
			t.Errorf("%s suggests %s", wrong, labels(said))
		}
	}
	h.text(mia, "/schedule утро 08.30") // on Monday noon
	h.says(mia, "tomorrow 08:30")
	h.text(mia, "/schedule утро 8:30")
	if n := h.count(`SELECT count(*) FROM timers WHERE status = 'waiting'`); n != 1 {
		t.Fatalf("%d timers wait", n)
	}
	came := func() int { return h.count(`SELECT count(*) FROM events WHERE kind = 'filter_sent'`) }
	h.shift += 20*time.Hour + 31*time.Minute // Tuesday 8:31
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if _, err := h.runner.FireTimers(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := came(); n != 1 {
		t.Fatalf("it came %d times", n)
	}
	h.says(mia, "My jobs: 1")
	h.onList(mia, "1") // it is a list as any other
	h.says(mia, "Sale No. ")
	h.later(24 * time.Hour)
	if n := came(); n != 2 {
		t.Fatalf("on the second day it came %d times", n)
	}
	h.text(mia, "/schedule утро off")
	h.later(24 * time.Hour)
	if n := came(); n != 2 {
		t.Errorf("after the end it came %d times", n)
	}
	h.text(mia, "/schedule утро 8:30")
	h.exec(`UPDATE employees SET active = false WHERE id = 1`)
	h.later(24 * time.Hour)
	if n := came(); n != 2 {
		t.Errorf("to somebody who was dismissed it came, %d times", n)
	}
}

func TestAScheduleKeepsDaysOff(t *testing.T) {
	h := newProvider(t)
	kit := *h.runner.Kit
	for day := time.Monday; day <= time.Friday; day++ {
		kit.Hours[day].Open, kit.Hours[day].Close = 9*60, 18*60
	}
	kit.Holidays = map[string]bool{"2030-06-07": true} // a Friday
	h.startWith(&kit)
	h.text(mia, "/my")
	h.text(mia, "/save утро")
	h.later(72 * time.Hour) // Thursday noon
	h.text(mia, "/schedule утро 8:30")
	h.says(mia, "10.06 08:30")
}
