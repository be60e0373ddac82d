package dialogs

import "govorun/dialogs/slot"

// filed lists the names under which deals get files: slots that dialogs attach, fields that cards or stages ask for, and what comes besides.
func (d *draft) filed() []string {
	names := map[string]bool{answerFiles: true}
	for _, a := range d.acts {
		if a.action.Attach != "" {
			names[a.action.Attach] = true
		}
	}
	for name, f := range d.kit.Fields {
		if isMedia(f.Type) {
			names[name] = true
		}
	}
	return sortedKeys(names)
}

// checkReviews reports stages of a retake or a question between which their pipeline has no arrow.
func (d *draft) checkReviews() {
	for _, name := range sortedKeys(d.kit.Cards) {
		for i := range d.kit.Cards[name].Actions {
			a := &d.kit.Cards[name].Actions[i]
			switch {
			case a.Retake != nil:
				d.checkAway(name+"/"+a.ID, a.Retake.Stage, a.Retake.Back)
			case a.Question != nil:
				d.checkAway(name+"/"+a.ID, a.Question.Stage, a.Question.Back)
			}
		}
	}
}

func (d *draft) checkAway(action, stage, back string) {
	for _, p := range d.kit.inFile() {
		if stage == "" || p.stage(stage) == nil || p.stage(back) == nil {
			continue
		}
		for _, way := range [][2]string{{back, stage}, {stage, back}} {
			if !p.leads(way[0], way[1]) {
				d.add(d.declared["away  "+action], "Add “"+way[1]+"” to “to” of stage “"+way[0]+"” in pipelines.yaml.",
					"action “%s” moves a deal from “%s” to “%s”, which “to” of “%s” doesn't name", action, way[0], way[1], way[0])
			}
		}
	}
}

// checkPhotos notes whether anybody looks at what is known of photos from before: a card that shows flags, or a slot that says what becomes of them.
func (d *draft) checkPhotos() {
	for _, c := range d.kit.Cards {
		for _, path := range d.kit.Texts.Placeholders(c.Key) {
			d.kit.compares = d.kit.compares || path[0] == "flags"
		}
	}
	for _, definition := range d.kit.Dialogs {
		for _, sl := range definition.Slots {
			d.kit.compares = d.kit.compares || sl.Checks.Reused == slot.Refuse || sl.Checks.Same == slot.Refuse
		}
	}
}

// ComparesPhotos tells whether it matters if a photo came before, from somebody else or for the same deal.
func (k *Kit) ComparesPhotos() bool { return k.compares }
