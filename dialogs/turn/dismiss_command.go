package turn

import (
	"errors"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// dismissCommand asks whether somebody is really to be dismissed.
func (g *group) dismissCommand(t *postgres.Turn) error {
	typed := strings.TrimSpace(t.In.Args)
	if typed == "" {
		return g.wrong(t, "people.dismiss_usage", nil)
	}
	fits, all, err := g.colleague(typed)
	switch {
	case err != nil:
		return err
	case len(fits) == 0:
		again := ""
		if like := likeName(typed, all); like != "" {
			again = "dismiss " + like
		}
		return g.wrong(t, "people.nobody", map[string]any{"name": escaped(typed)}, again)
	case len(fits) > 1:
		out := crm.Outbound{Kind: crm.OutMessage, Text: g.text(g.lang(t), "people.dismiss_which", nil)}
		for _, c := range fits[:min(len(fits), peopleShown)] {
			out.Buttons = append(out.Buttons, []crm.Button{personButton(c, "p:d:"+digits(c.ID))})
		}
		_, err = g.send(t, out)
		return err
	}
	out, err := g.askDismiss(t, fits[0])
	if err == nil {
		_, err = g.send(t, out)
	}
	return err
}

// askDismiss is the question with its two buttons.
func (g *group) askDismiss(t *postgres.Turn, c postgres.Colleague) (crm.Outbound, error) {
	lang := g.lang(t)
	out := crm.Outbound{Kind: crm.OutMessage}
	switch {
	case c.ID == t.Employee.ID:
		out.Text = g.text(lang, "people.dismiss_self", nil)
	case !g.above(t.Employee.Role, c.Role):
		g.event(t, postgres.EventRow{Kind: "command_refused", Data: crm.Fields{"command": "dismiss", "employee": int64(c.ID)}})
		out.Text = g.text(lang, "staff.no_right", nil)
	default:
		out.Text = g.text(lang, "people.dismiss_sure", map[string]any{"name": escaped(c.Name), "role": g.roleName(c.Role, lang), "n": c.Deals})
		out.Buttons = [][]crm.Button{{
			{Text: g.text(lang, "people.dismiss_yes", nil), Data: "p:d:" + digits(c.ID) + ":yes"},
			{Text: g.text(lang, "people.no", nil), Data: "p:d:" + digits(c.ID) + ":no"}}}
	}
	return out, nil
}

// dismissPress: PERSON asks, PERSON:yes dismisses, PERSON:no does not.
func (g *group) dismissPress(t *postgres.Turn, parts []string) (string, error) {
	lang := g.lang(t)
	id := crm.EmployeeID(numberAt(parts, 0))
	e, err := g.tx.Employee(g.ctx, id)
	if err != nil {
		return "", err
	}
	if len(parts) == 1 {
		fits, _, err := g.colleague(strconv.FormatInt(int64(id), 10))
		if err != nil || len(fits) == 0 {
			return g.text(lang, "grammar.already_done", nil), err
		}
		out, err := g.askDismiss(t, fits[0])
		if err != nil {
			return "", err
		}
		return "", g.replace(t, out)
	}
	if parts[1] != "yes" {
		return "", g.replace(t, crm.Outbound{Text: g.text(lang, "people.dismiss_kept", map[string]any{"name": escaped(e.Name)})})
	}
	if id == t.Employee.ID || !g.above(t.Employee.Role, e.Role) {
		return g.refusePress(t), nil
	}
	d, err := g.dismiss(t, id, t.Employee.ID)
	if errors.Is(err, crm.ErrTaken) {
		return g.text(lang, "grammar.already_done", nil), nil
	}
	if err != nil {
		return "", err
	}
	return "", g.replace(t, crm.Outbound{Text: g.dismissedText(d, lang)})
}
