package turn

import (
	"html"

	"govorun/crm"
	"govorun/crm/postgres"
)

// personMenu is the command menu of a person who chose another language than their app's.
var personMenu = []string{"start", "help", "lang", "human"}

// menuLines is how many lines a command menu may have, as with Telegram.
const menuLines = 100

// showMenu sets the command menu of the talk in a language.
func (g *group) showMenu(t *postgres.Turn, lang string, commands []string) error {
	items := make([]crm.MenuItem, len(commands))
	for i, command := range commands {
		items[i] = crm.MenuItem{Command: command, Text: g.text(lang, "menu."+command, nil)}
	}
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMenu, Menu: items, Priority: crm.Notice})
	return err
}

// showStaffMenu sets the command menu of the author of the turn, in their own chat: what their role may do, and the commands they have saved.
func (g *group) showStaffMenu(t *postgres.Turn) error {
	if t.Talk.Group {
		return nil
	}
	own, err := g.tx.SavedOf(g.ctx, t.Employee.ID, maxSaved)
	if err != nil {
		return err
	}
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMenu, Menu: g.staffMenu(t.Employee.Role, g.lang(t), own), Priority: crm.Notice})
	return err
}

// staffMenu makes the command menu of an employee of a role. Saved commands stand first, as far as they fit.
func (g *group) staffMenu(role, lang string, own []postgres.Saved) []crm.MenuItem {
	var common []crm.MenuItem
	for _, c := range commandTable() {
		if g.offers(role, c) {
			common = append(common, crm.MenuItem{Command: c.name, Text: html.UnescapeString(g.text(lang, "menu."+c.name, nil))})
		}
	}
	for _, name := range g.forms(lang) {
		common = append(common, crm.MenuItem{Command: name, Text: html.UnescapeString(g.text(lang, "menu."+name, nil))})
	}
	var items []crm.MenuItem
	for _, s := range own {
		if s.Command != "" && len(items)+len(common) < menuLines {
			items = append(items, crm.MenuItem{Command: s.Command, Text: "⭐ " + savedLine(s)})
		}
	}
	return append(items, common...)
}

// savedLine is what a menu says of a saved command.
func savedLine(s postgres.Saved) string {
	if s.Query == "" {
		return s.Name
	}
	return s.Name + ": " + s.Query
}
