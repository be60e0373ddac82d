package turn

import (
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/locales"
)

const (
	// slotsShown is how many places of work a list shows, peopleShown how many people a choice does.
	slotsShown, peopleShown = 20, 12
	// slotChanges is how many changes of holder a slot tells.
	slotChanges = 5
)

// slots lists the places of work with their holders, each with a button that shows it.
func (g *group) slots(t *postgres.Turn) error {
	all, err := g.tx.Slots(g.ctx)
	if err != nil {
		return err
	}
	lang := g.lang(t)
	if len(all) == 0 {
		return g.say(t, "people.no_slots", nil)
	}
	lines := []string{g.text(lang, "people.slots_title", nil)}
	var buttons [][]crm.Button
	for i, s := range all {
		if i == slotsShown {
			lines = append(lines, "…")
			break
		}
		lines = append(lines, g.slotLine(s, lang))
		if i%2 == 0 {
			buttons = append(buttons, nil)
		}
		buttons[len(buttons)-1] = append(buttons[len(buttons)-1], crm.Button{Text: s.Name, Data: "p:s:" + digits(s.ID)})
	}
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: strings.Join(lines, "\n"), Buttons: buttons})
	return err
}

// slot shows a place of work, or with a person behind its name gives it to that person.
func (g *group) slot(t *postgres.Turn) error {
	typed := strings.TrimSpace(t.In.Args)
	if typed == "" {
		return g.slots(t)
	}
	all, err := g.tx.Slots(g.ctx)
	if err != nil {
		return err
	}
	s, rest, exact := slotNamed(all, typed)
	if s.ID == 0 {
		return g.wrong(t, "people.slot_unknown", map[string]any{"slot": escaped(typed)}, "slots")
	}
	if rest == "" && exact {
		return g.showSlot(t, s.ID)
	}
	fits, people, err := g.colleague(rest)
	if err != nil {
		return err
	}
	again := "slot " + s.Name // with both names mended
	if like := likeName(rest, people); len(fits) == 0 && like != "" {
		again += " " + like
	} else if len(fits) > 0 && rest != "" {
		again += " " + rest
	}
	switch same := ofRole(fits, s.Role); {
	case !exact:
		return g.wrong(t, "people.slot_unknown", map[string]any{"slot": escaped(typed)}, again, "slots")
	case len(fits) == 0 && again == "slot "+s.Name:
		return g.wrong(t, "people.nobody", map[string]any{"name": escaped(rest)}, again)
	case len(fits) == 0:
		return g.wrong(t, "people.nobody", map[string]any{"name": escaped(rest)}, again, "slot "+s.Name)
	case len(same) == 0:
		return g.chooseOther(t, s, fits)
	case len(same) > 1:
		return g.choose(t, s, same)
	default:
		fits = same
	}
	if s, err = g.tx.Slot(g.ctx, s.ID); err != nil {
		return err
	}
	if late := s.ChangedAt.Sub(t.In.SentAt); s.ChangedBy != t.Employee.ID && late > 0 && late < sameMoment { // somebody was faster
		return g.say(t, "people.slot_taken", map[string]any{"slot": escaped(s.Name), "name": escaped(s.HolderName)})
	}
	key, args, err := g.give(t, s, fits[0].ID)
	if err != nil {
		return err
	}
	return g.say(t, key, args)
}

// slotNamed finds the slot that a text begins with, the longest name first, and what stands behind it. When there is none it is the one with the
// fewest slips in its name, and not exact.
func slotNamed(all []postgres.Slot, typed string) (found postgres.Slot, rest string, exact bool) {
	words := strings.Fields(typed)
	least, longest := 3, 0
	for _, s := range all {
		name := strings.Join(strings.Fields(plainName(s.Name)), " ")
		n := min(strings.Count(name, " ")+1, len(words))
		slips, length := locales.Slips(plainName(strings.Join(words[:n], " ")), name, least), len([]rune(name))
		if slips > (length+1)/3 || slips > least || slips == least && (slips > 0 || length <= longest) {
			continue
		}
		least, longest = slips, length
		found, rest = s, strings.Join(words[n:], " ")
	}
	return found, rest, found.ID != 0 && least == 0
}

// showSlot shows who holds a slot, since when, who did before, and the button that changes it.
func (g *group) showSlot(t *postgres.Turn, id postgres.SlotID) error {
	text, buttons, err := g.slotCard(t, id)
	if err != nil {
		return err
	}
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: text, Buttons: buttons})
	return err
}

func (g *group) slotCard(t *postgres.Turn, id postgres.SlotID) (string, [][]crm.Button, error) {
	s, err := g.tx.Slot(g.ctx, id)
	if err != nil {
		return "", nil, err
	}
	if err := g.tx.Flush(g.ctx); err != nil { // the change of just now belongs to the history
		return "", nil, err
	}
	changes, err := g.tx.SlotHistory(g.ctx, id, slotChanges)
	if err != nil {
		return "", nil, err
	}
	lang := g.lang(t)
	lines := []string{g.slotLine(s, lang)}
	for _, c := range changes {
		holder := c.Holder
		if holder == "" {
			holder = g.text(lang, "people.vacant", nil)
		}
		lines = append(lines, c.At.Add(g.Shift()).In(g.Kit.Zone).Format("02.01.06 15:04")+" — "+escaped(holder))
	}
	buttons := []crm.Button{{Text: g.text(lang, "people.swap", nil), Data: "p:s:" + digits(id) + ":people"}}
	if s.Holder != 0 {
		buttons = append(buttons, crm.Button{Text: g.text(lang, "people.vacate", nil), Data: "p:s:" + digits(id) + ":0:" + digits(s.Holder)})
	}
	return strings.Join(lines, "\n"), [][]crm.Button{buttons}, nil
}

// choose asks who is to hold a slot: one tap gives it.
func (g *group) choose(t *postgres.Turn, s postgres.Slot, people []postgres.Colleague) error {
	out := g.choice(t, s, people)
	_, err := g.send(t, out)
	return err
}

func (g *group) choice(t *postgres.Turn, s postgres.Slot, people []postgres.Colleague) crm.Outbound {
	out := crm.Outbound{Kind: crm.OutMessage, Text: g.text(g.lang(t), "people.slot_whom", map[string]any{"slot": escaped(s.Name)})}
	for _, c := range people[:min(len(people), peopleShown)] {
		out.Buttons = append(out.Buttons, []crm.Button{personButton(c, "p:s:"+digits(s.ID)+":"+digits(c.ID)+":"+digits(s.Holder))})
	}
	return out
}

// chooseOther asks whether somebody of another role is to hold a slot, since its role becomes theirs: nobody's role changes without a tap on both.
func (g *group) chooseOther(t *postgres.Turn, s postgres.Slot, people []postgres.Colleague) error {
	lang := g.lang(t)
	role := g.plainText(lang, g.Kit.Roles[s.Role])
	out := crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "people.slot_other_role", map[string]any{"slot": escaped(s.Name), "role": g.roleName(s.Role, lang)})}
	for _, c := range people[:min(len(people), peopleShown)] {
		if !g.above(t.Employee.Role, s.Role) || !g.above(t.Employee.Role, c.Role) {
			continue
		}
		text := c.Name + ": " + g.plainText(lang, g.Kit.Roles[c.Role]) + " → " + role
		out.Buttons = append(out.Buttons, []crm.Button{{Text: text, Data: "p:s:" + digits(s.ID) + ":" + digits(c.ID) + ":" + digits(s.Holder) + ":" + c.Role}})
	}
	if len(out.Buttons) == 0 {
		g.event(t, postgres.EventRow{Kind: "command_refused", Data: crm.Fields{"command": "slot", "slot": int64(s.ID)}})
		return g.say(t, "staff.no_right", nil)
	}
	_, err := g.send(t, out)
	return err
}

// ofRole keeps the people of a role.
func ofRole(people []postgres.Colleague, role string) (list []postgres.Colleague) {
	for _, c := range people {
		if c.Role == role {
			list = append(list, c)
		}
	}
	return list
}

// slotPress: SLOT shows it, SLOT:people asks who is to hold it, SLOT:PERSON:HOLDER gives it to somebody instead of whoever held it when that was asked;
// of somebody with another role than the slot's, that role stands behind.
func (g *group) slotPress(t *postgres.Turn, parts []string) (string, error) {
	id := postgres.SlotID(numberAt(parts, 0))
	if len(parts) == 1 {
		return "", g.showSlot(t, id)
	}
	s, err := g.tx.Slot(g.ctx, id)
	if err != nil {
		return "", err
	}
	if parts[1] == "people" {
		people, err := g.forSlot(s)
		if err != nil || len(people) == 0 {
			return g.text(g.lang(t), "people.nobody_fits", nil), err
		}
		return "", g.replace(t, g.choice(t, s, people))
	}
	who, seen := crm.EmployeeID(numberAt(parts, 1)), crm.EmployeeID(numberAt(parts, 2))
	switch {
	case len(parts) != 3 && len(parts) != 4:
		return g.text(g.lang(t), "grammar.stale", nil), nil
	case s.Holder == who:
		return g.text(g.lang(t), "grammar.already_done", nil), nil
	case s.Holder != seen: // of two administrators one was faster
		return g.text(g.lang(t), "people.slot_taken_toast", map[string]any{"name": s.HolderName, "time": s.ChangedAt.Add(g.Shift()).In(g.Kit.Zone).Format("15:04")}), nil
	}
	if who != 0 {
		role := s.Role
		if len(parts) == 4 {
			role = parts[3]
		}
		if e, err := g.tx.Employee(g.ctx, who); err != nil || e.Role != role { // it has changed since the question
			return g.text(g.lang(t), "grammar.stale", nil), err
		}
	}
	key, args, err := g.give(t, s, who)
	if err != nil {
		return "", err
	}
	return "", g.replace(t, crm.Outbound{Text: g.text(g.lang(t), key, args)})
}

// forSlot lists who may hold a slot: people of its role, those of its city first, the holder left out.
func (g *group) forSlot(s postgres.Slot) ([]postgres.Colleague, error) {
	all, err := g.tx.Colleagues(g.ctx, maxColleagues)
	var near, far []postgres.Colleague
	for _, c := range all {
		switch {
		case c.ID == s.Holder || c.Role != s.Role:
		case s.City == "" || c.City == s.City:
			near = append(near, c)
		default:
			far = append(far, c)
		}
	}
	return append(near, far...), err
}

// give makes somebody (nobody when zero) the holder of a locked slot, and gives what to say about it.
func (g *group) give(t *postgres.Turn, s postgres.Slot, who crm.EmployeeID) (key string, args map[string]any, err error) {
	args = map[string]any{"slot": escaped(s.Name), "n": s.Deals}
	if !g.above(t.Employee.Role, s.Role) {
		g.event(t, postgres.EventRow{Kind: "command_refused", Data: crm.Fields{"command": "slot", "slot": int64(s.ID)}})
		return "staff.no_right", nil, nil
	}
	if who == 0 {
		return "people.slot_emptied", args, g.vacate(t, s, t.Employee.ID, slotCause)
	}
	e, err := g.tx.Employee(g.ctx, who)
	if err != nil {
		return "", nil, err
	}
	args["name"] = escaped(e.Name)
	if s.Holder == who {
		return "people.slot_same", args, nil
	}
	if !g.above(t.Employee.Role, e.Role) {
		g.event(t, postgres.EventRow{Kind: "command_refused", Data: crm.Fields{"command": "slot", "employee": int64(who)}})
		return "staff.no_right", nil, nil
	}
	done, err := g.seat(t, swap{slot: s, who: who, by: t.Employee.ID})
	args["n"] = done.deals
	if done.other.ID != 0 {
		args["other"], args["before"] = escaped(done.other.Name), escaped(s.HolderName)
		return "people.slot_exchanged", args, err
	}
	return "people.slot_given", args, err
}
