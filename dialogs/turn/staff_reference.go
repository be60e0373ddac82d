package turn

import "govorun/crm"

// CommandTold is a command of employees as the reference shows it: its names, and the right that a role needs for it, empty for everybody
// ("a|b" for either). The text "menu.<name>" says what it does.
type CommandTold struct {
	Name  string
	Also  []string
	Right crm.Right
}

// CommandsTold lists the commands of employees that menus and help show, in their order.
func CommandsTold() (all []CommandTold) {
	for _, c := range commandTable() {
		if !c.hidden {
			all = append(all, CommandTold{Name: c.name, Also: c.also, Right: c.right})
		}
	}
	return all
}
