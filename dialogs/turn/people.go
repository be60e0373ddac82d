package turn

import (
	"errors"
	"html"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/staff"
	"govorun/locales"
)

// Who works here, in which place, and where they read cards: what their heads press and type. Buttons begin with p:.

// rights are all that a role may have: nobody makes or ends the rights of somebody who may do more than they do.
var rights = []crm.Right{crm.MayExport, crm.MayAssign, crm.MayInvite, crm.MaySlots, crm.MayBind, crm.MayPlan, crm.MayReports, crm.MayQuestions, crm.MayMerge}

// maxColleagues bounds the lists in which people are looked for.
const maxColleagues = 2000

// above tells whether a role may do all that another may.
func (g *group) above(role, other string) bool {
	return !slices.ContainsFunc(rights, func(r crm.Right) bool { return g.Kit.May(other, r) && !g.Kit.May(role, r) })
}

// peoplePress does what a button about people says. What is pressed without the right to it is answered as if there were nothing, and noted.
func (g *group) peoplePress(t *postgres.Turn, parts []string) (toast string, err error) {
	if len(parts) < 3 {
		return g.text(g.lang(t), "grammar.stale", nil), nil
	}
	does := map[string]struct {
		rights []crm.Right
		do     func(*group, *postgres.Turn, []string) (string, error)
	}{
		"i": {[]crm.Right{crm.MayInvite}, (*group).invitePress},
		"r": {[]crm.Right{crm.MayInvite}, (*group).revokePress},
		"s": {[]crm.Right{crm.MaySlots}, (*group).slotPress},
		"b": {[]crm.Right{crm.MayBind}, (*group).bindPress},
		"d": {[]crm.Right{crm.MaySlots, crm.MayInvite}, (*group).dismissPress},
		"m": {[]crm.Right{crm.MayMerge}, (*group).mergePress},
	}[parts[1]]
	if does.do == nil {
		return g.text(g.lang(t), "grammar.stale", nil), nil
	}
	if !slices.ContainsFunc(does.rights, func(r crm.Right) bool { return g.Kit.May(t.Employee.Role, r) }) {
		return g.refusePress(t), nil
	}
	toast, err = does.do(g, t, parts[2:])
	if errors.Is(err, crm.ErrNotFound) {
		return g.refusePress(t), nil
	}
	return toast, err
}

// refusePress answers a button that is not for whoever pressed it.
func (g *group) refusePress(t *postgres.Turn) string {
	g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": "people"}})
	if t.Talk.Group {
		return g.text(g.lang(t), "grammar.not_yours", nil)
	}
	return g.text(g.lang(t), "staff.deal_not_found", nil)
}

// numberAt reads one part of a button; zero for what is none.
func numberAt(parts []string, i int) int64 {
	if i >= len(parts) {
		return 0
	}
	n, err := strconv.ParseInt(parts[i], 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func digits[ID ~int64](id ID) string { return strconv.FormatInt(int64(id), 10) }

// colleague finds who is meant by a number or a name, or several when it fits several.
func (g *group) colleague(typed string) (fits []postgres.Colleague, all []postgres.Colleague, err error) {
	all, err = g.tx.Colleagues(g.ctx, maxColleagues)
	if err != nil {
		return nil, nil, err
	}
	typed = strings.Trim(strings.TrimSpace(typed), "№# ")
	id, _ := strconv.ParseInt(typed, 10, 64)
	people := make([]staff.Candidate, len(all))
	for i, c := range all {
		if int64(c.ID) == id && id > 0 {
			return all[i : i+1], all, nil
		}
		people[i] = staff.Candidate{ID: c.ID, Name: c.Name}
	}
	for _, c := range staff.Pick(people, typed) {
		i := slices.IndexFunc(all, func(o postgres.Colleague) bool { return o.ID == c.ID })
		fits = append(fits, all[i])
	}
	return fits, all, nil
}

// likeName is the name nearest to a mistyped one, empty when none is near.
func likeName(typed string, all []postgres.Colleague) string {
	best, found := 4, ""
	for _, c := range all {
		for _, name := range append(strings.Fields(c.Name), c.Name) {
			if d := locales.Slips(plainName(typed), plainName(name), best); d < best && d <= (len([]rune(name))+1)/3 {
				best, found = d, c.Name
			}
		}
	}
	return found
}

// personButton names an employee with their city and load.
func personButton(c postgres.Colleague, data string) crm.Button {
	text := c.Name
	if c.City != "" {
		text += ", " + c.City
	}
	return crm.Button{Text: text + " · " + strconv.Itoa(c.Deals), Data: data}
}

// changedStaff lets later turns of this transaction know an employee as they are now; nil when they work here no more.
func (g *group) changedStaff(id crm.EmployeeID, now *crm.Employee) {
	if g.staffNow == nil {
		g.staffNow = map[crm.EmployeeID]*crm.Employee{}
	}
	g.staffNow[id] = now
}

// current makes the author of a turn who they are after what this transaction did.
func (g *group) current(t *postgres.Turn) {
	if t.Employee == nil {
		return
	}
	if now, changed := g.staffNow[t.Employee.ID]; changed {
		t.Employee = now
		if now != nil {
			copied := *now
			t.Employee = &copied
		}
	}
}

// escaped is a name as a text may hold it.
func escaped(name string) string { return html.EscapeString(name) }
