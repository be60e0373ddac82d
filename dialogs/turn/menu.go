package turn

import (
	"govorun/crm"
	"govorun/crm/postgres"
)

// Command menus of single chats: that of an employee, and that of a person who chose another language than their app's.
var (
	staffMenu  = []string{"my", "tasks", "deal", "why", "shift", "rating", "lang", "help"}
	personMenu = []string{"start", "help", "lang", "human"}
)

// showMenu sets the command menu of the talk in a language.
func (g *group) showMenu(t *postgres.Turn, lang string, commands []string) error {
	items := make([]crm.MenuItem, len(commands))
	for i, command := range commands {
		items[i] = crm.MenuItem{Command: command, Text: g.text(lang, "menu."+command, nil)}
	}
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMenu, Menu: items, Priority: crm.Notice})
	return err
}
