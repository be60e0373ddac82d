package dialogs

import (
	"slices"
	"strconv"
	"strings"
)

// grammarCommands belong to the grammar that works at every step.
var grammarCommands = []string{"start", "back", "cancel", "restart", "help", "lang", "human", "skip", "mydata", "forget"}

// checkEntries reports two ways in that look the same.
func (d *draft) checkEntries() {
	taken := map[string]string{}
	for _, command := range grammarCommands {
		taken["command /"+command] = "the grammar of every dialog"
	}
	for _, name := range sortedKeys(d.kit.Dialogs) {
		for i, entry := range d.kit.Dialogs[name].Entries {
			at := d.declared["entry "+name+" "+strconv.Itoa(i)]
			for _, way := range d.ways(entry) {
				if owner, clash := taken[way]; clash {
					d.add(at, "Choose another one.", "the %s already leads to %s", way, owner)
					break
				}
				taken[way] = "dialog “" + name + "”"
			}
		}
	}
}

// ways names what a person may do to take an entry.
func (d *draft) ways(entry Entry) []string {
	switch {
	case entry.Link != "":
		return []string{"link " + entry.Link + "_…"}
	case entry.Command != "":
		return []string{"command /" + entry.Command}
	}
	var ways []string
	for _, lang := range d.kit.Languages {
		for _, form := range d.kit.raw[lang][entry.Words].forms {
			for word := range strings.SplitSeq(form, "|") {
				way := "word “" + strings.ToLower(strings.TrimSpace(word)) + "”"
				if !slices.Contains(ways, way) {
					ways = append(ways, way)
				}
			}
		}
	}
	return ways
}
