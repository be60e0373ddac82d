package turn

import (
	"html"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// firstCommands is how many commands the end of the tour names.
const firstCommands = 6

// tourTo brings the tour to a step and shows it. Pressed means that a button of the tour led here: the practice card changes in place
// then, and any other message loses its buttons.
func (g *group) tourTo(t *postgres.Turn, step int, pressed bool) error {
	s, err := g.session(t.Talk)
	if err != nil {
		return err
	}
	before, p := s.Tour, g.practice(t)
	n, commands := step-tourBegun, tourCommands()
	over := step == tourOver || n >= len(p.Presses)+len(commands)
	if s.Tour = step; over {
		s.Tour = tourOver
	}
	g.touch(t.Talk)
	onCard := before >= tourBegun && before-tourBegun < len(p.Presses)
	switch {
	case !over && n < len(p.Presses):
		return g.showPractice(t, n, pressed && onCard, pressed)
	case pressed && onCard && !over: // the card as it looks when all is done
		text, _, _, err := p.Render(g.Kit, len(p.Presses), g.viewer(t))
		if err != nil {
			return err
		}
		err = g.replace(t, crm.Outbound{Text: g.text(g.lang(t), "tour.practised", nil) + "\n\n" + text})
		if err != nil {
			return err
		}
	case pressed:
		if err := g.closePrompt(t, postgres.Prompt{}, ""); err != nil {
			return err
		}
	}
	if over {
		return g.tourOver(t)
	}
	return g.showCommand(t, step, commands[n-len(p.Presses)])
}

// showPractice shows the practice card before its press number n.
func (g *group) showPractice(t *postgres.Turn, n int, inPlace, pressed bool) error {
	lang, p := g.lang(t), g.practice(t)
	text, rows, next, err := p.Render(g.Kit, n, g.viewer(t))
	if err != nil {
		return err
	}
	step := tourBegun + n
	for _, row := range rows {
		for i := range row {
			row[i].Data = g.tourButton(lang, "tour.skip", step, tourCard+row[i].Data).Data
		}
	}
	hint := g.text(lang, "tour.practice", map[string]any{"step": n + 1, "steps": len(p.Presses) + len(tourCommands()), "button": html.EscapeString(next)})
	out := crm.Outbound{Kind: crm.OutMessage, Text: hint + "\n\n" + text, Buttons: append(rows, g.tourExits(lang, step))}
	if inPlace {
		return g.replace(t, out)
	}
	if pressed {
		if err := g.closePrompt(t, postgres.Prompt{}, ""); err != nil {
			return err
		}
	}
	_, err = g.send(t, out)
	return err
}

// showCommand asks for a command, with a button that types it.
func (g *group) showCommand(t *postgres.Turn, step int, command string) error {
	lang := g.lang(t)
	line := "/" + command
	if args := g.tourArgs(t, command); args != "" {
		line += " " + args
	}
	text := g.text(lang, "tour."+command, map[string]any{"step": step - tourBegun + 1,
		"steps": len(g.practice(t).Presses) + len(tourCommands()), "command": html.EscapeString(line)})
	rows := [][]crm.Button{g.tourExits(lang, step)}
	if b, short := run(t.Employee.ID, line); short {
		rows = append([][]crm.Button{{b}}, rows...)
	}
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: text, Buttons: rows})
	return err
}

func (g *group) tourExits(lang string, step int) []crm.Button {
	return []crm.Button{g.tourButton(lang, "tour.next", step, tourNext), g.tourButton(lang, "tour.end", step, tourEnd)}
}

// tourArgs are words to try a command with: a job that this employee has or could take, if there is one.
func (g *group) tourArgs(t *postgres.Turn, command string) string {
	switch command {
	case "find":
		open := crm.Filter{Conditions: []crm.Condition{{Key: crm.ByStatus, Words: []string{string(crm.DealOpen)}}}}
		if seen, err := g.tx.Find(g.ctx, t.Employee.ID, open, postgres.Page{Size: 1}); err == nil && len(seen.Deals) > 0 {
			return strconv.FormatInt(int64(seen.Deals[0].ID), 10)
		}
		return "1"
	case "save":
		return g.text(g.lang(t), "tour.save_name", nil)
	}
	return ""
}

// tourOver names the commands that this employee begins with.
func (g *group) tourOver(t *postgres.Turn) error {
	return g.say(t, "tour.over", map[string]any{"name": html.EscapeString(t.Employee.Name), "commands": html.EscapeString(g.beginWith(t))})
}

// beginWith are the commands that the role was given rights to, and the daily ones.
func (g *group) beginWith(t *postgres.Turn) string {
	var own, daily []string
	for _, c := range commandTable() {
		switch {
		case !g.offers(t.Employee.Role, c):
		case c.right != "":
			own = append(own, "/"+c.name)
		case c.name == "my" || c.name == "tasks" || c.name == "plan" || c.name == "shift":
			daily = append(daily, "/"+c.name)
		}
	}
	all := append(daily, own...)
	return strings.Join(all[:min(len(all), firstCommands)], ", ")
}
