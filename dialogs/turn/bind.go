package turn

import (
	"errors"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// A group chat, or a topic of it, may stand for a crew, for a role or for the operators: cards and calls for a person stand there once, instead of
// in the chat of each. Buttons pressed there act as whoever presses.

// crewsShown is how many crews the question of /bind offers; the others can be typed.
const crewsShown = 12

// bind makes the group, or the topic, in which it is typed stand for something.
func (g *group) bind(t *postgres.Turn) error {
	if _, ours := crm.TalkOf(t.In.Thread); ours || !t.Talk.Group {
		return g.say(t, "people.bind_where", nil)
	}
	words, err := g.lexicon()
	if err != nil {
		return err
	}
	typed := strings.TrimSpace(t.In.Args)
	if typed == "" {
		return g.askBind(t, words)
	}
	if g.isOperators(typed) {
		return g.bound(t, g.roomFor(t, meaning{}))
	}
	v, like := words.read(typed)
	switch {
	case v.Crew != 0:
		return g.bound(t, g.roomFor(t, meaning{crew: v.Crew, word: v.CrewName}))
	case v.Role != "" && like == "":
		return g.bound(t, g.roomFor(t, meaning{role: v.Role}))
	}
	if m, i := words.near([]string{typed}, func(m meaning) bool { return m.crew != 0 || m.role != "" }); i >= 0 {
		like = m.word
	}
	if like != "" {
		like = "bind " + like
	}
	return g.wrong(t, "people.bind_unknown", map[string]any{"word": escaped(typed)}, like, "bind")
}

// isOperators tells whether somebody means those who take talks over.
func (g *group) isOperators(typed string) bool {
	if g.Kit.Human == "" {
		return false
	}
	for _, lang := range g.Kit.Languages {
		for _, word := range strings.Split(g.text(lang, "people.operators_words", nil), "|") {
			if plainName(word) == plainName(typed) {
				return true
			}
		}
	}
	return false
}

// roomFor is the place of a message as a room for what a word means; for the operators when it means nothing.
func (g *group) roomFor(t *postgres.Turn, m meaning) postgres.Room {
	r := postgres.Room{Conversation: t.Talk.ID, Address: t.Talk.Address, Thread: t.In.Thread, By: t.Employee.ID, Forum: t.In.Forum, Kind: postgres.RoomOperators, Role: g.Kit.Human,
		Title: g.plainText(g.Kit.Languages[0], "people.operators")}
	switch {
	case m.crew != 0:
		r.Kind, r.Crew, r.Role, r.Title = postgres.RoomCrew, m.crew, "", m.word
	case m.role != "":
		r.Kind, r.Role, r.Title = postgres.RoomRole, m.role, g.plainText(g.Kit.Languages[0], g.Kit.Roles[m.role])
	}
	return r
}

// askBind asks what the place is to stand for: crews of the asker's city first, then roles, then the operators.
func (g *group) askBind(t *postgres.Turn, words *lexicon) error {
	lang := g.lang(t)
	crews := slices.Clone(words.crews)
	slices.SortStableFunc(crews, func(a, b crm.Crew) int { return farFrom(a, t.Employee.City) - farFrom(b, t.Employee.City) })
	var buttons []crm.Button
	for _, c := range crews[:min(len(crews), crewsShown)] {
		buttons = append(buttons, crm.Button{Text: c.Name, Data: "p:b:w:" + digits(c.ID)})
	}
	for _, role := range words.roles {
		buttons = append(buttons, crm.Button{Text: g.plainText(lang, g.Kit.Roles[role]), Data: "p:b:r:" + role})
	}
	if g.Kit.Human != "" {
		buttons = append(buttons, crm.Button{Text: g.plainText(lang, "people.operators"), Data: "p:b:o"})
	}
	out := crm.Outbound{Kind: crm.OutMessage, Thread: t.In.Thread, Text: g.text(lang, "people.bind_what", nil) + g.others(lang, len(crews), crewsShown, "bind", "")}
	for row := range slices.Chunk(buttons, 2) {
		out.Buttons = append(out.Buttons, row)
	}
	_, err := g.send(t, out)
	return err
}

// farFrom orders crews: those of a city first.
func farFrom(c crm.Crew, city string) int {
	if c.City == city {
		return 0
	}
	return 1
}

// bindPress: w:CREW, r:ROLE or o, pressed in the place that is to stand for it.
func (g *group) bindPress(t *postgres.Turn, parts []string) (string, error) {
	if !t.Talk.Group {
		return g.refusePress(t), nil
	}
	words, err := g.lexicon()
	if err != nil {
		return "", err
	}
	var m meaning
	switch {
	case parts[0] == "w":
		i := slices.IndexFunc(words.crews, func(c crm.Crew) bool { return int64(c.ID) == numberAt(parts, 1) })
		if i < 0 {
			return "", crm.ErrNotFound
		}
		m = meaning{crew: words.crews[i].ID, word: words.crews[i].Name}
	case parts[0] == "r" && len(parts) == 2:
		if !slices.Contains(words.roles, parts[1]) {
			return "", crm.ErrNotFound
		}
		m = meaning{role: parts[1]}
	case parts[0] != "o" || g.Kit.Human == "":
		return "", crm.ErrNotFound
	}
	r := g.roomFor(t, m)
	if err := g.bindRoom(t, r); err != nil {
		return "", err
	}
	return "", g.replace(t, crm.Outbound{Text: g.boundText(t, r)})
}

// bound binds and says so.
func (g *group) bound(t *postgres.Turn, r postgres.Room) error {
	if err := g.bindRoom(t, r); err != nil {
		return err
	}
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMessage, Thread: t.In.Thread, Text: g.boundText(t, r)})
	return err
}

func (g *group) bindRoom(t *postgres.Turn, r postgres.Room) error {
	g.event(t, postgres.EventRow{Kind: "room_bound", Data: crm.Fields{"kind": string(r.Kind), "crew": int64(r.Crew), "role": r.Role, "thread": r.Thread}})
	if err := g.leaveCards(r); err != nil {
		return err
	}
	return g.tx.BindRoom(g.ctx, r)
}

// leaveCards ends the life of cards in groups that stand for something else from now on.
func (g *group) leaveCards(r postgres.Room) error {
	if err := g.tx.Flush(g.ctx); err != nil {
		return err
	}
	return g.tx.LeaveCards(g.ctx, r)
}

func (g *group) boundText(t *postgres.Turn, r postgres.Room) string {
	lang := g.lang(t)
	text := g.text(lang, "people.bound_"+string(r.Kind), map[string]any{"name": escaped(r.Title), "role": g.roleName(r.Role, lang)})
	switch {
	case r.Kind == postgres.RoomOperators && r.Forum:
		text += "\n" + g.text(lang, "people.bound_forum", nil)
	case r.Kind == postgres.RoomOperators && r.Thread == "":
		text += "\n" + g.text(lang, "people.bound_plain", nil)
	case r.Thread != "":
		text += "\n" + g.text(lang, "people.bound_topic", nil)
	}
	return text
}

// unbind ends what a place stands for.
func (g *group) unbind(t *postgres.Turn) error {
	if !t.Talk.Group {
		return g.say(t, "people.bind_where", nil)
	}
	if err := g.leaveCards(postgres.Room{Conversation: t.Talk.ID, Thread: t.In.Thread}); err != nil {
		return err
	}
	was, err := g.tx.UnbindRoom(g.ctx, t.Talk.ID, t.In.Thread)
	if err != nil {
		return err
	}
	key := "people.unbound_none"
	if was {
		key = "people.unbound"
		g.event(t, postgres.EventRow{Kind: "room_unbound", Data: crm.Fields{"thread": t.In.Thread}})
	}
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Thread: t.In.Thread, Text: g.text(g.lang(t), key, nil)})
	return err
}

// groupPress does what was pressed under a card in a group, as whoever pressed. Who does not see the deal, or has another role, hears that the
// button is not theirs; who takes the deal gets the card in their own chat as well.
func (g *group) groupPress(t *postgres.Turn, deal crm.DealID, press func() (Receipt, error)) (Receipt, error) {
	notYours := Receipt{Toast: g.text(g.lang(t), "grammar.not_yours", nil)}
	if works, err := g.tx.StillWorks(g.ctx, t.Employee.ID); err != nil || !works { // their own chat is not locked here
		return notYours, err
	}
	before, err := g.tx.Deal(g.ctx, deal)
	if errors.Is(err, crm.ErrNotFound) {
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": deal}})
		return notYours, nil
	}
	if err != nil {
		return Receipt{}, err
	}
	receipt, err := press()
	if err != nil {
		return receipt, err
	}
	if receipt.Toast == g.text(g.lang(t), "staff.deal_not_found", nil) {
		return notYours, nil
	}
	if err := g.tx.Flush(g.ctx); err != nil {
		return receipt, err
	}
	after, err := g.tx.Deal(g.ctx, deal)
	if err != nil || after.Deal.Owner != t.Employee.ID || before.Deal.Owner == t.Employee.ID {
		return receipt, err
	}
	people, err := g.tx.ReachEmployee(g.ctx, t.Employee.ID)
	if err != nil {
		return receipt, err
	}
	shown, err := g.standing(deal)
	if err != nil {
		return receipt, err
	}
	people = slices.DeleteFunc(people, func(p postgres.Reached) bool { // it stands there already, and was drawn anew
		return slices.ContainsFunc(shown, func(s postgres.Shown) bool { return s.Conversation == p.Conversation })
	})
	return receipt, g.ownCard(t, after, people)
}
