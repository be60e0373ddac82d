package staff

import (
	"maps"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/dialogs"
)

const (
	// practiceID is the number of the made-up job: no deal has such a one, so nothing that is done to it finds any.
	practiceID     crm.DealID = -424242
	practiceNumber            = "-424242"
	// practicePresses is how many presses of a card a newcomer tries: take, move, done.
	practicePresses = 3
	// practiceMark stands where the number of a real job would.
	practiceMark = "🎓"
)

// Practice is a job that exists nowhere, on which a newcomer tries the card of their role. Presses are the actions that lead through it.
type Practice struct {
	Card    string
	Presses []string
	steps   []View // as it stands before each press, and after the last
}

// NewPractice makes a job up for an employee. Of all that the cards of their role allow it takes the way that teaches most: one that ends
// well, and is long. Without presses when the role has no card on which anything can be done.
func NewPractice(kit *dialogs.Kit, who Viewer, text func(key string) string) Practice {
	who.NewDeal = func() crm.DealID { return practiceID - 1 } // another one
	var best Practice
	most := 0
	for _, name := range slices.Sorted(maps.Keys(kit.Cards)) {
		card := kit.Cards[name]
		if !serves(card, who.Me.Role) {
			continue
		}
		for _, start := range starts(kit, card, who, text) {
			r := rehearsal{kit: kit, name: name, who: who}
			r.try(start)
			if worth := r.worth; worth > most {
				most, best = worth, Practice{Card: name, Presses: r.presses, steps: r.views}
			}
		}
	}
	return best
}

// Render gives the card after n presses, with the label of the button that comes next, empty after the last. Buttons bear only the ids
// of their actions, since there is no deal that a press could name.
func (p Practice) Render(kit *dialogs.Kit, n int, who Viewer) (text string, buttons [][]crm.Button, next string, err error) {
	text, rows, err := Render(kit, p.Card, p.steps[n], who)
	if text == "" {
		return "", nil, "", err
	}
	for _, row := range rows {
		var kept []crm.Button
		for _, b := range row {
			if of, ok := strings.CutPrefix(b.Data, pressMark+practiceNumber+":"); ok { // not a link
				_, pressed, _ := strings.Cut(of, ":")
				kept = append(kept, crm.Button{Text: b.Text, Data: pressed})
				if n < len(p.Presses) && pressed == p.Presses[n] {
					next = b.Text
				}
			}
		}
		if len(kept) > 0 {
			buttons = append(buttons, kept)
		}
	}
	return strings.ReplaceAll(text, practiceNumber, practiceMark), buttons, next, nil
}

// starts are the stages at which a practice may begin: every open one, free or the newcomer's own.
func starts(kit *dialogs.Kit, card *dialogs.Card, who Viewer, text func(string) string) []View {
	pipelines := card.Pipelines
	if len(pipelines) == 0 {
		pipelines = slices.Sorted(maps.Keys(kit.Pipelines))
	}
	var all []View
	for _, name := range pipelines {
		p := kit.Pipelines[name]
		if p == nil {
			continue
		}
		for _, stage := range p.Stages {
			if stage.Status != crm.DealOpen {
				continue
			}
			for _, owner := range []crm.EmployeeID{0, who.Me.ID} {
				all = append(all, madeUp(kit, who, text, crm.Deal{Pipeline: name, Stage: stage.Name, Owner: owner}))
			}
		}
	}
	return all
}

// madeUp fills what a card may show of a deal: nothing in it is anybody's.
func madeUp(kit *dialogs.Kit, who Viewer, text func(string) string, d crm.Deal) View {
	d.ID, d.Status, d.Title, d.Fields = practiceID, crm.DealOpen, text("tour.title"), crm.Fields{"city": who.Me.City, "address": text("tour.address")}
	d.EnteredAt, d.CreatedAt = who.Now, who.Now
	for name, field := range kit.Fields {
		switch {
		case len(field.Options) > 0:
			d.Fields[name] = field.Options[0][strings.LastIndexByte(field.Options[0], '.')+1:]
		case field.Type == "text" && d.Fields[name] == nil:
			d.Fields[name] = text("tour.detail")
		}
	}
	v := View{Deal: d, Contact: crm.Contact{Name: text("tour.contact")}, Moved: who.Now,
		Asset: dialogs.Asset{Code: practiceMark, Name: text("tour.title"), City: who.Me.City, Address: text("tour.address")}}
	if d.Owner == who.Me.ID {
		v.Owner = who.Me.Name
	}
	return v
}
