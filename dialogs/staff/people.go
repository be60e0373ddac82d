package staff

import (
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/dialogs"
)

// Candidate is somebody to whom a deal can be given, with how many open deals they have. Away: they are not at work now.
type Candidate struct {
	ID   crm.EmployeeID
	Name string
	Load int
	Away bool
}

// RenderPeople is a card that asks who gets the deal: each candidate is a button with their load. Action is that of the card's button, or
// dialogs.ActionAssign.
func RenderPeople(kit *dialogs.Kit, p Press, v View, who Viewer, people []Candidate) (string, [][]crm.Button) {
	buttons := make([]crm.Button, len(people))
	for i, c := range people {
		p.Arg = personMark + strconv.FormatInt(int64(c.ID), 10)
		buttons[i] = crm.Button{Text: c.Name + " · " + strconv.Itoa(c.Load), Data: p.Data()}
		if c.Away {
			buttons[i].Text += " 🌙"
		}
	}
	p.Arg = argBack
	no, _ := kit.Texts.Text(who.Lang, "card.confirm_no", nil)
	question, _ := kit.Texts.Text(who.Lang, "card.assign_whom", nil)
	return textOf(kit, kit.Cards[p.Card], v, who) + "\n\n" + question, append(inRows(buttons), []crm.Button{{Text: no, Data: p.Data()}})
}

// Pick finds among candidates whom somebody typed: by the whole name or by the beginning of any word of it, without regard to case. Several
// when it fits several.
func Pick(people []Candidate, typed string) (fits []Candidate) {
	typed = fold(typed)
	if typed == "" {
		return nil
	}
	for _, c := range people {
		name := fold(c.Name)
		if name == typed {
			return []Candidate{c}
		}
		if strings.HasPrefix(name, typed) || strings.Contains(name, " "+typed) {
			fits = append(fits, c)
		}
	}
	return fits
}

// fold is a name as it is compared.
func fold(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(s), " ")), "ё", "е")
}
