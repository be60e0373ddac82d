package dialogs

import (
	"fmt"
	"io/fs"
	"slices"
)

// check reports everything in the draft that doesn't fit together.
func (d *draft) check() {
	d.checkUses()
	d.checkTexts()
	d.checkEntries()
	d.checkCalls()
	d.checkPipelines()
	d.checkLinks()
	d.checkActions()
	d.checkVisits()
	d.checkCircles()
	d.checkHead()
	d.checkReviews()
	d.checkSecrets()
	d.checkKnowledge()
	d.checkRetention()
	for _, name := range sortedKeys(d.kit.Dialogs) {
		d.checkSlots(d.kit.Dialogs[name])
		if !d.broken[name] {
			d.checkStates(d.kit.Dialogs[name])
		}
	}
}

// finish makes a checked draft ready to run.
func (d *draft) finish() {
	d.kit.Book = d.kit.book()
	for _, definition := range d.kit.Dialogs {
		definition.machine = newMachines(definition)
		definition.texts = d.textsOf(definition.Name)
		definition.Version = d.kit.version(definition)
	}
	d.kit.names = d.textsOf("")
	d.kit.indexTexts()
	d.checkPhotos()
	d.kit.said = d.kit.commonWords()
	d.kit.Knowledge = d.kit.NewKnowledge(d.known)
	d.kit.Warnings = d.kit.Warnings.sorted()
}

// checkUses reports names that nothing bears.
func (d *draft) checkUses() {
	for _, u := range d.uses {
		candidates, missing := d.candidates(u)
		if missing || slices.Contains(candidates, u.name) {
			continue
		}
		fix := fmt.Sprintf("Add the %s to %s.", u.kind.noun(), d.home(u))
		if best := suggest(u.name, candidates); best != "" {
			fix = fmt.Sprintf("Write “%s”, or add the %s to %s.", best, u.kind.noun(), d.home(u))
		}
		d.problems = append(d.problems, u.problem(fix, "%s “%s”, which does not exist", u.by, u.name))
	}
}

// candidates lists the names of the kind that a use may take; missing when the dialog or pipeline around them is itself unknown.
func (d *draft) candidates(u use) (names []string, missing bool) {
	switch u.kind {
	case useState, useSlot:
		definition := d.kit.Dialogs[u.in]
		if definition == nil {
			return nil, true
		}
		if u.kind == useSlot {
			return sortedKeys(definition.Slots), false
		}
		return sortedKeys(definition.States), false
	case useDialog:
		return sortedKeys(d.kit.Dialogs), false
	case useRole:
		return sortedKeys(d.kit.Roles), false
	case useCard:
		return sortedKeys(d.kit.Cards), false
	case usePicture:
		pictures, _ := fs.ReadDir(d.fsys, "pictures") // a kit may have none
		for _, picture := range pictures {
			names = append(names, picture.Name())
		}
		return names, false
	case usePipeline:
		return sortedKeys(d.kit.Pipelines), false
	case useField:
		return sortedKeys(d.kit.Fields), false
	case useVisit:
		return sortedKeys(d.kit.Visits), false
	case useHook:
		return sortedKeys(d.kit.Hooks), false
	case useFiles:
		return d.filed(), false
	case useConsent, useDocument:
		for _, name := range sortedKeys(d.kit.Consents) {
			if d.kit.Consents[name].Document() == (u.kind == useDocument) {
				names = append(names, name)
			}
		}
		return names, false
	case useDealField:
		return sortedKeys(d.changed), false
	}
	if u.in != "" && d.kit.Pipelines[u.in] == nil {
		return nil, true
	}
	for _, name := range sortedKeys(d.kit.Pipelines) {
		if u.in == "" || u.in == name {
			for _, stage := range d.kit.Pipelines[name].Stages {
				if u.kind == usePlace {
					names = append(names, name+"."+stage.Name)
				} else {
					names = append(names, stage.Name)
				}
			}
		}
	}
	return names, false
}

// home says where a thing would be added.
func (d *draft) home(u use) string {
	switch u.kind {
	case useState, useSlot:
		return "dialogs/" + u.in + ".yaml"
	case useDialog:
		return "dialogs/"
	case useRole, useConsent, useDocument:
		return "kit.yaml"
	case useCard:
		return "cards.yaml"
	case usePicture:
		return "pictures/"
	case useHook:
		return "intake.yaml"
	case useFiles:
		return "a dialog, with “attach”"
	}
	return "pipelines.yaml"
}
