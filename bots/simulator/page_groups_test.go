package simulator_test

import (
	"fmt"
	"strings"
	"testing"

	"govorun/bots/simulator"
	"govorun/bots/simulator/browsertest"
)

func TestAPhoneShowsTheTopicsOfAForumAndWritesInThem(t *testing.T) {
	s, base := pageRig(t)
	vera, ann := s.MustUser(simulator.NewUser{FirstName: "Vera", LanguageCode: "en"}), s.MustUser(simulator.NewUser{FirstName: "Ann", LanguageCode: "en"})
	forum, err := s.AddGroup(simulator.NewGroup{Title: "Operators", Forum: true, Owner: vera.ID, Members: []int64{ann.ID}})
	if err != nil {
		t.Fatal(err)
	}
	did := func(p *simulator.Person, a simulator.Action) simulator.Done {
		t.Helper()
		done, err := p.Do(a)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	topic := did(vera.In(forum), simulator.Action{Do: "new_topic", Text: "Azamat · No. 1042"}).Thread
	did(ann.In(forum).Topic(topic), simulator.Action{Do: "text", Text: "who takes this?"})
	did(ann.In(forum), simulator.Action{Do: "text", Text: "lunch?"})

	p := browsertest.Open(t, base+"/?lang=en", 1400, 900)
	p.Wait("document.querySelectorAll('.phone-wrap .places').length === 2")
	p.Click(`[data-user="` + fmt.Sprint(vera.ID) + `"] .places`)
	p.Press(".menu", "Azamat · No. 1042")
	phone := `document.querySelector('[data-user="` + fmt.Sprint(vera.ID) + `"]')`
	p.Wait(phone + `.textContent.includes('who takes this?')`)
	if p.Eval(phone+`.textContent.includes('lunch?')`) == true || p.Eval(phone+`.querySelector('.bubble .author').textContent`) != "Ann" {
		t.Error("the topic shows what was said elsewhere, or not who said it")
	}
	p.Eval(phone + `.querySelector('textarea').focus()`)
	p.Keys("I do\r")
	p.Wait(phone + `.textContent.includes('I do')`)
	found := false
	for _, m := range s.Messages(forum) {
		found = found || m.ThreadID == topic && strings.Contains(m.Text, "I do")
	}
	if !found {
		t.Errorf("it was not written in the topic:\n%s", s.Transcript(forum))
	}
	if troubles := p.Troubles(); len(troubles) > 0 {
		t.Errorf("exceptions: %q", troubles)
	}
}
