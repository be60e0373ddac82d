package turn

import (
	"maps"
	"slices"
)

// A kit has forms that its employees fill in: dialogs with a command. One that has a text menu.<command> stands in their menu and help.

// forms lists the commands of such dialogs, by their names.
func (r *Runner) forms(lang string) []string {
	var forms []string
	for _, name := range slices.Sorted(maps.Keys(r.Kit.Dialogs)) {
		for _, e := range r.Kit.Dialogs[name].Entries {
			if e.Command != "" && !isCommand(e.Command) && r.Kit.Texts.Has(lang, "menu."+e.Command) {
				forms = append(forms, e.Command)
			}
		}
	}
	return forms
}
