package turn

import (
	"errors"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// InviteMark begins the payload of a link that makes somebody an employee.
const InviteMark = "e_"

const (
	// choicesShown is how many roles, cities or crews a question offers; the others can be typed.
	choicesShown = 24
	// invitesShown is how many open invitations a list shows.
	invitesShown = 10
	// tokenNonces is how many nonces of thirty bits make a token: 150 bits.
	tokenNonces = 5
)

// invite makes a link for a new employee: what the words behind the command leave open is asked with buttons.
func (g *group) invite(t *postgres.Turn) error {
	words, err := g.lexicon()
	if err != nil {
		return err
	}
	v, like := words.read(t.In.Args)
	v.By = t.Employee.ID
	if like != "" {
		return g.wrong(t, "people.invite_like", map[string]any{"word": escaped(t.In.Args)}, "invite "+like)
	}
	if v.Role != "" && !g.above(t.Employee.Role, v.Role) {
		g.event(t, postgres.EventRow{Kind: "command_refused", Data: crm.Fields{"command": "invite", "role": v.Role}})
		return g.say(t, "staff.no_right", nil)
	}
	v.CrewAsked = v.CrewAsked || v.Role != "" && v.City != nil // who says both needs no more questions
	if v.ID, err = g.tx.DraftInvite(g.ctx, v); err != nil {
		return err
	}
	out, err := g.inviteNext(t, v, words)
	if err == nil && out.Text != "" {
		_, err = g.send(t, out)
	}
	return err
}

// inviteNext asks for the next missing word of a draft; when nothing is missing the link is sent and there is no question.
func (g *group) inviteNext(t *postgres.Turn, v postgres.Invite, words *lexicon) (crm.Outbound, error) {
	lang := g.lang(t)
	ask := func(key string, buttons []crm.Button) crm.Outbound {
		out := crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, key, map[string]any{"role": g.roleName(v.Role, lang)})}
		for row := range slices.Chunk(buttons, 2) {
			out.Buttons = append(out.Buttons, row)
		}
		return out
	}
	press := func(field, value string) string { return "p:i:" + digits(v.ID) + ":" + field + ":" + value }
	var buttons []crm.Button
	switch {
	case v.Role == "":
		for _, role := range words.roles {
			if g.above(t.Employee.Role, role) {
				buttons = append(buttons, crm.Button{Text: g.plainText(lang, g.Kit.Roles[role]), Data: press("r", role)})
			}
		}
		return ask("people.invite_role", buttons[:min(len(buttons), choicesShown)]), nil
	case v.City == nil && len(words.cities) > 0:
		for i, city := range words.cities[:min(len(words.cities), choicesShown)] {
			buttons = append(buttons, crm.Button{Text: city, Data: press("c", digits(int64(i+1)))})
		}
		out := ask("people.invite_city", append(buttons, crm.Button{Text: g.plainText(lang, "people.any_city"), Data: press("c", "0")}))
		out.Text += g.others(lang, len(words.cities), choicesShown, "invite", v.Role)
		return out, nil
	case !v.CrewAsked:
		for _, c := range words.crewsOf(v.City) {
			buttons = append(buttons, crm.Button{Text: c.Name, Data: press("w", digits(c.ID))})
		}
		if all := len(buttons); all > 0 {
			buttons = buttons[:min(all, choicesShown)]
			out := ask("people.invite_crew", append(buttons, crm.Button{Text: g.plainText(lang, "people.no_crew"), Data: press("w", "0")}))
			out.Text += g.others(lang, all, choicesShown, "invite", v.Role)
			return out, nil
		}
	}
	return crm.Outbound{}, g.sendInvite(t, v)
}

// others is the line that says how to name what a question has no button for; empty when it has all.
func (g *group) others(lang string, all, shown int, command, role string) string {
	if all <= shown {
		return ""
	}
	if role != "" {
		command += " " + g.plainText(lang, g.Kit.Roles[role])
	}
	return "\n" + g.text(lang, "people.choice_others", map[string]any{"n": all - shown, "command": escaped(command)})
}

// plainText is a text for a button, which knows no markup.
func (g *group) plainText(lang, key string) string { return unescaped(g.text(lang, key, nil)) }

// sendInvite opens an invitation and sends its link as text and as a picture.
func (g *group) sendInvite(t *postgres.Turn, v postgres.Invite) error {
	lang := g.lang(t)
	token := g.newToken()
	if g.Invite == nil {
		return g.say(t, "people.no_link", nil)
	}
	link, picture, err := g.Invite(InviteMark + token)
	if err != nil { // the bot's name is not known yet: the draft stays
		g.Log.Warn("no link for an invitation", "err", err)
		return g.say(t, "people.no_link", nil)
	}
	until, err := g.tx.OpenInvite(g.ctx, v.ID, token)
	if err != nil {
		return err
	}
	g.event(t, postgres.EventRow{Kind: "invite_made", Data: crm.Fields{"invite": int64(v.ID), "role": v.Role}})
	text := g.text(lang, "people.invite_ready", map[string]any{"what": g.inviteWhat(v, lang), "link": escaped(link), "until": until.Add(g.Shift()).In(g.Kit.Zone).Format("02.01 15:04")})
	out := crm.Outbound{Kind: crm.OutMessage, Text: text}
	if len(picture) > 0 {
		out.Kind, out.Media = crm.OutMedia, []crm.Upload{{Kind: crm.Photo, Bytes: picture, Name: "invite.png", MIME: "image/png"}}
	}
	out.Buttons = [][]crm.Button{{{Text: g.plainText(lang, "people.revoke"), Data: "p:r:" + digits(v.ID) + ":one"}}}
	_, err = g.send(t, out)
	return err
}

// newToken is unpredictable.
func (g *group) newToken() string {
	var b strings.Builder
	for range tokenNonces {
		b.WriteString(g.Nonce())
	}
	return b.String()
}

// inviteWhat says what an invitation is for: role, city, crew or place of work, name.
func (g *group) inviteWhat(v postgres.Invite, lang string) string {
	parts := []string{g.roleName(v.Role, lang)}
	if v.City != nil && *v.City != "" {
		parts = append(parts, escaped(*v.City))
	}
	for _, name := range []string{v.CrewName, v.SlotName, v.Name} {
		if name != "" {
			parts = append(parts, escaped(name))
		}
	}
	return strings.Join(parts, ", ")
}

// invitePress answers a question of a draft: DRAFT:r:ROLE, DRAFT:c:CITY (by its place in the list, 0 for none), DRAFT:w:CREW.
func (g *group) invitePress(t *postgres.Turn, parts []string) (string, error) {
	v, err := g.tx.Invite(g.ctx, postgres.InviteID(numberAt(parts, 0)))
	if err != nil {
		return "", err
	}
	if v.By != t.Employee.ID {
		return g.refusePress(t), nil
	}
	if v.Status != "draft" || len(parts) != 3 {
		return g.text(g.lang(t), "grammar.already_done", nil), nil
	}
	words, err := g.lexicon()
	if err != nil {
		return "", err
	}
	n := int(numberAt(parts, 2))
	switch parts[1] {
	case "r":
		if !slices.Contains(words.roles, parts[2]) || !g.above(t.Employee.Role, parts[2]) {
			return g.refusePress(t), nil
		}
		v.Role = parts[2]
	case "c":
		if n > len(words.cities) {
			return g.text(g.lang(t), "grammar.stale", nil), nil
		}
		city := ""
		if n > 0 {
			city = words.cities[n-1]
		}
		v.City = &city
	case "w":
		i := slices.IndexFunc(words.crews, func(c crm.Crew) bool { return c.ID == crm.CrewID(n) })
		if n > 0 && i < 0 {
			return "", crm.ErrNotFound
		}
		if v.Crew, v.CrewAsked = crm.CrewID(n), true; n > 0 {
			v.CrewName = words.crews[i].Name
			if v.City == nil || *v.City == "" {
				v.City = &words.crews[i].City
			}
		}
	default:
		return g.text(g.lang(t), "grammar.stale", nil), nil
	}
	if v.Role == "" {
		return g.text(g.lang(t), "grammar.stale", nil), nil
	}
	if err := g.tx.ReviseInvite(g.ctx, v); err != nil {
		return "", err
	}
	out, err := g.inviteNext(t, v, words)
	if err != nil {
		return "", err
	}
	if out.Text == "" {
		out.Text = g.inviteWhat(v, g.lang(t))
	}
	return "", g.replace(t, out)
}

// invites lists the invitations that are open, each with a button that revokes it.
func (g *group) invites(t *postgres.Turn) error {
	out, err := g.inviteList(t)
	if err == nil {
		_, err = g.send(t, out)
	}
	return err
}

func (g *group) inviteList(t *postgres.Turn) (crm.Outbound, error) {
	lang := g.lang(t)
	out := crm.Outbound{Kind: crm.OutMessage}
	list, err := g.tx.OpenInvites(g.ctx, invitesShown)
	if err != nil {
		return out, err
	}
	if len(list) == 0 {
		out.Text = g.text(lang, "people.no_invites", nil)
		return out, nil
	}
	lines := []string{g.text(lang, "people.invites_title", nil)}
	for _, v := range list {
		line := digits(v.ID) + ". " + g.inviteWhat(v, lang) + " · ⏳ " + v.ExpiresAt.Add(g.Shift()).In(g.Kit.Zone).Format("02.01 15:04")
		if v.ByName != "" {
			line += " · " + escaped(v.ByName)
		}
		lines = append(lines, line)
		out.Buttons = append(out.Buttons, []crm.Button{{Text: "❌ " + digits(v.ID), Data: "p:r:" + digits(v.ID)}})
	}
	out.Text = strings.Join(lines, "\n")
	return out, nil
}

// revokePress takes an invitation back, from the list or (INVITE:one) under its link.
func (g *group) revokePress(t *postgres.Turn, parts []string) (string, error) {
	lang := g.lang(t)
	v, err := g.tx.Invite(g.ctx, postgres.InviteID(numberAt(parts, 0)))
	if err != nil {
		return "", err
	}
	toast := g.text(lang, "people.revoked", nil)
	switch err := g.tx.RevokeInvite(g.ctx, v.ID); {
	case errors.Is(err, crm.ErrTaken):
		toast = g.text(lang, "grammar.already_done", nil)
	case err != nil:
		return "", err
	default:
		g.event(t, postgres.EventRow{Kind: "invite_revoked", Data: crm.Fields{"invite": int64(v.ID)}})
	}
	if len(parts) > 1 { // a picture: only its words and buttons can change
		return toast, g.replace(t, crm.Outbound{Text: toast + "\n" + g.inviteWhat(v, lang)})
	}
	out, err := g.inviteList(t)
	if err != nil {
		return "", err
	}
	return toast, g.replace(t, out)
}
